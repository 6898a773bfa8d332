from __future__ import annotations

import errno
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from xgodo_dev.errors import UsageError
from xgodo_dev.project.disk import Disk
from xgodo_dev.project.files import FileSelection
from xgodo_dev.project.local_copy import ChangedMeanwhile, FileUnwritable, LocalCopy, Obstructed
from xgodo_dev.project.state import State
from xgodo_dev.sync.backup import Backup, Backups, encoded

# 2026-11-21 12:00:00 UTC
NOON = 1_795_262_400


def backups(root: Path, disk: Disk | None = None, start: int = NOON) -> Backups:
    """Backups by a clock that moves on by a nanosecond a look."""
    clock = itertools.count(start * 10**9)
    return Backups(root, disk=disk, clock_ns=lambda: next(clock))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def copy(root: Path) -> LocalCopy:
    with State(root, "remote") as state:
        return LocalCopy(root, FileSelection(root), state)


@pytest.mark.parametrize("content", [b"", b"a\r\nb\rc\n", "\ufeffmark".encode(), "ü😀".encode(), b"\0\xff"])
def test_a_copy_has_the_exact_bytes_under_its_own_path(root: Path, content: bytes) -> None:
    kept = backups(root).keep("src/deep/main.ts", content, "local")
    assert kept.read_bytes() == content
    assert kept.relative_to(root / ".xgodo" / "backup").parts[1:] == ("src", "deep", "main.ts")


def test_half_a_character_is_kept_too(root: Path) -> None:
    kept = backups(root).keep("main.ts", encoded("cut \ud83d"), "remote")
    assert kept.read_bytes().decode("utf-8", "surrogatepass") == "cut \ud83d"


def test_a_backup_says_when_where_and_what(root: Path) -> None:
    made = backups(root)
    made.keep("b.ts", b"1", "local")
    made.keep("src/a.ts", b"1", "local")
    made.keep("b.ts", b"1", "remote")
    local, remote = sorted(made.all(), key=lambda each: each.side)
    assert (local.side, local.paths) == ("local", ("b.ts", "src/a.ts"))
    assert (remote.side, remote.paths) == ("remote", ("b.ts",))
    assert local.time == pytest.approx(NOON)
    assert local.id == "20261121T120000-000000000-local"


def test_no_copy_replaces_an_earlier_one(root: Path) -> None:
    made = backups(root)
    copies = [made.keep("main.ts", str(number).encode(), "local") for number in range(50)]
    assert [kept.read_text() for kept in copies] == [str(number) for number in range(50)]
    # Newest first.
    assert [each.id for each in made.all()] == [kept.parent.name for kept in reversed(copies)]


def test_two_commands_at_the_same_moment_do_not_mix(root: Path) -> None:
    one, other = backups(root), backups(root)
    copies = {each.keep("main.ts", b"1", "local") for each in (one, other)}
    assert len(copies) == len(one.all()) == 2


def test_a_folder_may_have_the_name_of_an_earlier_file(root: Path) -> None:
    made = backups(root)
    made.keep("a.ts", b"file", "remote")
    made.keep("a.ts/b.ts", b"below", "remote")
    made.keep("a.ts", b"file again", "remote")
    assert [each.paths for each in made.all()] == [("a.ts",), ("a.ts/b.ts",), ("a.ts",)]


def test_a_project_that_was_never_changed_has_no_backup(root: Path) -> None:
    assert backups(root).all() == []
    assert not (root / ".xgodo").exists()


def test_a_backup_is_found_by_its_id_or_a_beginning_of_it(root: Path) -> None:
    first, second = backups(root, start=NOON), backups(root, start=NOON + 3600)
    first.keep("a.ts", b"1", "local")
    second.keep("a.ts", b"1", "local")
    newest, oldest = first.all()
    assert first.find(newest.id) == newest
    assert first.find("20261121T12") == oldest
    assert first.find("20261121T13") == newest
    for unclear, complaint in (("20261121", "Several"), ("2025", "no backup"), ("", "no backup")):
        with pytest.raises(UsageError, match=complaint):
            first.find(unclear)


def test_an_id_that_another_one_begins_with_is_still_found(root: Path) -> None:
    made = backups(root)
    folder = made.keep("a.ts", b"1", "local").parent
    folder.rename(folder.with_name(folder.name + "-copied"))
    made.keep("a.ts", b"2", "remote")
    # A folder that somebody renamed is none of ours any more.
    assert [each.side for each in made.all()] == ["remote"]


@pytest.mark.parametrize(
    "name", ["notes", "20261121T120000-local", "99999999T999999-000000000-local", ".part-x"]
)
def test_what_else_lies_in_the_folder_is_no_backup(root: Path, name: str) -> None:
    made = backups(root)
    made.keep("a.ts", b"1", "local")
    (root / ".xgodo" / "backup" / name).mkdir()
    (root / ".xgodo" / "backup" / name / "a.ts").write_text("1")
    (root / ".xgodo" / "backup" / "20261121T130000-000000000-local").write_text("a file")
    assert len(made.all()) == 1


