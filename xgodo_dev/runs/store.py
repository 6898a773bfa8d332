"""What a project's runs did, kept on this disk, since the platform forgets it: ``.xgodo/runs.db``.

Every run is kept with the source map of its own bundle, so that its lines stay right whatever becomes
of the sources. What a run was given, its parameters and variables, is not kept: that may be secret. What
it prints may be, too, so that the file is for its owner alone.

Several processes may record and read at once. A line that two of them learned of is kept once.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from xgodo_dev.errors import XgodoError
from xgodo_dev.runs import store_file
from xgodo_dev.runs.events import Exit, Log, RunStatus
from xgodo_dev.runs.store_file import NotWritable, RunStoreUnusable, usable

MOST_RUNS = 500
LARGEST = 64 * 1024 * 1024
"""Bytes in use above which the oldest is dropped."""

# Dropping only just enough would mean dropping again with nearly every line.
_KEPT_OF_LARGEST = 0.75
# Seconds; a run without a recorded end counts as still running if it began less than this ago.
_LONGEST_OPEN = 24 * 3600.0
_COLUMNS = "number, id, remote, device_id, device, entry, mark, started, ended, status, ms, error, dropped"
# The largest integer that SQLite can store.
_MOST_INTEGER = 2**63 - 1

_Value = str | int | float | bytes | None


@dataclass(frozen=True)
class BegunRun:
    """A run that is about to be launched."""

    id: str
    remote: str
    """Names the server, as ``Server.remote`` does."""
    device_id: str
    device: str
    entry: str
    mark: str
    source_map: str
    """The JSON text."""
    started: float
    """Unix seconds."""


@dataclass(frozen=True)
class RecordedRun:
    """A run as it is recorded. Times are Unix seconds."""

    number: int
    id: str
    remote: str
    device_id: str
    device: str
    entry: str
    mark: str
    started: float
    ended: float | None
    status: RunStatus | None
    """None: its end is not recorded."""
    ms: float | None
    error: str | None
    dropped: int
    """Lines that there was no room for any more."""

    @property
    def end_is_known(self) -> bool:
        """Whether nothing more is to be learned of it."""
        return self.status is not None and self.status != "lost"

    @property
    def may_be_open(self) -> bool:
        """Whether it makes sense to ask the platform about it."""
        return not self.end_is_known and self.started > time.time() - _LONGEST_OPEN


class RunUnknown(XgodoError):
    """A line or an end belongs to a run that is not in the store."""

    code = "run-unknown"

    def __init__(self, run: str) -> None:
        super().__init__(f"Run {run[:8]} is not among the recorded ones any more.")
        self.run = run


class RunStore:
    """The recorded runs of one project. Use as a context manager; one thread at a time.

    Args:
        writable: false: opened only to read a file that is there and can't be written.

    Raises:
        RunStoreUnusable: on opening or later, when the file is damaged or from a newer version.
        NotWritable, ConfigurationError: it can't be opened, read or written now.
    """

    def __init__(self, root: Path, *, writable: bool = True) -> None:
        self.writable = writable
        self._root = root
        self._file = store_file.run_store_file(root)
        if writable:
            store_file.make(self._file)
        # Taken before opening: should the file be replaced in between, `in_place` errs on the safe side.
        self.identity = store_file.identity(root)
        connect = store_file.connect if writable else store_file.connect_to_read
        self._database = connect(self._file)

    @classmethod
    def existing(cls, root: Path) -> RunStore | None:
        """The recorded runs, only to be read where they can't be written; None: no run was ever recorded."""
        if not store_file.run_store_file(root).exists():
            return None
        try:
            return cls(root)
        except NotWritable:
            return cls(root, writable=False)

    def __enter__(self) -> RunStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        # Everything is committed already; at worst the journal is not merged into the file.
        with suppress(sqlite3.Error):
            self._database.close()

    def in_place(self) -> bool:
        """Whether others still find the opened file: it may have been renamed or deleted."""
        return store_file.identity(self._root) == self.identity

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is recorded inside is written at once: quicker than each for itself."""
        with usable(self._file), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            yield

    def begin(self, run: BegunRun) -> None:
        """A run is about to be launched."""
        text = run.source_map.encode("utf-8", "replace")
        map_hash = hashlib.blake2b(text, digest_size=16).hexdigest()
        # The runs of one bundle on many devices share it.
        if not self._rows("SELECT 1 FROM source_map WHERE hash = ?", map_hash):
            self._rows("INSERT OR IGNORE INTO source_map VALUES (?, ?)", map_hash, zlib.compress(text, 1))
        self._rows(
            "INSERT OR IGNORE INTO run (id, remote, device_id, device, entry, mark, map, started)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            *map(_storable, (run.id, run.remote, run.device_id, run.device, run.entry, run.mark, map_hash)),
            run.started,
        )

    def knows(self, run_id: str) -> bool:
        """Whether that run is recorded."""
        return bool(self._rows("SELECT 1 FROM run WHERE id = ?", run_id))

    def withdraw(self, run_id: str) -> None:
        """That run was refused: there is none."""
        for (number,) in self._rows("SELECT number FROM run WHERE id = ?", run_id):
            self._forget(number)

    def add(self, line: Log) -> bool:
        """Record a line of a run; whether it was not recorded before.

        Raises:
            RunUnknown: no such run is recorded.
        """
        source = line.source or {}
        values = (line.id, line.time, line.level, line.message, source.get("file"), source.get("line"))
        with usable(self._file):
            added = self._database.execute(
                "INSERT OR IGNORE INTO log (run, id, time, level, message, file, line, timestamp)"
                " SELECT number, ?, ?, ?, ?, ?, ?, ? FROM run WHERE id = ?",
                [*map(_storable, (*values, line.timestamp)), line.run],
            )
        if not added.rowcount:
            self._require(line.run)
        return added.rowcount > 0

    def end(self, end: Exit) -> None:
        """A run ended. The first word on it counts; but where it was lost sight of, a later one may know.

        Raises:
            RunUnknown: no such run is recorded.
        """
        self._require(end.run)
        self._rows(
            "UPDATE run SET ended = ?, status = ?, ms = ?, error = ?"
            " WHERE id = ? AND (status IS NULL OR status = 'lost')",
            *map(_storable, (end.time, end.status, end.ms, end.error, end.run)),
        )

    def prune(self, *, most_runs: int = MOST_RUNS, largest: int = LARGEST) -> None:
        """Drop the oldest of what is too much; runs that may go on stay, though not all of their lines."""
        self._drop_runs(max(0, self._count("SELECT COUNT(*) FROM run") - most_runs))
        self.keep_small(largest)

    def keep_small(self, largest: int = LARGEST) -> None:
        """Drop the oldest where the file holds more than ``largest`` bytes."""
        if self._size() <= largest:
            return
        while self._size() > largest * _KEPT_OF_LARGEST and self._drop_runs(1):
            pass
        while self._size() > largest * _KEPT_OF_LARGEST and self._drop_lines():
            pass

    def runs(self, limit: int = MOST_RUNS) -> list[RecordedRun]:
        """The newest runs, newest first."""
        return self._runs("ORDER BY number DESC LIMIT ?", limit)

    def source_map(self, run: RecordedRun) -> str:
        """The JSON text of the map of the bundle that ran."""
        rows = self._rows(
            "SELECT content FROM source_map WHERE hash = (SELECT map FROM run WHERE number = ?)", run.number
        )
        try:
            return zlib.decompress(rows[0][0]).decode("utf-8")
        except (IndexError, zlib.error, UnicodeDecodeError) as error:
            raise RunStoreUnusable(f"{self._file} is damaged: the map of a run is lost.") from error

    def lines(self, run: RecordedRun, since: float = 0.0) -> Iterator[Log]:
        """A run's lines in their order, those from ``since`` on (Unix seconds)."""
        with usable(self._file):
            rows = self._database.execute(
                "SELECT id, time, level, message, file, line, timestamp FROM log"
                " WHERE run = ? AND time >= ? ORDER BY number",
                (run.number, since),
            )
            for log_id, moment, level, message, file, line, timestamp in rows:
                yield Log(
                    time=moment,
                    run=run.id,
                    device=run.device,
                    id=log_id,
                    level=level,
                    message=message,
                    source=None if file is None else {"file": file, "line": line},
                    timestamp=timestamp,
                )

    def last_line(self, run: RecordedRun) -> tuple[str, float] | None:
        """The id of a run's newest line, from which on the platform is asked, and its moment."""
        rows = self._rows("SELECT id, time FROM log WHERE run = ? ORDER BY number DESC LIMIT 1", run.number)
        return rows[0] if rows else None

    def refreshed(self, run: RecordedRun) -> RecordedRun:
        """The run as it is recorded now."""
        return next(iter(self._runs("WHERE number = ? AND id = ?", run.number, run.id)), run)

    def _require(self, run: str) -> None:
        if not self.knows(run):
            raise RunUnknown(run)

    def _runs(self, which: str, *values: _Value) -> list[RecordedRun]:
        # Every `which` is one of ours.
        rows = self._rows(f"SELECT {_COLUMNS} FROM run {which}", *values)  # noqa: S608
        return [RecordedRun(*row) for row in rows]

    def _drop_runs(self, count: int) -> int:
        """Drop so many of the oldest runs, and return how many that were; some have to stay."""
        rows = self._rows(
            "SELECT number FROM run WHERE mark <> (SELECT mark FROM run ORDER BY number DESC LIMIT 1)"
            " AND (status IS NOT NULL OR started < ?) ORDER BY number LIMIT ?",
            time.time() - _LONGEST_OPEN,
            count,
        )
        for (number,) in rows:
            self._forget(number)
        return len(rows)

    def _drop_lines(self) -> bool:
        """Drop the older half of all lines; whether there was any to drop."""
        ((oldest, newest),) = self._rows("SELECT MIN(number), MAX(number) FROM log")
        if oldest is None:
            return False
        middle = (oldest + newest) // 2
        dropped = self._rows("SELECT COUNT(*), run FROM log WHERE number <= ? GROUP BY run", middle)
        for count, run in dropped:
            self._rows("UPDATE run SET dropped = dropped + ? WHERE number = ?", count, run)
        self._rows("DELETE FROM log WHERE number <= ?", middle)
        return True

    def _forget(self, number: int) -> None:
        maps = self._rows("SELECT map FROM run WHERE number = ?", number)
        self._rows("DELETE FROM log WHERE run = ?", number)
        self._rows("DELETE FROM run WHERE number = ?", number)
        for (map_hash,) in maps:
            self._rows(
                "DELETE FROM source_map WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM run WHERE map = ?1)",
                map_hash,
            )

    def _size(self) -> int:
        """Bytes in use; what was dropped leaves room in the file for what comes."""
        used = self._count("PRAGMA page_count") - self._count("PRAGMA freelist_count")
        return used * self._count("PRAGMA page_size")

    def _count(self, statement: str) -> int:
        return cast(int, self._rows(statement)[0][0])

    def _rows(self, statement: str, *values: _Value) -> list[Any]:
        with usable(self._file):
            return self._database.execute(statement, values).fetchall()


def _storable(value: Any) -> _Value:
    """A value from the wire as SQLite takes it, which refuses half characters and enormous numbers."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, int) and abs(value) > _MOST_INTEGER:
        return 0
    return cast(_Value, value)
