"""Runs programs in an engine and keeps what they logged."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from xgodo_dev.emulator.phone.engine import Engine, LogLine, Outcome, Program
from xgodo_dev.emulator.phone.screen import Phone

ENTRY = "automation.js"
# The heaviest program takes 8 s of a processor, and may have to share it.
DEADLINE = 100.0


@dataclass
class Run:
    """What a run has done so far. ``task`` gives its outcome."""

    logs: list[LogLine] = field(default_factory=list)
    log_arrived: asyncio.Event = field(default_factory=asyncio.Event)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[Outcome] | None = None

    @property
    def messages(self) -> list[str]:
        return [line.message for line in self.logs]

    @property
    def outcome(self) -> Outcome:
        assert self.task is not None
        return self.task.result()

    def start(self, engine: Engine, program: Program, phone: Phone) -> None:
        self.task = asyncio.create_task(engine.run(program, phone, self._on_log, self._on_started))

    async def first_log(self) -> LogLine:
        async with asyncio.timeout(DEADLINE):
            await self.log_arrived.wait()
        return self.logs[0]

    async def cancel(self) -> None:
        assert self.task is not None
        self.task.cancel()
        async with asyncio.timeout(DEADLINE):
            with contextlib.suppress(asyncio.CancelledError):
                await self.task

    def _on_log(self, line: LogLine) -> None:
        assert self.started.is_set()
        self.logs.append(line)
        self.log_arrived.set()

    def _on_started(self) -> None:
        assert not self.started.is_set()
        self.started.set()


def program(code: str | Mapping[str, str], entry: str = ENTRY, **arguments: object) -> Program:
    modules = {ENTRY: code} if isinstance(code, str) else code
    return Program(modules, entry, "the-launch-id", **arguments)  # type: ignore[arg-type]


async def run(
    engine: Engine, code: str | Mapping[str, str], *, phone: Phone | None = None, entry: str = ENTRY
) -> Run:
    """Run a program to its own end."""
    going = Run()
    going.start(engine, program(code, entry), phone or Phone())
    assert going.task is not None
    async with asyncio.timeout(DEADLINE):
        await going.task
    return going


@contextlib.asynccontextmanager
async def running(engine: Engine, code: str) -> AsyncIterator[Run]:
    """Start a program and cancel it in the end."""
    going = Run()
    going.start(engine, program(code), Phone())
    try:
        yield going
    finally:
        await going.cancel()
