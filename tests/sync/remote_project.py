"""The wire of one remote project, which fails when it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum

from tests.scripted_server import RESET, Answer, Request, ScriptedServer, json_answer, page

PROJECT = "83ba7359-d8eb-4374-8ecb-055af01fddfe"


class Fault(Enum):
    """How one request goes wrong."""

    NONE = "none"
    UNHEARD = "the connection breaks before the server acts"
    UNANSWERED = "the connection breaks after the server acted"
    FAILED = "a gateway answers in place of the server"
    FAILED_AFTER = "a gateway answers after the server acted"
    SLOW_DOWN = "the server wants fewer requests"


class RemoteProject:
    """Files as the platform keeps them. ``compile`` gives a file's errors from its path and content."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        server.handler = self._handle
        self.files: dict[str, str] = {}
        self.compile: Callable[[str, str], list[str]] = lambda _path, _content: []
        self.stores_what_does_not_compile = True
        self.refusal: Answer | None = None
        self.refuse_reading: set[str] = set()
        self.faults: list[Fault] = []
        self.before_request: Callable[[Request], None] = lambda _request: None
        self.writes_wait: asyncio.Event | None = None
        self.write_arrived = asyncio.Event()

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [
            (request.json["path"], request.json["content"])
            for request in self.server.requests
            if request.method != "GET"
        ]

    async def _handle(self, request: Request) -> Answer:
        self.before_request(request)
        if request.method != "GET":
            self.write_arrived.set()
            if self.writes_wait:
                await self.writes_wait.wait()
        fault = self.faults.pop(0) if self.faults else Fault.NONE
        match fault:
            case Fault.UNHEARD:
                return RESET
            case Fault.FAILED:
                return page(502)
            case Fault.SLOW_DOWN:
                return json_answer({"message": "slow down"}, 429, Retry_After="0")
        answer = self._act(request)
        match fault:
            case Fault.UNANSWERED:
                return RESET
            case Fault.FAILED_AFTER:
                return page(504)
        return answer

    def _act(self, request: Request) -> Answer:
        if not request.path.endswith(PROJECT):
            return json_answer({"success": False, "message": "Automation project not found"}, 404)
        if request.method == "GET":
            path = request.query["path"]
            if path in self.refuse_reading:
                return json_answer({"success": False, "message": "Invalid path"}, 400)
            if path not in self.files:
                return json_answer({"success": False, "message": "File not found"}, 404)
            return json_answer({"success": True, "content": self.files[path], "path": path})
        if self.refusal:
            return self.refusal
        path, content = request.json["path"], request.json["content"]
        errors = self.compile(path, content)
        if not errors or self.stores_what_does_not_compile:
            self.files[path] = content
        if errors:
            refusal = {"success": False, "message": "TypeScript compilation failed", "errors": errors}
            return json_answer(refusal, 400)
        return json_answer({"success": True, "path": path, "compiled": path.endswith(".ts")})
