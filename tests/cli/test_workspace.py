"""A project and its server, opened together."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.scripted_server import Answer, Request, scripted_server
from tests.sync.remote_project import PROJECT
from xgodo_dev.cli import workspace
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project.config import Project
from xgodo_dev.project.files import FileSelection
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State
from xgodo_dev.sync.remote import DocumentedProject


async def test_a_loop_does_not_wait_for_a_server_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "_FINDING_DEADLINE", 0.2)

    async def hang(_request: Request) -> Answer:
        return await asyncio.Future()

    async with scripted_server() as server, Transport(server.server) as transport:
        server.handler = hang
        with State(tmp_path, "test") as state:
            copy = LocalCopy(tmp_path, FileSelection(tmp_path), state)
            api = AutomationApi(transport, state)
            opened = Workspace(Project(tmp_path, "test"), PROJECT, server.server, state, copy, transport, api)
            async with asyncio.timeout(60):
                assert isinstance(await workspace.remote_or_documented(opened), DocumentedProject)
