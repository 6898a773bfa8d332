"""Which runs the options of `logs` mean."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.runs.recorded_runs import begun, ended
from xgodo_dev.cli.run_choice import chosen
from xgodo_dev.errors import UsageError
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.store import RunStore

NOW = time.time()
OTTER = {"device_id": "d-1", "device": "Silent Otter"}
MAMMAL = {"device_id": "d-2", "device": "Atomic Mammal"}


@pytest.fixture
def recorded(tmp_path: Path) -> Sequence[RecordedRun]:
    """Two launches on two devices, the second one repeated on one of them; and one of long ago."""
    with RunStore(tmp_path) as store:
        store.begin(begun("aa11", mark="long ago", started=NOW - 90_000, **OTTER))
        store.begin(begun("ab22", mark="first", started=NOW - 500, **OTTER))
        store.begin(begun("cd33", mark="first", started=NOW - 500, **{**MAMMAL, "device": "Old Name"}))
        store.begin(begun("de44", mark="second", started=NOW - 50, **MAMMAL))
        store.begin(begun("ef55", mark="second", started=NOW - 50, **OTTER))
        store.begin(begun("fa66", mark="second", started=NOW - 5, **OTTER))
        for run in ("cd33", "de44", "ef55"):
            store.end(ended(run))
        return store.runs()


def ids(runs: Sequence[RecordedRun]) -> list[str]:
    return [run.id for run in runs]


def test_the_newest_launch_is_meant_which_is_one_of_its_own_where_a_bundle_is_started_again(
    recorded: Sequence[RecordedRun],
) -> None:
    assert ids(chosen(recorded, (), None, None)) == ["fa66"]
    assert ids(chosen(recorded[1:], (), None, None)) == ["ef55", "de44"]
    # The newest launch among those on a device need not be the newest one.
    assert ids(chosen(recorded, ["atomic"], None, None)) == ["de44"]


def test_a_device_is_meant_by_its_newest_name(recorded: Sequence[RecordedRun]) -> None:
    assert ids(chosen(recorded, ["d-1"], None, None)) == ["fa66"]
    assert ids(chosen(recorded, ["d-1", "atomic"], None, None)) == ["fa66"]
    with pytest.raises(UsageError, match="Old Name"):
        chosen(recorded, ["Old Name"], None, None)


def test_since_means_what_ended_later_and_what_may_go_on(recorded: Sequence[RecordedRun]) -> None:
    # The ends are those of just now; what began a day ago without an end is not waited for any more.
    assert ids(chosen(recorded, (), None, NOW - 60)) == ["fa66", "ef55", "de44", "cd33", "ab22"]
    after_the_ends = max(run.ended for run in recorded if run.ended is not None) + 1
    assert ids(chosen(recorded, (), None, after_the_ends)) == ["fa66", "ab22"]
    assert ids(chosen(recorded, ["Atomic Mammal"], None, NOW - 60)) == ["de44", "cd33"]


def test_a_run_is_meant_by_how_its_id_begins_and_nothing_else(recorded: Sequence[RecordedRun]) -> None:
    assert ids(chosen(recorded, (), "AB", None)) == ["ab22"]
    with pytest.raises(UsageError, match="begins several runs: ab22, aa11"):
        chosen(recorded, (), "a", None)
    for unknown in ("", "x"):
        with pytest.raises(UsageError, match="No recorded run"):
            chosen(recorded, (), unknown, None)
    with pytest.raises(UsageError, match="ab22 was on Silent Otter, and no other"):
        chosen(recorded, ["Atomic Mammal"], "ab", None)


def test_of_nothing_nothing_is_meant() -> None:
    assert chosen([], (), None, None) == []


def test_an_id_as_it_is_listed_for_a_launch_means_all_of_its_runs_and_a_whole_one_that_run(
    recorded: Sequence[RecordedRun],
) -> None:
    assert ids(chosen(recorded, (), "de4", None, launch_as_listed=True)) == ["ef55", "de44"]
    assert ids(chosen(recorded, ["atomic"], "de4", None, launch_as_listed=True)) == ["de44"]
    assert ids(chosen(recorded, (), "de44", None, launch_as_listed=True)) == ["de44"]
    # Listed is the first of them.
    assert ids(chosen(recorded, (), "ef5", None, launch_as_listed=True)) == ["ef55"]
