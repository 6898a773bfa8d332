"""`xgodo-dev logs`."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from typing import TYPE_CHECKING

import click

from xgodo_dev.cli import catching_up, interrupts, local_project, output, run_choice
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.catching_up import NOTHING_RECORDED, CaughtUp
from xgodo_dev.cli.duration import duration
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.view import event_view
from xgodo_dev.cli.view.cells import without_middle
from xgodo_dev.cli.view.event_clock import EventClock
from xgodo_dev.cli.view.levels import LEVELS, is_at_least
from xgodo_dev.cli.view.run_ends import counted, run_state
from xgodo_dev.errors import UnreachableError, UsageError
from xgodo_dev.project.config import Project
from xgodo_dev.runs.events import Event, Exit, Launch, Log, Notice
from xgodo_dev.runs.recorded_launch import launches
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.store import RunStore

if TYPE_CHECKING:
    from xgodo_dev.runs.run import Run

# Longer than anything is kept.
_LONGEST_SINCE = 365 * 86_400
# So many devices are named; of more, it is told how many.
_NAMED = 3
_LONGEST_NAME = 40


@dataclass(frozen=True)
class _Wanted:
    """Which lines to show."""

    since: float
    """Unix seconds."""
    level: str
    pattern: re.Pattern[str] | None

    @property
    def any_message(self) -> bool:
        """Whether no line is left out for what it says."""
        return self.level == LEVELS[0] and self.pattern is None

    def is_severe(self, line: Log) -> bool:
        """Whether it is of the level or above."""
        return is_at_least(line.level, self.level)

    def fits(self, line: Log) -> bool:
        """Whether it is not left out for what it says."""
        return self.is_severe(line) and bool(self.pattern is None or self.pattern.search(line.message))


def _expression(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise click.BadParameter(f"{text!r} is not a regular expression: {error}.") from error


@click.command(cls=Command, short_help="Show what runs have logged.")
@click.option(
    "-d",
    "--device",
    "devices",
    multiple=True,
    metavar="DEVICE",
    help="Only runs on this device: an id or a name.",
)
@click.option("--run", "run_id", metavar="ID", help="This run: its id, or how that begins (see `runs`).")
@click.option(
    "--since",
    metavar="TIME",
    callback=duration(most=_LONGEST_SINCE),
    help="Of all runs, the lines of the last seconds, or of the last 5m, 2h or 1d.",
)
@click.option(
    "--level",
    type=click.Choice(LEVELS),
    default="log",
    show_default=True,
    help="Lines of this level and above.",
)
@click.option(
    "--grep",
    "pattern",
    metavar="RE",
    callback=_expression,
    help="Lines whose message this regular expression fits.",
)
@click.option("-n", "limit", type=click.IntRange(0), metavar="N", help="The last N lines.")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is printed from now on, to the end.")
def logs(
    devices: tuple[str, ...],
    run_id: str | None,
    since: float | None,
    level: str,
    pattern: re.Pattern[str] | None,
    limit: int | None,
    follow: bool,
) -> int:
    """Show the logs of this project's runs, of the newest launch unless told otherwise.

    They are kept on this disk. Of a run that nobody follows, the platform is asked for what it still
    has: it keeps a line for ten minutes. An uncaught error is shown as the line that threw it.

    With --follow, runs that go on are followed to their end, and beside a `watch` those that it begins
    as well. Ctrl-C ends that, and leaves them running.
    """
    project = local_project.project()
    store = RunStore.existing(project.root)
    if store is None:
        if run_id:
            raise UsageError(NOTHING_RECORDED)
        output.note(NOTHING_RECORDED)
        return 0
    with store:
        recorded = store.runs()
        wanted = _Wanted(0.0 if since is None else time.time() - since, level, pattern)
        chosen = run_choice.chosen(recorded, devices, run_id, None if since is None else wanted.since)
        caught_up = CaughtUp(chosen) if follow else catching_up.catch_up(project, store, chosen)
        chosen = caught_up.runs
        for remark in (*caught_up.unasked, *caught_up.gaps):
            catching_up.remark(remark)
        if since is None and chosen:
            going_on = {run.id for run in chosen if run.may_be_open} if follow else caught_up.going_on
            _name(chosen, recorded, going_on, newest=run_id is None)
        names = list(dict.fromkeys(run.device for run in reversed(chosen)))
        several = len({run.device_id for run in chosen}) > 1
        show = event_view.emitter(several_devices=several, devices=names, root=project.root)
        if not follow:
            shown = _show(store, chosen, wanted, limit, show, following=False)
            if not shown:
                output.note(_why_nothing(store, chosen, wanted, limit))
            _tell_unended(chosen, caught_up.going_on)
            return 0
        newest = recorded[0].number if recorded else -1
        return _follow(project, store, chosen, wanted, limit, show, newest, devices, only=run_id)


def _follow(
    project: Project,
    store: RunStore,
    chosen: Sequence[RecordedRun],
    wanted: _Wanted,
    limit: int | None,
    show: Callable[[Event], None],
    newest: int,
    devices: Sequence[str],
    *,
    only: str | None,
) -> int:
    """Show the chosen runs, and what they and those that begin behind number ``newest`` print from now on."""
    from xgodo_dev.cli import log_following

    names = list(dict.fromkeys(run.device for run in reversed(chosen)))

    def join(runs: Sequence[RecordedRun]) -> None:
        """From the second device on, lines say of which they are."""
        nonlocal show
        new = [run.device for run in runs if run.device not in names]
        if new:
            names.extend(new)
            show = event_view.emitter(devices=names, root=project.root)

    def show_recorded(
        runs: Sequence[RecordedRun], limit: int | None = None, *, beginning: bool = False
    ) -> list[tuple[RecordedRun, list[str]]]:
        # What is shown and what counts as known must be the same lines, while others record more of them.
        join(runs)
        with store.snapshot():
            runs = [store.refreshed(run) for run in runs]
            shown = _show(store, runs, wanted, limit, show, following=True)
            any_recorded = any(map(store.line_ids, runs)) or not any(run.may_be_open for run in runs)
            if beginning and not shown and any_recorded:
                output.note(_why_nothing(store, runs, wanted, limit))
            return [(run, store.line_ids(run)) for run in runs]

    def show_wanted(event: Event) -> None:
        if isinstance(event, Exit) and event.failure and not wanted.fits(event.failure):
            event = replace(event, failure=None)
        if isinstance(event, Log) and not wanted.fits(event):
            return
        if not invocation().json:
            show(event)
        elif isinstance(event, Notice):
            catching_up.remark(event.message)
        elif line := event if isinstance(event, Log) else getattr(event, "failure", None):
            show(line)

    def is_wanted(run: RecordedRun) -> bool:
        return not devices or any(run.device_id == each.device_id for each in chosen)

    followed: list[Run] = []
    try:
        interrupts.run(
            log_following.follow(
                project,
                store,
                lambda: show_recorded(chosen, limit, beginning=True),
                lambda run: show_recorded([run])[0],
                show_wanted,
                newest,
                followed,
                wants=None if only else is_wanted,
            )
        )
    except click.exceptions.Exit:
        going_on = sum(not run.ended for run in followed)
        if going_on:
            what = "The run goes on" if going_on == 1 else f"The {going_on} runs go on"
            output.note(f"{what}; `stop` ends {'it' if going_on == 1 else 'them'}.")
        raise
    return UnreachableError.exit_code if any(run.status == "lost" for run in followed) else 0


def _name(
    runs: Sequence[RecordedRun], recorded: Sequence[RecordedRun], going_on: Collection[str], *, newest: bool
) -> None:
    """Say which runs these are, and how the others ended that began together with them."""
    first = runs[0]
    launch = next(each for each in launches(recorded) if any(run.id == first.id for run in each.runs))
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(first.started))
    kind = "The newest launch" if newest else "The launch"
    names = [without_middle(name, _LONGEST_NAME) for name in {run.device for run in runs}]
    on = output.names(names) if len(names) <= _NAMED else f"{len(names)} devices"
    which = f" (run {first.id[:8]})" if len(runs) == 1 else ""
    output.note(f"{kind}: {output.shown(first.entry)} on {on}, {when}{which}")
    if len(launch.runs) > 1:
        refreshed = {run.id: run for run in runs}
        all_of_it = [refreshed.get(run.id, run) for run in launch.runs]
        states = (run_state(run.status, run.error, goes_on=run.id in going_on) for run in all_of_it)
        output.note(
            f"Of {len(all_of_it)} devices: {counted(states)} (`runs --run {launch.id[:8]}` lists them)"
        )


def _show(
    store: RunStore,
    runs: Sequence[RecordedRun],
    wanted: _Wanted,
    limit: int | None,
    show: Callable[[Event], None],
    *,
    following: bool,
) -> int:
    """Show what is recorded, and return how many lines that is.

    Args:
        following: more is to come of what has not ended.
    """
    streams = [_events(store, run, wanted, going_on=following and run.may_be_open) for run in runs]
    events: Iterator[Event] = merge(*streams, key=lambda event: event.time)
    if limit is not None:
        listed = list(events)
        lines = [number for number, event in enumerate(listed) if isinstance(event, Log)]
        if len(lines) > limit:
            listed = _last(listed, lines[-limit] if limit else len(listed))
        events = iter(listed)
    shown = 0
    for event in events if invocation().json else _without_repetition(events):
        if isinstance(event, Log):
            shown += 1
            show(event)
        elif not invocation().json:
            show(event)
    dropped = sum(run.dropped for run in runs)
    if dropped:
        catching_up.remark(f"The oldest lines ({dropped}) are gone: what is recorded has a limit in size.")
    return shown


def _tell_unended(runs: Sequence[RecordedRun], going_on: Collection[str]) -> None:
    open_runs = [run for run in runs if run.id in going_on]
    unknown = [run for run in runs if not run.status and run.id not in going_on]
    if open_runs:
        goes, it = ("goes", "it") if len(open_runs) == 1 else ("go", "them")
        told = catching_up.named(open_runs).capitalize()
        output.note(f"{told} {goes} on: `logs -f` follows {it}, and `stop` ends {it}.")
    if unknown:
        output.note(f"The end of {catching_up.named(unknown)} is not known.")


def _why_nothing(store: RunStore, runs: Sequence[RecordedRun], wanted: _Wanted, limit: int | None) -> str:
    """Why no line is shown: how many there are, and what leaves out the last of them."""
    since = f"since {EventClock().text(wanted.since)}"
    if not runs:
        return f"No recorded run has ended {since}, nor goes on." if wanted.since else NOTHING_RECORDED
    whose = catching_up.named(runs)
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


def _last(events: Sequence[Event], first: int) -> list[Event]:
    """The events from number ``first`` on, and the launches of the runs that print something there."""
    kept = events[first:]
    runs = {event.run for event in kept if isinstance(event, Log)}
    return [event for event in events[:first] if isinstance(event, Launch) and event.run in runs] + list(kept)


def _events(store: RunStore, run: RecordedRun, wanted: _Wanted, *, going_on: bool) -> Iterator[Event]:
    """A run's launch, its lines that are wanted, what there is to know about it, and its end.

    Nothing of it where no line is wanted, unless it goes on.
    """
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


def _without_repetition(events: Iterator[Event]) -> Iterator[Event]:
    """The events without the uncaught errors that the automation has just logged itself."""
    last: dict[str, str] = {}
    for event in events:
        if isinstance(event, Log):
            repeated = event.level == "error" and last.get(event.run) == event.message
            last[event.run] = event.message if event.level == "error" else ""
            if repeated:
                continue
        yield event
