"""Which files are read again when a project is listed."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from project_api import blob_hash

from xgodo_dev.emulator import stored_files
from xgodo_dev.emulator.stored_files import StoredFiles

LONG_AGO_NS = time.time_ns() - 3_600_000_000_000


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files that are read, in the order in which they are."""
    seen = []
    read_bytes = Path.read_bytes

    def seeing(self: Path) -> bytes:
        seen.append(self.name)
        return read_bytes(self)

    monkeypatch.setattr(stored_files.Path, "read_bytes", seeing)
    return seen


def wait_for_clock(file: Path) -> None:
    """Returns once the file is older than what a clock may fail to tell apart."""
    while time.time_ns() - file.stat().st_ctime_ns < 25_000_000:
        time.sleep(0.001)


def test_a_file_is_read_once_as_long_as_nothing_about_it_changes(tmp_path: Path, reads: list[str]) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"1")
    os.utime(file, ns=(LONG_AGO_NS + 1, LONG_AGO_NS + 1))
    wait_for_clock(file)
    files = StoredFiles(tmp_path)
    assert [found.hash for found in files.scan()] == [blob_hash(b"1")]
    assert files.scan() == files.scan()
    assert reads == ["a.txt"]
    # The same size and time of change of its bytes: only the times that nobody can set tell.
    file.write_bytes(b"2")
    os.utime(file, ns=(LONG_AGO_NS + 1, LONG_AGO_NS + 1))
    assert [found.hash for found in files.scan()] == [blob_hash(b"2")]


def test_a_file_that_changed_a_moment_ago_is_read_each_time(tmp_path: Path, reads: list[str]) -> None:
    (tmp_path / "a.txt").write_bytes(b"1")
    ahead = time.time_ns() + 3_600_000_000_000
    os.utime(tmp_path / "a.txt", ns=(ahead, ahead))
    files = StoredFiles(tmp_path)
    files.scan()
    files.scan()
    assert reads == ["a.txt", "a.txt"]


def test_a_replaced_and_a_removed_file_are_noticed(tmp_path: Path) -> None:
    files = StoredFiles(tmp_path)
    for name in "ab":
        (tmp_path / name).write_bytes(b"1")
        wait_for_clock(tmp_path / name)
    files.scan()
    (tmp_path / "new").write_bytes(b"2")
    (tmp_path / "new").replace(tmp_path / "a")
    (tmp_path / "b").unlink()
    assert [(file.path, file.hash) for file in files.scan()] == [("a", blob_hash(b"2"))]
