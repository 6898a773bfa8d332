"""Printing: results to stdout, everything else to stderr, JSON never mixed with anything."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from xgodo_dev.cli.invocation import Invocation, invocation
from xgodo_dev.errors import XgodoError


def result(text: str) -> None:
    """Print a line of the command's result."""
    click.echo(text, color=_color_choice())


def json_document(document: Any) -> None:
    """Print the one JSON document of a command."""
    click.echo(json.dumps(document, ensure_ascii=False))


def json_line(record: Any) -> None:
    """Print one line of a JSON stream, at once."""
    sys.stdout.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Print a line of progress, unless results only are wanted."""
    options = invocation()
    if not options.quiet and not options.json:
        click.echo(text, err=True, color=_color_choice())


def error_document(error: XgodoError) -> dict[str, Any]:
    """An error in the contract's JSON shape."""
    described = {"code": error.code, "message": str(error)}
    if error.hint:
        described["hint"] = error.hint
    return {"error": described}


def print_error(error: XgodoError, options: Invocation) -> None:
    """Show an error, and the way out."""
    if options.json:
        json_document(error_document(error))
        return
    color = None if options.color else False
    click.echo(f"{click.style('error:', fg='red', bold=True)} {error}", err=True, color=color)
    if error.hint:
        click.echo(f"{click.style('hint:', fg='cyan')} {error.hint}", err=True, color=color)


def names(paths: Iterable[str], most: int = 5) -> str:
    """A few paths as running text, and how many more there are."""
    listed = sorted(paths)
    more = len(listed) - most
    return ", ".join(listed[:most]) + (f" and {more} more" if more > 0 else "")


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under headings, each column as wide as its widest cell."""
    cells = [list(headings), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    for number, row in enumerate(cells):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        result(click.style(line, dim=True) if number == 0 else line)


def _color_choice() -> bool | None:
    """False to strip colour; None leaves it to click, which strips it off a terminal."""
    return None if invocation().color else False
