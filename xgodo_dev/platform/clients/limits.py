"""Whether a value fits the documented schema of it: as much of JSON Schema as the specs use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from xgodo_dev.platform.spec.reading import Schema, Spec

_MEGABYTE = 1024 * 1024


def problems(spec: Spec, schema: Schema, value: Any, name: str) -> Iterator[str]:
    """What keeps ``value`` from being sent as ``name``, one line each. Formats and patterns are the server's
    to judge.
    """
    schema = spec.resolved(schema)
    if "anyOf" in schema:
        found = [list(problems(spec, each, value, name)) for each in schema["anyOf"]]
        if all(found):
            yield from min(found, key=len)
            return
    kinds = _kinds(schema)
    if kinds and not any(_IS[kind](value) for kind in kinds):
        yield f"{name} has to be {_told(kinds)}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{name} has to be {schema['const']!r}"
    elif "enum" in schema and value not in schema["enum"]:
        choices = ", ".join(str(choice) for choice in schema["enum"] if choice is not None)
        yield f"{name} has to be one of {choices}"
    elif isinstance(value, str):
        yield from _of_text(schema, value, name)
    elif isinstance(value, Mapping):
        yield from _of_object(spec, schema, value, name)
    elif isinstance(value, Sequence):
        yield from _of_list(spec, schema, value, name)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _within(schema, "minimum", "maximum", value, name, "")


def _of_text(schema: Schema, value: str, name: str) -> Iterator[str]:
    yield from _within(schema, "minLength", "maxLength", len(value), name, " characters")
    largest = schema.get("x-max-bytes")
    if largest is None:
        return
    if schema.get("contentEncoding") == "base64":
        size = len(value) * 3 // 4 - value[-2:].count("=")
    else:
        size = len(value.encode("utf-8", "surrogatepass"))
    if size > largest:
        told = f"{largest // _MEGABYTE} MB" if largest >= _MEGABYTE else f"{largest} bytes"
        yield f"{name} may have up to {told}, and has {size:,} bytes"


def _of_object(spec: Spec, schema: Schema, value: Mapping[Any, Any], name: str) -> Iterator[str]:
    for required in schema.get("required", ()):
        if required not in value:
            yield f"{name} lacks {required}"
    properties = schema.get("properties", {})
    for key, member in value.items():
        if not isinstance(key, str):
            yield f"{name} has a name that is no text: {key!r}"
        elif key in properties:
            yield from problems(spec, properties[key], member, f"{name}.{key}")


def _of_list(spec: Spec, schema: Schema, value: Sequence[Any], name: str) -> Iterator[str]:
    yield from _within(schema, "minItems", "maxItems", len(value), name, " items")
    items = schema.get("items")
    if isinstance(items, Mapping):
        for index, item in enumerate(value):
            yield from problems(spec, items, item, f"{name}[{index}]")


def _within(schema: Schema, least: str, most: str, value: float, name: str, unit: str) -> Iterator[str]:
    verb = "have" if unit else "be"
    if least in schema and value < schema[least]:
        yield f"{name} has to {verb} at least {schema[least]}{unit}"
    if most in schema and value > schema[most]:
        yield f"{name} may {verb} at most {schema[most]}{unit}"


def _kinds(schema: Schema) -> tuple[str, ...]:
    kinds = schema.get("type", ())
    return (kinds,) if isinstance(kinds, str) else tuple(kinds)


def _is_integer(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, float) and value.is_integer()
    )


_IS: Mapping[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str),
    "integer": _is_integer,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray),
    "object": lambda value: isinstance(value, Mapping),
}
_WORDS = {
    "boolean": "true or false",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def _told(kinds: Sequence[str]) -> str:
    return " or ".join(_WORDS[kind] for kind in kinds)
