"""Reading as many pages of a list as are wanted, as one document."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from xgodo_dev.cli.endpoints import progress
from xgodo_dev.errors import UsageError
from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.spec.reading import Operation, Pages, pointed

# Of a page where all are wanted and no limit is documented.
_PAGE = 100


@dataclass(frozen=True)
class Wanted:
    """How much of a list is wanted."""

    values: Mapping[str, Any]
    """What each page is asked with."""
    most: int | None
    """How many items; None: all of them."""
    only_one: bool
    """The page that was asked for, and no other."""


def wanted(operation: Operation, values: Mapping[str, Any], *, most: int | None, all_pages: bool) -> Wanted:
    """What the options for pages ask for.

    Args:
        values: those of the operation, by the platform's names; the size of a page may be among them.
        most: how many items, where another option than that size says it.
        all_pages: whether all are wanted.

    Raises:
        UsageError: they contradict each other.
    """
    pages = operation.pages
    assert pages
    size, position = pages.size.name, pages.position.name
    counts = pages.size.name == "limit"
    limit = values.get(size) if counts else most
    if all_pages and (limit is not None or position in values):
        raise UsageError(f"--all excludes --limit and {pages.position.option}.")
    largest = pages.size.schema.get("maximum")
    if position in values or (limit is None and not all_pages):
        if limit is not None and largest and limit > largest:
            raise UsageError(
                f"A page has {largest} items at most. Without {pages.position.option} they are more."
            )
        return Wanted(values, limit, only_one=True)
    if counts or size not in values:
        usual = largest or max(_PAGE, pages.size.schema.get("default", 0))
        values = {**values, size: usual if limit is None else min(limit, largest or limit)}
    return Wanted(values, limit, only_one=False)


async def read(calls: Calls, operation: Operation, asked: Wanted) -> Any:
    """The first page's document, with the items of all that were read in place of its own."""
    assert operation.pages
    if asked.only_one:
        return _first(await calls.call(operation.id, asked.values), operation.pages, asked.most)
    document: Any = None
    items: list[Any] = []
    total: int | None = None

    def told(_room: int) -> str:
        return f"{len(items)} of {total}" if total is not None else f"{len(items)}"

    with progress.line(told) as line:
        async with aclosing(calls.documents(operation.id, asked.values)) as pages:
            async for page in pages:
                if document is None:
                    # What asks for the next page may still look at this one.
                    document = copy.deepcopy(page)
                    total = _total(page, operation.pages)
                items += pointed(page, operation.pages.items)
                line.redraw()
                if asked.most is not None and len(items) >= asked.most:
                    break
    return _with_items(document, operation.pages, items[: asked.most])


def _first(document: Any, pages: Pages, most: int | None) -> Any:
    if most is None:
        return document
    try:
        items = pointed(document, pages.items)
    except KeyError:
        return document
    return _with_items(document, pages, items[:most])


def _with_items(document: Any, pages: Pages, items: list[Any]) -> Any:
    parent, _, name = pages.items.rpartition("/")
    if not name:
        return items
    pointed(document, parent)[name] = items
    return document


def _total(document: Any, pages: Pages) -> int | None:
    try:
        total = pointed(document, pages.total) if pages.total else None
    except KeyError:
        return None
    return total if isinstance(total, int) else None
