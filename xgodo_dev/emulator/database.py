"""The SQLite file that keeps what the emulated platform knows: jobs, buckets, balances and the like.

Statements run where they are called, on the event loop: the file is on this machine, and one statement
takes well below a millisecond. Between two of them no other request is served unless something is
awaited, so that what one transaction holds together needs no lock.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

_BUSY_SECONDS = 5.0


class Database:
    """One file, made with ``tables`` (``CREATE TABLE IF NOT EXISTS`` statements) where they are missing."""

    def __init__(self, file: Path, tables: Iterable[str]) -> None:
        self._connection = sqlite3.connect(file, timeout=_BUSY_SECONDS, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        # What a crash of this machine takes with it can be made again; a crash of the emulator takes nothing.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("PRAGMA foreign_keys = ON")
        for statements in tables:
            self._connection.executescript(statements)

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """All rows that a query finds."""
        return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: object) -> sqlite3.Row | None:
        """The first row that a query finds, or None."""
        found: sqlite3.Row | None = self._connection.execute(statement, values).fetchone()
        return found

    def change(self, statement: str, *values: object) -> int:
        """Carry out a change; how many rows it concerned."""
        return self._connection.execute(statement, values).rowcount

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes within, or none where an exception leaves it. Nothing is awaited within."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            # What SQLite has undone by itself can't be undone again; a commit that failed has to be.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
