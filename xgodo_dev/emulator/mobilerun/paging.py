"""Which part of a list a page is, and what the answer says about it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

# What SQLite takes as a number of rows; a page beyond it is empty as any other beyond the last.
_MOST = 2**31


@dataclass(frozen=True)
class Page:
    """``number`` counts from 1; ``size`` is how many items a page has at most."""

    number: int
    size: int

    @property
    def limit(self) -> int:
        """How many items to read."""
        return min(self.size, _MOST)

    @property
    def offset(self) -> int:
        """How many items come before the page."""
        return min((self.number - 1) * self.size, _MOST)

    def of(self, items: list[dict[str, object]], total: int) -> dict[str, object]:
        """The answer with this page's items, out of ``total``."""
        pages = -(-total // self.size)
        return {
            "items": items,
            "pagination": {
                "hasNext": self.number < pages,
                "hasPrev": self.number > 1,
                "page": self.number,
                "pages": pages,
                "pageSize": self.size,
                "total": total,
            },
        }
