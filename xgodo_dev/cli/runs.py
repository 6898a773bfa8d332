"""`xgodo-dev runs`."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path

import click

from xgodo_dev.cli import catching_up, local_project, output, run_choice, run_files
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.catching_up import CaughtUp
from xgodo_dev.cli.choice import Choice
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.run_wording import NOTHING_RECORDED
from xgodo_dev.cli.view.cells import without_middle
from xgodo_dev.cli.view.durations import clock_text, duration_text
from xgodo_dev.cli.view.run_ends import RUN_ENDS, RUNNING, counted, run_state
from xgodo_dev.cli.whole_number import WholeNumber
from xgodo_dev.errors import UsageError
from xgodo_dev.project.config import Project
from xgodo_dev.runs.recorded_launch import RecordedLaunch, launches
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.store import RunStore

_LONGEST_NAME, _NARROWEST = 40, 10
_GAPS = 5 * 2
_LISTED = 20


@click.command(cls=Command, short_help="List the recorded runs.")
@click.option(
    "-n",
    "limit",
    type=WholeNumber(1),
    metavar="N",
    help=f"How many launches; with -d or --json, runs. {_LISTED} unless told otherwise, but all of --run.",
)
@click.option(
    "-d",
    "--device",
    "devices",
    multiple=True,
    metavar="DEVICE",
    help="Only runs on this device, each for itself: an id or a name.",
)
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=Choice([*RUN_ENDS, RUNNING]),
    help="Only runs that ended so, or go on.",
)
@click.option(
    "--run",
    "run_id",
    metavar="ID",
    help="Each run of this launch: the id of any of them, or how that begins.",
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write what is recorded of the run --run, else of the newest, to a new folder: its bundle, the map"
    " of that, and its events.",
)
def runs(
    limit: int | None,
    devices: tuple[str, ...],
    statuses: tuple[str, ...],
    run_id: str | None,
    folder: Path | None,
) -> int:
    """List what was run from this folder, newest first; a launch on several devices is one line.

    Of runs whose end nobody has seen, the platform is asked. `logs --run ID` shows what a run has logged.

    \b
    Examples:
      xgodo-dev runs --status failed
      xgodo-dev runs --run 3fa8 -o failed-run
    """
    project = local_project.project()
    store = RunStore.existing(project.root)
    recorded: list[RecordedRun] = []
    if store:
        with store:
            recorded = store.runs()
            if recorded and folder is not None:
                meant = run_choice.on(devices, recorded)
                if run_id is not None:
                    meant = run_choice.chosen(recorded, devices, run_id, None)
                return _write(project, store, _newest_that_fits(project, store, meant, statuses), folder)
            if recorded:
                return _list(project, store, recorded, limit, devices, statuses, run_id)
    if folder is not None:
        raise UsageError(NOTHING_RECORDED)
    if invocation().json:
        output.json_document({"runs": []})
    else:
        output.note(_none(recorded, statuses))
    return 0


def _list(
    project: Project,
    store: RunStore,
    recorded: Sequence[RecordedRun],
    limit: int | None,
    devices: Sequence[str],
    statuses: Collection[str],
    run_id: str | None,
) -> int:
    all_launches = launches(recorded)
    launch_of = {run.id: launch.id for launch in all_launches for run in launch.runs}
    meant = recorded
    if run_id is not None:
        (run,) = run_choice.chosen(recorded, (), run_id, None)
        meant = next(launch.runs for launch in all_launches if run in launch.runs)
    meant = run_choice.on(devices, meant)
    # Whoever names one of them wants to see each.
    each_for_itself = invocation().json or devices or run_id is not None
    if limit is None and run_id is None:
        limit = _LISTED
    rows = [RecordedLaunch([run]) for run in meant] if each_for_itself else all_launches
    if not statuses:
        rows = rows[:limit]
    asked = _asked(project, store, [run for row in rows for run in row.runs])
    now = {run.id: run for run in asked.runs}
    going_on = asked.going_on
    rows = [RecordedLaunch([now[run.id] for run in row.runs]) for row in rows]
    if statuses:
        fitting = ([run for run in row.runs if _fits(run, statuses, going_on)] for row in rows)
        rows = [RecordedLaunch(runs) for runs in fitting if runs][:limit]
    if invocation().json:
        listed = [run for row in rows for run in row.runs]
        output.json_document({"runs": [_document(run, launch_of[run.id]) for run in listed]})
    elif not rows:
        output.note(_none(recorded, statuses))
    else:
        _show(rows, going_on)
    return 0


def _newest_that_fits(
    project: Project, store: RunStore, meant: Sequence[RecordedRun], statuses: Collection[str]
) -> RecordedRun:
    if not statuses:
        return meant[0]
    asked = _asked(project, store, meant)
    fitting = [run for run in asked.runs if _fits(run, statuses, asked.going_on)]
    if not fitting:
        raise UsageError(_none(meant, statuses))
    return fitting[0]


def _asked(project: Project, store: RunStore, runs: Sequence[RecordedRun]) -> CaughtUp:
    """The runs as they are now, for all that the platform knows; says what it could not be asked for."""
    asked = catching_up.catch_up(project, store, runs)
    for remark in asked.unasked:
        output.remark(remark)
    return asked


def _fits(run: RecordedRun, statuses: Collection[str], going_on: Collection[str]) -> bool:
    return (run.status or (RUNNING if run.id in going_on else "")) in statuses


def _none(recorded: Sequence[RecordedRun], statuses: Collection[str]) -> str:
    if not recorded:
        return NOTHING_RECORDED
    words = " or ".join(RUNNING if each == RUNNING else RUN_ENDS[each].words for each in statuses)  # type: ignore[index]
    return f"Of these runs, none {words.replace(RUNNING, 'is running')}."


def _show(rows: Sequence[RecordedLaunch], going_on: Collection[str]) -> None:
    today = time.localtime()[:3]
    dated = any(time.localtime(row.started)[:3] != today for row in rows)
    cells = [_cells(row, going_on, "%b %d %H:%M:%S" if dated else "%H:%M:%S") for row in rows]
    if sys.stdout.isatty():
        # What a line has too much is taken from names.
        widest = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
        room = shutil.get_terminal_size().columns - sum(widest) - _GAPS + widest[2]
        cells = [[*row[:2], without_middle(row[2], max(_NARROWEST, room)), *row[3:]] for row in cells]
    output.table(["RUN", "WHEN", "DEVICE", "ENTRY", "STATUS", "TOOK"], cells)
    together = next((row for row in rows if len(row.runs) > 1), None)
    if together:
        output.note(f"`runs --run {together.id[:8]}` lists the runs of that launch, `-d` those of a device.")
    if any(run.id in going_on for row in rows for run in row.runs):
        output.note("`logs -f` follows what runs, and `stop` ends it.")


def _cells(row: RecordedLaunch, going_on: Collection[str], form: str) -> list[str]:
    run = row.runs[0]
    states = [run_state(each.status, each.error, goes_on=each.id in going_on) for each in row.runs]
    device, state = f"{len(row.runs)} devices", counted(states)
    if len(row.runs) == 1:
        device, state = without_middle(output.shown(run.device), _LONGEST_NAME), states[0]
        if state == RUNNING:
            state += f" {clock_text(time.time() - run.started)}"
    lengths = [each.ms for each in row.runs]
    took = "" if None in lengths else duration_text(max(ms for ms in lengths if ms is not None))
    when = time.strftime(form, time.localtime(row.started))
    return [row.id[:8], when, device, without_middle(output.shown(run.entry), _LONGEST_NAME), state, took]


def _write(project: Project, store: RunStore, run: RecordedRun, folder: Path) -> int:
    from xgodo_dev.project.files import FileSelection

    target = (invocation().start / folder).resolve()
    selection = FileSelection(project.root, project.exclude, project.include)
    path = selection.relative(str(target / run_files.BUNDLE))
    if path and selection.counts(path):
        # A `watch` would send it at once, and the platform's API has no delete.
        raise UsageError(
            f"{path} would count as a file of the project.",
            hint="Name a folder elsewhere, or one that begins with a dot.",
        )
    files = [str(file) for file in run_files.write(store, run, target)]
    if invocation().json:
        output.json_document({"run": run.id, "files": files})
    else:
        for file in files:
            output.result(output.shown(file))
    return 0


def _document(run: RecordedRun, launch: str) -> dict[str, object]:
    """A run as JSON; ``status`` and ``ms`` are null where its end is not recorded.

    ``launch`` is the same for all that began together: the id of the first of them.
    """
    described: dict[str, object] = {
        "run": run.id,
        "launch": launch,
        "time": run.started,
        "device": run.device,
        "device_id": run.device_id,
        "entry": run.entry,
        "status": run.status,
        "ms": run.ms,
    }
    if run.error is not None:
        described["error"] = run.error
    return described
