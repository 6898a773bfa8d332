"""`xgodo-dev runs`."""

from __future__ import annotations

import time
from pathlib import Path

import click

from xgodo_dev.cli import local_project, output, run_choice, run_files
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.view.durations import duration_text
from xgodo_dev.cli.view.run_ends import END_NOT_KNOWN, run_end
from xgodo_dev.errors import UsageError
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.store import RunStore


@click.command(cls=Command, short_help="List the recorded runs.")
@click.option(
    "-n", "limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="How many."
)
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write what is recorded of a run to a new folder: its bundle, the map of that, and its events.",
)
@click.option(
    "--run", "run_id", metavar="ID", help="With -o, which: its id, or how that begins; else the newest."
)
def runs(limit: int, folder: Path | None, run_id: str | None) -> int:
    """List what was run from this folder, newest first. `logs --run ID` shows what a run has logged."""
    recorded: list[RecordedRun] = []
    store = RunStore.existing(local_project.project().root)
    if run_id is not None and folder is None:
        raise UsageError("--run says which run to write with -o.", hint="`logs --run ID` shows its lines.")
    if store:
        with store:
            recorded = store.runs(limit)
            if recorded and folder is not None:
                return _write(store, folder, run_id)
    if invocation().json:
        output.json_document({"runs": [_document(run) for run in recorded]})
        return 0
    if not recorded:
        output.note("No run of this project is recorded yet.")
        return 0
    output.table(
        ["RUN", "WHEN", "DEVICE", "ENTRY", "STATUS", "TOOK"],
        [
            [
                run.id[:8],
                time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.started)),
                run.device,
                run.entry,
                run_end(run.status, run.error).words if run.status else END_NOT_KNOWN,
                "" if run.ms is None else duration_text(run.ms),
            ]
            for run in recorded
        ],
    )
    return 0


def _write(store: RunStore, folder: Path, run_id: str | None) -> int:
    run = run_choice.chosen(store.runs(), None, run_id, None)[0]
    files = [str(file) for file in run_files.write(store, run, invocation().start / folder)]
    if invocation().json:
        output.json_document({"run": run.id, "files": files})
    else:
        for file in files:
            output.result(output.shown(file))
    return 0


def _document(run: RecordedRun) -> dict[str, object]:
    """A run as JSON; ``status`` and ``ms`` are null where its end is not recorded."""
    described: dict[str, object] = {
        "run": run.id,
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
