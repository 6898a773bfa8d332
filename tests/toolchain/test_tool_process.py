from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import psutil
import pytest

from xgodo_dev.errors import ToolchainError
from xgodo_dev.toolchain import tool_process

# A program that starts another one, says who they are, and never ends.
FAMILY = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
ready = pathlib.Path("pids.new")
ready.write_text(f"{os.getpid()} {child.pid}")
ready.rename("pids")
time.sleep(600)
"""

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs process groups")


async def family(folder: Path) -> list[psutil.Process]:
    async with asyncio.timeout(30):
        while not (folder / "pids").exists():  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.005)
    return [psutil.Process(int(pid)) for pid in (folder / "pids").read_text().split()]


def assert_gone(processes: list[psutil.Process]) -> None:
    # The grandchild is reaped by init, a moment after it was killed.
    _, alive = psutil.wait_procs(processes, timeout=30)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []


@posix_only
async def test_cancelling_ends_the_program_and_all_it_started(tmp_path: Path) -> None:
    running = asyncio.create_task(
        tool_process.run([sys.executable, "-c", FAMILY], directory=tmp_path, environment={}, deadline=60)
    )
    processes = await family(tmp_path)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not psutil.pid_exists(processes[0].pid)  # reaped by us, at once
    assert_gone(processes)


@posix_only
async def test_cancelling_ends_what_a_program_left_behind_too(tmp_path: Path) -> None:
    # The child keeps our pipes open when the program itself is over.
    leaving = FAMILY.removesuffix("time.sleep(600)\n")
    assert leaving != FAMILY
    running = asyncio.create_task(
        tool_process.run([sys.executable, "-c", leaving], directory=tmp_path, environment={}, deadline=60)
    )
    async with asyncio.timeout(30):
        while not (tmp_path / "pids").exists():  # noqa: ASYNC110 - another process makes it
            await asyncio.sleep(0.005)
        parent, child = map(int, (tmp_path / "pids").read_text().split())
        left_behind = psutil.Process(child)
        while psutil.pid_exists(parent):  # noqa: ASYNC110 - the event loop reaps it
            await asyncio.sleep(0.005)
    # By the end of another one, the end of the first is known here too.
    await tool_process.run([sys.executable, "-c", ""], directory=tmp_path, environment={}, deadline=60)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert_gone([left_behind])


async def test_a_program_past_its_deadline_is_killed(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "import time; time.sleep(600)", str(tmp_path)]
    with pytest.raises(ToolchainError, match=r"not done after 0\.2 s"):
        await tool_process.run(
            program, directory=tmp_path, environment=tool_process.inherited_environment(), deadline=0.2
        )
    assert [child for child in psutil.Process().children() if str(tmp_path) in child.cmdline()] == []


async def test_what_a_program_writes_and_how_it_ends_is_told(tmp_path: Path) -> None:
    program = (
        "import os, sys\nsys.stdout.write(sys.stdin.read().upper() + os.getcwd())\n"
        "sys.stderr.write('no')\nsys.exit(3)"
    )
    finished = await tool_process.run(
        [sys.executable, "-c", program],
        directory=tmp_path,
        environment=tool_process.inherited_environment(),
        deadline=60,
        stdin=b"text ",
    )
    assert (finished.exit_code, finished.stderr) == (3, b"no")
    assert finished.stdout.decode() == f"TEXT {tmp_path}"


@posix_only
async def test_a_nice_program_runs_at_a_lower_priority(tmp_path: Path) -> None:
    # The priority is set from outside, so the program may look too early.
    program = "import os, time\nwhile os.nice(0) != 7: time.sleep(0.005)\nprint(os.nice(0))"
    finished = await tool_process.run(
        [sys.executable, "-c", program], directory=tmp_path, environment={}, deadline=60, niceness=7
    )
    assert finished.stdout == b"7\n"


async def test_a_program_that_does_not_exist_is_a_toolchain_error(tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match="can't be started"):
        await tool_process.run([tmp_path / "nothing"], directory=tmp_path, environment={}, deadline=60)


def test_tools_see_the_systems_variables_and_no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XGODO_TOKEN", "secret")
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "there")
    monkeypatch.setenv("npm_config_cache", "here")
    plain = tool_process.inherited_environment()
    assert "PATH" in plain
    assert "XGODO_TOKEN" not in plain
    assert "NPM_CONFIG_REGISTRY" not in plain
    npm = tool_process.inherited_environment(prefix="NPM_CONFIG_")
    assert {"NPM_CONFIG_REGISTRY", "npm_config_cache"} <= {*npm, *(name.lower() for name in npm)}
    assert "XGODO_TOKEN" not in npm
