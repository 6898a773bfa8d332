"""Runs programs on simulated phones, each in a confined Node.js process of its own."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from xgodo_dev.emulator.phone import server_calls, wire
from xgodo_dev.emulator.phone.actions import perform
from xgodo_dev.emulator.phone.confinement import Confinement, confinement_for
from xgodo_dev.emulator.phone.process import RuntimeProcess
from xgodo_dev.emulator.phone.program import LogLine, Outcome, Program, SyntaxRejected
from xgodo_dev.emulator.phone.screen import Phone, PhoneActionError
from xgodo_dev.errors import ToolchainError

__all__ = ["Engine", "LogLine", "Outcome", "Program", "SyntaxRejected"]

# Booting costs 60 ms of a core, which the program that just started needs more.
_REPLACEMENT_DELAY = 0.15


FOLDER_PREFIX = "xgodo-phone-"
"""What the name of an engine's own folder begins with. Only a kill leaves one behind, always empty."""


class Engine:
    """Starts programs quickly, by keeping one booted process waiting for the next.

    An asynchronous context manager; leaving it ends every process it started.
    """

    def __init__(self, node: Path, *, temporary: Path | None = None) -> None:
        """Prepare an engine on that Node.js; ``temporary`` is where it may put a folder for its time."""
        self._node = node
        self._temporary = temporary
        self._confinement: Confinement | None = None
        self._folder: Path | None = None
        self._processes: set[RuntimeProcess] = set()
        self._warm: asyncio.Future[RuntimeProcess] | None = None
        self._replacement: asyncio.TimerHandle | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        """Look at what the machine offers, and begin to boot.

        :raises ToolchainError: Node.js does not run or is too old.
        """
        self._confinement = await confinement_for(self._node)
        self._folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=self._temporary))
        self._prepare()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        if self._replacement is not None:
            self._replacement.cancel()
        if self._warm is not None:
            self._warm.cancel()
            await asyncio.wait([self._warm])
        await asyncio.gather(*(process.end() for process in self._processes))
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def run(
        self,
        program: Program,
        phone: Phone,
        on_log: Callable[[LogLine], None],
        on_started: Callable[[], None],
    ) -> Outcome:
        """Run `program` on `phone` to its end and say how it ended.

        `on_started` is called once, when evaluation begins, before any `on_log`. Cancelling kills the
        process, whatever the program is doing; when the cancelled call has returned it is gone.

        :raises SyntaxRejected: the entry or a module it imports is not JavaScript; nothing was called.
        :raises ToolchainError: Node.js does not come up.
        """
        outcome = await self._run_on(await self._take(), program, phone, on_log, on_started)
        if outcome is None:
            # The waiting process had died, unnoticed until it was spoken to.
            outcome = await self._run_on(await self._boot(), program, phone, on_log, on_started)
        if outcome is None:
            on_started()
            on_log(LogLine("The automation's process died before it began.", 0, "error", _now()))
        return outcome or Outcome.CRASHED

    async def _run_on(
        self,
        process: RuntimeProcess,
        program: Program,
        phone: Phone,
        on_log: Callable[[LogLine], None],
        on_started: Callable[[], None],
    ) -> Outcome | None:
        """Run on `process`, which is gone or put back afterwards. None when it died before it began."""
        started = willing = kept = False
        try:
            await process.send(wire.encode_launch(program, phone))
            async for message in process.messages():
                match message:
                    case wire.Log(level, text, line):
                        on_log(LogLine(text, line, level, _now()))
                    case wire.Call():
                        await process.send(await _answer(program, phone, message))
                    case wire.Started() if not started:
                        started = True
                        on_started()
                        self._prepare_soon()
                    case wire.Rejected(path, line, text) if not started:
                        kept = self._put_back(process)
                        raise SyntaxRejected(path, line, text)
                    case wire.End(outcome):
                        willing = True
                        return outcome
                    case _:
                        raise wire.WireError(f"{type(message).__name__} at the wrong time")
            willing = True
            if not started:
                return None
            on_log(LogLine(_cause_of_death(process), 0, "error", _now()))
        except wire.WireError as error:
            on_log(LogLine(f"The simulated device broke: {error}", 0, "error", _now()))
        finally:
            if not kept:
                await self._discard(process, willing=willing)
        return Outcome.CRASHED

    async def _take(self) -> RuntimeProcess:
        """Get a booted process, the waiting one if it still lives."""
        warm, self._warm = self._warm, None
        if warm is None:
            return await self._boot()
        try:
            process = await asyncio.shield(warm)
        except asyncio.CancelledError:
            self._warm = warm
            raise
        except ToolchainError:
            return await self._boot()  # The failure may have passed; else this one says what it is.
        if process.alive:
            return process
        await self._discard(process, willing=True)
        return await self._boot()

    async def _boot(self) -> RuntimeProcess:
        if self._confinement is None or self._folder is None or self._closed:
            raise RuntimeError("The engine is not entered.")
        process = await RuntimeProcess.boot(self._confinement, self._folder)
        self._processes.add(process)
        return process

    async def _discard(self, process: RuntimeProcess, *, willing: bool = False) -> None:
        await process.end(willing=willing)
        self._processes.discard(process)

    def _prepare_soon(self) -> None:
        if self._replacement is not None:
            self._replacement.cancel()
        self._replacement = asyncio.get_running_loop().call_later(_REPLACEMENT_DELAY, self._prepare)

    def _prepare(self) -> None:
        if self._warm is None and not self._closed:
            self._warm = asyncio.create_task(self._boot(), name="boot of a simulated device")

    def _put_back(self, process: RuntimeProcess) -> bool:
        """Keep a process that ran nothing for the next program, unless one is waiting already."""
        if self._warm is not None or self._closed:
            return False
        self._warm = asyncio.get_running_loop().create_future()
        self._warm.set_result(process)
        return True


async def _answer(program: Program, phone: Phone, call: wire.Call) -> bytes:
    try:
        match call.name.split(".", 2):
            case ["agent", "actions", name]:
                return wire.encode_success(call, perform(phone, name, call.arguments))
            case ["agent", "utils", name]:
                answer = await server_calls.answer(phone, program.job_task, name, call.arguments)
                return wire.encode_success(call, answer)
            case ["agent", "info", "getVerifiedPhoneNumber"]:
                return wire.encode_success(call, phone.verified_number)
        return wire.encode_failure(call, f"{call.name} is not simulated yet")
    except PhoneActionError as error:
        return wire.encode_failure(call, str(error))


def _cause_of_death(process: RuntimeProcess) -> str:
    if "heap out of memory" in process.complaints():
        return "The automation ran out of memory."
    return "The automation's process died."


def _now() -> int:
    return time.time_ns() // 1_000_000
