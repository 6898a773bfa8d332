"""What a project's runs did, kept on this disk, since the platform forgets it: ``.xgodo/runs.db``.

Every run is kept with its own bundle and the source map of that, so that its lines stay right whatever
becomes of the sources. What a run was given, its parameters and variables, is not kept: that may be secret.
What it prints may be, too, so that the file is for its owner alone.

Several processes may record and read at once. A line that two of them learned of is kept once.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from xgodo_dev.project.state_file import NotWritable
from xgodo_dev.runs import store_file
from xgodo_dev.runs.events import Exit, Log, Notice, RunStatus
from xgodo_dev.runs.programs import Direct, Program, Saved
from xgodo_dev.runs.recorded_launch import launches
from xgodo_dev.runs.recorded_run import LONGEST_OPEN, BegunRun, RecordedRun
from xgodo_dev.runs.store_file import RunStoreUnusable, Value, storable, typed, usable
from xgodo_dev.toolchain.source_map import SourceMap

MOST_LAUNCHES = 500
MOST_RUNS = 10_000
"""On many devices, a launch is many runs: it should drive out no more than one of another day."""
LARGEST = 256 * 1024 * 1024
"""Bytes in use above which the oldest is dropped."""
OLDEST = 30 * 24 * 3600.0
"""Seconds after which a run is dropped."""

# Dropping only just enough would mean dropping again with nearly every line.
_KEPT_OF_LARGEST = 0.75
_COLUMNS = (
    "number, id, remote, device_id, device, entry, mark, started, ended, status, ms, error, dropped,"
    " CASE automation WHEN '' THEN id ELSE automation END, secrets, after, cut"
)
_ENDED = (float | None, str | None, float | None, str | None)
_RUN_KINDS = (int, *[str] * 6, float, *_ENDED, int, *[str] * 3, int)
_LOG_KINDS = (str, float, str, str, str | None, int | None, int)


class RunStore:
    """The recorded runs of one project. Use as a context manager; one thread at a time.

    Args:
        writable: false: opened only to read a file that is there and can't be written.
        patience: seconds to wait for another process that is at it, whenever it is used.

    Raises:
        RunStoreUnusable: on opening or later, when the file is damaged or from a newer version.
        NotWritable, ConfigurationError: it can't be opened, read or written now.
    """

    def __init__(self, root: Path, *, writable: bool = True, patience: float = store_file.PATIENCE) -> None:
        self.writable = writable
        self._root = root
        self._file = store_file.run_store_file(root)
        if writable:
            store_file.make(self._file)
        # Taken before opening: should the file be replaced in between, `in_place` errs on the safe side.
        self.identity = store_file.identity(root)
        connect = store_file.connect if writable else store_file.connect_to_read
        self._database = connect(self._file, patience)

    @classmethod
    def existing(cls, root: Path, *, patience: float = store_file.PATIENCE) -> RunStore | None:
        """The recorded runs, only to be read where they can't be written; None: no run was ever recorded."""
        if not store_file.run_store_file(root).exists():
            return None
        try:
            return cls(root, patience=patience)
        except NotWritable:
            return cls(root, writable=False, patience=patience)

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

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What is read inside is all of one moment, whatever others record meanwhile."""
        with usable(self._file):
            self._database.execute("BEGIN")
            try:
                yield
            finally:
                self._database.execute("COMMIT")

    def begin(self, run: BegunRun) -> None:
        """A run is about to be launched."""
        map_hash = self._keep_text("source_map", run.source_map)
        bundle_hash = self._keep_text("bundle", run.code) if run.code else ""
        values = (
            *(run.id, run.remote, run.device_id, run.device, run.entry, run.mark, map_hash, run.started),
            *(run.automation_id, bundle_hash, run.secrets, run.after),
        )
        self._rows(
            "INSERT OR IGNORE INTO run"
            " (id, remote, device_id, device, entry, mark, map, started, automation, bundle, secrets, after)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *map(storable, values),
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
                [*map(storable, (*values, line.timestamp)), line.run],
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
            "UPDATE run SET ended = ?, status = ?, ms = ?, error = ?, cut = ?,"
            " secrets = CASE WHEN ?2 = 'lost' OR ?5 THEN secrets ELSE '' END"
            " WHERE id = ? AND (status IS NULL OR status = 'lost')",
            *map(storable, (end.time, end.status, end.ms, end.error, end.is_cut, end.run)),
        )

    def complete(self, run: RecordedRun) -> None:
        """All that a run has logged is recorded, if it has ended."""
        self._rows("UPDATE run SET cut = 0, secrets = '' WHERE id = ? AND cut AND status <> 'lost'", run.id)

    def note(self, run_id: str, notice: Notice) -> None:
        """Record something that the reader of a run's lines should know."""
        self._rows(
            "INSERT OR IGNORE INTO notice (run, time, message) SELECT number, ?, ? FROM run WHERE id = ?",
            *map(storable, (notice.time, notice.message, run_id)),
        )

    def prune(
        self, *, most_launches: int = MOST_LAUNCHES, most_runs: int = MOST_RUNS, largest: int = LARGEST
    ) -> None:
        """Drop the oldest of what is too much; runs that may go on stay, though not all of their lines."""
        too_old = self._count("SELECT COUNT(*) FROM run WHERE started < ?", time.time() - OLDEST)
        too_many = self._count("SELECT COUNT(*) FROM run") - most_runs
        self._drop_runs(max(too_old, too_many, self._of_older_launches(most_launches)))
        self.keep_small(largest)

    def keep_small(self, largest: int = LARGEST) -> None:
        """Drop the oldest where the file holds more than ``largest`` bytes."""
        if self._size() <= largest:
            return
        while self._size() > largest * _KEPT_OF_LARGEST and self._drop_runs(1):
            pass
        while self._size() > largest * _KEPT_OF_LARGEST and self._drop_lines():
            pass

    def runs(self, limit: int = MOST_RUNS, *, behind: int = -1) -> list[RecordedRun]:
        """The newest runs, newest first; those whose number is above ``behind``."""
        return self._runs("WHERE number > ? ORDER BY number DESC LIMIT ?", behind, limit)

    def open_runs(self, remote: str) -> list[RecordedRun]:
        """The runs on a server that may go on, newest first."""
        return self._runs(
            "WHERE remote = ? AND (status IS NULL OR status = 'lost') AND started > ? ORDER BY number DESC",
            *(storable(remote), time.time() - LONGEST_OPEN),
        )

    def ends(self, run_ids: Collection[str]) -> dict[str, tuple[RunStatus, str | None]]:
        """How those of the runs ended whose end is known."""
        marks = ", ".join("?" * len(run_ids))
        rows = self._rows(
            f"SELECT id, status, error FROM run WHERE status <> 'lost' AND id IN ({marks})",  # noqa: S608
            *run_ids,
        )
        return {run_id: (status, error) for run_id, status, error in rows}

    def source_map(self, run: RecordedRun) -> str:
        """The JSON text of the map of the bundle that ran; empty: the platform had what ran."""
        rows = self._rows(
            "SELECT content FROM source_map WHERE hash = (SELECT map FROM run WHERE number = ?)", run.number
        )
        try:
            return zlib.decompress(rows[0][0]).decode("utf-8")
        except (IndexError, TypeError, zlib.error, UnicodeDecodeError) as error:
            raise RunStoreUnusable(f"{self._file} is damaged: the map of a run is lost.") from error

    def program(self, run: RecordedRun) -> Program:
        """What ran, as far as it takes to read what it prints and to stop it."""
        if run.is_saved:
            return Saved(run.entry, run.automation_id, run.mark)
        return Direct(run.entry, run.mark, SourceMap.from_json(self.source_map(run)))

    def code(self, run: RecordedRun) -> str | None:
        """The bundle that ran; None: it is not recorded."""
        rows = self._rows(
            "SELECT content FROM bundle WHERE hash = (SELECT bundle FROM run WHERE number = ?)", run.number
        )
        try:
            return zlib.decompress(rows[0][0]).decode("utf-8") if rows else None
        except (TypeError, zlib.error, UnicodeDecodeError) as error:
            raise RunStoreUnusable(f"{self._file} is damaged: the bundle of a run is lost.") from error

    def lines(self, run: RecordedRun, since: float = 0.0) -> Iterator[Log]:
        """A run's lines in their order, those from ``since`` on (Unix seconds)."""
        with usable(self._file):
            rows = self._database.execute(
                "SELECT id, time, level, message, file, line, timestamp FROM log"
                " WHERE run = ? AND time >= ? ORDER BY number",
                (run.number, since),
            )
            for row in rows:
                log_id, moment, level, message, file, line, timestamp = typed(self._file, row, _LOG_KINDS)
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

    def notices(self, run: RecordedRun, since: float = 0.0) -> list[Notice]:
        """What the reader of a run's lines should know, from ``since`` on (Unix seconds)."""
        rows = self._rows(
            "SELECT time, message FROM notice WHERE run = ? AND time >= ? ORDER BY number", run.number, since
        )
        typed_rows = [typed(self._file, row, (float, str)) for row in rows]
        return [Notice(time=moment, message=message) for moment, message in typed_rows]

    def begun(self, run: RecordedRun) -> BegunRun:
        """What was recorded at the beginning of a run, for who goes on recording it."""
        return BegunRun(
            id=run.id,
            remote=run.remote,
            device_id=run.device_id,
            device=run.device,
            entry=run.entry,
            mark=run.mark,
            source_map=self.source_map(run),
            started=run.started,
            automation_id=run.automation_id if run.is_saved else "",
            code=self.code(run) or "",
            secrets=run.secrets,
            after=run.after,
        )

    def line_ids(self, run: RecordedRun) -> list[str]:
        """The ids of a run's lines, in their order."""
        rows = self._rows("SELECT id FROM log WHERE run = ? ORDER BY number", run.number)
        return [typed(self._file, row, (str,))[0] for row in rows]

    def last_line(self, run: RecordedRun) -> tuple[str, float] | None:
        """The id of a run's newest line, from which on the platform is asked, and its moment."""
        rows = self._rows("SELECT id, time FROM log WHERE run = ? ORDER BY number DESC LIMIT 1", run.number)
        return typed(self._file, rows[0], (str, float)) if rows else None

    def refreshed(self, run: RecordedRun) -> RecordedRun:
        """The run as it is recorded now."""
        return next(iter(self._runs("WHERE number = ? AND id = ?", run.number, run.id)), run)

    def _require(self, run: str) -> None:
        if not self.knows(run):
            raise store_file.RunUnknown(run)

    def _runs(self, which: str, *values: Value) -> list[RecordedRun]:
        # Every `which` is one of ours.
        rows = self._rows(f"SELECT {_COLUMNS} FROM run {which}", *values)  # noqa: S608
        return [RecordedRun(*typed(self._file, row, _RUN_KINDS)) for row in rows]

    def _of_older_launches(self, most: int) -> int:
        """How many runs are of older launches than so many, looked for with the first of a launch only. Those
        of one bundle are taken for one launch, which is quick: what is kept need not be exact.
        """
        newest = "SELECT mark FROM run ORDER BY number DESC LIMIT 2"
        if self._count(f"SELECT COUNT(DISTINCT mark) < COUNT(*) FROM ({newest})"):  # noqa: S608
            return 0
        return self._count(
            "SELECT COUNT(*) FROM run WHERE mark NOT IN"
            " (SELECT mark FROM run GROUP BY mark ORDER BY MAX(number) DESC LIMIT ?)",
            most,
        )

    def _drop_runs(self, count: int) -> int:
        """Drop so many of the oldest runs, and return how many that were; some have to stay."""
        if count <= 0:
            return 0
        of_newest_bundle = "mark = (SELECT mark FROM run ORDER BY number DESC LIMIT 1)"
        newest = launches(self._runs(f"WHERE {of_newest_bundle} ORDER BY number DESC LIMIT ?", MOST_RUNS))
        rows = self._rows(
            "SELECT number FROM run WHERE number < ? AND (status IS NOT NULL OR started < ?)"
            " ORDER BY number LIMIT ?",
            newest[0].runs[-1].number if newest else 0,
            time.time() - LONGEST_OPEN,
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

    def _keep_text(self, table: str, text: str) -> str:
        """Keep a text once, however many runs have it in common; returns what it is found by."""
        content = text.encode("utf-8", "replace")
        found_by = hashlib.blake2b(content, digest_size=16).hexdigest()
        # The tables are ours.
        if not self._rows(f"SELECT 1 FROM {table} WHERE hash = ?", found_by):  # noqa: S608
            self._rows(f"INSERT OR IGNORE INTO {table} VALUES (?, ?)", found_by, zlib.compress(content, 1))  # noqa: S608
        return found_by

    def _forget(self, number: int) -> None:
        kept = self._rows("SELECT map, bundle FROM run WHERE number = ?", number)
        self._rows("DELETE FROM log WHERE run = ?", number)
        self._rows("DELETE FROM notice WHERE run = ?", number)
        self._rows("DELETE FROM run WHERE number = ?", number)
        for map_hash, bundle_hash in kept:
            self._rows(
                "DELETE FROM source_map WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM run WHERE map = ?1)",
                map_hash,
            )
            self._rows(
                "DELETE FROM bundle WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM run WHERE bundle = ?1)",
                bundle_hash,
            )

    def _size(self) -> int:
        """Bytes in use; what was dropped leaves room in the file for what comes."""
        used = self._count("PRAGMA page_count") - self._count("PRAGMA freelist_count")
        return used * self._count("PRAGMA page_size")

    def _count(self, statement: str, *values: Value) -> int:
        return cast(int, self._rows(statement, *values)[0][0])

    def _rows(self, statement: str, *values: Value) -> list[Any]:
        with usable(self._file):
            return self._database.execute(statement, values).fetchall()
