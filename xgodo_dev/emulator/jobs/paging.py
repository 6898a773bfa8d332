"""Pages of lists, and their order."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

DEFAULT_SIZE: Final = 10

# Beyond what SQLite can count to; nothing is there anyway.
_FARTHEST = 2**62


@dataclass(frozen=True)
class Page:
    """Which page, from 1 on, of how many items."""

    number: int = 1
    size: int = DEFAULT_SIZE

    @property
    def bounds(self) -> tuple[int, int]:
        """For ``LIMIT ? OFFSET ?``."""
        return self.size, min((self.number - 1) * self.size, _FARTHEST)


@dataclass(frozen=True)
class Order:
    """By which member a list is sorted, that of its time where none is named; the newest first."""

    member: str | None = None
    ascending: bool = False

    def page(self, rows: Sequence[sqlite3.Row], page: Page, sortable: Collection[str]) -> list[sqlite3.Row]:
        """One page of rows that come in the order of their making; a name not ``sortable`` is none."""
        member = self.member if self.member and self.member in sortable else "added"
        ordered = sorted(rows, key=lambda row: (row[member] is not None, row[member]))
        if not self.ascending:
            ordered.reverse()
        size, start = page.bounds
        return ordered[start : start + size]
