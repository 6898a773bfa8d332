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
from xgodo_dev.cli.catching_up import CaughtUp
from xgodo_dev.cli.choice import Choice
from xgodo_dev.cli.duration import duration
from xgodo_dev.cli.log_output import LogOutput
from xgodo_dev.cli.recorded_logs import Wanted
from xgodo_dev.cli.run_wording import NOTHING_RECORDED
from xgodo_dev.cli.view.levels import LEVELS
from xgodo_dev.cli.whole_number import WholeNumber
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
@click.option(
    "--run",
    "run_id",
    metavar="ID",
    help="This run or launch: how its id begins, as `runs` lists it. A whole id means one run.",
)
@click.option(
    "--since",
    metavar="TIME",
    callback=duration(most=_LONGEST_SINCE),
    help="Of all runs, the lines of the last seconds, or of the last 5m, 2h or 1d.",
)
@click.option(
    "--level",
    type=Choice(LEVELS),
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
@click.option("-n", "limit", type=WholeNumber(0), metavar="N", help="The last N lines.")
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

    \b
    Examples:
      xgodo-dev logs -f
      xgodo-dev logs --since 2h --level warn --grep "time[ -]?out"
      xgodo-dev logs --run 3fa8 -n 20 --json
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
        chosen = run_choice.chosen(
            recorded, devices, run_id, None if since is None else wanted.since, launch_as_listed=True
        )
        caught_up = CaughtUp(chosen) if follow else catching_up.catch_up(project, store, chosen)
        chosen = caught_up.runs
        for remark in (*caught_up.unasked, *caught_up.gaps):
            output.remark(remark)
        if since is None and chosen:
            going_on = {run.id for run in chosen if run.may_be_open} if follow else caught_up.going_on
            for told in run_wording.of_launch(chosen, recorded, going_on, newest=run_id is None):
                output.note(told)
        with closing(LogOutput(wanted, project.root, chosen)) as shown:
            if not follow:
                _show(store, chosen, wanted, limit, shown)
                for told in run_wording.unended(chosen, caught_up.going_on):
                    output.note(told)
                return 0
            newest = recorded[0].number if recorded else -1
            meant = None if run_id else run_choice.device_ids(devices, recorded)
            return _follow(project, store, chosen, wanted, limit, shown, newest, meant)


def _show(
    store: RunStore, runs: Sequence[RecordedRun], wanted: Wanted, limit: int | None, shown: LogOutput
) -> None:
    """Show what is recorded of runs, or say why that is nothing."""
    lines = shown.recorded(recorded_logs.events(store, runs, wanted, limit, following=False))
    shown.close()
    _tell_dropped(runs)
    if not lines:
        output.note(recorded_logs.why_nothing(store, runs, wanted, limit))


def _tell_dropped(runs: Sequence[RecordedRun]) -> None:
    dropped = sum(run.dropped for run in runs)
    if dropped:
        output.remark(f"The oldest lines ({dropped}) are gone: what is recorded has a limit in size.")


def _follow(
    project: Project,
    store: RunStore,
    chosen: Sequence[RecordedRun],
    wanted: Wanted,
    limit: int | None,
    shown: LogOutput,
    newest: int,
    devices: Collection[str] | None,
) -> int:
    """Show the chosen runs, and what they print from now on.

    Args:
        newest: the number of the newest recorded run. Those that begin later are followed as well: those on
            ``devices`` (their ids; empty: on any), or none.
    """
    from xgodo_dev.cli import log_following

    def show(
        runs: Sequence[RecordedRun], limit: int | None = None, *, beginning: bool = False
    ) -> list[log_following.Shown]:
        # What is shown and what counts as known must be the same lines, while others record more of them.
        shown.join(runs)
        with store.snapshot():
            runs = [store.refreshed(run) for run in runs]
            lines = shown.recorded(recorded_logs.events(store, runs, wanted, limit, following=True))
            if beginning:
                shown.close()
            _tell_dropped(runs)
            any_recorded = any(map(store.line_ids, runs)) or not any(run.may_be_open for run in runs)
            if beginning and not lines and any_recorded:
                output.note(recorded_logs.why_nothing(store, runs, wanted, limit))
            return [(run, store.line_ids(run)) for run in runs]

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
    if not any(run.may_be_open for run in chosen) and not followed:
        output.note("Nothing of that runs now.")
    return UnreachableError.exit_code if any(run.status == "lost" for run in followed) else 0
