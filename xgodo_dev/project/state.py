"""What a project remembers between commands: ``.xgodo/state.db``.

Everything is kept per *remote* (a server and a project on it), so that working against the
emulator never confuses what is known about the real platform.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from xgodo_dev.errors import ConfigurationError
from xgodo_dev.project.config import STATE_DIRECTORY

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
)


class State:
    """The state of one project towards one remote. Use as a context manager.

    Raises:
        ConfigurationError: on opening, when the file is damaged or from a newer version.
    """

    def __init__(self, root: Path, remote: str) -> None:
        folder = root / STATE_DIRECTORY
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"{folder} can't be made: {error.strerror}.") from error
        self._file = folder / "state.db"
        self._remote = remote
        with self._usable():
            # Several commands may have it open (a `watch` and a `push`): wait for each other's short writes.
            self._database = sqlite3.connect(self._file, timeout=10, isolation_level=None)
        try:
            with self._usable():
                # Before anything that writes: what a newer version made stays as it is.
                self._migrate()
                self._database.execute("PRAGMA journal_mode = WAL")
                self._database.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> State:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def base(self) -> dict[str, str]:
        """Hash of the content last known equal on both sides, by path."""
        rows = self._rows("SELECT path, hash FROM base WHERE remote = ?", self._remote)
        return {path: content_hash for path, content_hash in rows}  # noqa: C416 - rows have any length to mypy

    def base_of(self, path: str) -> str | None:
        """Hash of ``path``'s base, or None when the two sides were never known equal."""
        rows = self._rows("SELECT hash FROM base WHERE remote = ? AND path = ?", self._remote, path)
        return rows[0][0] if rows else None

    def attempts(self, path: str) -> frozenset[str]:
        """Hashes of our own writes of ``path`` whose outcome is unknown or was a refusal.

        Such content on the server is ours, not somebody's edit: some servers store what they
        could not compile, and a killed process may have been heard.
        """
        rows = self._rows("SELECT hash FROM attempt WHERE remote = ? AND path = ?", self._remote, path)
        return frozenset(row[0] for row in rows)

    def attempted(self) -> frozenset[str]:
        """The paths that have such attempts."""
        rows = self._rows("SELECT DISTINCT path FROM attempt WHERE remote = ?", self._remote)
        return frozenset(row[0] for row in rows)

    def record_attempt(self, path: str, content_hash: str) -> None:
        """Remember, before it is sent, that ``path`` is about to be written with this content."""
        self._rows("INSERT OR IGNORE INTO attempt VALUES (?, ?, ?)", self._remote, path, content_hash)

    def record_equal(self, path: str, content_hash: str) -> None:
        """Both sides are known to hold this content: it becomes the base."""
        with self._transaction():
            self._rows("INSERT OR REPLACE INTO base VALUES (?, ?, ?)", self._remote, path, content_hash)
            self._rows("DELETE FROM attempt WHERE remote = ? AND path = ?", self._remote, path)
            self._rows("DELETE FROM deleted WHERE remote = ? AND path = ?", self._remote, path)

    def deleted(self) -> frozenset[str]:
        """Paths removed here that the remote still has, of which the person has been told."""
        rows = self._rows("SELECT path FROM deleted WHERE remote = ?", self._remote)
        return frozenset(row[0] for row in rows)

    def note_present(self, path: str) -> None:
        """The file is here: should it go again, that is news."""
        if self._rows("SELECT path FROM deleted WHERE remote = ? AND path = ?", self._remote, path):
            self._rows("DELETE FROM deleted WHERE remote = ? AND path = ?", self._remote, path)

    def record_deleted(self, path: str) -> None:
        """The person was told that ``path``, which is gone here, stays on the remote."""
        self._rows("INSERT OR IGNORE INTO deleted VALUES (?, ?)", self._remote, path)

    def forget(self, path: str) -> None:
        """The path is on neither side any more."""
        with self._transaction():
            self._rows("DELETE FROM base WHERE remote = ? AND path = ?", self._remote, path)
            self._rows("DELETE FROM attempt WHERE remote = ? AND path = ?", self._remote, path)
            self._rows("DELETE FROM deleted WHERE remote = ? AND path = ?", self._remote, path)

    def fact(self, name: str) -> str | None:
        """Something learned about the remote, or None."""
        rows = self._rows("SELECT value FROM fact WHERE remote = ? AND name = ?", self._remote, name)
        return rows[0][0] if rows else None

    def learn(self, name: str, value: str) -> None:
        """Remember something about the remote."""
        self._rows("INSERT OR REPLACE INTO fact VALUES (?, ?, ?)", self._remote, name, value)

    def _rows(self, statement: str, *values: str) -> list[tuple[str, ...]]:
        with self._usable():
            return self._database.execute(statement, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._usable(), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            yield

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            # Busy, full, read-only: nothing is wrong with what it holds.
            raise ConfigurationError(f"{self._file} can't be used now: {error}.") from error
        except sqlite3.DatabaseError as error:
            raise ConfigurationError(
                f"{self._file} is damaged: {error}.",
                hint="Move it away; the next command compares every file with the server afresh.",
            ) from error

    def _migrate(self) -> None:
        version = self._version()
        if version > len(_STEPS):
            raise ConfigurationError(
                f"{self._file} was written by a newer xgodo-dev.",
                hint="Update xgodo-dev to use this project.",
            )
        if version < len(_STEPS):
            # Two commands may open a new project at once: the second finds the first's tables.
            self._database.execute("BEGIN IMMEDIATE")
            for step in _STEPS[self._version() :]:
                for statement in step.strip().split(";\n"):
                    self._database.execute(statement)
            self._database.execute(f"PRAGMA user_version = {len(_STEPS)}")
            self._database.execute("COMMIT")

    def _version(self) -> int:
        version: int = self._database.execute("PRAGMA user_version").fetchone()[0]
        return version
