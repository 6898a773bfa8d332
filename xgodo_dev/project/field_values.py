"""Whether a value is one that a field of a schema takes, and every reason why not."""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from xgodo_dev.project.input_schema import Field, FieldType

if TYPE_CHECKING:
    import regress

Path = tuple[str | int, ...]
Reason = Literal["missing", "unknown", "type", "choice", "limit"]

_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_KINDS: dict[FieldType, str] = {
    "string": "text",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "any": "anything",
}
_LONGEST_SHOWN = 60
_LENGTH = "must have a length of {}, not {}."


@dataclass(frozen=True)
class Problem:
    """One reason why a value can't be used."""

    path: Path
    """The names and numbers that lead to the value; empty: the value that was asked about."""
    reason: Reason
    """What a compiler tells as well, and ``limit`` for what only shows in the value."""
    message: str
    """What is allowed there, after "``place``: "."""

    @property
    def place(self) -> str:
        """Such as ``maxRetries`` or ``proxies[2].port``."""
        place = ""
        for step in self.path:
            if isinstance(step, int) or not _IDENTIFIER.fullmatch(step):
                place += f"[{shown(step)}]"
            else:
                place += f".{step}" if place else step
        return place


def problems(field: Field, value: object, path: Path = ()) -> Iterator[Problem]:
    """Everything that keeps ``value`` from being one of ``field``."""
    match field.type:
        case "string" if not field.choices:
            yield from _of_text(field, value, path)
        case "number" if not field.choices:
            yield from _of_number(field, value, path)
        case "string" | "number":
            yield from _of_choice(field, value, path)
        case "boolean":
            if not isinstance(value, bool):
                yield _wrong_type(field, value, path)
        case "array":
            yield from _of_array(field, value, path)
        case "object":
            if not isinstance(value, Mapping):
                yield _wrong_type(field, value, path)
            elif field.properties:
                yield from problems_of_members(field.properties, value, path, "property")


def problems_of_members(
    fields: Sequence[Field], values: Mapping[str, object], path: Path, kind: str
) -> Iterator[Problem]:
    """Everything that keeps ``values`` from being the values of ``fields``; ``kind`` is what those are."""
    by_name = {field.name: field for field in fields}
    for field in fields:
        if field.required and field.name not in values:
            yield Problem((*path, field.name), "missing", "is required, and not given.")
    for name, value in values.items():
        here = (*path, name)
        if name in by_name:
            yield from problems(by_name[name], value, here)
        else:
            yield Problem(here, "unknown", f"there is no such {kind}.{_nearest(name, by_name)}")


def filled(fields: Sequence[Field], values: Mapping[str, object]) -> dict[str, object]:
    """``values`` with the defaults of what is missing, also in the objects they hold."""
    complete = {
        name: _filled_value(next((field for field in fields if field.name == name), None), value)
        for name, value in values.items()
    }
    for field in fields:
        if field.name not in complete and field.default is not None:
            complete[field.name] = _filled_value(field, deepcopy(field.default))
    return complete


def _filled_value(field: Field | None, value: object) -> object:
    if field is None:
        return value
    if field.type == "object" and field.properties and isinstance(value, Mapping):
        return filled(field.properties, value)
    if field.type == "array" and field.items and isinstance(value, list):
        return [_filled_value(field.items, each) for each in value]
    return value


def shown(value: object) -> str:
    """A value as JSON, in one line and cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def is_number(value: object) -> bool:
    """Whether the value is a number of JSON."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        # More digits than a number of JavaScript can hold.
        return False


def is_text(value: str) -> bool:
    """Whether it is Unicode: JSON can bring half of a character, which no file and no request can hold."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


@functools.lru_cache(maxsize=256)
def regular_expression(pattern: str) -> regress.Regex | None:
    """The pattern as JavaScript reads it; None where that refuses it."""
    # Here, because most projects have no pattern.
    import regress

    try:
        return regress.Regex(pattern)
    except (regress.RegressError, UnicodeEncodeError):
        return None


def _of_text(field: Field, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, str):
        yield _wrong_type(field, value, path)
        return
    if not is_text(value):
        yield Problem(path, "limit", "holds half of a character, which is no text.")
        return
    # As JavaScript counts: what lies beyond 16 bits is two.
    length = len(value.encode("utf-16-le")) // 2
    yield from _bounds(length, field.min_length, field.max_length, path, _LENGTH)
    if field.pattern:
        expression = regular_expression(field.pattern)
        if expression is not None and expression.find(value) is None:
            yield Problem(path, "limit", f"must match the pattern {_cut(field.pattern)}")


def _of_number(field: Field, value: object, path: Path) -> Iterator[Problem]:
    if not is_number(value):
        yield _wrong_type(field, value, path)
        return
    assert isinstance(value, int | float), "a number"
    if field.integer and value != int(value):
        yield Problem(path, "limit", f"must be a whole number, not {shown(value)}.")
    yield from _bounds(value, field.minimum, field.maximum, path, "must be {}, not {}.")


def _of_choice(field: Field, value: object, path: Path) -> Iterator[Problem]:
    alike = isinstance(value, str) or is_number(value)
    if not alike or value not in field.choices:
        near = _nearest(value, [each for each in field.choices if isinstance(each, str)])
        allowed = ", ".join(map(shown, field.choices[:10])) + (", …" if len(field.choices) > 10 else "")
        yield Problem(path, "choice", f"must be one of {allowed}, not {shown(value)}.{near}")


def _of_array(field: Field, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield _wrong_type(field, value, path)
        return
    yield from _bounds(len(value), field.min_items, field.max_items, path, _LENGTH)
    if field.items:
        for number, each in enumerate(value):
            yield from problems(field.items, each, (*path, number))


def _bounds(
    measure: float, least: float | None, most: float | None, path: Path, message: str
) -> Iterator[Problem]:
    if least is not None and measure < least:
        yield Problem(path, "limit", message.format(f"at least {shown(least)}", shown(measure)))
    if most is not None and measure > most:
        yield Problem(path, "limit", message.format(f"at most {shown(most)}", shown(measure)))


def _wrong_type(field: Field, value: object, path: Path) -> Problem:
    match value:
        case str():
            numeric = field.type == "number" and _looks_numeric(value)
            given = "text: write it without quotes" if numeric else "text"
        case list():
            given = "a list"
        case Mapping():
            given = "an object"
        case _:
            given = shown(value)
    return Problem(path, "type", f"must be {_KINDS[field.type]}, not {given}.")


def _looks_numeric(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _nearest(value: object, known: Mapping[str, object] | Sequence[str]) -> str:
    import difflib

    near = difflib.get_close_matches(value, list(known), n=1) if isinstance(value, str) else []
    return f" Did you mean `{near[0]}`?" if near else ""


def _cut(pattern: str) -> str:
    return f"/{pattern if len(pattern) <= _LONGEST_SHOWN else pattern[: _LONGEST_SHOWN - 1] + '…'}/"
