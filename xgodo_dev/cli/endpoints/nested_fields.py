"""Objects of JSON, written as fields with brackets: ``a[b]=c`` and ``a[]=x``, in the manner of `gh api`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from xgodo_dev.cli.endpoints.fields import FieldsUnusable

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False, "null": None}


def parted(field: str) -> tuple[str, str]:
    """``KEY=VALUE`` as both.

    Raises:
        FieldsUnusable: it is none.
    """
    key, equals, value = field.partition("=")
    if not equals or not key:
        raise FieldsUnusable(f"{field!r} is no field such as KEY=VALUE.")
    return key, value


def typed(text: str) -> Any:
    """``true``, ``false``, ``null`` and numbers as what they are; other texts as they stand."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def nested(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The object of the fields, in their order.

    ``a[b]=c`` is a member of an object, ``a[]=x`` one more item of a list. ``a[][b]=c`` goes into the list's
    last item, until that has a ``b``; then into a new one.

    Raises:
        FieldsUnusable: a key can't be read, or is one kind here and another there.
    """
    made: dict[str, Any] = {}
    for key, value in fields:
        found = _KEY.fullmatch(key)
        if found is None:
            raise FieldsUnusable(f"{key!r} is no key such as a, a[b] or a[].")
        _put(made, [found[1], *_BRACKETS.findall(found[2])], value, key)
    return made


def _put(into: dict[str, Any], steps: list[str], value: Any, key: str) -> None:
    name, *rest = steps
    if not rest:
        if isinstance(into.get(name), dict | list):
            raise FieldsUnusable(f"{key!r} is a list or an object before.")
        into[name] = value
    elif rest[0]:
        _put(_of_kind(into, name, dict, key), rest, value, key)
    else:
        items = _of_kind(into, name, list, key)
        below = rest[1:]
        if not below:
            items.append(value)
        elif not below[0]:
            raise FieldsUnusable(f"{key!r}: a list right within a list can't be written so; use --input.")
        else:
            if not items or not isinstance(items[-1], dict) or _is_there(items[-1], below):
                items.append({})
            _put(items[-1], below, value, key)


def _of_kind(into: dict[str, Any], name: str, kind: type, key: str) -> Any:
    found = into.setdefault(name, kind())
    if not isinstance(found, kind):
        raise FieldsUnusable(f"{key!r} is something else before.")
    return found


def _is_there(item: dict[str, Any], steps: list[str]) -> bool:
    name, *rest = steps
    if name not in item:
        return False
    if not rest or not isinstance(item[name], dict):
        # Another item of a list goes into it; another value begins a new object.
        return not (rest and not rest[0])
    return _is_there(item[name], rest)
