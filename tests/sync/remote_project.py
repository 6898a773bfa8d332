"""The wire of one remote project, which fails when it is told to."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping
from enum import Enum

from tests.scripted_server import RESET, Answer, Request, ScriptedServer, json_answer, page
from xgodo_dev.project.files import blob_hash
from xgodo_dev.sync.backup import encoded

PROJECT = "83ba7359-d8eb-4374-8ecb-055af01fddfe"

# Requests that come before a late one takes effect.
_LATE_BY = 2


class Fault(Enum):
    """How one request goes wrong."""

    NONE = "none"
    UNHEARD = "the connection breaks before the server acts"
    UNANSWERED = "the connection breaks after the server acted"
    FAILED = "a gateway answers in place of the server"
    FAILED_AFTER = "a gateway answers after the server acted"
    SLOW_DOWN = "the server wants fewer requests"
    LATE = "the connection breaks, and the server acts a while later"


class RemoteProject:
    """Files as the platform keeps them. ``compile`` gives a file's errors from its path and content."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        server.handler = self._handle
        self.files: dict[str, str] = {}
        self.binaries: dict[str, bytes] = {}
        """Files that are no text: listed as they are, handed out damaged."""
        self.has_project_api = False
        """Whether the server also answers as the newer kind."""
        self.compile: Callable[[str, str], list[str]] = lambda _path, _content: []
        self.stores_what_does_not_compile = True
        self.as_stored: Callable[[str], str] = lambda content: content
        """What the server makes of a content that it is sent."""
        self.refusal: Answer | None = None
        self.refuse_reading: set[str] = set()
        self.faults: list[Fault] = []
        self.before_request: Callable[[Request], None] = lambda _request: None
        self.before_write: Callable[[Request, Mapping[str, int]], None] = lambda _request, _looks: None
        """Called with each write when it takes effect, and with ``looks()`` of when it was sent."""
        self.looks: Callable[[], Mapping[str, int]] = dict
        self.was_late = False
        self._late: list[tuple[int, Request, Mapping[str, int]]] = []
        self.writes_wait: asyncio.Event | None = None
        self.write_arrived = asyncio.Event()

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Every file that was sent, with its content."""
        return [
            (each["path"], each["content"])
            for request in self.server.requests
            if request.method != "GET"
            for each in written_files(request)
        ]

    @property
    def seen(self) -> list[Request]:
        """Every request so far."""
        return self.server.requests

    async def _handle(self, request: Request) -> Answer:
        self.before_request(request)
        if request.method != "GET":
            self.write_arrived.set()
            if self.writes_wait:
                await self.writes_wait.wait()
        fault = self.faults.pop(0) if self.faults else Fault.NONE
        self._act_late()
        match fault:
            case Fault.UNHEARD:
                return RESET
            case Fault.LATE:
                if request.method != "GET":
                    self.was_late = True
                    self._late.append((_LATE_BY, request, self.looks()))
                return RESET
            case Fault.FAILED:
                return page(502)
            case Fault.SLOW_DOWN:
                return json_answer({"message": "slow down"}, 429, Retry_After="0")
        if request.method != "GET":
            self.before_write(request, self.looks())
        answer = self._act(request)
        match fault:
            case Fault.UNANSWERED:
                return RESET
            case Fault.FAILED_AFTER:
                return page(504)
        return answer

    def settle(self) -> None:
        """Let everything that is on its way arrive."""
        while self._late:
            self._act_late()

    def _act_late(self) -> None:
        """What was on its way for long takes effect a few requests later."""
        waiting, self._late = self._late, []
        for requests, request, looks in waiting:
            if requests > 0:
                self._late.append((requests - 1, request, looks))
            else:
                self.before_write(request, looks)
                self._act(request)

    def _act(self, request: Request) -> Answer:
        if "/automation-project" in request.path:
            return self._act_on_project(request) if self.has_project_api else page(404, "Cannot GET")
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
        errors = self._store(path, content)
        if errors:
            refusal = {"success": False, "message": "TypeScript compilation failed", "errors": errors}
            return json_answer(refusal, 400)
        return json_answer({"success": True, "path": path, "compiled": path.endswith(".ts")})

    def _act_on_project(self, request: Request) -> Answer:
        """The newer kind: a list with hashes, and many files a request."""
        if not request.path.startswith("/server/") or PROJECT not in request.path:
            return page(404, "Cannot GET")
        match request.path.partition(PROJECT)[2]:
            case "/files":
                contents = {path: encoded(content) for path, content in self.files.items()} | self.binaries
                listed = [
                    {"path": path, "hash": blob_hash(content), "size": len(content)}
                    for path, content in contents.items()
                ]
                return json_answer({"success": True, "files": listed})
            case "/file":
                path = request.query["path"]
                if path in self.refuse_reading:
                    return json_answer({"success": False, "message": "Invalid path"}, 400)
                if path in self.binaries:
                    damaged = self.binaries[path].decode("utf-8", "replace")
                    return json_answer({"success": True, "content": damaged})
                if path not in self.files:
                    return json_answer({"success": False, "message": "File not found"}, 404)
                return json_answer({"success": True, "content": self.files[path]})
            case "/sync":
                if self.refusal:
                    return self.refusal
                updated = []
                for each in written_files(request):
                    errors = self._store(each["path"], each["content"])
                    stored = encoded(self.files.get(each["path"], ""))
                    answer = {"path": each["path"], "hash": blob_hash(stored), "compiled": not errors}
                    updated.append(answer | ({"errors": errors} if errors else {}))
                return json_answer({"success": True, "updated": updated})
        return page(404, "Cannot GET")

    def _store(self, path: str, content: str) -> list[str]:
        errors = self.compile(path, content)
        if not errors or self.stores_what_does_not_compile:
            self.files[path] = self.as_stored(content)
        return errors


def written_files(request: Request) -> list[dict[str, str]]:
    """What a write of either kind carries."""
    if "files" not in request.json:
        return [request.json]
    return [
        {"path": each["path"], "content": base64.b64decode(each["content"]).decode()}
        for each in request.json["files"]
    ]


def order(remote: RemoteProject) -> list[str]:
    """What the server was asked for, in turn."""
    names = {"/files": "list", "/sync": "write", "/file": "read"}
    return [
        names.get(request.path.partition(PROJECT)[2], "read" if request.method == "GET" else "write")
        for request in remote.seen
    ]
