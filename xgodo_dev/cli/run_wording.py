"""How recorded runs are told of."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from xgodo_dev.cli import output
from xgodo_dev.cli.view.cells import without_middle
from xgodo_dev.cli.view.run_ends import counted, run_state
from xgodo_dev.runs.recorded_launch import launches
from xgodo_dev.runs.recorded_run import RecordedRun

NOTHING_RECORDED = "No run of this project is recorded yet. `xgodo-dev run` makes one."
# So many devices are named; of more, it is told how many.
_NAMED = 3
_LONGEST_NAME = 40


def named(runs: Sequence[RecordedRun]) -> str:
    """Runs by how their ids begin."""
    return ("run " if len(runs) == 1 else "runs ") + output.names(run.id[:8] for run in runs)


def of_launch(
    runs: Sequence[RecordedRun], recorded: Sequence[RecordedRun], going_on: Collection[str], *, newest: bool
) -> list[str]:
    """Which runs these of a launch are, and how the others ended that began together with them.

    Args:
        recorded: all that are recorded, among them these, perhaps as they were before.
        going_on: the ids of those that go on.
        newest: whether theirs is the newest launch.
    """
    first = runs[0]
    launch = next(each for each in launches(recorded) if any(run.id == first.id for run in each.runs))
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(first.started))
    kind = "The newest launch" if newest else "The launch"
    names = [without_middle(name, _LONGEST_NAME) for name in {run.device for run in runs}]
    on = output.names(names) if len(names) <= _NAMED else f"{len(names)} devices"
    which = f" (run {first.id[:8]})" if len(runs) == 1 else ""
    told = [f"{kind}: {output.shown(first.entry)} on {on}, {when}{which}"]
    if len(launch.runs) > 1:
        refreshed = {run.id: run for run in runs}
        all_of_it = [refreshed.get(run.id, run) for run in launch.runs]
        states = (run_state(run.status, run.error, goes_on=run.id in going_on) for run in all_of_it)
        told.append(
            f"Of {len(all_of_it)} devices: {counted(states)} (`runs --run {launch.id[:8]}` lists them)"
        )
    return told


def unended(runs: Sequence[RecordedRun], going_on: Collection[str]) -> list[str]:
    """Which of the runs go on, and of which the end is not known."""
    told = []
    open_runs = [run for run in runs if run.id in going_on]
    unknown = [run for run in runs if not run.status and run.id not in going_on]
    if open_runs:
        goes, it = ("goes", "it") if len(open_runs) == 1 else ("go", "them")
        which = named(open_runs).capitalize()
        told.append(f"{which} {goes} on: `logs -f` follows {it}, and `stop` ends {it}.")
    if unknown:
        told.append(f"The end of {named(unknown)} is not known.")
    return told
