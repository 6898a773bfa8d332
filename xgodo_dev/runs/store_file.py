"""The file of recorded runs: its tables, how it is opened, and what makes it unusable."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, cast

from xgodo_dev.errors import ConfigurationError, XgodoError
from xgodo_dev.project.config import STATE_DIRECTORY
from xgodo_dev.project.state_file import NOT_WRITABLE, NotWritable

# Each step brings a file to the version of its number; a new file takes them all.
_STEPS = (
    """
CREATE TABLE source_map (hash TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE run (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, remote TEXT NOT NULL, device_id TEXT NOT NULL,
    device TEXT NOT NULL, entry TEXT NOT NULL, mark TEXT NOT NULL, map TEXT NOT NULL, started REAL NOT NULL,
    ended REAL, status TEXT, ms REAL, error TEXT, dropped INT NOT NULL DEFAULT 0
);
CREATE INDEX run_map ON run (map);
CREATE TABLE log (
    number INTEGER PRIMARY KEY, run INT NOT NULL, id TEXT NOT NULL, time REAL NOT NULL, level TEXT NOT NULL,
    message TEXT NOT NULL, file TEXT, line INT, timestamp INT NOT NULL, UNIQUE (run, id)
);
CREATE INDEX log_run ON log (run);
""",
    """
ALTER TABLE run ADD COLUMN automation TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN bundle TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN secrets TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN after TEXT NOT NULL DEFAULT '';
CREATE INDEX run_bundle ON run (bundle);
CREATE TABLE bundle (hash TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE notice (
    number INTEGER PRIMARY KEY, run INT NOT NULL, time REAL NOT NULL, message TEXT NOT NULL,
    UNIQUE (run, time, message)
);
""",
    """
ALTER TABLE run ADD COLUMN cut INT NOT NULL DEFAULT 0;
""",
)
PATIENCE = 10.0
"""Seconds to wait for another process that is writing."""
_JOURNAL_KEPT = 4 * 1024 * 1024
_PRIVATE = 0o600
# Of seconds and milliseconds: a calendar still has days for it.
_LARGEST_NUMBER = 1e15
_MOST_TOLD = 200
# The largest integer that SQLite can store.
_MOST_INTEGER = 2**63 - 1
_Row = TypeVar("_Row", bound=Sequence[Any])
Value = str | int | float | bytes | None


class RunStoreUnusable(ConfigurationError):
    """The recorded runs are damaged: what they were can't be known."""

    code = "runs-unusable"
    default_hint = "Move it away: a new one begins. `run` and `watch --run` do so where they find it damaged."


class NewerRunStore(RunStoreUnusable):
    """The recorded runs are a newer version's, which stay as they are."""

    default_hint = "Update xgodo-dev."


class RunUnknown(XgodoError):
    """A line or an end belongs to a run that is not in the store."""

    code = "run-unknown"

    def __init__(self, run: str) -> None:
        super().__init__(f"Run {run[:8]} is not among the recorded ones any more.")
        self.run = run


def run_store_file(root: Path) -> Path:
    """Where a project keeps its recorded runs."""
    return root / STATE_DIRECTORY / "runs.db"


def make(file: Path) -> None:
    """Make the file where there is none, and see to it that only its owner reads what programs print.

    Raises:
        NotWritable, ConfigurationError: it can't be made.
    """
    try:
        file.parent.mkdir(exist_ok=True)
    except OSError as error:
        raise NotWritable(f"{file.parent} can't be made: {error.strerror}.") from error
    try:
        # An existing file must not be opened here: closing it would release the locks that SQLite holds on it
        # in this process.
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE))
        return
    except FileExistsError:
        # To open a pipe, somebody would have to write to it first.
        if not file.is_file() and os.path.lexists(file):
            raise ConfigurationError(
                f"{file} is {'a folder' if file.is_dir() else 'no file'}.",
                hint="Move it away: the recorded runs are kept in a file of that name.",
            ) from None
    except OSError as error:
        raise NotWritable(f"{file} can't be made: {error.strerror}.") from error
    # SQLite gives the files that it makes beside it the same permissions.
    with suppress(OSError):
        if file.stat().st_mode & 0o077:
            for suffix in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    file.with_name(file.name + suffix).chmod(_PRIVATE)