class Killed(BaseException):
    """The process dies: nothing that is to be done afterwards is done."""


class DyingDisk(Disk):
    """Dies at the step of that number, before or after it is done."""

    def __init__(self, die_at: int, *, after: bool) -> None:
        self.die_at, self.after, self.steps = die_at, after, 0

    def _step(self, act: Callable[[], None]) -> None:
        self.steps += 1
        if self.steps > self.die_at:
            raise Killed
        if self.steps == self.die_at and not self.after:
            raise Killed
        act()
        if self.steps == self.die_at:
            raise Killed

    def write_new(self, path: Path, content: bytes, mode: int | None) -> None:
        def half() -> None:
            super(DyingDisk, self).write_new(path, content[: len(content) // 2], mode)

        if self.steps + 1 == self.die_at:
            self._step(half)
        self._step(lambda: super(DyingDisk, self).write_new(path, content, mode))

    def rename(self, source: Path, target: Path) -> None:
        self._step(lambda: super(DyingDisk, self).rename(source, target))

    def make_folder(self, path: Path) -> None:
        self._step(lambda: super(DyingDisk, self).make_folder(path))

    def sync_folder(self, path: Path) -> None:
        self._step(lambda: super(DyingDisk, self).sync_folder(path))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("die_at", range(1, 9))
def test_a_process_killed_amid_a_backup_leaves_nothing_that_is_listed_wrongly(
    root: Path, die_at: int, after: bool
) -> None:
    backups(root).keep("earlier.ts", b"earlier", "local")
    dying = backups(root, DyingDisk(die_at, after=after), start=NOON + 1)
    with pytest.raises(Killed):
        for name in ("src/a.ts", "src/b.ts"):
            dying.keep(name, b"the whole content", "local")
        raise Killed
    for backup in backups(root).all():
        for path in backup.paths:
            kept = (root / ".xgodo" / "backup" / backup.id / path).read_bytes()
            assert kept == (b"earlier" if path == "earlier.ts" else b"the whole content")
    assert [each.paths for each in backups(root).all()][-1] == ("earlier.ts",)


class FullDisk(Disk):
    """Takes no more content."""

    def write_new(self, path: Path, content: bytes, mode: int | None) -> None:
        super().write_new(path, content[:1], mode)
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_said_and_leaves_nothing_behind(root: Path) -> None:
    with pytest.raises(FileUnwritable, match=r"main\.ts.*No space left") as raised:
        backups(root, FullDisk()).keep("main.ts", b"content", "local")
    assert raised.value.hint is not None
    assert backups(root).all() == []
    assert [each for each in (root / ".xgodo").rglob("*") if each.is_file()] == []


def restorable(root: Path, **contents: bytes) -> tuple[Backups, Backup]:
    made = backups(root)
    for name, content in contents.items():
        made.keep(f"{name}.ts", content, "local")
    (backup,) = made.all()
    return backups(root, start=NOON + 60), backup


def test_restoring_brings_the_files_back_and_keeps_what_it_replaces(root: Path, copy: LocalCopy) -> None:
    made, backup = restorable(root, a=b"old a", b=b"old b", c=b"same", d=b"old d")
    (root / "a.ts").write_text("new a")
    (root / "c.ts").write_text("same")
    (root / "d.ts").write_text("new d")
    assert [made.restore(backup, path, copy) for path in ("a.ts", "b.ts", "c.ts")] == [True, True, False]
    assert {path.name: path.read_text() for path in root.glob("*.ts")} == {
        "a.ts": "old a",
        "b.ts": "old b",
        "c.ts": "same",
        "d.ts": "new d",
    }
    newest, _ = made.all()
    assert (newest.side, newest.paths) == ("local", ("a.ts",))
    # And so it can be undone.
    assert made.restore(newest, "a.ts", copy)
    assert (root / "a.ts").read_text() == "new a"


def test_a_save_amid_a_restore_is_not_replaced(root: Path, copy: LocalCopy) -> None:
    _, backup = restorable(root, a=b"old")
    (root / "a.ts").write_text("new")

    class SavingDisk(Disk):
        def rename(self, source: Path, target: Path) -> None:
            super().rename(source, target)
            (root / "a.ts").write_text("newest")

    with pytest.raises(ChangedMeanwhile):
        backups(root, SavingDisk(), start=NOON + 60).restore(backup, "a.ts", copy)
    assert (root / "a.ts").read_text() == "newest"


def test_what_is_in_the_way_of_a_restore_is_said(root: Path, copy: LocalCopy) -> None:
    made, backup = restorable(root, a=b"old")
    (root / "a.ts").mkdir()
    with pytest.raises(Obstructed):
        made.restore(backup, "a.ts", copy)
