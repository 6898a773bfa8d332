"""Learns what a run did that nobody follows, while the platform still has it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from xgodo_dev.errors import UnreachableError, XgodoError
from xgodo_dev.platform.automation import AutomationApi, Device, LogEntry
from xgodo_dev.runs.events import Exit, Log
from xgodo_dev.runs.lines import End, LineReader
from xgodo_dev.runs.log_reader import LogReader
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.secrets import Secrets
from xgodo_dev.runs.store import RunStore
from xgodo_dev.runs.tail import Gap
from xgodo_dev.toolchain.run_report import BodyDone

# Seconds; a run that never stops printing would keep this going for ever.
_LONGEST_READING = 3.0
_ASKED_AT_ONCE = 8
_LATEST_MOMENT = 253_402_300_799.0  # the end of the year 9999


@dataclass(frozen=True)
class CaughtUp:
    """What came of asking about several runs."""

    gaps: list[tuple[RecordedRun, Gap]] = field(default_factory=list)
    failures: dict[str, XgodoError] = field(default_factory=dict)
    """By their ids, the runs of which not all was learned, and why."""


async def catch_up_each(
    api: AutomationApi, store: RunStore, runs: Sequence[RecordedRun], deadline: float
) -> CaughtUp:
    """Catch up on several runs; what fails for one of them keeps no other from it.

    Args:
        deadline: seconds after which no more is asked.
    """
    result = CaughtUp()
    waiting = {run.id for run in runs}
    turns = asyncio.Semaphore(_ASKED_AT_ONCE)

    async def ask(run: RecordedRun) -> None:
        async with turns:
            try:
                gap = await catch_up(api, store, run)
            except XgodoError as error:
                result.failures[run.id] = error
                gap = None
        waiting.discard(run.id)
        if gap:
            result.gaps.append((run, gap))

    try:
        async with asyncio.timeout(deadline), asyncio.TaskGroup() as asking:
            for run in runs:
                asking.create_task(ask(run))
    except TimeoutError:
        result.failures.update(dict.fromkeys(waiting, UnreachableError("The platform is too slow.")))
    return result


async def catch_up(api: AutomationApi, store: RunStore, run: RecordedRun) -> Gap | None:
    """Record what the platform still has of a run behind its last recorded line, and its end.

    Returns where lines may be missing because the platform had forgotten them; None: nowhere.

    Raises:
        XgodoError: the platform can't be asked. What came before that is recorded.
    """
    last = store.last_line(run)
    known_until = last[1] if last else run.started
    program = store.program(run)
    secrets = Secrets.of_fingerprints(run.secrets)
    reader = LineReader(run.id, run.device, program.mark, program.source_map, secrets)
    device = Device(id=run.device_id, name=run.device, online=True, record={})
    logs = LogReader(api, device)
    logs.add(run.automation_id, known_until, [*filter(None, [run.after]), *store.line_ids(run)])
    began = time.monotonic()
    gap: Gap | None = None
    async for page in logs.to_the_end():
        gap = gap or next(iter(page.gaps), None)
        with store.together():
            _record(store, run, reader, page.fresh)
        if time.monotonic() - began > _LONGEST_READING:
            return gap
    if gap is None:
        store.complete(run)
    return gap


def _record(store: RunStore, run: RecordedRun, reader: LineReader, entries: Sequence[LogEntry]) -> None:
    for entry in entries:
        said = reader.read(entry)
        moment = _moment(entry)
        if isinstance(said, Log):
            store.add(replace(said, time=moment))
        elif isinstance(said, End):
            if said.failure:
                store.add(replace(said.failure, time=moment))
            # The start is by our clock and the end by the platform's: nothing better is known.
            elapsed = round(max(0.0, moment - run.started) * 1000, 1)
            store.end(
                Exit(
                    time=moment,
                    run=run.id,
                    device=run.device,
                    status=said.status,
                    ms=elapsed,
                    error=said.error,
                )
            )
        else:
            assert isinstance(said, BodyDone)


def _moment(entry: LogEntry) -> float:
    """When a line was printed, in Unix seconds: it is read long after that."""
    seconds = entry.timestamp / 1000 if abs(entry.timestamp) < _LATEST_MOMENT * 1000 else 0
    return seconds if seconds > 0 else time.time()
