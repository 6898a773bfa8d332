"""What recorded runs have logged: which of it is wanted, as events, and why there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge

from xgodo_dev.cli import interrupts
from xgodo_dev.cli.run_wording import NOTHING_RECORDED, named
from xgodo_dev.cli.view.event_clock import EventClock
from xgodo_dev.cli.view.levels import LEVELS, is_at_least
from xgodo_dev.runs.events import Event, Exit, Launch, Log
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.store import RunStore


@dataclass(frozen=True)
class Wanted:
    """Which lines to show."""

    since: float = 0.0
    """Unix seconds."""
    level: str = LEVELS[0]
    pattern: re.Pattern[str] | None = None

    @property
    def any_message(self) -> bool:
        """Whether no line is left out for what it says."""
        return self.level == LEVELS[0] and self.pattern is None

    def is_severe(self, line: Log) -> bool:
        """Whether it is of the level or above."""
        return is_at_least(line.level, self.level)

    def fits(self, line: Log) -> bool:
        """Whether it is not left out for what it says."""
        if self.pattern is None or not self.is_severe(line):
            return self.is_severe(line)
        # Some expressions take longer for some lines than anybody waits.
        with interrupts.breaking_in():
            return bool(self.pattern.search(line.message))


def events(
    store: RunStore, runs: Sequence[RecordedRun], wanted: Wanted, limit: int | None, *, following: bool
) -> Iterator[Event]:
    """Of each run its launch, the lines that are wanted, what there is to know about it, and its end.

    Args:
        limit: of the lines, the last so many; None: all.
        following: more is to come of what has not ended.
    """
    streams = [_events_of(store, run, wanted, going_on=following and run.may_be_open) for run in runs]
    merged: Iterator[Event] = merge(*streams, key=lambda event: event.time)
    if limit is None:
        return merged
    listed = list(merged)
    lines = [number for number, event in enumerate(listed) if isinstance(event, Log)]
    if len(lines) > limit:
        listed = _last(listed, lines[-limit] if limit else len(listed))
    return iter(listed)


def without_repetition(recorded: Iterator[Event]) -> Iterator[Event]:
    """The events without the uncaught errors that the automation has just logged itself."""
    last: dict[str, str] = {}
    for event in recorded:
        if isinstance(event, Log):
            repeated = event.level == "error" and last.get(event.run) == event.message
            last[event.run] = event.message if event.level == "error" else ""
            if repeated:
                continue
        yield event


def why_nothing(store: RunStore, runs: Sequence[RecordedRun], wanted: Wanted, limit: int | None) -> str:
    """Why no line is shown: how many there are, and what leaves out the last of them."""
    since = f"since {EventClock().text(wanted.since)}"
    if not runs:
        return f"No recorded run has ended {since}, nor goes on." if wanted.since else NOTHING_RECORDED
    whose = named(runs)
    lines = [line for run in runs for line in store.lines(run)]
    if not lines:
        return f"Nothing that {whose} logged is recorded here."
    above = "" if wanted.level == LEVELS[-1] else " or above"
    told = [f"{len(lines)} line{'s' if len(lines) > 1 else ''}"]
    for words, given, fits in (
        (since, wanted.since > 0, lambda line: line.time >= wanted.since),
        (f"at level {wanted.level}{above}", wanted.level != LEVELS[0], wanted.is_severe),
        ("that --grep fits", wanted.pattern is not None, wanted.fits),
    ):
        if given and lines:
            lines = list(filter(fits, lines))
            told.append(f"{len(lines) or 'none'} {words}")
    if lines:
        told.append(f"and -n {limit} shows none")
    return f"Of {whose}: {', '.join(told)}."


def _last(listed: Sequence[Event], first: int) -> list[Event]:
    """The events from number ``first`` on, and the launches of the runs that print something there."""
    kept = listed[first:]
    runs = {event.run for event in kept if isinstance(event, Log)}
    return [event for event in listed[:first] if isinstance(event, Launch) and event.run in runs] + list(kept)


def _events_of(store: RunStore, run: RecordedRun, wanted: Wanted, *, going_on: bool) -> Iterator[Event]:
    """Nothing of the run where no line of it is wanted, unless it goes on."""
    any_line = False
    lines = (line for line in store.lines(run, wanted.since) if wanted.fits(line))
    remarks = store.notices(run, wanted.since) if wanted.any_message else []
    for event in merge(lines, remarks, key=lambda event: event.time):
        if not any_line:
            any_line = True
            yield Launch(time=run.started, run=run.id, device=run.device, entry=run.entry)
        yield event
    if going_on and not any_line:
        yield Launch(time=run.started, run=run.id, device=run.device, entry=run.entry)
    if run.status and run.ended is not None and (any_line or wanted.any_message):
        yield Exit(
            time=run.ended,
            run=run.id,
            device=run.device,
            status=run.status,
            ms=run.ms or 0.0,
            error=run.error,
        )
