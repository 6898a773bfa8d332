"""Objects of JSON, written as fields on a command line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_FIELD = re.compile(r"(?P<key>.+?)(?P<kind>:?=)(?P<value>.*)", re.DOTALL)


class FieldsUnusable(ValueError):
    """What was written is no field, or doesn't fit one before it; the message says why."""


def read_fields(fields: Sequence[str]) -> dict[str, Any]:
    """The object that ``KEY=TEXT`` and ``KEY:=JSON`` make; a later field replaces one of the same key.

    Raises:
        FieldsUnusable: one of them has no key, or no JSON behind ``:=``.
    """
    made: dict[str, Any] = {}
    for field in fields:
        found = _FIELD.fullmatch(field)
        if found is None:
            raise FieldsUnusable(f"{field!r} is no field such as KEY=TEXT or KEY:=JSON.")
        made[found["key"]] = found["value"] if found["kind"] == "=" else read_json(found["value"], field)
    return made


def write_fields(members: Mapping[str, Any]) -> list[str] | None:
    """The fields that make this object; None where a key can't be written as one."""
    fields = [
        f"{key}={value}" if isinstance(value, str) else f"{key}:={json.dumps(value, ensure_ascii=False)}"
        for key, value in members.items()
    ]
    try:
        return fields if read_fields(fields) == members else None
    except FieldsUnusable:
        return None


def read_json(text: str, place: str) -> Any:
    """A value of JSON.

    Raises:
        FieldsUnusable: it is none; ``place`` names it.
    """
    from xgodo_dev.schema.reading import loads

    try:
        return loads(text)
    except ValueError as error:
        raise FieldsUnusable(
            f"{place!r} has no JSON behind `:=`: {error}. Text is given with `=`."
        ) from error


def split_item(text: str, members: Sequence[str]) -> list[tuple[str, str]]:
    """``name=a,extension=.png`` as its members and their texts, in which commas may stand.

    A comma ends a text only where the name of one of ``members`` and ``=`` come after it.

    Raises:
        FieldsUnusable: it doesn't begin with one of them.
    """
    names = "|".join(map(re.escape, members))
    parts = re.split(rf"(?:^|,)({names})=", text)
    if parts[0] or len(parts) < 3:
        expected = ",".join(f"{name}=…" for name in members)
        raise FieldsUnusable(f"{text!r} is not written as {expected}.")
    return list(zip(parts[1::2], parts[2::2], strict=True))
