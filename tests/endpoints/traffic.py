"""Records what goes over the wire to an emulator in the process of a test."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.spec_conformance import operation_of, problems

COMMANDS = "xgodo-dev/"
LIBRARY = "xgodo-dev-python/"
WITHOUT_BODY = 204
_MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Exchange:
    """A request, and what came back."""

    platform: str
    operation: str
    user_agent: str
    status: int
    problems: tuple[str, ...]
    """What the specs don't have of the answer."""

    @property
    def column(self) -> str | None:
        """Which of the toolkit's faces made the request; None: something else."""
        if self.user_agent.startswith(LIBRARY):
            return "client"
        return "command" if self.user_agent.startswith(COMMANDS) else None

    @property
    def worked(self) -> bool:
        """Whether it is an answer to a request that is as documented."""
        return self.status < 300 and not self.problems


@dataclass
class Traffic:
    """All exchanges so far. Written by the server's thread, read by the test's."""

    _exchanges: list[Exchange] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, app: ASGIApp) -> ASGIApp:
        """The application, watched."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            status, content_type, body = 0, "", bytearray()

            async def watch(message: Message) -> None:
                nonlocal status, content_type
                if message["type"] == "http.response.start":
                    status = message["status"]
                    headers = dict(message.get("headers", []))
                    content_type = headers.get(b"content-type", b"").decode()
                    if status == WITHOUT_BODY:
                        # Whose end is heard with its beginning.
                        self._add(scope, status, content_type, b"")
                elif len(body) < _MOST_BYTES:
                    body.extend(message.get("body", b""))
                is_last = message["type"] == "http.response.body" and not message.get("more_body")
                if is_last and status != WITHOUT_BODY:
                    # Whoever has heard the whole answer finds it here.
                    self._add(scope, status, content_type, bytes(body))
                await send(message)

            await app(scope, receive, watch)

        return watched

    def since(self, mark: int) -> list[Exchange]:
        """The exchanges after the first ``mark`` ones."""
        with self._lock:
            return self._exchanges[mark:]

    def mark(self) -> int:
        """How many there are."""
        with self._lock:
            return len(self._exchanges)

    def _add(self, scope: Scope, status: int, content_type: str, body: bytes) -> None:
        method, path = scope["method"], scope["path"]
        found = operation_of(method, path)
        if found is None or not status:
            return
        platform = "mobilerun" if path.startswith("/mobilerun") else "xgodo"
        user_agent = dict(scope["headers"]).get(b"user-agent", b"").decode("latin-1")
        wrong = tuple(problems(method, path, status, content_type, body))
        with self._lock:
            self._exchanges.append(Exchange(platform, found[1].id, user_agent, status, wrong))
