"""The newest runs, as they are told to whoever completes a command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs.recorded_runs import PHONE, begun
from xgodo_dev.runs.recent_ids import recent_ids
from xgodo_dev.runs.store import RunStore
from xgodo_dev.runs.store_file import run_store_file


def test_the_newest_runs_come_first_and_no_more_than_are_wanted(tmp_path: Path) -> None:
    with RunStore(tmp_path) as store:
        for run in ("first", "second", "third"):
            store.begin(begun(run))
    assert recent_ids(tmp_path, 2) == [("third", PHONE.name, "main.ts"), ("second", PHONE.name, "main.ts")]


@pytest.mark.parametrize("content", [None, b"", b"no database" * 1000])
def test_where_runs_cannot_be_read_there_are_none_and_none_are_made(
    tmp_path: Path, content: bytes | None
) -> None:
    file = run_store_file(tmp_path)
    if content is not None:
        file.parent.mkdir()
        file.write_bytes(content)
    assert recent_ids(tmp_path, 2) == []
    assert (file.read_bytes() if file.exists() else None) == content
