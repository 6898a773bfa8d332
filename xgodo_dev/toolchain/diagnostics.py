"""What the TypeScript compiler says of a program, as data: read from its output for terminals.

Only that form holds all there is: which characters an error is about, the line of the source as the
compiler read it, and the places that explain the error. Its colours are read too: they tell the
compiler's own words from a source's, which may look like anything. (A message can hold a name of the
program as it is; one with line breaks and colours in it, made for that, can still look like an error.)
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

# Of a file that a tool wrote, such as one line of a megabyte, nobody wants to see a line.
_LONGEST_EXCERPT = 2000

_PLACE = r"\x1b\[96m(?P<file>.+?)\x1b\[0m:\x1b\[93m(?P<line>\d+)\x1b\[0m:\x1b\[93m(?P<column>\d+)\x1b\[0m - "
_ERROR = r"\x1b\[91merror\x1b\[0m\x1b\[90m (?P<code>TS\d+): \x1b\[0m(?P<message>.*)"
_LOCATED = re.compile(_PLACE + _ERROR)
_UNLOCATED = re.compile(_ERROR)
_RELATED = re.compile(r"  " + _PLACE + r"(?P<message>.*)")
_EXCERPT = re.compile(r"\x1b\[7m(?P<number>[ \d.]+)\x1b\[0m (?P<text>.*)")
_UNDERLINE = re.compile(r"\x1b\[91m *(?P<underline>~+)\x1b\[0m")
_SUMMARY = re.compile(r"^Found (\d+) errors?(?: |\.)", re.MULTILINE)
# Indented, as it belongs to a related place: the error's own excerpt is the one that is kept.
_RELATED_EXCERPT = re.compile(r"    \x1b\[7m")


@dataclass(frozen=True)
class Related:
    """A place that explains an error, such as where the expected type is declared."""

    file: str
    line: int
    column: int
    message: str


@dataclass(frozen=True)
class Diagnostic:
    """One compiler error. ``file`` is a POSIX path relative to the root; None (at 0, 0) concerns no file."""

    file: str | None
    line: int
    """From 1."""
    column: int
    """From 1, in UTF-16 units, as editors count."""
    code: str
    """Such as ``TS2322``."""
    message: str
    """The message, and its reasons below it, each deeper one indented further."""
    length: int = 0
    """How many characters of ``line`` it is about; 0 when that is not known."""
    excerpt: str | None = None
    """The text of ``line`` as the compiler read it, with a space for each tab."""
    related: tuple[Related, ...] = ()


def diagnostic_line(diagnostic: Diagnostic, severity: str = "error") -> str:
    """The error as ``tsc`` prints it and editors match it: ``file(line,col): error TSnnnn: message``."""
    text = f"{severity} {diagnostic.code}: {diagnostic.message}"
    if diagnostic.file is None:
        return text
    return f"{diagnostic.file}({diagnostic.line},{diagnostic.column}): {text}"


def from_json(document: Mapping[str, Any]) -> Diagnostic:
    """The diagnostic of which ``dataclasses.asdict`` made a JSON object."""
    related = tuple(Related(**each) for each in document.get("related", ()))
    return Diagnostic(**{**document, "related": related})


def is_of_settings(file: str | None, program: Collection[str]) -> bool:
    """Whether a file that has an error holds the compiler's settings: one that they extend counts, too.

    ``program`` are the files that the compiler looked at; a JSON file that is imported is one of them.
    """
    return file is not None and file.endswith(".json") and file not in program


def parse(output: str, root: Path) -> tuple[Diagnostic, ...]:
    """Read what ``tsc --pretty true`` printed while it worked in the folder ``root``."""
    # Only where a line ends for the compiler too: a source may hold a form feed, and other such characters.
    return tuple(_parse_each(re.split(r"\r?\n", output), root))


def files_below(root: Path, output: str) -> Iterator[str]:
    """The files that the compiler lists, as POSIX paths relative to ``root``, as far as they lie below it."""
    # It lists real paths where a folder is a link.
    homes = {root, root.resolve()}
    for line in output.splitlines():
        path = Path(line)
        if path.is_absolute():
            yield from (path.relative_to(home).as_posix() for home in homes if path.is_relative_to(home))


def told(output: str) -> int:
    """How many errors the compiler itself counted in that output."""
    counted = _SUMMARY.findall(output)
    return int(counted[-1]) if counted else 0


def _parse_each(lines: list[str], root: Path) -> Iterator[Diagnostic]:
    current: Diagnostic | None = None
    in_message = False
    for line in lines:
        if found := _LOCATED.fullmatch(line) or _UNLOCATED.fullmatch(line):
            if current:
                yield current
            current = _diagnostic(found, root)
            in_message = True
        elif current is None:
            continue
        elif found := _RELATED.fullmatch(line):
            place = _path(found["file"], root), int(found["line"]), int(found["column"])
            current = replace(current, related=(*current.related, Related(*place, found["message"])))
            in_message = True
        elif found := _EXCERPT.match(line):
            current = _with_excerpt(current, found["number"].strip(), found["text"])
            in_message = False
        elif _RELATED_EXCERPT.match(line):
            in_message = False
        elif in_message and line:
            # The chain of reasons, indented.
            current = _with_reason(current, line)
        # An excerpt follows, or what is no error any more: the list of files, the number of errors.
        in_message = in_message and bool(line)
    if current:
        yield current


def _diagnostic(found: re.Match[str], root: Path) -> Diagnostic:
    place = found.groupdict()
    if place.get("file") is None:
        return Diagnostic(None, 0, 0, place["code"], place["message"])
    return Diagnostic(
        _path(place["file"], root), int(place["line"]), int(place["column"]), place["code"], place["message"]
    )


def _with_excerpt(diagnostic: Diagnostic, number: str, text: str) -> Diagnostic:
    """Take the first line of the excerpt, and how much of it is underlined."""
    if number:
        is_first = number == str(diagnostic.line) and diagnostic.excerpt is None
        return replace(diagnostic, excerpt=text) if is_first and len(text) <= _LONGEST_EXCERPT else diagnostic
    underlined = _UNDERLINE.fullmatch(text)
    if underlined is None or diagnostic.length or diagnostic.excerpt is None:
        return diagnostic
    return replace(diagnostic, length=len(underlined["underline"]))


def _with_reason(diagnostic: Diagnostic, line: str) -> Diagnostic:
    if not diagnostic.related:
        return replace(diagnostic, message=f"{diagnostic.message}\n{line}")
    *before, last = diagnostic.related
    # Two spaces of it are the indentation of related places.
    explained = replace(last, message=f"{last.message}\n{line.removeprefix('  ')}")
    return replace(diagnostic, related=(*before, explained))


def _path(file: str, root: Path) -> str:
    """``tsc`` prints paths relative to its working folder where it can, else absolute (another drive)."""
    if Path(file).is_absolute():
        try:
            file = os.path.relpath(file, root)
        except ValueError:
            return PurePosixPath(file.replace(os.sep, "/")).as_posix()
    return posixpath.normpath(file.replace(os.sep, "/"))
