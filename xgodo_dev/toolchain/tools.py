"""Finds the native binaries of TypeScript 7 and esbuild: each the project's own, else the one of the cache.

The packages' own ``bin/tsc`` and ``bin/esbuild`` are Node.js programs that start the native ones and cost ten
times as much, so the platform packages are used directly.
"""

from __future__ import annotations

import functools
import json
import os
import re
import sys
import sysconfig
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xgodo_dev.errors import ToolchainError
from xgodo_dev.toolchain import installation

Source = Literal["project", "cache"]


@dataclass(frozen=True)
class Toolchain:
    """Where the two native binaries are."""

    tsc: Path
    esbuild: Path
    source: Source | Literal["both"]
    """Whose they are; "both" when one is the project's own and the cache supplies the other."""


@dataclass(frozen=True)
class Kind:
    """One of the two tools, as npm knows it."""

    title: str
    package: str
    """The package that a project depends on; its native binary is in another one for each platform."""
    oldest: tuple[int, int]
    newest_major: int
    wanted: str
    """Which versions will do, for a person."""

    def accepts(self, version: str | None) -> bool:
        """Whether a project's own will do."""
        found = re.match(r"(\d+)\.(\d+)\.", version or "")
        if found is None:
            return False
        major, minor = map(int, found.groups())
        return (major, minor) >= self.oldest and major <= self.newest_major


TYPESCRIPT = Kind("TypeScript", "typescript", oldest=(7, 0), newest_major=7, wanted="7.x")
# Found by running the tests of bundles with each: before 0.18 it refuses to bundle with --tsconfig-raw, and
# before 0.25 source maps hold file names as they are, so that one with a "%" is not found again.
ESBUILD = Kind("esbuild", "esbuild", oldest=(0, 25), newest_major=0, wanted="0.25 or newer, below 1.0")


@dataclass(frozen=True)
class Tool:
    """One tool's native binary, in its package for this platform."""

    package: Path
    binary: Path
    source: Source

    @property
    def version(self) -> str | None:
        """As its package says; read anew each time."""
        return _version_in(self.package)


@dataclass(frozen=True)
class PassedOver:
    """A tool that a project has, and that can't be used."""

    version: str | None
    reason: str


def find(project_root: Path | None) -> Toolchain | None:
    """For each tool the project's own if that will do, else the one of the cache; None when one is missing.

    A few ``stat`` calls, a small file for each tool in ``node_modules``, and no subprocess: this runs before
    every check. Only the project's own root is looked at, never a folder above it, which may belong to
    somebody else.
    """
    typescript = find_tool(TYPESCRIPT, project_root)
    if typescript is None:
        return None
    esbuild = find_tool(ESBUILD, project_root)
    if esbuild is None:
        return None
    source = typescript.source if typescript.source == esbuild.source else "both"
    return Toolchain(tsc=typescript.binary, esbuild=esbuild.binary, source=source)


def find_tool(kind: Kind, project_root: Path | None) -> Tool | None:
    """One tool as ``find`` finds it."""
    own = (tool for tool in _own_tools(kind, project_root) if kind.accepts(tool.version))
    return next(own, None) or _in_folder(kind, installation.directory() / "node_modules", "cache")


def passed_over(kind: Kind, project_root: Path) -> PassedOver | None:
    """Why a tool that the project has is not used; None when it is, or when there is none."""
    tools = list(_own_tools(kind, project_root))
    if any(kind.accepts(tool.version) for tool in tools):
        return None
    version = _version_in(project_root / "node_modules" / kind.package)
    if version is None and tools:
        version = tools[0].version
    if version is None:
        return None
    if kind.accepts(version):
        return PassedOver(version, f"it has no program for {_node_platform()}-{_architectures()[0]}")
    return PassedOver(version, f"it is not {kind.wanted}")


async def ensure(project_root: Path | None, *, progress: Callable[[str], None] = lambda _: None) -> Toolchain:
    """Like ``find``, but installs the pinned pair into the cache when that is needed.

    ``progress`` gets a line for a person before each long step. Any number of processes may call this at
    once: one installs, the others wait for it.

    Raises ``ToolchainMissing`` when there is no Node.js to install with, or no such tools for this machine;
    ``ToolchainError`` when npm fails or the cache can't be written.
    """
    if found := find(project_root):
        return found
    try:
        await installation.install(_is_complete, progress)
    except OSError as error:
        raise ToolchainError(
            f"TypeScript and esbuild can't be installed in {installation.directory()}: {error.strerror}.",
            hint=f"Make that folder writable, name another with XDG_CACHE_HOME, or: {installation.OWN_PAIR}",
        ) from error
    if found := find(project_root):
        return found
    raise ToolchainError(f"TypeScript and esbuild are gone from {installation.directory()} again.")


def _is_complete(installed: Path) -> bool:
    """Whether a folder holds both tools for this machine, as npm installs them."""
    return all(_in_folder(kind, installed / "node_modules", "cache") for kind in (TYPESCRIPT, ESBUILD))


def _own_tools(kind: Kind, project_root: Path | None) -> Iterator[Tool]:
    """Those that the package's own program would start, the first one first.

    npm puts the binary's package inside of the package where versions differ, else beside it. In the stores
    of pnpm and others, that is beside the folder that the package is a link to.
    """
    if project_root is None:
        return
    # absolute, because the tools are started in folders of their own
    modules = project_root.absolute() / "node_modules"
    if not modules.is_dir():
        return
    package = modules / kind.package
    beside = Path(os.path.realpath(package)).parent if package.is_symlink() else modules
    for folder in (package / "node_modules", beside):
        if tool := _in_folder(kind, folder, "project"):
            yield tool


def _in_folder(kind: Kind, modules: Path, source: Source) -> Tool | None:
    for architecture in _architectures():
        target = f"{_node_platform()}-{architecture}"
        if kind is TYPESCRIPT:
            package = modules / f"@typescript/typescript-{target}"
            binary = package / ("lib/tsc.exe" if sys.platform == "win32" else "lib/tsc")
        else:
            package = modules / f"@esbuild/{target}"
            binary = package / ("esbuild.exe" if sys.platform == "win32" else "bin/esbuild")
        if os.access(binary, os.X_OK):
            return Tool(package, binary, source)
    return None


def _version_in(package: Path) -> str | None:
    try:
        manifest = json.loads((package / "package.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    version = manifest.get("version") if isinstance(manifest, dict) else None
    return version if isinstance(version, str) else None


def _node_platform() -> str:
    """This system by the name that Node.js packages use: "linux", "darwin", "win32", "freebsd", ..."""
    return sys.platform if sys.platform == "win32" else sys.platform.rstrip("0123456789")


@functools.cache
def _architectures() -> tuple[str, ...]:
    """The processor names, as Node.js packages spell them, whose binaries may be there for this machine.

    macOS and Windows run Python for x64 on arm64, beside a Node.js (and so packages) of either kind.
    """
    if sys.platform == "win32":
        # platform.machine() asks WMI, which takes longer than a whole check.
        machine = sysconfig.get_platform().rpartition("-")[2]
    else:
        machine = os.uname().machine
    names = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "i686": "ia32", "win32": "ia32"}
    own = names.get(machine.lower(), machine.lower())
    if own.startswith("armv"):
        own = "arm"
    translated = ("arm64", "x64") if sys.platform in ("darwin", "win32") else ()
    return tuple(dict.fromkeys((own, *translated)))
