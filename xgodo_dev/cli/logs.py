"""`xgodo-dev logs`."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import click

from xgodo_dev.cli import (
    catching_up,
    interrupts,
    local_project,
    output,
    recorded_logs,
    run_choice,
    run_wording,
)
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.catching_up import NOTHING_RECORDED, CaughtUp
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.view import event_view
from xgodo_dev.cli.view.cells import without_middle
from xgodo_dev.cli.view.event_clock import EventClock
from xgodo_dev.cli.view.event_view import View
from xgodo_dev.cli.view.levels import LEVELS, is_at_least
from xgodo_dev.cli.view.run_ends import counted, run_state
from xgodo_dev.errors import UnreachableError, UsageError
from xgodo_dev.project.config import Project
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.store import RunStore

if TYPE_CHECKING:
    from xgodo_dev.runs.run import Run

# Seconds; longer than anything is kept.
_LONGEST_SINCE = 365 * 86_400


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
        wanted = Wanted(0.0 if since is None else time.time() - since, level, pattern)
        chosen = run_choice.chosen(recorded, devices, run_id, None if since is None else wanted.since)
        caught_up = CaughtUp(chosen) if follow else catching_up.catch_up(project, store, chosen)
        chosen = caught_up.runs
        for remark in (*caught_up.unasked, *caught_up.gaps):
            output.remark(remark)
        if since is None and chosen:
            going_on = {run.id for run in chosen if run.may_be_open} if follow else caught_up.going_on
            _name(chosen, recorded, going_on, newest=run_id is None)
        names = list(dict.fromkeys(run.device for run in reversed(chosen)))
        several = len({run.device_id for run in chosen}) > 1
        view = event_view.view(several_devices=several, devices=names, root=project.root)
        if not follow:
            shown = _show(store, chosen, wanted, limit, view.show, following=False)
            if not shown:
                output.note(_why_nothing(store, chosen, wanted, limit))
            _tell_unended(chosen, caught_up.going_on)
            return 0
        newest = recorded[0].number if recorded else -1
        return _follow(project, store, chosen, wanted, limit, view, newest, devices, only=run_id)


def _follow(
    project: Project,
    store: RunStore,
    chosen: Sequence[RecordedRun],
    wanted: Wanted,
    limit: int | None,
    view: View,
    newest: int,
    devices: Collection[str] | None,
) -> int:
    """Show the chosen runs, and what they print from now on.

    Args:
        newest: the number of the newest recorded run. Those that begin later are followed as well: those on
            ``devices`` (their ids; empty: on any), or none.
    """
    from xgodo_dev.cli import log_following

    names = list(dict.fromkeys(run.device for run in reversed(chosen)))

    def join(runs: Sequence[RecordedRun]) -> None:
        """From the second device on, lines say of which they are."""
        new = [run.device for run in runs if run.device not in names]
        if new:
            names.extend(new)
            view.use_devices(names)

    def show_recorded(
        runs: Sequence[RecordedRun], limit: int | None = None, *, beginning: bool = False
    ) -> list[log_following.Shown]:
        # What is shown and what counts as known must be the same lines, while others record more of them.
        shown.join(runs)
        with store.snapshot():
            runs = [store.refreshed(run) for run in runs]
            shown = _show(store, runs, wanted, limit, view.show, following=True)
            any_recorded = any(map(store.line_ids, runs)) or not any(run.may_be_open for run in runs)
            if beginning and not lines and any_recorded:
                output.note(recorded_logs.why_nothing(store, runs, wanted, limit))
            return [(run, store.line_ids(run)) for run in runs]

    def show_wanted(event: Event) -> None:
        if isinstance(event, Exit) and event.failure and not wanted.fits(event.failure):
            event = replace(event, failure=None)
        if isinstance(event, Log) and not wanted.fits(event):
            return
        if not invocation().json:
            view.show(event)
        elif isinstance(event, Notice):
            catching_up.remark(event.message)
        elif line := event if isinstance(event, Log) else getattr(event, "failure", None):
            view.show(line)

    def is_wanted(run: RecordedRun) -> bool:
        return not devices or any(run.device_id == each.device_id for each in chosen)

    followed: list[Run] = []
    try:
        interrupts.run(
            log_following.follow(
                project,
                store,
                lambda: show(chosen, limit, beginning=True),
                show,
                shown.live,
                newest,
                followed,
                wants=None if devices is None else lambda run: not devices or run.device_id in devices,
            )
        )
    except click.exceptions.Exit:
        shown.close()
        going_on = sum(not run.ended for run in followed)
        if going_on:
            what = "The run goes on" if going_on == 1 else f"The {going_on} runs go on"
            output.note(f"{what}; `stop` ends {'it' if going_on == 1 else 'them'}.")
        raise
    return UnreachableError.exit_code if any(run.status == "lost" for run in followed) else 0
