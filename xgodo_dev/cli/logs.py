"""`xgodo-dev logs`."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge

import click

from xgodo_dev.cli import interrupts, local_project, output, run_choice
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.view import event_view
from xgodo_dev.cli.view.levels import LEVELS, is_at_least
from xgodo_dev.errors import UnreachableError, UsageError, XgodoError
from xgodo_dev.platform.credentials import EMULATOR_PROFILE, Server
from xgodo_dev.project.config import Project
from xgodo_dev.runs.events import Event, Exit, Launch, Log
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.store import RunStore

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_ASKING_DEADLINE = 10.0


@dataclass(frozen=True)
class _Wanted:
    """Which lines to show."""

    since: float
    """Unix seconds."""
    level: str
    pattern: re.Pattern[str] | None

    @property
    def everything(self) -> bool:
        """Whether no line is left out."""
        return self.since == 0.0 and self.any_message

    @property
    def any_message(self) -> bool:
        """Whether no line is left out for what it says."""
        return self.level == LEVELS[0] and self.pattern is None

    def fits(self, line: Log) -> bool:
        return is_at_least(line.level, self.level) and bool(
            self.pattern is None or self.pattern.search(line.message)
        )


def _duration(_context: click.Context, _parameter: click.Parameter, text: str | None) -> float | None:
    """Seconds that a text such as `5m` means."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)([smhd])", text)
    if not found:
        raise click.BadParameter(f"{text!r} is not of the form 30s, 5m, 2h or 1d.")
    return float(found[1]) * _UNITS[found[2]]


def _expression(
    _context: click.Context, _parameter: click.Parameter, text: str | None
) -> re.Pattern[str] | None:
    try:
        return None if text is None else re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise click.BadParameter(f"{text!r} is not a regular expression: {error}.") from error


