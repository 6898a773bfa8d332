"""Which recorded runs are one launch."""

from __future__ import annotations

from pathlib import Path

from tests.runs.recorded_runs import begun
from xgodo_dev.runs.recorded_launch import launches
from xgodo_dev.runs.store import RunStore


def test_runs_of_one_bundle_and_moment_are_one_launch_unless_a_device_comes_again(tmp_path: Path) -> None:
    with RunStore(tmp_path) as store:
        for run, mark, device, started in (
            ("first-1", "a", "1", 0.0),
            ("other-1", "b", "1", 1.0),
            ("first-2", "a", "2", 2.0),
            ("again-2", "a", "2", 3.0),
            ("again-1", "a", "1", 4.0),
            ("elsewhere", "a", "3", 500.0),
        ):
            store.begin(begun(run, mark=mark, device_id=device, started=started))
        found = launches(store.runs())
    assert [[run.id for run in launch.runs] for launch in found] == [
        ["elsewhere"],
        ["again-1", "again-2"],
        ["first-2", "first-1"],
        ["other-1"],
    ]
    assert [(launch.id, launch.started) for launch in found[1:3]] == [("again-2", 3.0), ("first-1", 0.0)]
