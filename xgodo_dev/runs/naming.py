"""What a person means who names one of several things that have ids and names."""

from __future__ import annotations

from collections.abc import Sequence


def fitting(things: Sequence[tuple[str, str]], asked: str) -> list[int]:
    """The places of the things, each an id and a name, that ``asked`` is: whole, or else how it begins.

    Case and the width of spaces make no difference. Nothing fits an empty text, which everything begins with.
    """
    wanted = folded(asked)
    if not wanted:
        return []
    called = [(identifier.casefold(), folded(name)) for identifier, name in things]
    exact = [place for place, texts in enumerate(called) if wanted in texts]
    return exact or [
        place for place, texts in enumerate(called) if any(text.startswith(wanted) for text in texts)
    ]


def folded(text: str) -> str:
    """A name as names are compared."""
    return " ".join(text.split()).casefold()
