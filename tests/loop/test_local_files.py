"""What the loop takes for a change of its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from xgodo_dev.errors import XgodoError
from xgodo_dev.loop.changes import Changes
from xgodo_dev.loop.local_files import LocalFiles
from xgodo_dev.project.files import FileSelection
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State

RESCAN = Changes(frozenset(), rescan=True)


class Folder:
    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.write("main.ts", "first")
        self.problems: list[XgodoError] = []
        state = State(root, "test")
        self.copy = LocalCopy(root, FileSelection(root), state)
        self.files = LocalFiles(self.copy, (), ())
        self.files.scan()

    def write(self, path: str, text: str) -> None:
        (self.root / path).write_text(text, encoding="utf-8")

    def changed(self, *paths: str, batch: Changes | None = None) -> tuple[list[str], list[str]]:
        named = Changes(frozenset(str(self.root / path) for path in paths))
        return self.files.changed(batch or named, self.problems.append)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "project")


def test_a_change_is_told_once(folder: Folder) -> None:
    folder.write("main.ts", "second")
    assert folder.changed("main.ts") == (["main.ts"], [])
    assert folder.changed("main.ts") == ([], [])


def test_a_new_file_is_told_when_it_has_settled(folder: Folder) -> None:
    folder.write("new.ts", "x")
    assert folder.changed("new.ts") == ([], ["new.ts"])
    assert folder.changed("new.ts") == ([], [])
    assert folder.files.settled("new.ts")
    assert "new.ts" in folder.files.paths


def test_a_file_that_came_and_went_is_told_never(folder: Folder) -> None:
    folder.write("passing.ts", "x")
    assert folder.changed("passing.ts") == ([], ["passing.ts"])
    (folder.root / "passing.ts").unlink()
    assert not folder.files.settled("passing.ts")


def test_a_removed_file_is_told_when_it_stays_away(folder: Folder) -> None:
    (folder.root / "main.ts").unlink()
    assert folder.changed("main.ts") == ([], ["main.ts"])
    assert folder.files.settled("main.ts")
    assert folder.files.paths == []


def test_a_file_removed_and_written_anew_as_it_was_is_no_change(folder: Folder) -> None:
    (folder.root / "main.ts").unlink()
    assert folder.changed("main.ts") == ([], ["main.ts"])
    folder.write("main.ts", "first")
    assert not folder.files.settled("main.ts")


def test_content_that_a_push_read_differently_is_a_change_whatever_comes_next(folder: Folder) -> None:
    folder.files.note_pushed("main.ts", "another hash")
    assert folder.changed("main.ts") == (["main.ts"], [])


def test_what_a_batch_names_is_seen_even_where_the_folder_can_not_be_listed(folder: Folder) -> None:
    away = folder.root.with_name("away")
    folder.root.rename(away)
    assert folder.changed(batch=Changes(frozenset({str(folder.root / "main.ts")}), rescan=True)) == (
        [],
        ["main.ts"],
    )
    assert len(folder.problems) == 1
    away.rename(folder.root)
    assert not folder.files.settled("main.ts")
    folder.write("other.ts", "made meanwhile")
    # The rescan that failed is made up for with the next batch, whatever that names.
    assert folder.changed("main.ts") == (["other.ts"], [])
    assert len(folder.problems) == 1


def test_a_rescan_finds_what_no_event_told(folder: Folder) -> None:
    folder.write("main.ts", "second")
    folder.write("other.ts", "x")
    assert folder.changed(batch=RESCAN) == (["main.ts", "other.ts"], [])
