"""Objects and lists that a message holds, laid out over several lines of a terminal.

They are JSON, or what engines print for an object: ``{ id: 7, at: Point { x: 1 } }``. Nothing is understood
of it but brackets, commas and strings; all but blanks stays as it was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from xgodo_dev.cli.view import cells

# Beyond it, taking an object apart takes longer than anybody would look at it.
_LONGEST = 100_000
_INDENT = "  "
_CLOSING = {"{": "}", "[": "]"}
_OPENING = re.compile(r"[{\[]")
# Strings, the brackets and commas that count, and all other text. An apostrophe in a word begins no string.
_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*"|(?<=[\[{,:\s])'(?:[^'\\]|\\.)*'(?=\s*[,}\]]))|(?P<mark>[{}\[\],])"""
    r"""|[^{}\[\],"']+|["']"""
)
_NAME = re.compile(r'("(?:[^"\\]|\\.)*"|[\w$]+)\s*:\s*')


@dataclass
class _Group:
    """What stands in brackets: its members, each a sequence of texts and groups."""

    opening: str
    members: list[list[str | _Group]] = field(default_factory=lambda: [[]])

    @property
    def closing(self) -> str:
        return _CLOSING[self.opening]


def lines(message: str, room: int) -> list[str] | None:
    """The lines of a message that holds objects too long for ``room`` columns; None: it holds none.

    A line may still be too long, where a text is.
    """
    if len(message) > _LONGEST:
        return None
    parts = _parts(message)
    if not any(isinstance(part, _Group) for part in parts):
        return None
    try:
        return list(_sequence(parts, room, ""))
    except RecursionError:
        # So deep that indenting would not help.
        return None


def _parts(message: str) -> list[str | _Group]:
    """A message's texts and groups; after a bracket that nothing closes, all is text."""
    parts: list[str | _Group] = []
    done = 0
    while opening := _OPENING.search(message, done):
        found = _group(message, opening.start())
        if found is None:
            break
        parts.append(message[done : opening.start()])
        group, done = found
        parts.append(group)
    return [*parts, message[done:]]


def _group(message: str, start: int) -> tuple[_Group, int] | None:
    """The group that begins at a bracket, and where it ends."""
    within = [_Group(message[start])]
    for token in _TOKEN.finditer(message, start + 1):
        text, group = token[0], within[-1]
        member = group.members[-1]
        if not token["mark"]:
            member.append(text)
        elif text == ",":
            group.members.append([])
        elif text in _CLOSING:
            inner = _Group(text)
            member.append(inner)
            within.append(inner)
        elif text != group.closing:
            return None
        else:
            _tidy(within.pop())
            if not within:
                return group, token.end()
    return None


def _tidy(group: _Group) -> None:
    """Leave out the blanks around members, and have one behind the colon of a name."""
    for number, member in enumerate(group.members):
        parts: list[str | _Group] = []
        for is_text, some in groupby(member, lambda part: isinstance(part, str)):
            several = list(some)
            parts += ["".join(map(str, several))] if is_text else several
        if parts and isinstance(parts[0], str):
            parts[0] = parts[0].lstrip()
            if group.opening == "{":
                parts[0] = _NAME.sub(r"\1: ", parts[0], count=1)
        if parts and isinstance(parts[-1], str):
            parts[-1] = parts[-1].rstrip()
        group.members[number] = parts
    if len(group.members) == 1 and not any(group.members[0]):
        group.members = []


def _sequence(parts: list[str | _Group], room: int, indent: str, tail: str = "") -> Iterator[str]:
    line, taken = indent, len(indent)
    for part in parts:
        # What is short is wrapped as words are.
        text = part if isinstance(part, str) else _flat(part, max(room - taken - len(tail), room // 2))
        if text is not None:
            line += text
            taken += cells.width(text)
            continue
        assert isinstance(part, _Group), "a text is flat"
        yield line + part.opening
        # Where it is deep, its depth must not take the room of what it holds.
        inner = indent + _INDENT if len(indent) < room // 2 else indent
        yield from _members(part, room, inner)
        line, taken = indent + part.closing, len(indent) + 1
    yield line + tail


def _members(group: _Group, room: int, indent: str) -> Iterator[str]:
    if group.opening == "[" and all(isinstance(part, str) for member in group.members for part in member):
        yield from _filled(["".join(map(str, member)) for member in group.members], room, indent)
        return
    for number, member in enumerate(group.members):
        yield from _sequence(member, room, indent, "," if number < len(group.members) - 1 else "")


def _filled(texts: list[str], room: int, indent: str) -> Iterator[str]:
    """As many in a line as fit: a list of numbers is no column of numbers."""
    line = ""
    for number, text in enumerate(texts):
        piece = text + ("," if number < len(texts) - 1 else "")
        if line and len(indent) + cells.width(line) + 1 + cells.width(piece) > room:
            yield indent + line
            line = ""
        line += f" {piece}" if line else piece
    yield indent + line


def _flat(group: _Group, room: int) -> str | None:
    """The group in one line, where that takes no more than ``room`` columns."""
    kept = ""
    for piece in _pieces(group):
        kept += piece
        if len(kept) > room:
            return None
    return kept if cells.width(kept) <= room else None


def _pieces(group: _Group) -> Iterator[str]:
    yield group.opening
    for number, member in enumerate(group.members):
        if number:
            yield ", "
        for part in member:
            if isinstance(part, str):
                yield part
            else:
                yield from _pieces(part)
    yield group.closing
