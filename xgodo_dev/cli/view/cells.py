"""Text as the cells of a terminal: how many it takes, and as much of it as fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_STYLE = re.compile(r"(\x1b\[[0-9;]*m)")
_UNSTYLED = "\x1b[0m"
_NARROWEST = 20
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
        return _text(units)
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


def without_middle(text: str, room: int, ellipsis: str = "…") -> str:
    """The line in at most ``room`` cells. Names of phones differ at their beginnings, or at their ends."""
    units = list(_units(text))
    if sum(cells for _, cells in units) <= room:
        return text
    left = room - len(ellipsis)
    head = _fitting(units, left - room // 3)
    return _text(head) + ellipsis + _end(units, left - sum(cells for _, cells in head))


def without_beginning(text: str, room: int, ellipsis: str = "…") -> str:
    """The line in at most ``room`` cells, as much of its end as fits."""
    units = list(_units(text))
    if sum(cells for _, cells in units) <= room:
        return text
    return ellipsis + _end(units, room - len(ellipsis))


def _end(units: Sequence[tuple[str, int]], room: int) -> str:
    kept = _fitting(reversed(units), room)
    # What belongs to a character that did not fit.
    while kept and not kept[-1][1]:
        kept.pop()
    return _text(reversed(kept))


def wrapped(text: str, room: int) -> list[str]:
    """The line in parts of at most ``room`` cells, broken between words, with its styles and its indent."""
    indent = text[: len(text) - len(text.lstrip(" "))][: max(0, room - _NARROWEST)]
    units = list(_units(text.lstrip(" ")))
    room = max(_NARROWEST, room - len(indent))
    parts = []
    style = ""
    while units:
        fitting = len(_fitting(units, room))
        end = rest = fitting
        if fitting < len(units):
            spaces = [number for number, (unit, _) in enumerate(units[: fitting + 1]) if unit == " "]
            if spaces:
                end, rest = spaces[-1], spaces[-1] + 1
                while end > 1 and units[end - 1][0] == " ":
                    end -= 1
        part = style + _text(units[:end])
        style = part[part.rindex(_UNSTYLED) + len(_UNSTYLED) :] if _UNSTYLED in part else part
        style = "".join(_STYLE.findall(style))
        parts.append(indent + part + (_UNSTYLED if style else ""))
        units = units[rest:]
    return parts or [text]


def _fitting(units: Iterable[tuple[str, int]], room: int) -> list[tuple[str, int]]:
    kept = []
    for unit, cells in units:
        if cells > room:
            break
        room -= cells
        kept.append((unit, cells))
    return kept


def _text(units: Iterable[tuple[str, int]]) -> str:
    return "".join(unit for unit, _ in units)


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
