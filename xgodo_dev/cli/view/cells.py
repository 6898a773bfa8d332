"""Text as the cells of a terminal: how many it takes, and as much of it as fits."""

from __future__ import annotations

import re
from collections.abc import Iterator

_STYLE = re.compile(r"(\x1b\[[0-9;]*m)")
_UNSTYLED = "\x1b[0m"
# One cell each in every terminal. Most text is of these alone, and wcwidth takes longer to load than a
# small project takes to check.
_ONE_CELL_EACH = re.compile("[\x20-\x7e\xa1-\xac\xae-\u017f…✓✗]*")
# Makes the character before it an emoji, which is wide.
_EMOJI_STYLE = "\N{VARIATION SELECTOR-16}"


def width(text: str) -> int:
    """How many cells a line of text takes, not counting its styles.

    Where terminals differ, as with emoji that are made of several, this is the most that one takes.
    """
    return sum(cells for _, cells in _units(text))


def cut(text: str, room: int, ellipsis: str = "…") -> str:
    """The line in at most ``room`` cells, ending in ``ellipsis`` where it had to be cut.

    Styles stay, and end with the text. Other control characters are left out.
    """
    units = list(_units(text))
    if sum(cells for _, cells in units) <= room:
        return "".join(unit for unit, _ in units)
    left = room - len(ellipsis)
    if left < 0:
        return ellipsis[: max(0, room)]
    kept: list[str] = []
    for unit, cells in units:
        if cells > left:
            break
        left -= cells
        kept.append(unit)
    styled = any(_STYLE.fullmatch(unit) for unit in kept)
    return "".join(kept) + ellipsis + (_UNSTYLED if styled else "")


def padded(text: str, room: int) -> str:
    """The line in exactly ``room`` cells: cut, or filled with spaces."""
    fitting = cut(text, room)
    return fitting + " " * (room - width(fitting))


def _units(text: str) -> Iterator[tuple[str, int]]:
    """The styles and characters of a line, each with its cells; without other control characters."""
    for number, part in enumerate(_STYLE.split(text)):
        if number % 2:
            yield part, 0
        elif _ONE_CELL_EACH.fullmatch(part):
            for character in part:
                yield character, 1
        else:
            yield from _measured(part)


def _measured(text: str) -> Iterator[tuple[str, int]]:
    from wcwidth import wcwidth

    before = 0
    for character in text:
        cells = wcwidth(character)
        if cells < 0:
            continue
        if character == _EMOJI_STYLE and before == 1:
            cells = 1
        before = cells
        yield character, cells
