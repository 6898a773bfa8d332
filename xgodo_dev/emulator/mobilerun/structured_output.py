"""A plain value that fits a JSON schema, for the structured output that a task asks for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# A schema of one's own making may be nested without end.
_DEEPEST = 16

_PLAIN: dict[str, Any] = {
    "string": "",
    "integer": 0,
    "number": 0,
    "boolean": False,
    "array": [],
    "null": None,
}


def instance(schema: Mapping[str, Any], depth: int = 0) -> Any:
    """What the schema names itself (const, default, example, first of an enum), else the plainest value.

    Bounds, patterns and references of a schema are not looked at.
    """
    for word in ("const", "default", "example"):
        if word in schema:
            return schema[word]
    for word in ("enum", "examples"):
        values = schema.get(word)
        if isinstance(values, list) and values:
            return values[0]
    kinds = schema.get("type")
    kind = kinds[0] if isinstance(kinds, list) and kinds else kinds
    properties = schema.get("properties")
    if kind != "object" and not (kind is None and isinstance(properties, dict)):
        return _PLAIN.get(kind) if isinstance(kind, str) else None
    if not isinstance(properties, dict) or depth == _DEEPEST:
        return {}
    return {
        name: instance(member, depth + 1) for name, member in properties.items() if isinstance(member, dict)
    }
