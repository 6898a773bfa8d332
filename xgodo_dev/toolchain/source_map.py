"""From a line of a bundle back to the line that somebody wrote.

A source map (https://tc39.es/ecma426/) has a list of segments for each line of the bundle. A segment is one,
four or five base 64 VLQ numbers, each the difference from the one before it.
"""

from __future__ import annotations

import functools
import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from xgodo_dev.toolchain.run_report import BUNDLE_FILE

# column in the bundle, index of the source (-1: none, the tool made this code), line, column; all from 0
_Segment = tuple[int, int, int, int]

_NO_SOURCE = -1
_DIGITS = {
    character: value
    for value, character in enumerate(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}

# "    at name (place:line:column)" or "    at place:line:column"; some engines leave the column out. In code
# run by eval the place is "eval at name (host.js:1:1), <anonymous>".
_V8_FRAME = re.compile(
    r"\s+at (?:(?P<name>.+?) \()?(?P<place>.*?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?\)?"
)
_V8_FRAME_WITHOUT_PLACE = re.compile(r"\s+at .*(?:<anonymous>|\(native\)|\(index \d+\))\)?")
# "name@place:line:column"; the name may be empty
_GECKO_FRAME = re.compile(r"\s*(?P<name>[^\s@]*)@(?P<place>.*?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?")
_GECKO_FRAME_WITHOUT_PLACE = re.compile(r"\s*[^\s@]*@\[native code\]")


# What engines call a script; not so the words before "12:3" in somebody's text.
_SCRIPT = re.compile(r"^$|[./<]")
_WORD = re.compile(r"[\w$]+")

# A log may hold anything, and these patterns take quadratic time on a line that looks like many frames.
_LONGEST_FRAME = 1000


@dataclass(frozen=True)
class SourceLocation:
    """A place in a source file: POSIX path relative to the project's root, line and column from 1."""

    file: str
    line: int
    column: int


class SourceMap:
    """A version 3 source map. It is decoded at the first lookup, since most runs never need one."""

    def __init__(self, text: str) -> None:
        self.text = text

    @classmethod
    def from_json(cls, text: str) -> SourceMap:
        """Take the map's JSON text, which stays there as ``text``."""
        return cls(text)

    @functools.cached_property
    def sources(self) -> tuple[str, ...]:
        """The files that went into the bundle, as POSIX paths relative to the project's root."""
        # they are URL references, so esbuild escapes spaces and the like
        return tuple(unquote(source) for source in self._raw["sources"])

    def words(self, source: str) -> frozenset[str]:
        """All the names in one of the files, as it went into the bundle; and all the other words."""
        if source not in self._words:
            place = self.sources.index(source)
            contents = self._raw.get("sourcesContent") or []
            text = contents[place] if place < len(contents) else None
            self._words[source] = frozenset(_WORD.findall(text or ""))
        return self._words[source]

    @functools.cached_property
    def _words(self) -> dict[str, frozenset[str]]:
        return {}

    def locate(self, line: int, column: int | None = None) -> SourceLocation | None:
        """Where the code at ``line`` and ``column`` of the bundle (from 1) was written; None if nowhere.

        Without a column: the first code of that line that was written by somebody.
        """
        if not 1 <= line <= len(self._lines):
            return None
        segments = self._lines[line - 1]
        if column is not None:
            following = bisect_right(segments, column - 1, key=lambda segment: segment[0])
            if following > 0:
                return self._location(segments[following - 1])
        return next((self._location(segment) for segment in segments if segment[1] != _NO_SOURCE), None)

    def _location(self, segment: _Segment) -> SourceLocation | None:
        _, source, line, column = segment
        # The bundler was told in a line of its own where to begin.
        if source == _NO_SOURCE or self.sources[source] == "<stdin>":
            return None
        return SourceLocation(self.sources[source], line + 1, column + 1)

    @functools.cached_property
    def _raw(self) -> dict[str, Any]:
        raw: dict[str, Any] = json.loads(self.text)
        return raw

    @functools.cached_property
    def _lines(self) -> Sequence[Sequence[_Segment]]:
        return _decode(self._raw["mappings"].encode("ascii"))


@dataclass(frozen=True)
class _Frame:
    """A line of a text that is, or looks like, a frame of a stack."""

    name: str | None
    script: str
    """Empty where the engine gives no place, as for its own functions."""
    location: SourceLocation | None


def map_stack(stack: str, source_map: SourceMap) -> str:
    """Rewrite a stack's frames to ``    at name (file.ts:line:column)`` and drop those that have no source.

    Frames are found whatever the engine calls the bundle. Where the bundle's own report named its frames
    (``BUNDLE_FILE``), only those count: a host's line numbers mean nothing in the bundle's map. In any other
    text, what looks like a frame is only taken for one where others lead to a source: it may be words.
    """
    reported = f"{BUNDLE_FILE}:" in stack
    lines = [(text, _frame(text, source_map, reported=reported)) for text in stack.split("\n")]
    is_stack = reported or any(frame and frame.location for _, frame in lines)
    mapped: list[str] = []
    for text, frame in lines:
        if frame is None or not is_stack:
            mapped.append(text)
        elif location := frame.location:
            place = f"{location.file}:{location.line}:{location.column}"
            name = frame.name and _as_written(frame.name, source_map.words(location.file))
            mapped.append(f"    at {name} ({place})" if name else f"    at {place}")
    return "\n".join(mapped)


def _frame(text: str, source_map: SourceMap, *, reported: bool) -> _Frame | None:
    if len(text) > _LONGEST_FRAME:
        return None
    found = _V8_FRAME.fullmatch(text) or _GECKO_FRAME.fullmatch(text)
    if found is None:
        without_place = _V8_FRAME_WITHOUT_PLACE.fullmatch(text) or _GECKO_FRAME_WITHOUT_PLACE.fullmatch(text)
        return _Frame(None, "", None) if without_place else None
    script = found["place"].rpartition(", ")[2]
    if not reported and (found["column"] is None or not _SCRIPT.search(script)):
        # Somebody's own words, such as "at 10:30".
        return None
    if script.startswith("node:") or (reported and script != BUNDLE_FILE):
        return _Frame(None, script, None)
    location = source_map.locate(int(found["line"]), int(found["column"]) if found["column"] else None)
    return _Frame(found["name"], script, location)


def _as_written(name: str, words: frozenset[str]) -> str:
    """A frame's name as its file has it: the bundler calls a class ``_Deep``, and a second one ``Deep2``."""

    def written(found: re.Match[str]) -> str:
        word = found[0]
        first = word.rstrip("0123456789")
        candidates = (word, word.removeprefix("_"), first, first.removeprefix("_"))
        return next((each for each in candidates if each in words), word)

    return _WORD.sub(written, name)


def _decode(mappings: bytes) -> list[list[_Segment]]:
    source = source_line = source_column = 0
    lines: list[list[_Segment]] = []
    for encoded_line in mappings.split(b";"):
        segments: list[_Segment] = []
        column = 0
        for encoded in encoded_line.split(b","):
            if not encoded:
                continue
            numbers = _decode_numbers(encoded)
            column += numbers[0]
            if len(numbers) == 1:
                segments.append((column, _NO_SOURCE, 0, 0))
                continue
            source += numbers[1]
            source_line += numbers[2]
            source_column += numbers[3]
            segments.append((column, source, source_line, source_column))
        lines.append(segments)
    return lines


def _decode_numbers(encoded: bytes) -> list[int]:
    """Base 64 digits of five bits and a continuation bit each, least significant first; the sign is bit 0."""
    numbers: list[int] = []
    value = shift = 0
    for character in encoded:
        digit = _DIGITS[character]
        value |= (digit & 31) << shift
        if digit & 32:
            shift += 5
            continue
        numbers.append(-(value >> 1) if value & 1 else value >> 1)
        value = shift = 0
    return numbers
