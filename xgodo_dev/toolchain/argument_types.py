"""The TypeScript of a project's schemas: what a run is started with, and what its bucket holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Final

from xgodo_dev.schema.input_schema import Field, InputSchema, Schemas

_HEADER: Final = """\
// Made from the project's schemas: xgodo.schemas.json, or [schemas] in xgodo.toml.
// Edit those: `xgodo-dev types`, and every check, writes this file anew.
"""
_GENERAL: Final = "  [name: string]: unknown;\n"
_ABOUT = {
    "AutomationParameters": "The automation's parameters, set by whoever configures it.",
    "JobVariables": (
        'The variables of the job task this run works on. Numbers and booleans may arrive as text (`"3"`,\n'
        '`"true"`) from a job, whatever the schema says.'
    ),
    "Bucket": (
        "What `agent.utils.bucket` keeps for this job on this device. Before the first `set` it is empty,\n"
        "whatever is required."
    ),
}
_WITHOUT_SCHEMA = "No schema is known: any name can be read, and its value must be looked at before use."
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
# What ends a line, hides text, turns its direction, or is half of a character.
_NOT_SHOWN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
)
_LONGEST_DEFAULT = 200
_INDENT = "  "


def declarations(schemas: Schemas) -> str | None:
    """A declaration file with the three global interfaces; None when no schema says anything.

    A field that is not required may be missing, whether it has a default or not.
    """
    kinds = {
        "AutomationParameters": schemas.automation_parameters,
        "JobVariables": schemas.job_variables,
        "Bucket": schemas.bucket,
    }
    if not any(kinds.values()):
        return None
    return "\n".join([_HEADER, *(_interface(name, schema) for name, schema in kinds.items())])


def _interface(name: str, schema: InputSchema | None) -> str:
    about = [_ABOUT[name], *(["", _WITHOUT_SCHEMA] if schema is None else [])]
    members = _GENERAL if schema is None else _members(schema.fields, _INDENT)
    return f"{_comment(about, '')}interface {name} {{\n{members}}}\n"


def _members(fields: Sequence[Field], indent: str) -> str:
    return "".join(
        f"{_comment(_description(field), indent)}"
        f"{indent}{_property_name(field.name)}{'' if field.required else '?'}: {_type(field, indent)};\n"
        for field in fields
    )


def _type(field: Field, indent: str) -> str:
    if field.choices:
        return " | ".join(dict.fromkeys(_literal(choice) for choice in field.choices))
    if field.type == "array":
        held = _type(field.items, indent) if field.items else "any"
        # A union has to be kept together: `"a" | "b"[]` is a text or a list.
        return f"({held})[]" if field.items and len(field.items.choices) > 1 else f"{held}[]"
    if field.type == "object":
        if not field.properties:
            return "{ [name: string]: any }"
        return f"{{\n{_members(field.properties, indent + _INDENT)}{indent}}}"
    return field.type


def _description(field: Field) -> list[str]:
    """The lines of a comment: what the schema says in words, then its limits."""
    lines = [_in_comment(line) for line in field.description.strip().splitlines()]
    limits = [f"@{name} {_in_comment(value)}".rstrip() for name, value in _limits(field)]
    held = field.items
    depth = 1
    while held:
        about = ", ".join(f"{name} {value}".rstrip() for name, value in _limits(held))
        told = " ".join(filter(None, (" ".join(held.description.split()), f"({about})" if about else "")))
        if told:
            limits.append(f"@items {'of each ' * (depth - 1)}{_in_comment(told)}")
        held, depth = held.items, depth + 1
    return [*lines, *([""] if lines and limits else []), *limits]


def _limits(field: Field) -> Iterator[tuple[str, str]]:
    if field.integer:
        yield "integer", ""
    for name, value in (
        ("minimum", field.minimum),
        ("maximum", field.maximum),
        ("minLength", field.min_length),
        ("maxLength", field.max_length),
        ("minItems", field.min_items),
        ("maxItems", field.max_items),
    ):
        if value is not None:
            yield name, json.dumps(value)
    if field.pattern:
        yield "pattern", field.pattern
    if field.default is not None:
        text = json.dumps(field.default, ensure_ascii=False)
        yield "default", text if len(text) <= _LONGEST_DEFAULT else text[: _LONGEST_DEFAULT - 1] + "…"


def _comment(lines: Sequence[str], indent: str) -> str:
    """A documentation comment; nothing where there is nothing to say."""
    lines = "\n".join(lines).splitlines()
    if not lines:
        return ""
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */\n"
    body = "".join(f"{indent} * {line}".rstrip() + "\n" for line in lines)
    return f"{indent}/**\n{body}{indent} */\n"


def _in_comment(text: str) -> str:
    """Foreign text as one line that ends no comment, and begins no tag."""
    line = _NOT_SHOWN.sub("\ufffd", " ".join(text.splitlines())).replace("*/", "*\\/")
    return re.sub(r"^([\s/*]*)@", r"\1\\@", line)


def _property_name(name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) else _literal(name)


def _literal(value: str | float) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    # A separator of lines may stand in a text of JavaScript since 2019 only, and tears a view apart anyway.
    quoted = json.dumps(value, ensure_ascii=False)
    return _NOT_SHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
