"""Schemas of what a run is started with: what a valid one is, and the TypeScript it stands for.

The form is ``IInputSchema`` of the platform's own client: ``{"fields": [field, ...]}``, where a field
has a ``name``, a ``type``, and limits that depend on the type. The server's own rules are not
documented. Here a schema has to have that form: names of fields are identifiers and differ among
each other, types are those of the client, members it knows have their type. Members it does not
know are kept as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from xgodo_dev.emulator.platform_types import general_argument_types
from xgodo_dev.emulator.refusals import InvalidRequest
from xgodo_dev.schema_keys import BUCKET

PARAMETERS: Final = "automation_parameters_schema"
VARIABLES: Final = "job_variables_schema"

Schema = Mapping[str, Any]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPES = ("string", "number", "boolean", "array", "object", "any")
_DEPTH = 16
_INTERFACES = {PARAMETERS: "AutomationParameters", VARIABLES: "JobVariables", BUCKET: "Bucket"}
_ANY_NAMES = "  [name: string]: unknown;\n"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_choice(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(item) or _is_number(item) for item in value)


_MEMBERS: dict[str, tuple[Callable[[object], bool], str]] = {
    **dict.fromkeys(("required", "integer"), (_is_flag, "true or false")),
    **dict.fromkeys(("description", "pattern"), (_is_text, "a string")),
    **dict.fromkeys(
        ("minLength", "maxLength", "min", "max", "minItems", "maxItems"), (_is_number, "a number")
    ),
    "enum": (_is_choice, "an array of strings and numbers"),
}


def check_schema(value: object, place: str) -> Schema | None:
    """Returns ``value`` when it is a schema or None; raises InvalidRequest naming what is wrong.

    ``place`` is the name it goes by in the request.
    """
    if value is None:
        return None
    if not isinstance(value, dict):
        raise InvalidRequest(f"{place} must be an object or null")
    _check_fields(value.get("fields"), f"{place}.fields", 0)
    return value


def _check_fields(value: object, place: str, depth: int) -> None:
    if not isinstance(value, list):
        raise InvalidRequest(f"{place} must be an array")
    seen = set()
    for number, field in enumerate(value):
        here = f"{place}[{number}]"
        _check_field(field, here, depth)
        name = field.get("name")
        if not isinstance(name, str) or _NAME.fullmatch(name) is None:
            raise InvalidRequest(f"{here}.name must be letters, digits and underscores, no digit first")
        if name in seen:
            raise InvalidRequest(f"{here}.name is taken: {name}")
        seen.add(name)


def _check_field(field: object, place: str, depth: int) -> None:
    if depth > _DEPTH:
        raise InvalidRequest(f"{place} is nested too deeply")
    if not isinstance(field, dict):
        raise InvalidRequest(f"{place} must be an object")
    if field.get("type") not in _TYPES:
        raise InvalidRequest(f"{place}.type must be {', '.join(_TYPES[:-1])} or {_TYPES[-1]}")
    for name, (fits, kind) in _MEMBERS.items():
        if name in field and not fits(field[name]):
            raise InvalidRequest(f"{place}.{name} must be {kind}")
    # What an array holds is a field as well; nobody reads its name.
    if "items" in field:
        _check_field(field["items"], f"{place}.items", depth + 1)
    if "properties" in field:
        _check_fields(field["properties"], f"{place}.properties", depth + 1)


def argument_types(schemas: Mapping[str, Schema | None]) -> str | None:
    """Declares what a run is started with and what its bucket holds, as the schemas have it; None without.

    A field that is not required may be missing: nothing says that the platform fills in default values.
    """
    if all(schemas.get(name) is None for name in _INTERFACES):
        return None
    parts = ["// Generated from the project's schemas.\n"]
    for name, interface in _INTERFACES.items():
        schema = schemas.get(name)
        members = _ANY_NAMES if schema is None else _members(schema["fields"], "  ")
        parts.append(f"interface {interface} {{\n{members}}}\n")
    return "\n".join(parts)


def argument_text(schemas: Mapping[str, Schema | None]) -> str:
    """What ``argument_types`` declares, or the general declarations."""
    own = argument_types(schemas)
    return general_argument_types() if own is None else own


def _members(fields: list[Schema], indent: str) -> str:
    lines = []
    for field in fields:
        described = str(field.get("description", "")).replace("*/", "*\\/")
        if described.strip():
            lines.append(f"{indent}/** {' '.join(described.split())} */\n")
        optional = "" if field.get("required") else "?"
        lines.append(f"{indent}{field['name']}{optional}: {_type(field, indent)};\n")
    return "".join(lines)


def _type(field: Schema, indent: str) -> str:
    if choices := field.get("enum"):
        return " | ".join(dict.fromkeys(json.dumps(choice) for choice in choices))
    kind: str = field["type"]
    if kind == "array":
        items = field.get("items")
        return f"({_type(items, indent) if items else 'any'})[]"
    if kind == "object":
        properties = field.get("properties")
        if not properties:
            return "{ [name: string]: any }"
        return f"{{\n{_members(properties, indent + '  ')}{indent}}}"
    return kind
