"""A platform whose many devices print a lot: their lines are made up when somebody asks for them.

It is written against bare sockets, and keeps nothing of what is printed, so that it is never what a
measurement waits for: a line costs it about a microsecond. Any token will do.

It speaks the documented API of devices, launches and logs. Whatever is launched prints by the same schedule,
and then reports a good end, as the launched bundle itself would. An address of its own, ``GET /figures``,
tells how often each route was asked, when which run began, and what it cost to serve it all.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

from tests.benchmarks.simulated_run import Schedule, device_name, message
from xgodo_dev.toolchain.run_report import PLAIN_MARK

# The platform forgets what is older, as documented.
_KEPT_S = 600.0
_UNDER = "/api/v2"
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found"}
_UNAVAILABLE = "Some devices offline or not found."
# Odd, so that each number below 2**32 has a product of its own there: ids look random, as the platform's do.
_SCATTER = 0x9E3779B1


class Refused(Exception):
    """The request is answered with status 400."""


@dataclass
class Run:
    """A launched bundle. Its lines are numbered from 1; the one behind the last is its report of the end."""

    number: int
    device: str
    launch_id: str
    schedule: Schedule
    began: float
    """Unix seconds."""
    mark: str
    places: tuple[int, ...]
    """Lines of the bundle that print."""
    stopped: float | None = None
    """Unix seconds; None: nobody stopped it."""

    def goes_on(self, now: float) -> bool:
        """Whether it is still at work."""
        return self.stopped is None and now - self.began < self.schedule.length

    def logs(self, after: str | None, page: int, now: float) -> bytes:
        """The entries behind the one with the id ``after``, at most ``page`` of them, as a JSON array.

        Raises:
            Refused: no such entry was ever printed.
        """
        moments, elapsed = self.schedule.moments, (self.stopped or now) - self.began
        printed = bisect_right(moments, elapsed)
        over = elapsed >= self.schedule.length
        seen = self._number(after) if after else 0
        if not 0 <= seen <= printed + over:
            raise Refused("There is no such log.")
        first = max(seen, bisect_left(moments, now - _KEPT_S - self.began))
        numbers = range(first + 1, min(printed + over, first + page) + 1)
        templates, run = _templates(self.schedule, self.mark, self.places), f"{self.number:04x}"
        entries = [
            templates[number - 1]
            % (run, self.launch_id, self.device, int((self.began + self._moment(number)) * 1000))
            for number in numbers
        ]
        return f"[{','.join(entries)}]".encode()

    def _moment(self, number: int) -> float:
        moments = self.schedule.moments
        return moments[number - 1] if number <= len(moments) else self.schedule.length

    def _number(self, log_id: str) -> int:
        try:
            number = int(log_id[-8:], 16)
        except ValueError as error:
            raise Refused("That is no log id.") from error
        if log_id != _log_id(number) % f"{self.number:04x}":
            raise Refused("That log is of another run.")
        return number


@cache
def _templates(schedule: Schedule, mark: str, places: tuple[int, ...]) -> list[str]:
    """Each entry as JSON, but for what tells one run from another and its timestamp; built once for all."""
    report = json.dumps({"event": "end", "status": "success"}, separators=(",", ":"))
    messages = [message(number, "%s") for number in range(1, len(schedule.moments) + 1)]
    # It does not name the device.
    messages.append(f"{mark}{report}%.0s")
    return [
        f'{{"id":"{_log_id(number)}","automationId":"%s","message":{json.dumps(text)},'
        f'"lineNumber":{places[number % len(places)]},"messageLevel":"{"log" if number % 10 else "warn"}",'
        '"timestamp":%d}'
        for number, text in enumerate(messages, 1)
    ]


def _log_id(number: int) -> str:
    scattered = number * _SCATTER & 0xFFFF_FFFF
    return f"{scattered:08x}-{scattered >> 16:04x}-4a11-8b0b-%s{number:08x}"


class Fleet:
    """The devices, and what was launched on them."""

    def __init__(self, devices: int, schedule: Schedule, page: int) -> None:
        self._names = {str(UUID(int=index, version=4)): device_name(index) for index in range(devices)}
        self._schedule = schedule
        self._page = page
        self._runs: dict[str, Run] = {}
        self._numbers = count(1)
        self.requests: Counter[str] = Counter()
        self.connections = 0

    def answer(self, method: str, target: str, body: bytes) -> bytes | None:
        """The JSON of the answer; None: there is no such route.

        Raises:
            Refused: the platform would say no.
        """
        route = target.removeprefix(_UNDER)
        if (method, target) == ("GET", "/figures"):
            return _json(self._figures())
        self.requests[f"{method} {route}"] += 1
        if route == target:
            return None
        match method, route:
            case "GET", "/devices":
                return _json({"success": True, "devices": self._records()})
            case "POST", "/devices/launchDirectAutomation":
                self._control(json.loads(body))
                return _json({"success": True, "message": "Action performed successfully"})
            case "POST", "/devices/stopAllAutomations":
                device = self._device(json.loads(body))
                self._stop([run for run in self._runs.values() if run.device == device])
                return _json({"success": True, "message": "All automations stopped successfully"})
            case "POST", "/devices/automationLogs":
                return b'{"logs":%b}' % self._logs(json.loads(body))
        return None

    def _logs(self, asked: dict[str, Any]) -> bytes:
        device = self._device(asked)
        runs = [self._runs[each] for each in asked["automation_ids"] if each in self._runs]
        # Of several, each would be another part of what the device has printed.
        if len(runs) > 1:
            raise Refused("This server tells of one automation at a time.")
        return (
            runs[0].logs(asked.get("from"), self._page, time.time())
            if runs and runs[0].device == device
            else b"[]"
        )

    def _control(self, asked: dict[str, Any]) -> None:
        device, launch_id, code = self._device(asked), asked["launch_id"], asked["code"]
        if asked["command"] == "stop":
            self._stop([self._runs[launch_id]] if launch_id in self._runs else [])
            return
        # The bundle is given its mark as a piece of JSON.
        mark, _ = json.JSONDecoder().raw_decode(code, code.index(f'"{PLAIN_MARK}'))
        # What reports the end binds its own.
        places = [
            number
            for number, line in enumerate(code.split("\n"), 1)
            if "console." in line and "console.log.bind(" not in line
        ]
        self._runs[launch_id] = Run(
            number=next(self._numbers),
            device=device,
            launch_id=launch_id,
            schedule=self._schedule,
            began=time.time(),
            mark=mark,
            places=tuple(places) or (1,),
        )

    def _stop(self, runs: list[Run]) -> None:
        for run in runs:
            run.stopped = run.stopped or time.time()

    def _device(self, asked: dict[str, Any]) -> str:
        name = self._names.get(asked["device_id"])
        if name is None:
            raise Refused(_UNAVAILABLE)
        return name

    def _records(self) -> list[dict[str, object]]:
        now = time.time()
        going_on: dict[str, list[dict[str, str]]] = {}
        for run in self._runs.values():
            if run.goes_on(now):
                going_on.setdefault(run.device, []).append({"id": run.launch_id, "name": "Direct launch"})
        return [
            {
                "remote_device_id": device_id,
                "added": "2025-08-19T10:00:00Z",
                "automations": going_on.get(name, []),
                "brand": "Google",
                "country": "US",
                "isEmulator": True,
                "model": "sdk_gphone64_x86_64",
                "name": name,
                "networkType": "wifi",
                "numberOfCores": 8,
                "online": True,
                "processor": "x86_64",
                "ramMb": 4096,
                "sdkVersion": "34",
                "version": "14",
            }
            for device_id, name in self._names.items()
        ]

    def _figures(self) -> dict[str, object]:
        return {
            "requests": dict(self.requests),
            "connections": self.connections,
            "began": {run.device: run.began for run in self._runs.values()},
            "processor": time.process_time(),
        }


class Connection(asyncio.Protocol):
    """One kept connection: requests one after the other, each answered at once."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._received = bytearray()
        self._awaited = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._fleet.connections += 1

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
        try:
            answer = self._fleet.answer(method, target, body)
        except Refused as refusal:
            self._send(400, _json({"success": False, "message": str(refusal)}))
            return
        if answer is None:
            self._send(404, f"<pre>Cannot {method} {target}</pre>".encode(), "text/html; charset=utf-8")
        else:
            self._send(200, answer)

    def _send(self, status: int, body: bytes, kind: str = "application/json") -> None:
        head = (
            f"HTTP/1.1 {status} {_REASONS[status]}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._transport.write(head.encode("ascii") + body)


def _json(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode()


async def serve(fleet: Fleet) -> None:
    """Serve on a free port of this machine until the process is ended; its address is printed first."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(fleet), "127.0.0.1", 0, backlog=256)
    print(json.dumps({"url": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"}), flush=True)  # noqa: T201
    await server.serve_forever()


def main() -> None:
    """Serve with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True, help="lines a second of each run")
    parser.add_argument("--seconds", type=float, required=True, help="for which a run prints so many")
    parser.add_argument("--quiets", type=float, nargs="*", default=[], help="pauses behind that, in seconds")
    parser.add_argument("--page", type=int, required=True, help="lines in an answer at most")
    options = parser.parse_args()
    schedule = Schedule(options.rate, options.seconds, tuple(options.quiets))
    asyncio.run(serve(Fleet(options.devices, schedule, options.page)))


if __name__ == "__main__":
    main()
