"""Events as the daemon keeps and sends them, and back: the contract's JSON, and what people see besides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from xgodo_dev.loop.events import Change, Check, Conflict, Ready, RemoteChange, Stopped, Synced, SyncFailed
from xgodo_dev.runs.events import Event, Exit, Launch, Log, Notice
from xgodo_dev.toolchain import diagnostics

_KINDS: Mapping[str, type[Event]] = {
    kind.name: kind
    for kind in (
        *(Ready, Change, Check, Synced, SyncFailed, Conflict, RemoteChange, Stopped),
        *(Launch, Log, Exit, Notice),
    )
}
# By the names of their types, as far as whoever shows them relies on that.
_TYPES: Mapping[str, tuple[type, ...]] = {
    "str": (str,),
    "float": (int, float),
    "int": (int,),
    "bool": (bool,),
    "RunStatus": (str,),
    "str | None": (str, type(None)),
    "Sequence[str]": (list,),
    "Sequence[str] | None": (list, type(None)),
    "Mapping[str, Any] | None": (dict, type(None)),
}
_STATUSES = ("success", "failed", "stopped", "timeout", "lost")
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encoded(event: Event) -> bytes:
    """The event as a line, its end included."""
    document = event.to_json()
    if isinstance(event, Exit) and event.failure:
        document["failure"] = event.failure.to_json()
    # Half a character, such as a run may print, has no bytes of its own.
    return _encode(document).encode("utf-8", "backslashreplace") + b"\n"


def event_of(document: Any) -> Event | None:
    """The event that a decoded line holds; None: none that this version knows."""
    try:
        kind = _KINDS[document["event"]]
        members = {name: value for name, value in document.items() if name != "event"}
        if members.get("failure") is not None:
            members["failure"] = event_of(members["failure"])
        event = kind(**members)
        if isinstance(event, Check):
            # Whoever shows them reads them all.
            for each in (*event.errors, *(event.warnings or ())):
                diagnostics.from_json(each)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError):
        return None
    return event if _is_sound(event) else None


def _is_sound(event: Event) -> bool:
    if isinstance(event, Exit) and event.status not in _STATUSES:
        return False
    texts = event.paths if isinstance(event, Change) else ()
    return all(isinstance(text, str) for text in texts) and all(
        isinstance(getattr(event, each.name), _TYPES.get(str(each.type), (object,))) for each in fields(event)
    )
