"""Records that several sections of Mobilerun have. Made from the spec by `make generate`."""

from __future__ import annotations

from typing import TypedDict


class Pagination(TypedDict):
    """Which page of how many.

    Uncertain: The documentation calls it Meta and shows no members; as the official Python SDK has them.
    """

    hasNext: bool
    hasPrev: bool
    page: int
    """Counted from 1."""
    pages: int
    pageSize: int
    total: int
    """How many items there are on all pages."""
