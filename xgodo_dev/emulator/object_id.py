"""Ids as the platform gives them to jobs, tasks and accounts: 24 hexadecimal digits."""

from __future__ import annotations

import re
import secrets

_OBJECT_ID = re.compile(r"[0-9a-f]{24}", re.IGNORECASE)


def new_id(now: float) -> str:
    """A new id. As on the platform, it begins with the time in Unix seconds."""
    return f"{int(now) & 0xFFFFFFFF:08x}{secrets.token_hex(8)}"


def is_object_id(text: str) -> bool:
    """Whether it has the form of an id."""
    return _OBJECT_ID.fullmatch(text) is not None
