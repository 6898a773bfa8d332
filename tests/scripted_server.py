"""An HTTP server on a loopback socket whose every answer, or failure to answer, is a test's to decide."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.request import Patience

TOKEN = "secret-token-5f1c"
# It gives up soon because it hardly asks again, and not because a busy machine makes it wait.
IMPATIENT = Patience(connect=20, silence=20, answer=40, retry_pauses=(0.001, 0.001), budget=20)


@dataclass(frozen=True)
class Request:
    """What the server was sent."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    target: str = ""
    """Path and query as they were sent."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """What the server sends back, and how that goes wrong."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    sent_bytes: int | None = None
    """Reset the connection after that many bytes of the body; None sends all."""
    pause_between_bytes: float = 0
    silent: bool = False
    """Reset the connection without a single byte."""


RESET = Answer(silent=True)
Handler = Callable[[Request], Awaitable[Answer]]


def json_answer(content: Any, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, json.dumps(content).encode(), {"Content-Type": "application/json", **named})


def page(status: int, text: str = "<html><body>gateway</body></html>") -> Answer:
    return Answer(status, text.encode(), {"Content-Type": "text/html"})


class ScriptedServer:
    """``requests`` keeps what came in. ``answers`` are given in turn, the last again and again.

    A ``handler`` takes the place of ``answers``. Connections are kept open for further requests,
    unless an answer fails or says ``Connection: close``. ``latency`` is how many seconds pass before
    each request is handled, whichever connection it comes on.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: list[Answer] = []
        self.handler: Handler = self._next_answer
        self.url = ""
        self.latency = 0.0
        self.connections_made = 0
        self._connections: set[asyncio.Task[None]] = set()
        self._closing = False

    @property
    def server(self) -> Server:
        return Server(profile="test", api_url=self.url, remote=self.url, token=TOKEN)

    def calls(self) -> list[str]:
        return [f"{request.method} {request.path}" for request in self.requests]

    async def _next_answer(self, _request: Request) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        self.connections_made += 1
        try:
            kept_open = True
            while kept_open:
                request = await _read_request(reader)
                self.requests.append(request)
                if self.latency:
                    await asyncio.sleep(self.latency)
                answer = await self.handler(request)
                await _send(writer, answer)
                kept_open = _keeps_open(answer)
        except (ConnectionError, asyncio.IncompleteReadError):
            # The client has left, which is its right.
            pass
        except asyncio.CancelledError:
            # The stream's own callback would report the end that ``close`` brings as an error.
            if not self._closing:
                raise
        finally:
            self._connections.discard(task)
            writer.close()

    async def close(self) -> None:
        self._closing = True
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def scripted_server() -> AsyncIterator[ScriptedServer]:
    """A server that listens on a free port of loopback until the context ends."""
    scripted = ScriptedServer()
    listener = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    async with listener:
        scripted.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        try:
            yield scripted
        finally:
            await scripted.close()


async def _read_request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    address = urlsplit(target)
    query = dict(parse_qsl(address.query, keep_blank_values=True))
    return Request(method, unquote(address.path), query, headers, body, target)


def _keeps_open(answer: Answer) -> bool:
    """Whether the client can tell where that answer ends, and may send its next request behind it."""
    names = {name.lower() for name in answer.headers}
    told = answer.status >= 200 and answer.status not in (204, 304)
    whole = answer.sent_bytes is None and not answer.silent
    return told and whole and not names & {"connection", "content-length", "transfer-encoding"}


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> None:
    transport = writer.transport
    if answer.silent:
        transport.abort()
        return
    connection = "keep-alive" if _keeps_open(answer) else "close"
    headers = {"Content-Length": str(len(answer.body)), "Connection": connection, **answer.headers}
    lines = [f"HTTP/1.1 {answer.status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
    body = answer.body[: answer.sent_bytes]
    if answer.pause_between_bytes:
        for byte in body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(answer.pause_between_bytes)
    else:
        writer.write(body)
        await writer.drain()
    if answer.sent_bytes is not None:
        transport.abort()
