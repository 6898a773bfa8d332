"""JSON in what workers and employers write, such as proofs and inputs."""

from __future__ import annotations

import json


def parsed(text: str) -> object:
    """The value of a text. Raises ValueError where another reader of JSON might not take it.

    Python alone reads NaN, numbers without bounds, and halves of characters.
    """
    try:
        value: object = json.loads(text)
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value
