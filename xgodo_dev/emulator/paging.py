"""Which part of a list a page is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

DEFAULT_SIZE: Final = 10
"""Of what the documentation gives no size for."""

# No list is longer, and SQLite can count to it; a page beyond it is empty as any other beyond the last.
_MOST = 2**31

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page:
    """``number`` counts from 1; ``size`` is how many items a page has at most."""

    number: int = 1
    size: int = DEFAULT_SIZE

    @property
    def bounds(self) -> tuple[int, int]:
        """How many items to read, and how many come before them: for ``LIMIT ? OFFSET ?``."""
        return min(self.size, _MOST), min((self.number - 1) * self.size, _MOST)

    def part(self, items: Sequence[Item]) -> Sequence[Item]:
        """The page's items, out of all."""
        size, start = self.bounds
        return items[start : start + size]

    def count(self, total: int) -> int:
        """How many pages there are of ``total`` items."""
        return -(-total // self.size)
