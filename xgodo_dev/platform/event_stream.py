"""Server-sent events out of an answer that goes on, none of them larger than an honest one can be."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import httpx
from httpx_sse import EventSource, ServerSentEvent

from xgodo_dev.platform.content import pieces

LARGEST_EVENT = 16 * 1024 * 1024
"""Bytes of one event; screenshots may be among them."""

_END_OF_EVENT = re.compile(rb"\n\n|\r\r|\r\n\r\n")


class EventTooLarge(Exception):
    """An event has more bytes than an honest one can have."""


async def events(answer: httpx.Response) -> AsyncGenerator[ServerSentEvent, None]:
    """The events of an answer, as they come.

    Raises:
        EventTooLarge: one goes on behind its bound.
    """
    bounded = httpx.Response(200, headers={"Content-Type": "text/event-stream"}, stream=_Bounded(answer))
    async with aclosing(EventSource(bounded).aiter_sse()) as source:
        async for event in source:
            # By the standard, one without data tells nothing.
            if event.data:
                yield event


class _Bounded(httpx.AsyncByteStream):
    """The unpacked bytes of an answer, up to the bound from one event's end to the next."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size, before = 0, b""
        async for piece in pieces(self._answer):
            # An event's end may be cut in two.
            seen = before + piece
            ends = [match.end() for match in _END_OF_EVENT.finditer(seen)]
            size = len(seen) - ends[-1] if ends else size + len(piece)
            if size > LARGEST_EVENT:
                raise EventTooLarge
            before = seen[-3:]
            yield piece
