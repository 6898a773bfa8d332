"""The file of a project's state: its tables by version, how it is made, and what makes it unusable."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from xgodo_dev.errors import ConfigurationError
from xgodo_dev.project.config import STATE_DIRECTORY

STATE_FILE = "state.db"

# Each step brings a file to the version of its number; a new file takes them all.
_STEPS = (
    """
CREATE TABLE base (remote TEXT, path TEXT, hash TEXT NOT NULL, PRIMARY KEY (remote, path)) WITHOUT ROWID;
CREATE TABLE attempt (remote TEXT, path TEXT, hash TEXT, PRIMARY KEY (remote, path, hash)) WITHOUT ROWID;
CREATE TABLE fact (remote TEXT, name TEXT, value TEXT NOT NULL, PRIMARY KEY (remote, name)) WITHOUT ROWID;
""",
    """
CREATE TABLE IF NOT EXISTS deleted (remote TEXT, path TEXT, PRIMARY KEY (remote, path)) WITHOUT ROWID;
""",
    """
ALTER TABLE attempt ADD COLUMN errors TEXT;
CREATE INDEX base_hash ON base (hash);
CREATE TABLE sighting (remote TEXT, path TEXT, hash TEXT NOT NULL, PRIMARY KEY (remote, path)) WITHOUT ROWID;
CREATE TABLE text (hash TEXT PRIMARY KEY, content BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE fingerprint (path TEXT PRIMARY KEY, size INT, mtime_ns INT, ctime_ns INT, inode INT, hash TEXT)
    WITHOUT ROWID;
CREATE TABLE made_commit (remote TEXT, hash TEXT, message TEXT, time REAL, PRIMARY KEY (remote, hash))
    WITHOUT ROWID;
""",
)


NOT_WRITABLE = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
}
"""What SQLite says of a file that can't be written; the low byte of its codes."""


class NotWritable(ConfigurationError):
    """A file in ``.xgodo`` can't be written: nothing is wrong with what it holds."""

    default_hint = "Let yourself write to that folder and the files in it, and make room on the disk."


class StateUnusable(ConfigurationError):
    """The state is damaged, or a newer version's: what it holds can't be known, and is not guessed."""

    code = "state-unusable"
    default_hint = (
        "`xgodo-dev status --rebuild` sets it aside, and compares every file with the server afresh."
    )


def create(file: Path) -> None:
    """Put a whole new state in its place, unless another command was quicker.

    Raises:
        NotWritable: the disk refuses.
    """
    new = file.with_name(f"{file.name}.new-{os.urandom(8).hex()}")
    try:
        with closing(sqlite3.connect(new, isolation_level=None)) as database:
            _migrate(database)
        try:
            os.link(new, file)
        except FileExistsError:
            return
        except OSError:
            # No links on this disk: should another command be quicker by less than this, it makes its own
            # known to nobody, and compares afresh.
            new.replace(file)
    except OSError as error:
        raise NotWritable(f"{file} can't be made: {error.strerror}.") from error
    finally:
        new.unlink(missing_ok=True)


def _migrate(database: sqlite3.Connection) -> None:
    # Two commands may do this at once: the second finds what the first did.
    database.execute("BEGIN IMMEDIATE")
    for step in _STEPS[_version(database) :]:
        for statement in step.strip().split(";\n"):
            database.execute(statement)
    database.execute(f"PRAGMA user_version = {len(_STEPS)}")
    database.execute("COMMIT")


def _version(database: sqlite3.Connection) -> int:
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    return version


def bring_up_to_date(file: Path, database: sqlite3.Connection) -> None:
    """Bring a state of an older version up to date.

    Raises:
        StateUnusable: it is empty, or from a newer version; nothing was written.
    """
    version = _version(database)
    if version == 0:
        # What a full disk or a power failure leaves: a state is made whole before it gets its name.
        raise StateUnusable(f"{file} is damaged: it is empty.")
    if version > len(_STEPS):
        raise StateUnusable(
            f"{file} was written by a newer xgodo-dev.",
            hint=f"Update xgodo-dev to use it. Or {StateUnusable.default_hint}",
        )
    if version < len(_STEPS):
        _migrate(database)


def state_file(root: Path) -> Path:
    """Where a project keeps its state."""
    return root / STATE_DIRECTORY / STATE_FILE


def set_aside(root: Path) -> Path | None:
    """Move a state that can't be used out of the way; returns where it is now, or None if there is none.

    Nothing is thrown away: somebody may know how to read it.
    """
    file = state_file(root)
    if not file.exists():
        return None
    target = file.with_name(
        f"{STATE_FILE}.{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}.{time.time_ns() % 10**9}"
    )
    # The journal first: a state without its journal is old, a journal beside a new state is poison.
    for suffix in ("-wal", "-shm", ""):
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.rename(target.with_name(target.name + suffix))
    return target