def connect(file: Path, patience: float) -> sqlite3.Connection:
    """Open the file that `make` made. The connection may go to another thread.

    Raises:
        NewerRunStore, RunStoreUnusable: it is a newer version's; it is damaged.
        NotWritable: it can't be written; perhaps it can be read.
        ConfigurationError: it can't be opened now.
    """
    with usable(file):
        database = sqlite3.connect(file, timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        with usable(file):
            # Before anything that writes: what a newer version made stays as it is.
            _refuse_newer(file, database)
            # Where two processes do this to a new file at once, SQLite lets one fail instead of wait.
            _persistently(database, "PRAGMA journal_mode = WAL", patience)
            database.execute(f"PRAGMA journal_size_limit = {_JOURNAL_KEPT}")
            # A killed process loses nothing of it; a power failure may lose the newest lines.
            database.execute("PRAGMA synchronous = NORMAL")
            if _version(database) < len(_STEPS):
                _migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def connect_to_read(file: Path, patience: float) -> sqlite3.Connection:
    """Open a file that is there and can't be written, only to read it.

    Raises:
        NewerRunStore, RunStoreUnusable: it is a newer version's; it is damaged.
        NotWritable: it can't even be read without writing to it.
    """
    try:
        return _connect_to_read(file, "mode=ro", patience)
    except NotWritable:
        journal = file.with_name(file.name + "-wal")
        if journal.exists() and journal.stat().st_size:
            # What a killed process has left there is found without a file to share it, in memory.
            return _connect_to_read(file, "mode=rw", patience, alone=True)
        # SQLite can't make the files beside it that it needs for sharing. Nobody else can write here either,
        # so it may be read as a file that does not change.
        return _connect_to_read(file, "immutable=1", patience)


def _connect_to_read(file: Path, how: str, patience: float, *, alone: bool = False) -> sqlite3.Connection:
    with usable(file):
        address = f"{file.absolute().as_uri()}?{how}"
        database = sqlite3.connect(address, timeout=patience, isolation_level=None, uri=True)
    try:
        with usable(file):
            if alone:
                database.execute("PRAGMA locking_mode = EXCLUSIVE")
            _refuse_newer(file, database)
            if _version(database) < len(_STEPS):
                raise NotWritable(f"{file} has to be brought up to date first.")
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def usable(file: Path) -> Iterator[None]:
    """Turn what SQLite says into our errors: damaged, not to be written, or not to be used now."""
    try:
        yield
    except sqlite3.OperationalError as error:
        # Python itself, which finds that a text is none, gives no code.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        if code == sqlite3.SQLITE_ERROR:
            # A table or column is missing, or is there and should not.
            raise _damaged(file, str(error)) from error
        # The low byte is the kind of error; the others say more about it.
        if code & 0xFF in NOT_WRITABLE:
            raise NotWritable(f"{file} can't be written: {error}.") from error
        raise ConfigurationError(f"{file} can't be used now: {error}.") from error
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        # What SQLite says may quote what it has read, which then is no text.
        raise _damaged(file, str(error)) from error


def typed(file: Path, row: _Row, kinds: Sequence[type | UnionType]) -> _Row:
    """A row as it was read, whose values SQLite itself holds to no types.

    Raises:
        RunStoreUnusable: one of them is none of these types, or no moment or number that can be.
    """
    for value, kind in zip(row, kinds, strict=True):
        if not isinstance(value, kind) or (isinstance(value, float) and not abs(value) < _LARGEST_NUMBER):
            raise _damaged(file, "a value in it is none that was recorded")
    return row


def storable(value: Any) -> Value:
    """A value from the wire as SQLite takes it, which refuses half characters and enormous numbers."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, int) and abs(value) > _MOST_INTEGER:
        return 0
    return cast(Value, value)


def _damaged(file: Path, why: str) -> RunStoreUnusable:
    # What is read of a damaged file may be anything, and long.
    told = " ".join(why.split())[:_MOST_TOLD]
    return RunStoreUnusable(f"{file} is damaged: {told}.")


def identity(root: Path) -> tuple[int, int] | None:
    """Tells the file that is there now from one that takes its place; None: there is none."""
    try:
        status = run_store_file(root).stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def set_aside(root: Path, unusable: tuple[int, int] | None) -> Path | None:
    """Move a file that can't be used out of the way, and return where it is now.

    None: it was not the one of that ``identity`` any more, because another process was quicker.

    Raises:
        ConfigurationError: the disk refuses.
    """
    from filelock import FileLock, Timeout

    file = run_store_file(root)
    target = file.with_name(
        f"{file.name}.{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}.{time.time_ns() % 10**9}"
    )
    try:
        # Without the lock, another process could put a new file here between the check and the renaming.
        with FileLock(file.with_name("runs.lock"), timeout=PATIENCE):
            if identity(root) != unusable:
                return None
            # The journal first: SQLite would apply an old journal to a new file.
            for suffix in ("-wal", "-shm", ""):
                with suppress(FileNotFoundError):
                    file.with_name(file.name + suffix).rename(target.with_name(target.name + suffix))
    except Timeout as error:
        raise ConfigurationError(f"{file} can't be set aside: another process is at it.") from error
    except OSError as error:
        raise ConfigurationError(f"{file} can't be set aside: {error.strerror}.") from error
    return target


def _refuse_newer(file: Path, database: sqlite3.Connection) -> None:
    if _version(database) > len(_STEPS):
        raise NewerRunStore(f"{file} was written by a newer xgodo-dev.")


def _version(database: sqlite3.Connection) -> int:
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    return version


def _migrate(database: sqlite3.Connection) -> None:
    # Two processes may do this at once: the second finds what the first did.
    database.execute("BEGIN IMMEDIATE")
    for step in _STEPS[_version(database) :]:
        for statement in step.strip().split(";\n"):
            database.execute(statement)
    database.execute(f"PRAGMA user_version = {len(_STEPS)}")
    database.execute("COMMIT")


def _persistently(database: sqlite3.Connection, statement: str, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            database.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.005)
