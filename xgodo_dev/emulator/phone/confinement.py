"""Keeps a runtime process away from the host.

A program runs in a realm of its own inside the process, but Node's ``vm`` is no security boundary. So the
process is of no use to a program that breaks out: Node's permission model lets it read the runtime's own
files and nothing else; it has no environment and no inherited handle but its three pipes; and on Linux,
where the kernel lets us, no network (a namespace of its own), no new privileges, no descriptor beyond
those it booted with, bounded memory, and it dies with the engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.errors import ToolchainError
from xgodo_dev.toolchain import tool_process

RUNTIME = Path(__file__).resolve().parent / "runtime"

# What is not available says so at once; what only takes its time is not done without.
_PROBE_DEADLINE = 30.0
_VERSION_DEADLINE = 10.0

_OPTIONS = (
    "--experimental-vm-modules",
    "--no-warnings",
    "--disallow-code-generation-from-strings",  # in Node's own realm; the program's may use eval
    "--max-old-space-size=256",
)

_NO_NETWORK = ("unshare", "--user", "--net", "--map-root-user", "--")
_DIES_WITH_ENGINE = ("setpriv", "--pdeathsig", "KILL", "--no-new-privs", "--")

# What --max-old-space-size does not count: array buffers. Node.js itself takes up to about 200 MiB of it.
_MOST_DATA = 1024 * 1024 * 1024


@dataclass(frozen=True)
class Confinement:
    """How to start Node.js here so that what runs in it reaches nothing."""

    node: Path
    permission_option: str
    wrapper: tuple[str, ...]

    def command(self, *arguments: str) -> list[str]:
        """Make the command line that runs Node.js with `arguments`, confined."""
        readable = f"--allow-fs-read={RUNTIME}{os.sep}*"
        return [*self.wrapper, str(self.node), self.permission_option, readable, *_OPTIONS, *arguments]

    def runtime_command(self) -> list[str]:
        """Make the command line of a runtime process."""
        return self.command(str(RUNTIME / "main.mjs"))


def environment() -> dict[str, str]:
    """Return the whole environment of a confined process; Windows can't start one without its root."""
    if sys.platform == "win32":
        return {"SYSTEMROOT": os.environ.get("SYSTEMROOT", r"C:\Windows")}
    return {}


def creation_flags() -> int:
    """Return what Windows needs to be told so that no console window opens."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW
    return 0


def close_the_box(pid: int) -> None:
    """Take from a booted process what only booting needs. Does what the platform can, here Linux."""
    if sys.platform == "linux":
        import resource

        limits = {
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_FSIZE: 0,
            resource.RLIMIT_DATA: _MOST_DATA,
            # No file, socket, pipe or process can be opened without a descriptor.
            resource.RLIMIT_NOFILE: 0,
        }
        for limit, most in limits.items():
            with contextlib.suppress(PermissionError):  # A container may forbid it.
                resource.prlimit(pid, limit, (most, most))


async def confinement_for(node: Path) -> Confinement:
    """Find out once what this machine offers.

    :raises ToolchainError: `node` does not run, or is too old.
    """
    version = await _node_version(node)
    async with asyncio.TaskGroup() as group:
        wrappers = [group.create_task(_available(wrapper)) for wrapper in (_NO_NETWORK, _DIES_WITH_ENGINE)]
    wrapper = tuple(part for task in wrappers for part in task.result())
    return Confinement(node, _permission_option(version), wrapper)


def _permission_option(version: tuple[int, int]) -> str:
    stable = version >= (23, 5) or (22, 13) <= version < (23, 0)
    return "--permission" if stable else "--experimental-permission"


async def _node_version(node: Path) -> tuple[int, int]:
    asked = await tool_process.run(
        [node, "--version"], directory=RUNTIME, environment=environment(), deadline=_VERSION_DEADLINE
    )
    text = asked.stdout.decode(errors="replace").strip()
    match = re.fullmatch(r"v(\d+)\.(\d+)\..*", text)
    if match is None:
        raise ToolchainError(f"{node} does not say which Node.js it is.")
    version = (int(match[1]), int(match[2]))
    if version < (20, 0):
        raise ToolchainError(f"Simulated devices need Node.js 20 or later; {node} is {text}.")
    return version


async def _available(wrapper: Sequence[str]) -> tuple[str, ...]:
    """Return `wrapper` with its program's full path if it works here, else nothing."""
    if sys.platform != "linux":
        return ()
    program, harmless = shutil.which(wrapper[0]), shutil.which("true")
    if program is None or harmless is None:
        return ()
    command = (program, *wrapper[1:])
    try:
        tried = await tool_process.run(
            [*command, harmless], directory=RUNTIME, environment=environment(), deadline=_PROBE_DEADLINE
        )
    except ToolchainError:
        return ()
    return command if tried.exit_code == 0 else ()
