"""Runs projects on the Node.js that plays the phone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from node_host import AS_SCRIPT, HostRun, run_in_node, write_files

from xgodo_dev.toolchain import tools
from xgodo_dev.toolchain.bundle import bundle


@pytest.fixture
def run(
    toolchain: tools.Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Awaitable[HostRun]]:
    """Bundle a project given as path -> text (its entry is main.ts) and run it."""

    async def run_project(files: dict[str, str], *, setup: str = "", load: str = AS_SCRIPT) -> HostRun:
        root = tmp_path_factory.mktemp("project")
        write_files(root, files)
        return run_in_node(
            await bundle(toolchain, root, "main.ts"), tmp_path_factory.mktemp("host"), setup, load
        )

    return run_project
