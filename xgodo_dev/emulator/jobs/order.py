"""In which order lists are shown."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from xgodo_dev.emulator.paging import Page


@dataclass(frozen=True)
class Order:
    """By which member a list is sorted, that of its time where none is named; the newest first."""

    member: str | None = None
    ascending: bool = False

    def page(
        self, rows: Sequence[sqlite3.Row], page: Page, sortable: Collection[str]
    ) -> Sequence[sqlite3.Row]:
        """One page of rows that come in the order of their making; a name not ``sortable`` is none."""
        member = self.member if self.member and self.member in sortable else "added"
        ordered = sorted(rows, key=lambda row: (row[member] is not None, row[member]))
        if not self.ascending:
            ordered.reverse()
        return page.part(ordered)
