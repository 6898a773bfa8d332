"""How a compiler's error looks on a terminal: its line, the source it is about, and what explains it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import click

from xgodo_dev.cli import output
from xgodo_dev.toolchain.diagnostics import Diagnostic, Related

_NARROWEST = 20
_ELLIPSIS = "…"


def lines(diagnostic: Diagnostic, *, columns: int | None, severity: str = "error") -> list[str]:
    """The lines to show for one error. The first reads ``file(line,column): error TSnnnn: message``.

    ``columns`` is the width of the terminal, into which the excerpt of the source is cut; without a
    terminal (None) there is no excerpt, but all the words.
    """
    diagnostic = _harmless(diagnostic)
    first, *reasons = diagnostic.message.split("\n")
    color = "red" if severity == "error" else "yellow"
    place = ""
    if diagnostic.file is not None:
        place = click.style(f"{diagnostic.file}({diagnostic.line},{diagnostic.column})", fg="cyan") + ": "
    heading = f"{place}{click.style(f'{severity} {diagnostic.code}', fg=color)}: {first}"
    shown = [heading, *reasons]
    if columns is not None:
        shown += _excerpt(diagnostic, columns, color)
    for related in diagnostic.related:
        shown += _related(related)
    return shown


def _related(related: Related) -> list[str]:
    file = related.file
    if file.startswith("../") and "/node_modules/" in file:
        # A library of the compiler itself: where that is installed tells nobody anything.
        file = file.rpartition("/")[2]
    place = click.style(f"{file}({related.line},{related.column})", fg="cyan")
    first, *reasons = related.message.split("\n")
    return [f"  {place}: {first}", *(f"  {reason}" for reason in reasons)]


def _excerpt(diagnostic: Diagnostic, columns: int, color: str) -> list[str]:
    if not diagnostic.excerpt or not diagnostic.excerpt.strip():
        return []
    number = str(diagnostic.line)
    gutter = f"  {number} │ "
    before, marked, after = _around(diagnostic)
    before = before.lstrip()
    room = max(_NARROWEST, columns - len(gutter))
    # What is marked is worth most; what follows it gets a third of the room that is left, where it needs it.
    marked = _cut_end(marked, room - min(_width(before), 1))
    left = room - _width(marked)
    before = _cut_start(before, left - min(_width(after), left // 3))
    after = _cut_end(after, room - _width(before) - _width(marked))
    blank = " " * (len(number) + 2)
    underline = " " * _width(before) + click.style("~" * max(1, _width(marked)), fg=color)
    return [
        f"{click.style(gutter, dim=True)}{before}{marked}{after}",
        f"{click.style(blank + ' │ ', dim=True)}{underline}",
    ]


def _around(diagnostic: Diagnostic) -> tuple[str, str, str]:
    """The excerpt before, within and after what the error is about; places count UTF-16 units."""
    encoded = (diagnostic.excerpt or "").encode("utf-16-le", "surrogatepass")
    start = (diagnostic.column - 1) * 2
    end = start + diagnostic.length * 2

    def decoded(units: bytes) -> str:
        return units.decode("utf-16-le", "replace")

    return decoded(encoded[:start]), decoded(encoded[start:end]), decoded(encoded[end:])


def _width(text: str) -> int:
    """How many columns of a terminal the text takes."""
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    # What joins others, marks them, or chooses between their forms.
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cut_end(text: str, room: int) -> str:
    if _width(text) <= room:
        return text
    kept = ""
    for character in text:
        if _width(kept + character) > room - 1:
            break
        kept += character
    return kept + _ELLIPSIS if room > 0 else ""


def _cut_start(text: str, room: int) -> str:
    return text if _width(text) <= room else _cut_end(text[::-1], room)[::-1]


def _harmless(diagnostic: Diagnostic) -> Diagnostic:
    """Nothing of a source or a name controls the terminal."""
    return replace(
        diagnostic,
        file=None if diagnostic.file is None else output.shown(diagnostic.file),
        message=output.plain(diagnostic.message),
        excerpt=None if diagnostic.excerpt is None else _in_place(diagnostic.excerpt),
        related=tuple(
            Related(output.shown(each.file), each.line, each.column, output.plain(each.message))
            for each in diagnostic.related
        ),
    )


def _in_place(excerpt: str) -> str:
    # One character for each, so that what is marked stays where it is.
    return "".join("?" if output.shown(character) != character else character for character in excerpt)
