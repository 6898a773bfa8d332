"""The daemon's end of its socket: who asks, and what is told them.

Everything is a line of JSON. Whoever connects sends one object, ``{"do": …}``, and may send more where that
goes on. What comes back is ``{"heard": true}`` at once, then events (``{"event": …}``), other things by
their own names, and at the end ``{"done": …}`` or ``{"error": …}``. Nothing that is sent here, or not read,
holds up the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from xgodo_dev import known_tokens
from xgodo_dev.errors import UnreachableError, UsageError, XgodoError
from xgodo_dev.loop import control_place
from xgodo_dev.loop.event_lines import encoded
from xgodo_dev.runs.events import Event, Log, Notice

# Bytes of a line.
MOST_BYTES = 1 << 20
# Of more than the first, each is refused; of more than both, none is listened to.
_MOST_CONVERSATIONS, _MOST_REFUSED = 32, 32
_REQUEST_DEADLINE = 5.0
_CLOSING_DEADLINE = 2.0
# Longer than it takes to stop what somebody had launched.
_BREAKING_OFF_DEADLINE = 20.0
# Bytes that wait for somebody who reads slowly. Of more, logs are left out; at the last, nobody waits.
_MANY_WAITING, _FEW_WAITING, _MOST_WAITING = 1 << 20, 1 << 19, 1 << 24

Request = Mapping[str, Any]


class Conversation:
    """What one client has asked, and is told. ``show`` and ``say`` never wait."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._changed = asyncio.Event()
        self._left_out = 0
        self._is_over = False

    def show(self, event: Event) -> None:
        """Tell an event."""
        if isinstance(event, Log) and self._size >= (_FEW_WAITING if self._left_out else _MANY_WAITING):
            self._left_out += 1
            return
        self._tell_left_out()
        self._put(encoded(event))

    def say(self, **answer: Any) -> None:
        """Answer something that is no event."""
        self._tell_left_out()
        self._put(json.dumps(answer, ensure_ascii=True).encode() + b"\n")

    async def write(self) -> None:
        """Write what is to be told, until ``end``."""
        while True:
            while self._waiting:
                # At once what there is, so that a burst is not a write for each line.
                lines = [self._waiting.popleft() for _ in range(min(100, len(self._waiting)))]
                self._size -= sum(map(len, lines))
                self._writer.write(b"".join(lines))
                await self._writer.drain()
            if self._is_over:
                return
            await self._changed.wait()
            self._changed.clear()

    def end(self) -> None:
        """Nothing more is told."""
        self._tell_left_out()
        self._is_over = True
        self._changed.set()

    def _tell_left_out(self) -> None:
        count, self._left_out = self._left_out, 0
        if count:
            told = f"{count} lines are left out here, since they were not read in time. `logs` shows them."
            self._put(encoded(Notice(message=told)))

    def _put(self, line: bytes) -> None:
        if self._size >= _MOST_WAITING:
            self._writer.transport.abort()
            return
        self._waiting.append(line)
        self._size += len(line)
        self._changed.set()


class Inputs:
    """What a client sends behind its request. An asynchronous iterator, until it has gone."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def __aiter__(self) -> AsyncIterator[Request]:
        while (request := await _read(self._reader)) is not None:
            yield request


Answer = Callable[[Request, Conversation, Inputs], Awaitable[None]]


@asynccontextmanager
async def listening(root: Path, answer: Answer) -> AsyncIterator[str]:
    """Have requests answered meanwhile; yields where. What is still answered at its end is broken off.

    Args:
        answer: says what there is to say; may raise XgodoError, which is told instead.

    Raises:
        ConfigurationError: there is no place to listen at.
    """
    conversations: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        others = len(conversations)
        is_welcome = others < _MOST_CONVERSATIONS + _MOST_REFUSED and control_place.is_own_user(writer)
        conversations.add(task)
        try:
            if is_welcome:
                has_time = others < _MOST_CONVERSATIONS
                await _converse(root, reader, writer, answer if has_time else _refuse)
        except (OSError, asyncio.CancelledError):
            # It has gone, or we go. Of a cancelled task, asyncio's own callback complains (3.11).
            pass
        finally:
            writer.transport.abort()
            conversations.discard(task)

    listens = await control_place.listen(root, serve, MOST_BYTES)
    try:
        yield listens.place
    finally:
        listens.close()
        for task in conversations:
            task.cancel()
        if conversations:
            await asyncio.wait(conversations, timeout=_BREAKING_OFF_DEADLINE)


async def _converse(
    root: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer
) -> None:
    conversation = Conversation(writer)
    writing = asyncio.create_task(conversation.write())
    try:
        try:
            try:
                async with asyncio.timeout(_REQUEST_DEADLINE):
                    request = await _read(reader)
            except TimeoutError:
                return
            if request is None:
                return
            if not control_place.shows_secret(root, request.get("secret")):
                raise UsageError("The daemon was not shown its secret.")
            conversation.say(heard=True)
            await answer(request, conversation, Inputs(reader))
        except XgodoError as error:
            conversation.say(error=described(error))
        except TimeoutError as error:
            # Of what was asked. Without a word, it would pass for the end of the daemon.
            conversation.say(error=described(UnreachableError(f"It took too long: {error or 'no answer'}.")))
    finally:
        conversation.end()
        try:
            # Also where this is broken off: what was said last is worth a moment.
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(_CLOSING_DEADLINE):
                    await writing
                    writer.close()
                    await writer.wait_closed()
        finally:
            writing.cancel()


async def _refuse(_request: Request, _conversation: Conversation, _inputs: Inputs) -> None:
    raise control_place.Busy(f"{_MOST_CONVERSATIONS} others speak to the daemon already.")


async def _read(reader: asyncio.StreamReader) -> Request | None:
    """The next request; None: there is none any more.

    Raises:
        UsageError: it is none.
    """
    try:
        line = await reader.readline()
    except ValueError:
        raise UsageError(f"A request has at most {MOST_BYTES >> 20} MB.") from None
    if not line.endswith(b"\n"):
        return None
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        request = None
    if not isinstance(request, dict):
        raise UsageError("A request is a JSON object on a line.")
    return request


def described(error: XgodoError) -> dict[str, Any]:
    """An error as it is told here; ``control_client.error_of`` makes one of it again."""
    # Libraries repeat in their errors what they were given.
    error.take_out(known_tokens.masked)
    return {
        "code": error.code,
        "message": str(error),
        "hint": error.hint,
        "exit_code": error.exit_code,
        "details": error.details(),
    }
