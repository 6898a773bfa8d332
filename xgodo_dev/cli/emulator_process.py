"""The emulator as a process of its own: found when one runs, started and ended when not."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from xgodo_dev.cli import output
from xgodo_dev.cli.own_process import OURSELVES, process_apart
from xgodo_dev.emulator.record import running_record
from xgodo_dev.errors import UnreachableError, XgodoError
from xgodo_dev.toolchain import tools

_START_DEADLINE = 30.0
_END_DEADLINE = 5.0


@dataclass(frozen=True)
class EmulatorAddress:
    """Where an emulator listens, and the token it accepts."""

    url: str
    token: str = field(repr=False)
    data: str


@asynccontextmanager
async def running_emulator() -> AsyncIterator[None]:
    """An emulator that the profile ``emulator`` finds: the one that runs, else one that ends with us."""
    if await asyncio.to_thread(running_record):
        yield
        return
    output.note("Starting an emulator of the platform …")
    async with started_emulator([]) as address:
        output.note(f"The emulator listens at {address.url}")
        yield


@asynccontextmanager
async def started_emulator(options: Sequence[str]) -> AsyncIterator[EmulatorAddress]:
    """A new emulator process, ended on leaving; it also ends by itself should this process die.

    Raises:
        XgodoError: it did not start; the message is its own.
    """
    # The emulator would install it too, but out of sight.
    await tools.ensure(None, progress=output.note)
    process = await asyncio.create_subprocess_exec(
        *(*OURSELVES, "--json", "emulator", "start", "--with-parent", *options),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # A group of its own: Ctrl-C in the terminal is ours to handle, and runs are stopped first.
        **process_apart(),
    )
    try:
        assert process.stdout is not None
        try:
            async with asyncio.timeout(_START_DEADLINE):
                first = await process.stdout.readline()
                if not listens(first):
                    await process.wait()
        except TimeoutError:
            raise UnreachableError(f"The emulator did not start within {_START_DEADLINE:g} s.") from None
        yield started(first, process.returncode)
    finally:
        if process.stdin:
            process.stdin.close()
        try:
            async with asyncio.timeout(_END_DEADLINE):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def listens(first_line: bytes) -> bool:
    """Whether that is the first line of an emulator that goes on, rather than of one that ends."""
    return first_line.startswith(b'{"url"')


def started(first_line: bytes, exit_code: int | None) -> EmulatorAddress:
    """What an emulator that starts with --json says first: where it listens, or why it does not.

    Raises:
        XgodoError: it did not start; with the kind, the hint and the exit code it gave.
    """
    try:
        answer = json.loads(first_line)
        if "error" not in answer:
            return EmulatorAddress(url=answer["url"], token=answer["token"], data=answer["data"])
        described = answer["error"]
        failure = XgodoError(described["message"], hint=described.get("hint"))
        failure.code = described["code"]
        failure.exit_code = exit_code or failure.exit_code
    except (ValueError, KeyError, TypeError) as error:
        raise UnreachableError("The emulator ended before it listened.") from error
    raise failure
