"""JSON objects that programs hand to the platform to keep: what a bucket holds, what a task's report says.

They are kept as text, so that their size in memory is what is counted here.
"""

from __future__ import annotations

import json

LARGEST = 128 * 1024
"""Characters of ASCII JSON. No limit of the platform's is known, but a program can write in an endless loop.

As an answer to a program it is JSON in JSON, up to four times as long, and several are under way at once.
"""

# Far below what Python's own JSON code can take, with room for what the object is wrapped in later.
_DEEPEST = 100


class CallRefused(Exception):
    """The platform says no: the program's promise resolves to ``{success: false, error: the message}``."""


def encode(value: object, name: str) -> str:
    """Make the text to keep of `value`, a JSON value that a program gave as `name`.

    :raises CallRefused: it is not an object, or too large, or too deeply nested.
    """
    if not isinstance(value, dict):
        raise CallRefused(f"{name} has to be an object, not {_described(value)}.")
    _require_shallow(value, name)
    text = json.dumps(value)
    if len(text) > LARGEST:
        raise CallRefused(f"{name} would be {len(text)} characters of JSON; at most {LARGEST} are kept.")
    return text


def decode(text: str) -> dict[str, object]:
    """Return the object that was kept, each time a new one."""
    value = json.loads(text)
    assert isinstance(value, dict)
    return value


def _described(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return "an array"
    return json.dumps(value)[:50]


def _require_shallow(value: object, name: str) -> None:
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for outer in level
            for inner in (
                outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ()
            )
        ]
        if not level:
            return
    raise CallRefused(f"{name} is nested more than {_DEEPEST} levels deep.")
