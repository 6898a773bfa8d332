"""Reading the members of a JSON answer: what has not the documented shape is no answer.

Each function raises ServerUnavailable, which names the member, where it is missing or of another kind.
Members that nobody asked for are no concern.
"""

from __future__ import annotations

import re
from typing import Any

from xgodo_dev.errors import ServerUnavailable
from xgodo_dev.schema_keys import KEYS

_BLOB_HASH = re.compile(r"[0-9a-f]{40}")


def member(record: Any, field: str, what: str) -> Any:
    """``record[field]`` as it is; ``what`` names the record in a message."""
    if not isinstance(record, dict) or field not in record:
        raise malformed(field, what)
    return record[field]


def text(record: Any, field: str, what: str) -> str:
    """A text."""
    value = record.get(field) if isinstance(record, dict) else None
    if not isinstance(value, str):
        raise malformed(field, what)
    return value


def blob_hash(record: Any, field: str, what: str) -> str:
    """Git's id of a file's bytes: 40 hexadecimal digits."""
    value = text(record, field, what)
    if _BLOB_HASH.fullmatch(value) is None:
        raise malformed(field, what)
    return value


def count(record: Any, field: str, what: str) -> int:
    """A whole number from 0."""
    value = record.get(field) if isinstance(record, dict) else None
    if type(value) is not int or value < 0:
        raise malformed(field, what)
    return value


def records(record: Any, field: str, what: str) -> list[dict[str, Any]]:
    """A list of JSON objects."""
    value = record.get(field) if isinstance(record, dict) else None
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise malformed(field, what)
    return value


def malformed(field: str, what: str) -> ServerUnavailable:
    """The error for a member that is missing or not of its kind."""
    return ServerUnavailable(f"The server's answer lacks `{field}` of {what}, or it has an unknown shape.")


def schemas(record: dict[str, Any]) -> dict[str, Any]:
    """Those of an automation's schemas that the record has, whatever they are."""
    return {name: record[name] for name in KEYS if name in record}
