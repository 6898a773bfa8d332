"""What a stream of events tells, one by one."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

from xgodo_dev.errors import ServerUnavailable

if TYPE_CHECKING:
    from httpx_sse import ServerSentEvent

T = TypeVar("T")


class Events(AsyncIterator[T], Generic[T]):
    """The events of one answer, as they come. Close it where you stop before its end."""

    def __init__(self, stream: AsyncGenerator[ServerSentEvent, None], operation: str) -> None:
        self._stream = stream
        self._operation = operation
        self.last_id = ""
        """The id that the stream gave the newest event; empty where it gives none."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        event = await anext(self._stream)
        self.last_id = event.id
        return cast(T, _content(event, self._operation))

    async def aclose(self) -> None:
        """Let go of the connection."""
        await self._stream.aclose()


def _content(event: ServerSentEvent, operation: str) -> dict[str, Any]:
    """The event with its particulars.

    No document says whether the data is the whole event or its particulars: both are taken.

    Raises:
        ServerUnavailable: it is no JSON object.
    """
    try:
        content = json.loads(event.data)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise ServerUnavailable(f"{operation} streamed an event that is no JSON object.")
    if not isinstance(content.get("event"), str) or not isinstance(content.get("data", {}), dict):
        content = {"event": event.event, "data": content}
    return {"data": {}, **content}
