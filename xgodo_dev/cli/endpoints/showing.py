"""What came of an operation, shown: the platform's document for programs, tables and records for people."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from typing import Any

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.endpoints import record_layout, table_layout
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.view.screen import is_unicode
from xgodo_dev.platform.spec.reading import Operation, pointed

_ABOUT_PAGES = ("page", "pages", "pagination", "success", "limit", "offset", "total", "object")


def show(operation: Operation, document: Any) -> None:
    """Print what the platform answered; None: nothing."""
    if invocation().json:
        output.json_document(document)
        return
    if document is None:
        output.note("Done.")
        return
    if document == {}:
        output.note("The answer is empty.")
        return
    text = _at(document, operation.extensions.get("x-text"))
    if isinstance(text, str):
        _show_text(text)
        return
    pointer = operation.pages.items if operation.pages else operation.rows
    listed = _at(document, pointer)
    if isinstance(listed, list):
        show_list(listed, operation.columns)
        _show_rest(operation, document, pointer or "", len(listed))
        return
    show_record(document)


def show_record(record: Any) -> None:
    """Print one record, or any other value, for a person."""
    for begin, text in record_layout.laid_out(record, _width()):
        output.result(f"{click.style(output.shown(begin), dim=True)}{output.shown(text)}".rstrip())


def show_list(listed: list[Any], columns: tuple[str, ...]) -> None:
    """Print a list as a table, or as lines where it has no records."""
    if not listed:
        output.note("There are none.")
        return
    ellipsis = "…" if is_unicode(sys.stdout) else "..."
    table = table_layout.laid_out(listed, columns, _width(), ellipsis=ellipsis)
    if table.heading is not None:
        output.result(click.style(output.shown(table.heading), dim=True))
    for line in table.lines:
        output.result(output.shown(line))
    told = f"No room for {', '.join(table.dropped)}. " if table.dropped else ""
    if table.has_short_ids:
        told += "Ids are cut. "
    if told:
        output.note(f"{told}A wider window shows more, --json all of it.")


def _show_rest(operation: Operation, document: Any, pointer: str, count: int) -> None:
    """What stands beside a list, and whether there are more pages of it."""
    pages = operation.pages
    parts = pointer.strip("/").split("/")
    beside = document if len(parts) == 1 else None
    if isinstance(beside, Mapping):
        total = pages.total.strip("/") if pages and pages.total else ""
        left_out = {parts[0], total, *_ABOUT_PAGES}
        rest = {name: value for name, value in beside.items() if name not in left_out and value is not None}
        rest = {name: value for name, value in rest.items() if not isinstance(value, list | Mapping)}
        if rest:
            output.result("")
            show_record({table_layout.heading(name).lower(): value for name, value in rest.items()})
    total_of_pages = _at(document, pages.total) if pages and pages.total else None
    if isinstance(total_of_pages, int) and total_of_pages > count:
        output.note(f"{count} of {total_of_pages}; --all shows all of them.")


def _show_text(text: str) -> None:
    # For a file or another program as it is, with all that is in it.
    if sys.stdout.isatty():
        output.result(output.plain(text.rstrip("\n")))
    else:
        click.echo(text, nl=not text.endswith("\n"), color=True)


def _at(document: Any, pointer: str | None) -> Any:
    try:
        return None if pointer is None else pointed(document, pointer)
    except KeyError:
        return None


def _width() -> int | None:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
