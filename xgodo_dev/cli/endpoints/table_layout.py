"""Lists of records as tables: which columns, what their cells say, and how they fit a line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from xgodo_dev.cli.view import cells

GAP = 2
# Values of any length exist, and each row is as wide as the longest.
_LONGEST = 60
_NARROWEST = 12
_MOST_COLUMNS = 7
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_UUID_LENGTH = 36
_SHORTEST_ID = 8
# Members that are Unix seconds where they are numbers: other services' lists of models have them so, too.
_UNIX_TIMES = ("created",)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")


@dataclass(frozen=True)
class Table:
    """A table as it is printed."""

    heading: str | None
    """What stands above it; None above lines that are no records."""
    lines: Sequence[str]
    dropped: Sequence[str]
    """Headings of columns that had no room."""
    has_short_ids: bool = False
    """Whether ids are cut to what tells them apart."""


def laid_out(
    records: Sequence[Any], columns: Sequence[str], width: int | None, *, ellipsis: str = "…"
) -> Table:
    """The records as a table.

    Args:
        columns: names of the members to show; where none are given, those that the records have.
        width: cells of a line, which is kept as far as can be; None: any. Ids are cut to what tells them
            apart, and later columns before earlier ones, but for the first, which names the record, and for
            times; then columns are left out from the end.
    """
    if not all(isinstance(record, Mapping) for record in records):
        return Table(None, [cell_text(record) for record in records], ())
    columns = _present(columns, records) or _members(records)
    rows = [[_cell(column, record.get(column)) for column in columns] for record in records]
    if width is not None:
        rows = [[cells.cut(text, _LONGEST, ellipsis) for text in row] for row in rows]
    headings = [heading(column) for column in columns]
    right = [
        all(_is_number(record.get(column)) or record.get(column) is None for record in records)
        for column in columns
    ]
    whole = rows
    if width is not None:
        rows = _with_short_ids(headings, rows, width)
    widths = _widths(headings, rows)
    kept = len(columns)
    if width is not None:
        fixed = [
            number == 0 or all(_is_moment(r.get(c)) for r in records) for number, c in enumerate(columns)
        ]
        least = [
            each if is_fixed else min(each, max(_NARROWEST, cells.width(above)))
            for each, above, is_fixed in zip(widths, headings, fixed, strict=True)
        ]
        widths, kept = _fitted(widths, least, width)
    above, *lines = (
        _line(
            [cells.cut(text, room, ellipsis) for text, room in zip(row, widths, strict=False)], widths, right
        )
        for row in (headings, *rows)
    )
    return Table(above, lines, headings[kept:], has_short_ids=rows != whole)


def heading(name: str) -> str:
    """What stands above a member's column: ``isAvailable`` is ``AVAILABLE``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").strip().upper()
    # A job counts its tasks by how they stand.
    words = re.sub(r"TASKS (.+) COUNT", r"\1", words)
    return words.removeprefix("IS ") or name


def cell_text(value: Any) -> str:
    """A value in one short line."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str() if _MOMENT.fullmatch(value):
            return _moment(value)
        case str():
            return " ".join(value.split())
        case Mapping() if isinstance(value.get("name"), str):
            # Such as the device of a connection.
            return str(value["name"])
        case Mapping() | list() if not value:
            return ""
        case list() if all(isinstance(each, str | int | float) for each in value):
            return ", ".join(map(cell_text, value))
        case Mapping() | list():
            return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
        case float() if value.is_integer():
            return f"{value:.0f}"
    return str(value)


def _cell(name: str, value: Any) -> str:
    if name in _UNIX_TIMES and isinstance(value, int) and 10**8 < value < 10**11:
        return cell_text(datetime.fromtimestamp(value, UTC).isoformat())
    return cell_text(value)


def _with_short_ids(headings: list[str], rows: list[list[str]], width: int) -> list[list[str]]:
    """The rows with ids as short as tells them apart, in as many columns from the end as have to be cut."""
    for number in reversed(range(len(headings))):
        if _total(_widths(headings, rows)) <= width:
            break
        ids = {row[number] for row in rows if row[number]}
        if not ids or not all(_UUID.fullmatch(each) for each in ids):
            continue
        enough = next(
            length
            for length in range(_SHORTEST_ID, _UUID_LENGTH + 1)
            if len({each[:length] for each in ids}) == len(ids)
        )
        rows = [[*row[:number], row[number][:enough], *row[number + 1 :]] for row in rows]
    return rows


def _widths(headings: list[str], rows: list[list[str]]) -> list[int]:
    return [max(map(cells.width, column)) for column in zip(headings, *rows, strict=True)]


def _moment(text: str) -> str:
    """A time of the platform by the clock of whoever reads it."""
    try:
        return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M:%S}"
    except (ValueError, OverflowError):
        return text


def _present(columns: Sequence[str], records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Those columns that at least one record has something for."""
    return [each for each in columns if any(record.get(each) is not None for record in records)]


def _members(records: Sequence[Mapping[str, Any]]) -> list[str]:
    names = list(dict.fromkeys(name for record in records for name in record))
    plain = [each for each in names if not any(isinstance(r.get(each), Mapping | list) for r in records)]
    return (plain or names)[:_MOST_COLUMNS]


def _fitted(widths: list[int], least: Sequence[int], room: int) -> tuple[list[int], int]:
    """As much of the columns as fits: the widths of those kept, and how many they are."""
    kept = len(widths)
    while kept > 1 and _total(least[:kept]) > room:
        kept -= 1
    fitted = list(widths[:kept])
    for number in reversed(range(kept)):
        excess = _total(fitted) - room
        # The first alone may be too wide by itself.
        lowest = least[number] if kept > 1 else 1
        fitted[number] = max(lowest, fitted[number] - max(0, excess))
    return fitted, kept


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _line(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    filled = []
    for text, room, is_right in zip(texts, widths, right, strict=False):
        space = " " * (room - cells.width(text))
        filled.append(space + text if is_right else text + space)
    return (" " * GAP).join(filled).rstrip()


def _is_moment(value: Any) -> bool:
    return value is None or (isinstance(value, str) and _MOMENT.fullmatch(value) is not None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
