"""A server that is far away: it stores bytes, compiles nothing, and answers after a while.

It is written against bare sockets so that it is never what a measurement waits for: a request costs
it about a tenth of a millisecond. Any token will do, and any project id names a project.

It speaks the documented file API, and with ``--project-api`` the newer project API below ``/server``
too. Two addresses of its own answer at once: ``GET /counts`` tells how often each route was asked since
it was asked last, ``POST /forget`` empties it.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import re
from base64 import b64decode
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

_ROUTE = re.compile(
    r"(?P<under>/server)?/api/v2/(?P<kind>automation|automation-project)"
    r"(?:/(?P<service>file|commit)/(?P<id>[^/]+)|/(?P<project>[^/]+)/(?P<of_project>files|file|sync|commit))"
)
# Among the counts of requests: how many files these wrote.
WRITTEN = "files written"
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 411: "Length Required"}


@dataclass(frozen=True)
class Answer:
    """What goes back to the client."""

    status: int
    body: bytes
    kind: str = "application/json"

    def encoded(self) -> bytes:
        """The answer as HTTP has it."""
        head = (
            f"HTTP/1.1 {self.status} {_REASONS[self.status]}\r\n"
            f"Content-Type: {self.kind}\r\nContent-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode("ascii") + self.body


@dataclass
class StoredFile:
    """The bytes of a file and their git blob id."""

    content: bytes
    hash: str = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha1(b"blob %d\0" % len(self.content), usedforsecurity=False)
        digest.update(self.content)
        self.hash = digest.hexdigest()


class Store:
    """The projects, and what is answered about them."""

    def __init__(self, *, project_api: bool) -> None:
        self._has_project_api = project_api
        self._projects: defaultdict[str, dict[str, StoredFile]] = defaultdict(dict)
        self._commits = 0
        self.counts: Counter[str] = Counter()

    def answer(self, method: str, target: str, body: bytes) -> Answer:
        """What the platform would say."""
        parts = urlsplit(target)
        route = _ROUTE.fullmatch(parts.path)
        if route is None:
            return _unknown(method, parts.path)
        self.counts[f"{method} {route['of_project'] or route['service']}"] += 1
        if route["kind"] == "automation" and route["service"] and not route["under"]:
            files = self._projects[unquote(route["id"])]
            return self._documented(method, route["service"], files, parts.query, body)
        if self._has_project_api and route["under"] and route["of_project"]:
            files = self._projects[unquote(route["project"])]
            return self._of_project(method, route["of_project"], files, parts.query, body)
        return _unknown(method, parts.path)

    def forget(self) -> None:
        """Empty every project."""
        self._projects.clear()

    def _documented(
        self, method: str, service: str, files: dict[str, StoredFile], query: str, body: bytes
    ) -> Answer:
        match method, service:
            case "GET", "file":
                return _read(files, query)
            case "PUT", "file":
                sent = json.loads(body)
                path = sent["path"]
                files[path] = StoredFile(sent["content"].encode("utf-8", "surrogatepass"))
                self.counts[WRITTEN] += 1
                return _json({"path": path, "compiledPath": path[:-3] + ".js", "compiled": True})
            case "POST", "commit":
                return self._commit(body)
        return _unknown(method, f"/{service}")

    def _of_project(
        self, method: str, service: str, files: dict[str, StoredFile], query: str, body: bytes
    ) -> Answer:
        match method, service:
            case "GET", "files":
                listed = [
                    {"path": path, "hash": file.hash, "size": len(file.content)}
                    for path, file in files.items()
                ]
                return _json({"files": listed})
            case "GET", "file":
                return _read(files, query)
            case "POST", "sync":
                updated = []
                for sent in json.loads(body)["files"]:
                    file = files[sent["path"]] = StoredFile(b64decode(sent["content"]))
                    self.counts[WRITTEN] += 1
                    updated.append({"path": sent["path"], "hash": file.hash, "compiled": True})
                return _json({"updated": updated})
            case "POST", "commit":
                return self._commit(body)
        return _unknown(method, f"/{service}")

    def _commit(self, body: bytes) -> Answer:
        self._commits += 1
        return _json({"commit": {"hash": f"{self._commits:040x}", "message": json.loads(body)["message"]}})


class Connection(asyncio.Protocol):
    """One kept connection: requests one after the other, each answered ``latency`` seconds later."""

    def __init__(self, store: Store, latency: float) -> None:
        self._store = store
        self._latency = latency
        self._received = bytearray()
        self._awaited = 0
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        self._received += data
        if len(self._received) < self._awaited:
            return
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        line, *fields = self._received[:end].decode("latin-1").split("\r\n")
        headers = dict(each.lower().split(": ", 1) for each in fields)
        # A client that waits for an answer before the next request sends one at a time: all there is.
        self._awaited = end + 4 + int(headers.get("content-length", 0))
        if len(self._received) < self._awaited:
            return
        method, target, _version = line.split(" ")
        body = bytes(self._received[end + 4 : self._awaited])
        self._received.clear()
        self._awaited = 0
        loop = asyncio.get_running_loop()
        if "transfer-encoding" in headers:
            self._send(Answer(411, b""))
        elif target == "/counts":
            self._send(_json(dict(self._store.counts)))
            self._store.counts.clear()
        elif target == "/forget":
            self._store.forget()
            self._send(_json({}))
        else:
            due = loop.time() + self._latency
            answer = self._store.answer(method, target, body)
            loop.call_at(due, self._send, answer)

    def _send(self, answer: Answer) -> None:
        if self._transport is not None:
            self._transport.write(answer.encoded())


def _read(files: dict[str, StoredFile], query: str) -> Answer:
    path = parse_qs(query).get("path", [""])[0]
    file = files.get(path)
    if file is None:
        return _refusal(404, "File not found")
    return _json({"path": path, "content": file.content.decode("utf-8", "replace")})


def _json(members: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps({"success": True, **members}).encode())


def _refusal(status: int, message: str) -> Answer:
    return Answer(status, json.dumps({"success": False, "message": message}).encode())


def _unknown(method: str, path: str) -> Answer:
    return Answer(404, f"<pre>Cannot {method} {path}</pre>".encode(), "text/html; charset=utf-8")


async def serve(latency: float, *, project_api: bool) -> None:
    """Serve on a free port of this machine until the process is ended; its address is printed first."""
    store = Store(project_api=project_api)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(store, latency), "127.0.0.1", 0, backlog=256)
    print(json.dumps({"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}), flush=True)  # noqa: T201
    await server.serve_forever()


def main() -> None:
    """Serve with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=50, help="milliseconds (default 50)")
    parser.add_argument("--project-api", action="store_true")
    options = parser.parse_args()
    asyncio.run(serve(options.latency / 1000, project_api=options.project_api))


if __name__ == "__main__":
    main()
