"""How a long message is laid out on a terminal: wrapped between words, an object over several lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from xgodo_dev.cli import output
from xgodo_dev.cli.view import cells, object_layout

MOST_LINES = 40
NARROWEST = 20
_JOINER = "\N{ZERO WIDTH JOINER}"
_EMOJI_STYLE = "\N{VARIATION SELECTOR-16}"


@dataclass(frozen=True)
class Layout:
    """A message in lines that fit, without power over the terminal."""

    lines: list[str]
    left_out: str = ""
    """How much more there is, such as ``12 more lines``."""


def layout(message: str, room: int, *, beside: int = 0, most: int = MOST_LINES) -> Layout:
    """Lay a message out in at most ``most`` lines of ``room`` columns.

    Objects and lists that it holds are shown over several lines, where the message is too long for two.

    Args:
        beside: columns of the first line that are taken already.
    """
    lines = None
    # What stands in several lines is laid out by whoever wrote it.
    if "\n" not in message and cells.width(message) > 2 * room - beside:
        lines = object_layout.lines(message, room)
    if lines is None:
        lines = message.expandtabs().split("\n")
    laid: list[str] = []
    for number, line in enumerate(lines):
        line = output.plain(line)
        # What is continued stands below its own beginning: a member of an object, a frame of a stack.
        hang = min(len(line) - len(line.lstrip(" ")), room // 2)
        for start, end in _parts(line, room if laid else room - beside, room - hang):
            if len(laid) == most:
                after = len(lines) - number
                return Layout(
                    laid, _left_out(after, "line") if after > 1 else _left_out(len(line) - start, "character")
                )
            laid.append(line[start:end] if start == 0 else " " * hang + line[start:end])
    return Layout(laid)


def _left_out(number: int, noun: str) -> str:
    return f"{number:,} more {noun}" if number == 1 else f"{number:,} more {noun}s"


def _parts(line: str, first_room: int, room: int) -> Iterator[tuple[int, int]]:
    """Where the parts of a line begin and end that fit, broken between words."""
    room = max(NARROWEST, room)
    start, end = 0, _fitting(line, 0, max(NARROWEST, first_room))
    while end < len(line):
        space = line.rfind(" ", start, end + 1)
        between_words = space > start and not line[start:space].isspace()
        # A word that is longer than a line is broken in any case, so that it may as well begin here.
        if between_words and (space == end or _word_end(line, space + 1) - space - 1 <= room):
            yield start, start + len(line[start:space].rstrip())
            start = space + 1
        else:
            yield start, end
            start = end
        end = _fitting(line, start, room)
    if start < len(line) or not line:
        yield start, end


def _word_end(line: str, start: int) -> int:
    end = line.find(" ", start)
    return len(line) if end < 0 else end


def _fitting(line: str, start: int, room: int) -> int:
    """The end of what fits from ``start`` on: at least one character, and never amid one that is several."""
    if line[start : start + room + 1].isascii():
        return min(len(line), start + room)
    end, taken = start, 0
    while end < len(line) and taken + _cells(line[end]) <= room:
        taken += _cells(line[end])
        end += 1
    whole = end
    while start < whole < len(line) and _joins(line[whole - 1], line[whole]):
        whole -= 1
    return max(whole if whole > start else end, min(start + 1, len(line)))


def _joins(before: str, character: str) -> bool:
    """Whether a terminal shows the two as one."""
    return before == _JOINER or character == _EMOJI_STYLE or not _cells(character)


@lru_cache(maxsize=4096)
def _cells(character: str) -> int:
    # What makes an emoji of the character before it takes the cell that an emoji takes more.
    return 1 if character == _EMOJI_STYLE else cells.width(character)
