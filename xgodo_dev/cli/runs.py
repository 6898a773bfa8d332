"""`xgodo-dev runs`."""

from __future__ import annotations

import time

import click

from xgodo_dev.cli import local_project, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.view.durations import duration_text
from xgodo_dev.cli.view.run_ends import END_NOT_KNOWN, run_end
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.store import RunStore


@click.command(cls=Command, short_help="List the recorded runs.")
@click.option(
    "-n", "limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="How many."
)
def runs(limit: int) -> int:
    """List what was run from this folder, newest first. `logs --run ID` shows what a run has logged."""
    recorded: list[RecordedRun] = []
    store = RunStore.existing(local_project.project().root)
    if store:
        with store:
            recorded = store.runs(limit)
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
