"""Installs a pinned pair of TypeScript and esbuild into the user's cache, with npm."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import os
import shutil
import sysconfig
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from xgodo_dev import places
from xgodo_dev.errors import ToolchainError, ToolchainMissing
from xgodo_dev.toolchain import node, tool_process

_LOCK_DIRECTORY = Path(__file__).resolve().parent / "lock"
_LOCK_FILES = ("package.json", "package-lock.json")
_INSTALL_DEADLINE_S = 300.0
OWN_PAIR = "npm install --save-dev typescript@7 esbuild"

# npm reads these (and everything that starts with NPM_CONFIG_) to reach the user's registry.
_NPM_VARIABLES = frozenset(
    {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "PROXY"}
    | {"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}
)


def directory() -> Path:
    """Where the pinned pair is, once it is installed."""
    return places.cache_directory() / "toolchain" / _lock_hash()


def npm_environment() -> Mapping[str, str]:
    """What npm may see of our environment."""
    return tool_process.inherited_environment(names=_NPM_VARIABLES, prefix="NPM_CONFIG_")


def obstacle() -> str | None:
    """Why the pinned pair could not be written into the cache, as far as that can be told without trying."""
    folder = directory().parent
    while not os.path.lexists(folder):
        folder = folder.parent
    if not folder.is_dir():
        return f"{folder} is not a folder"
    return None if os.access(folder, os.W_OK | os.X_OK) else f"{folder} can't be written to"


async def install(is_complete: Callable[[Path], bool], progress: Callable[[str], None]) -> None:
    """Install the pair, unless ``is_complete`` says of what is there that nothing is missing.

    Any number of processes may do so at once: one installs, the others wait for it. The folder appears whole
    or not at all, whenever a process dies.

    Raises ``ToolchainMissing`` without Node.js or when there is no such pair for this machine,
    ``ToolchainError`` when npm fails, ``OSError`` when the cache can't be written.
    """
    import filelock

    destination = directory()
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
        if not is_complete(destination):
            npm = await asyncio.to_thread(node.npm_command)
            progress("Installing TypeScript and esbuild (once, about 40 MB)")
            await _install_locked(npm, destination, is_complete)
            progress(f"Installed TypeScript and esbuild in {destination}")
    finally:
        lock.release()


@functools.cache
def _lock_hash() -> str:
    return hashlib.sha256((_LOCK_DIRECTORY / "package-lock.json").read_bytes()).hexdigest()[:16]


async def _install_locked(
    npm: Sequence[str | Path], destination: Path, is_complete: Callable[[Path], bool]
) -> None:
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
                # npm's own are 10 and 60 seconds, in which somebody without a network would be told nothing.
                "--fetch-retry-mintimeout=1000",
                "--fetch-retry-maxtimeout=10000",
            ],
            directory=workspace,
            environment=npm_environment(),
            deadline=_INSTALL_DEADLINE_S,
        )
        if finished.exit_code != 0:
            said = (finished.stderr or finished.stdout).decode("utf-8", "replace")
            raise ToolchainError(
                f"npm could not install TypeScript and esbuild: {_cause(said)}",
                hint="Check the network and `npm config get registry`, then try again.",
            )
        if not is_complete(workspace):
            raise ToolchainMissing(
                f"There is no TypeScript 7 or no esbuild for {sysconfig.get_platform()}.",
                hint=f"Where a project can have them: {OWN_PAIR}",
            )
        if destination.exists():
            shutil.rmtree(destination)
        workspace.rename(destination)
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def _cause(said: str) -> str:
    """The line in which npm tells what went wrong: around it are codes, its own stack, and general advice."""
    lines = [line.removeprefix("npm error").removeprefix("npm ERR!").strip() for line in said.splitlines()]
    lines = [line for line in lines if line and not line.startswith("npm warn")]
    telling = (line for line in lines if not line.startswith(("code ", "errno ", "syscall ", "at ")))
    return next(telling, lines[0] if lines else "it does not say why")
