"""Whose projects are: each belongs to the account that wrote to it first."""

from __future__ import annotations

from typing import Final

from xgodo_dev.emulator.database import Database

TABLES: Final = """
CREATE TABLE IF NOT EXISTS project_owners (
    project_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL
);
"""


class ProjectOwners:
    """The accounts of projects, by their ids in lower case; what was never noted is of ``otherwise``."""

    def __init__(self, database: Database, *, otherwise: str) -> None:
        self._database = database
        self._otherwise = otherwise

    def owner_id(self, project_id: str) -> str:
        """The account that a project belongs to."""
        row = self._database.row("SELECT account_id FROM project_owners WHERE project_id = ?", project_id)
        return self._otherwise if row is None else str(row["account_id"])

    def note(self, project_id: str, account_id: str) -> None:
        """Give a project that is about to be made to an account."""
        self._database.change("INSERT OR REPLACE INTO project_owners VALUES (?, ?)", project_id, account_id)
