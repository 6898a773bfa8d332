"""Transactions of the emulator's database."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from xgodo_dev.emulator.database import Database

TABLES = """
CREATE TABLE parents (id INTEGER PRIMARY KEY);
CREATE TABLE children (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with contextlib.closing(Database(tmp_path / "test.db", [TABLES])) as opened:
        yield opened


def test_a_transaction_that_cannot_be_committed_is_undone_and_the_next_is_one_of_its_own(
    database: Database,
) -> None:
    with pytest.raises(sqlite3.IntegrityError), database.transaction():
        database.change("INSERT INTO children VALUES (1)")
    with database.transaction():
        database.change("INSERT INTO parents VALUES (2)")
    assert database.rows("SELECT * FROM children") == []


def test_what_made_sqlite_undo_a_transaction_by_itself_is_what_is_raised(database: Database) -> None:
    database.change("INSERT INTO parents VALUES (1)")
    with pytest.raises(sqlite3.IntegrityError), database.transaction():
        database.change("INSERT OR ROLLBACK INTO parents VALUES (1)")
