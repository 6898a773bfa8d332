"""What Mobilerun says of a page. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from xgodo_dev.emulator.paging import Page


def listed(page: Page, items: Sequence[dict[str, object]], total: int) -> dict[str, object]:
    """The answer with a page's items, out of ``total``."""
    pages = page.count(total)
    return {
        "items": items,
        "pagination": {
            "hasNext": page.number < pages,
            "hasPrev": page.number > 1,
            "page": page.number,
            "pages": pages,
            "pageSize": page.size,
            "total": total,
        },
    }
