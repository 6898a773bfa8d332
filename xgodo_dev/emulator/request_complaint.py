"""What is wrong with a value that a schema refuses, in words for whoever sent it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema import ValidationError

_KINDS = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "an array",
    "null": "null",
}
_PLURALS = {
    "string": "strings",
    "integer": "integers",
    "number": "numbers",
    "boolean": "booleans",
    "object": "objects",
    "array": "arrays",
}
_FORMATS = {"uuid": "UUID", "date-time": "moment (ISO 8601)"}


def complaint(name: str, schema: Mapping[str, Any], errors: Sequence[ValidationError]) -> str:
    """The outermost of the errors that a schema found in a value, which goes by ``name``."""
    error = _of_alternatives(min(errors, key=_depth))
    path = list(error.absolute_path)
    if _is_of_items(error):
        # The array is told what it should hold.
        path.pop()
        return f"{name}{_place(path)} must be {_array({'items': error.schema} if path else schema)}"
    if error.validator == "required":
        given: Any = error.instance
        missing = next(each for each in _listed(error.validator_value) if each not in given)
        return f"{name}{_place(path)}.{missing} is required"
    return f"{name}{_place(path)} {_complaint(error)}"


def _place(path: Sequence[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def _depth(error: ValidationError) -> tuple[int, bool, str]:
    # What is of another type is no member of an enumeration either.
    return len(error.absolute_path), error.validator != "type", str(error.validator)


def _of_alternatives(error: ValidationError) -> ValidationError:
    """Where a value fits none of several schemas: the error of the one whose type it has."""
    while error.validator in ("anyOf", "oneOf"):
        fitting = [
            each for each in error.context or () if each.validator != "type" or len(each.relative_path) > 0
        ]
        if not fitting:
            break
        error = min(fitting, key=_depth)
    return error


def _is_of_items(error: ValidationError) -> bool:
    in_array = bool(error.absolute_path) and isinstance(error.absolute_path[-1], int)
    return error.validator == "type" and in_array


def _complaint(error: ValidationError) -> str:
    limit: Any = error.validator_value
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, Mapping) else {}
    match error.validator:
        case "type" | "minimum" if schema.get("type") == "integer" and schema.get("minimum") == 1:
            return "must be a positive number"
        case "type":
            return f"must be {_either(_kinds(error))}"
        case "anyOf" | "oneOf":
            kinds = [kind for each in error.context or () for kind in _kinds(each)]
            return f"must be {_either(list(dict.fromkeys(kinds)))}"
        case "enum":
            return f"must be {_either([str(each) for each in limit])}"
        case "minimum" | "exclusiveMinimum":
            return f"must be {'at least' if error.validator == 'minimum' else 'more than'} {limit}"
        case "maximum" | "exclusiveMaximum":
            return f"must be {'at most' if error.validator == 'maximum' else 'less than'} {limit}"
        case "minLength" | "maxLength" if "minLength" in schema and "maxLength" in schema:
            return f"must have {schema['minLength']} to {schema['maxLength']} characters"
        case "minLength":
            return "must not be empty" if limit == 1 else f"must have at least {limit} characters"
        case "maxLength":
            return f"must have at most {limit} characters"
        case "minItems":
            return f"must be {_array(schema)}" if limit == 1 else f"must have at least {limit} items"
        case "maxItems":
            return f"must have at most {limit} items"
        case "format":
            return f"must be a {_FORMATS[limit]}"
        case _:
            return "is not as documented"


def _listed(names: Any) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _kinds(error: ValidationError) -> list[str]:
    kinds = _listed(error.validator_value)
    return [_array(error.schema) if kind == "array" else _KINDS[kind] for kind in kinds]


def _array(schema: Any) -> str:
    """An array, and what of where its schema says so itself."""
    array = "a non-empty array" if schema.get("minItems") == 1 else "an array"
    kinds = _listed(schema.get("items", {}).get("type", []))
    return f"{array} of {' and '.join(_PLURALS[kind] for kind in kinds)}" if kinds else array


def _either(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
