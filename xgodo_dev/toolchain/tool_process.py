"""Runs one external tool to its end: with a deadline, killed and reaped when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.errors import ToolchainError

# What programs need to work at all on each system. The rest stays out: the environment may hold tokens.
_SYSTEM_VARIABLES = frozenset(
    {"PATH", "HOME", "LANG", "TMPDIR", "TEMP", "TMP"}
    | {"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA"}
)


_CHUNK = 256 * 1024


@dataclass(frozen=True)
class Finished:
    """A tool that ran to its end, whatever it thought of its input."""

    exit_code: int
    stdout: bytes
    stderr: bytes


def inherited_environment(
    *, names: frozenset[str] = frozenset(), prefix: str | None = None
) -> dict[str, str]:
    """The part of our environment that a tool may see: the system's variables, ``names``, and all that start
    with ``prefix``. Both are compared in upper case, as Windows does.
    """
    wanted = _SYSTEM_VARIABLES | names
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in wanted or (prefix is not None and name.upper().startswith(prefix))
    }


async def run(
    arguments: Sequence[str | Path],
    *,
    directory: Path,
    environment: Mapping[str, str],
    deadline: float,
    stdin: bytes | None = None,
    niceness: int = 0,
    longest_line: int | None = None,
) -> Finished:
    """Run a program in ``directory`` and collect what it writes; ``deadline`` is in seconds.

    Of each line of its output only the first ``longest_line`` bytes are kept, where that is given.

    The program gets a process group of its own, so that Ctrl-C reaches only us and the end of this call, by
    whatever cause, is also the end of everything the program started.

    Raises ``ToolchainError`` when the program can't be started or is not done by the deadline.
    """
    name = Path(arguments[0]).name
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            cwd=directory,
            env=dict(environment),
            stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise ToolchainError(f"{arguments[0]} can't be started: {error.strerror}.") from error
    collected = False
    try:
        _lower_priority(process.pid, niceness)
        async with asyncio.timeout(deadline):
            if longest_line is None:
                stdout, stderr = await process.communicate(stdin)
            else:
                assert stdin is None, "nothing here needs both"
                assert process.stdout is not None, "it is a pipe"
                assert process.stderr is not None, "it is a pipe"
                stdout, stderr = await asyncio.gather(
                    _beginnings_of_lines(process.stdout, longest_line), process.stderr.read()
                )
                await process.wait()
        collected = True
    except TimeoutError as error:
        raise ToolchainError(
            f"{name} was not done after {deadline:g} s in {directory}, so it was killed."
        ) from error
    finally:
        if not collected:
            # Also when it is over itself: a child of it may hold the pipes, and with them its group.
            _kill(process)
        await process.wait()
    return Finished(await process.wait(), stdout, stderr)


async def _beginnings_of_lines(stream: asyncio.StreamReader, longest: int) -> bytes:
    kept = bytearray()
    length = 0
    while chunk := await stream.read(_CHUNK):
        for number, part in enumerate(chunk.split(b"\n")):
            if number:
                kept += b"\n"
                length = 0
            kept += part[: longest - length]
            length = min(longest, length + len(part))
    return bytes(kept)


def _lower_priority(pid: int, niceness: int) -> None:
    if niceness > 0 and sys.platform != "win32":
        # The group, not the process: on Linux the latter is one thread, and a Go program has several by now.
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PGRP, pid, niceness)


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
