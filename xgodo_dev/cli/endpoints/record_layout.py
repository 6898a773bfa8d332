"""One record as lines of names and values, what it holds in an indented block below its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xgodo_dev.cli.endpoints.table_layout import cell_text
from xgodo_dev.cli.view import cells

_INDENT = "  "
_DEEPEST = 4
_MOST_ITEMS = 20
_NARROWEST = 20


Line = tuple[str, str]
"""The name that a line begins with, with the space around it, and the value."""


def laid_out(record: Any, width: int | None) -> list[Line]:
    """The record in lines of at most ``width`` cells, as far as can be; None: any.

    Members stand in their order, their values below each other. Longer texts go on at the same indent.
    """
    return list(_lines(_unwrapped(record), width, 0))


def _unwrapped(record: Any) -> Any:
    """What an answer is about: ``{"success": true, "bucket": {…}}`` is about the bucket."""
    if not isinstance(record, Mapping):
        return record
    members = {name: value for name, value in record.items() if not (name == "success" and value is True)}
    if len(members) == 1:
        (inner,) = members.values()
        if isinstance(inner, Mapping) and inner:
            return inner
    return members or record


def _lines(value: Any, width: int | None, depth: int) -> Iterator[Line]:
    indent = _INDENT * depth
    if isinstance(value, Mapping) and value and depth < _DEEPEST:
        flat = {name: cell_text(each) for name, each in value.items() if not _has_block(each)}
        longest = max((cells.width(name) for name in flat), default=0)
        for name, each in value.items():
            if name not in flat:
                yield f"{indent}{name}:", ""
                yield from _lines(each, width, depth + 1)
                continue
            begin = f"{indent}{name}:" + " " * (longest - cells.width(name) + 1)
            yield from _with_text(begin, _text(each), width)
    elif isinstance(value, list) and value and depth < _DEEPEST:
        for each in value[:_MOST_ITEMS]:
            lines = list(_lines(each, width, depth + 1))
            if lines:
                begin, text = lines[0]
                yield f"{indent}- {begin[len(indent) + len(_INDENT) :]}", text
                yield from lines[1:]
        if len(value) > _MOST_ITEMS:
            yield indent, f"… and {len(value) - _MOST_ITEMS} more"
    else:
        yield from _with_text(indent, _text(value), width)


def _has_block(value: Any) -> bool:
    if isinstance(value, list):
        return any(isinstance(each, Mapping | list) for each in value)
    return isinstance(value, Mapping) and bool(value)


def _text(value: Any) -> str:
    # Texts keep their lines here.
    if isinstance(value, str) and "\n" in value:
        return value.rstrip("\n")
    if value is None:
        return "-"
    return cell_text(value) or ("-" if isinstance(value, list | Mapping) else "")


def _with_text(begin: str, text: str, width: int | None) -> Iterator[Line]:
    room = None if width is None else max(_NARROWEST, width - cells.width(begin))
    first = True
    for line in text.split("\n"):
        for part in [line] if room is None else cells.wrapped(line, room):
            yield begin if first else " " * cells.width(begin), part
            first = False
