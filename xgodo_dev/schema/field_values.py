"""Whether a value is one that a field of a schema takes, and every reason why not."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Literal

from xgodo_dev.schema.input_schema import Field, FieldType
from xgodo_dev.schema.patterns import Question

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
    unless: Question | None = None
    """It is a problem only where this pattern does not match this text, which is not asked yet."""

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
    """Everything that keeps ``value`` from being one of ``field``.

    No pattern is matched, which may take for ever: each text that has to match one is a problem
    ``unless`` it does.
    """
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
    """As ``problems``, for the ``values`` of ``fields``, in their order; ``kind`` is what those are."""
    names = {field.name for field in fields}
    for field in fields:
        here = (*path, field.name)
        if field.name in values:
            yield from problems(field, values[field.name], here)
        elif field.required:
            yield Problem(here, "missing", "is required, and not given.")
    for name in values:
        if name not in names:
            yield Problem((*path, name), "unknown", f"there is no such {kind}.{nearest(name, names)}")


def filled(fields: Sequence[Field], values: Mapping[str, object]) -> dict[str, object]:
    """``values`` with the defaults of what is missing, also in the objects they hold."""
    by_name = {field.name: field for field in fields}
    complete = {name: _filled_value(by_name.get(name), value) for name, value in values.items()}
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
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        # Only a number of thousands of digits, which Python does not write out, or hundreds of levels.
        text = hex(value) if isinstance(value, int) else "what is too large to be shown"
    return cut(text)


def cut(text: str) -> str:
    """A text as it can be shown in one line of others."""
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
        said = f"must match the pattern /{cut(field.pattern)}/"
        yield Problem(path, "limit", said, unless=(field.pattern, value))


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
        near = nearest(value, [each for each in field.choices if isinstance(each, str)])
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
            given = f"the text {shown(value)}{_meant(field, value)}"
        case list():
            given = "a list"
        case Mapping():
            given = "an object"
        case _:
            given = shown(value)
    return Problem(path, "type", f"must be {_KINDS[field.type]}, not {given}.")


def _meant(field: Field, text: str) -> str:
    """What to write where a text looks like a value of the field."""
    word = spelling(field, text)
    return f": write {'it' if word == text else word} without quotes" if word else ""


def spelling(field: Field, text: str) -> str | None:
    """How a number or a truth value is written that the text seems to be."""
    if field.type == "boolean":
        return text.lower() if text.lower() in ("true", "false") else None
    try:
        return text if field.type == "number" and math.isfinite(float(text)) else None
    except ValueError:
        return None


def nearest(value: object, known: Iterable[str]) -> str:
    """The question whether one of the ``known`` names was meant; empty where none is near."""
    import difflib

    near = difflib.get_close_matches(value, list(known), n=1) if isinstance(value, str) else []
    return f" Did you mean `{near[0]}`?" if near else ""