@click.command(cls=Command, short_help="Show what runs have logged.")
@click.option("-d", "--device", metavar="DEVICE", help="Only runs on this device: an id or a name.")
@click.option("--run", "run_id", metavar="ID", help="This run: its id, or how that begins (see `runs`).")
@click.option(
    "--since",
    metavar="TIME",
    callback=_duration,
    help="Of all runs, the lines of the last 30s, 5m, 2h or 1d.",
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
    device: str | None,
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
            raise UsageError("No run of this project is recorded yet.")
        output.note("No run of this project is recorded yet.")
        return 0
    with store:
        recorded = store.runs()
        wanted = _Wanted(0.0 if since is None else time.time() - since, level, pattern)
        chosen = run_choice.chosen(recorded, device, run_id, None if since is None else wanted.since)
        if not follow:
            chosen = _caught_up(project, store, chosen)
        if since is None and chosen:
            _name(chosen, newest=run_id is None)
        names = list(dict.fromkeys(run.device for run in reversed(chosen)))
        several = len({run.device_id for run in chosen}) > 1
        show = event_view.emitter(several_devices=several, devices=names, root=project.root)
        if not follow:
            _show(store, chosen, wanted, limit, show, going_on=False)
            return 0
        newest = recorded[0].number if recorded else -1
        return _follow(project, store, chosen, wanted, limit, show, newest, device, only=run_id)


def _follow(
    project: Project,
    store: RunStore,
    chosen: Sequence[RecordedRun],
    wanted: _Wanted,
    limit: int | None,
    show: Callable[[Event], None],
    newest: int,
    device: str | None,
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

    def show_recorded(runs: Sequence[RecordedRun], limit: int | None) -> list[tuple[RecordedRun, list[str]]]:
        # What is shown and what counts as known must be the same lines, while others record more of them.
        join(runs)
        with store.snapshot():
            runs = [store.refreshed(run) for run in runs]
            _show(store, runs, wanted, limit, show, going_on=True)
            return [(run, store.line_ids(run)) for run in runs]

    def show_wanted(event: Event) -> None:
        if not isinstance(event, Log) or wanted.fits(event):
            show(event)

    def is_wanted(run: RecordedRun) -> bool:
        return device is None or any(run.device_id == each.device_id for each in chosen)

    followed = interrupts.run(
        log_following.follow(
            project,
            store,
            lambda: show_recorded(chosen, limit),
            lambda run: show_recorded([run], None)[0],
            show_wanted,
            newest,
            wants=None if only else is_wanted,
        )
    )
    return UnreachableError.exit_code if any(run.status == "lost" for run in followed) else 0


def _caught_up(project: Project, store: RunStore, runs: list[RecordedRun]) -> list[RecordedRun]:
    """The runs with what the platform still has of those whose end is not recorded."""
    unfinished = [run for run in runs if run.may_be_open]
    if not unfinished:
        return runs
    if not store.writable:
        _remark(
            f"This is what was recorded of {_named(unfinished)}. The platform was not asked for more, "
            "since the file of recorded runs can't be written."
        )
        return runs
    try:
        interrupts.run(_ask(project, store, unfinished))
    except XgodoError as error:
        _remark_not_asked(error)
    return [store.refreshed(run) for run in runs]


async def _ask(project: Project, store: RunStore, runs: Sequence[RecordedRun]) -> None:
    from xgodo_dev.platform.automation import AutomationApi
    from xgodo_dev.platform.transport import Patience, Transport
    from xgodo_dev.runs.catch_up import catch_up_each

    server = local_project.server(project)
    for remote in sorted({run.remote for run in runs} - {server.remote}):
        elsewhere = [run for run in runs if run.remote == remote]
        was = "was" if len(elsewhere) == 1 else "were"
        _remark(f"{_named(elsewhere).capitalize()} {was} launched on {_elsewhere(remote, server)}")
    asked = [run for run in runs if run.remote == server.remote]
    if not asked:
        return
    # Somebody who only wants to look back should not wait long for a server that does not answer.
    patience = Patience(connect=3, silence=6, answer=8, retry_pauses=(0.3,), budget=1)
    async with Transport(server, patience=patience) as transport:
        result = await catch_up_each(AutomationApi(transport), store, asked, _ASKING_DEADLINE)
    for run, gap in result.gaps:
        _remark(f"What {_named([run])} printed {gap.told()} may be missing: the platform keeps ten minutes.")
    if result.failures:
        _remark_not_asked(result.failures[0])


def _elsewhere(remote: str, server: Server) -> str:
    """Where a run was launched that is not asked about, and how to ask there."""
    if not remote.startswith("emulator:"):
        return f"{output.shown(remote)}, which was not asked: add --api-url {output.shown(remote)}."
    if server.profile == EMULATOR_PROFILE:
        return "another emulator than the one that runs now, which knows nothing of it."
    return "the emulator, which was not asked: add --profile emulator."


def _remark_not_asked(error: XgodoError) -> None:
    _remark(f"This is what was recorded; the platform could not be asked for more. {error.with_hint()}")


def _name(runs: Sequence[RecordedRun], *, newest: bool) -> None:
    """Say which runs these are."""
    first = runs[0]
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(first.started))
    kind = "The newest launch" if newest else "The launch"
    names = output.names({run.device for run in runs})
    output.note(f"{kind}: {output.shown(first.entry)} on {names}, {when} (run {first.id[:8]})")


def _show(
    store: RunStore,
    runs: Sequence[RecordedRun],
    wanted: _Wanted,
    limit: int | None,
    show: Callable[[Event], None],
    *,
    going_on: bool,
) -> None:
    """Show what is recorded; ``going_on``: more is to come."""
    streams = [_events(store, run, wanted, going_on=going_on and run.may_be_open) for run in runs]
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
    if not shown and going_on and any(run.may_be_open for run in runs):
        pass
    elif not shown and wanted.everything:
        nor_end = "" if all(run.status for run in runs) else ", nor the end"
        output.note(f"Nothing that {_named(runs)} logged is recorded here{nor_end}.")
    elif not shown:
        output.note("There is no such line.")
    dropped = sum(run.dropped for run in runs)
    if dropped:
        _remark(f"The oldest lines ({dropped}) are gone: what is recorded has a limit in size.")
    for run in runs:
        if shown and run.status is None and not going_on:
            output.note(f"The end of {_named([run])} on {output.shown(run.device)} is not known.")


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


def _named(runs: Sequence[RecordedRun]) -> str:
    return ("run " if len(runs) == 1 else "runs ") + ", ".join(run.id[:8] for run in runs)


def _remark(text: str) -> None:
    """Say on stderr that something is missing, to programs too."""
    if not invocation().quiet:
        click.echo(output.harmless(text), err=True)
