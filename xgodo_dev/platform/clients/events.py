"""What a stream of events tells, one by one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from httpx_sse import ServerSentEvent

from xgodo_dev.errors import ServerUnavailable


@dataclass(frozen=True)
class StreamedEvent:
    """An event with the id that the stream gives it."""

    id: str
    """Empty: it gives none."""
    content: dict[str, Any]
    """``event`` says what happened, ``data`` has its particulars."""


def streamed(event: ServerSentEvent, operation: str) -> StreamedEvent | None:
    """The event that was sent; None for one that only keeps the connection alive.

    No document says whether the data is the whole event or its particulars: both are taken.

    Raises:
        ServerUnavailable: it is no JSON object.
    """
    if not event.data:
        return None
    try:
        content = json.loads(event.data)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise ServerUnavailable(f"{operation} streamed an event that is no JSON object.")
    if not isinstance(content.get("event"), str) or not isinstance(content.get("data", {}), dict):
        content = {"event": event.event, "data": content}
    return StreamedEvent(event.id, {"data": {}, **content})
