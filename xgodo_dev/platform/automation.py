"""The platform's documented automation control API, and the device list of its client API."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Protocol
from urllib.parse import quote

from xgodo_dev.errors import (
    ApiError,
    DeviceOffline,
    NotFound,
    ProjectNotFound,
    ServerUnavailable,
    XgodoError,
)
from xgodo_dev.platform.answers import RouteMissing, readable
from xgodo_dev.platform.commits import Commit, commit
from xgodo_dev.platform.request import LARGEST_ANSWER_WITH_FILE
from xgodo_dev.platform.shapes import text
from xgodo_dev.platform.shared_answer import SharedAnswer
from xgodo_dev.platform.transport import Transport

# No source states which method writes a file; the web IDE's twin of the endpoint is PUT
# and the endpoint shares its path with the GET.
_WRITE_METHODS = ("PUT", "POST")
_WRITE_METHOD_FACT = "write-method"
# Seconds.
_SILENCE_OF_LOGS = 15.0
_STOP_WITHIN = 5.0
_LISTING_WITHIN = 10.0
_RUNS_LISTED_FACT = "device-records-list-runs"


class ServerMemory(Protocol):
    """Keeps what was learned about a server."""

    def fact(self, name: str) -> str | None:
        """What was learned under ``name``, or None."""

    def learn(self, name: str, value: str) -> None:
        """Keep ``value`` under ``name``."""


@dataclass(frozen=True)
class LogEntry:
    """One line of a run's console, as the platform keeps it for ten minutes."""

    id: str
    """Empty: the server gave none."""
    automation_id: str
    message: str
    line: int
    """Line of the script that ran, from 1; not of the TypeScript file."""
    level: str
    timestamp: int
    """Milliseconds since the epoch, by the platform's clock."""


@dataclass(frozen=True)
class Device:
    """A phone we may run automations on."""

    id: str
    name: str
    online: bool
    record: Mapping[str, Any]
    """Everything the platform says about it, as it says it."""

    def runs(self, automation_id: str) -> bool | None:
        """Whether the record lists that automation as running; None when it has no such list.

        The shape of the list's items is documented nowhere, so an item counts when it carries the
        id anywhere. Nor is it documented that every run is listed: absence alone proves nothing.
        """
        automations = self.record.get("automations")
        if not isinstance(automations, list):
            return None
        return any(automation_id in repr(item) for item in automations)

    def has_finished(self, automation_id: str) -> bool:
        """Whether the record says that this run had nothing left to do. Only the emulator's records do."""
        finished = self.record.get("finishedAutomations")
        return isinstance(finished, list) and automation_id in finished


class AutomationApi:
    """Files, commits, launches and logs of automations on one server."""

    def __init__(self, transport: Transport, memory: ServerMemory | None = None) -> None:
        self._transport = transport
        self._memory = memory
        self._write_method = memory.fact(_WRITE_METHOD_FACT) if memory else None
        self.runs_are_listed = bool(memory and memory.fact(_RUNS_LISTED_FACT))
        """Whether this server was seen to list direct runs in its device records."""
        self.runs_are_listed_at_once = False
        """Whether it is known to do so from the answer to a launch on."""
        self.device_list = SharedAnswer(self.devices)
        """What ``devices`` returns, for many who want to know at once."""

    async def reconnect(self) -> None:
        """Use no connection any more that there is; see ``Transport.reconnect``."""
        await self._transport.reconnect()

    async def write_file(
        self, project_id: str, path: str, content: str, *, on_sent: Callable[[], None] | None = None
    ) -> None:
        """Create or replace a file (at most about 50 MB); the server compiles ``.ts`` files.

        ``on_sent`` is called when the content has left; the answer comes only after the compilation.

        It is sent once: a write that is repeated after a pause would replace what somebody else
        wrote in between, so whoever wants to try again has to look at the file first.

        Raises:
            CompileRefused: the server's compiler found errors.
            ProjectNotFound: no such project, or it is not ours.
            UnreachableError: no answer that confirms it, so that it may or may not be written.
        """
        endpoint, body = _project_endpoint("file", project_id), {"path": path, "content": content}
        missing: RouteMissing | None = None
        # What is remembered goes first, but servers change: the other method is one request away.
        for method in sorted(_WRITE_METHODS, key=lambda method: method != self._write_method):
            try:
                answer = await self._transport.request(
                    method,
                    endpoint,
                    body=body,
                    repeatable=False,
                    pausable=False,
                    on_sent=on_sent,
                    not_found=ProjectNotFound,
                )
            except RouteMissing as error:
                missing = missing or error
            except ApiError:
                self._remember_write_method(method)
                raise
            else:
                confirmed = isinstance(answer, dict) and answer.get("success") is True
                # The answer to a read, out of step on its connection, would say success too.
                if not confirmed or "content" in answer or answer.get("path", path) != path:
                    raise ServerUnavailable(f"The server did not confirm that it wrote {path}.")
                self._remember_write_method(method)
                return
        assert missing is not None
        raise missing

    async def read_file(self, project_id: str, path: str) -> str | None:
        """A file's content, or None when the server has no such file or project (it doesn't say which)."""
        try:
            answer = await self._transport.request(
                "GET",
                _project_endpoint("file", project_id),
                query={"path": path},
                repeatable=True,
                largest=LARGEST_ANSWER_WITH_FILE,
            )
        except NotFound:
            return None
        return text(answer, "content", "a file")

    async def commit(self, project_id: str, message: str) -> Commit:
        """Commit all changes of the remote project; ``message`` has 1 to 1000 characters.

        Raises:
            NothingToCommit: there is no change.
            ProjectNotFound: no such project, or it is not ours.
        """
        return await commit(self._transport, _project_endpoint("commit", project_id), message)

    async def devices(self) -> list[Device]:
        """The phones we own or rent."""
        answer = await self._transport.request("GET", "/devices", repeatable=True)
        records = answer.get("devices") if isinstance(answer, dict) else answer
        if not isinstance(records, list):
            raise ServerUnavailable("The server's list of devices has an unknown shape.")
        # One without an id can't be used, and is no reason not to use the others; one that is listed twice is
        # one device.
        known = {
            record["remote_device_id"]: record
            for record in records
            if isinstance(record, dict) and isinstance(record.get("remote_device_id"), str)
        }
        if records and not known:
            raise ServerUnavailable("The server's list of devices has an unknown shape.")
        return [
            Device(
                id=device_id,
                name=readable(str(record.get("name") or device_id)),
                online=record.get("online") is True,
                record=record,
            )
            for device_id, record in known.items()
        ]

    async def launch_direct(
        self,
        device: Device,
        launch_id: str,
        code: str,
        parameters: Mapping[str, object],
        variables: Mapping[str, object],
    ) -> None:
        """Start ``code`` on a device; ``launch_id`` is a fresh UUID that names the run's logs.

        Raises:
            DeviceOffline: the platform could not reach the device.
        """
        await self._control(
            "/devices/launchDirectAutomation",
            device,
            {
                "device_id": device.id,
                "launch_id": launch_id,
                "command": "start",
                "code": code,
                "automationParameters": dict(parameters),
                "jobVariables": dict(variables),
            },
        )

    async def stop_direct(self, device: Device, launch_id: str) -> None:
        """Stop one direct run; the platform wants ``code`` even then."""
        await self._control(
            "/devices/launchDirectAutomation",
            device,
            {"device_id": device.id, "launch_id": launch_id, "command": "stop", "code": "// stop"},
        )

    async def launch_saved(
        self,
        device: Device,
        project_id: str,
        parameters: Mapping[str, object],
        variables: Mapping[str, object],
    ) -> None:
        """Start the project as the platform has saved it on a device; its logs carry the project's id.

        Raises:
            DeviceOffline: the platform could not reach the device.
            ProjectNotFound: no such project, or it is not ours.
        """
        await self._control(
            "/devices/launchAutomation",
            device,
            {
                "device_ids": [device.id],
                "automationId": project_id,
                "command": "start",
                "automationParameters": dict(parameters),
                "jobVariables": dict(variables),
            },
            not_found=ProjectNotFound,
        )

    async def stop_saved(self, device: Device, project_id: str) -> None:
        """Stop the saved project on a device, whoever started it."""
        await self._control(
            "/devices/launchAutomation",
            device,
            {"device_ids": [device.id], "automationId": project_id, "command": "stop"},
        )

    def note_runs_are_listed(self, *, at_once: bool = False) -> None:
        """A device record was seen to list a direct run: from now on a run's absence means something."""
        self.runs_are_listed_at_once |= at_once
        if not self.runs_are_listed:
            self.runs_are_listed = True
            if self._memory:
                self._memory.learn(_RUNS_LISTED_FACT, "yes")

    async def stop_all(self, device: Device) -> None:
        """Stop every automation on the device, whoever started it."""
        await self._transport.request(
            "POST",
            "/devices/stopAllAutomations",
            body={"device_id": device.id},
            repeatable=True,
            within=_STOP_WITHIN,
        )

    async def logs(self, device: Device, automation_ids: Sequence[str], after: str | None) -> list[LogEntry]:
        """Log lines of the last ten minutes, oldest first; with ``after``, those behind that log id."""
        body: dict[str, Any] = {"device_id": device.id, "automation_ids": list(automation_ids)}
        if after is not None:
            body["from"] = after
        # Sent once, and not waited for long: who follows a run asks again anyway, and has to know.
        answer = await self._transport.request(
            "POST",
            "/devices/automationLogs",
            body=body,
            repeatable=True,
            pausable=False,
            silence=_SILENCE_OF_LOGS,
            in_background=True,
        )
        entries = answer.get("logs") if isinstance(answer, dict) else None
        if not isinstance(entries, list):
            raise ServerUnavailable("The server's logs have an unknown shape.")
        # A server that leaves the id out can only mean the one that was asked for.
        unsaid = automation_ids[0] if len(automation_ids) == 1 else ""
        return [_log_entry(entry, unsaid) for entry in entries if isinstance(entry, dict)]

    async def _control(
        self,
        endpoint: str,
        device: Device,
        body: Mapping[str, Any],
        *,
        not_found: type[NotFound] = NotFound,
    ) -> None:
        asked = time.monotonic()
        try:
            # Not repeatable: a launch heard twice would run twice.
            stops = body["command"] == "stop"
            within = _STOP_WITHIN if stops else None
            await self._transport.request(
                "POST", endpoint, body=body, repeatable=stops, within=within, not_found=not_found
            )
        except RouteMissing:
            raise
        except ApiError as error:
            # "Some devices offline or not found." is the one refusal documented, without a code of
            # its own; whether it is that one, the list of devices tells. Of many, all are refused at once.
            try:
                async with asyncio.timeout(_LISTING_WITHIN):
                    listed = {each.id: each for each in await self.device_list.since(asked)}
            except (XgodoError, TimeoutError):
                raise error from None
            if device.id in listed and listed[device.id].online:
                raise
            raise DeviceOffline(
                f"{device.name}: {error}", hint="See `xgodo-dev devices` for what is online."
            ) from error

    def _remember_write_method(self, method: str) -> None:
        if self._write_method != method:
            self._write_method = method
            if self._memory:
                self._memory.learn(_WRITE_METHOD_FACT, method)


def _milliseconds(timestamp: Any) -> int:
    if isinstance(timestamp, float):
        # JSON as Python reads it has numbers that are not finite.
        return int(timestamp) if isfinite(timestamp) else 0
    return timestamp if isinstance(timestamp, int) else 0


def _project_endpoint(service: str, project_id: str) -> str:
    # An id comes from a settings file: whatever it holds, it stays one part of the path.
    return f"/automation/{service}/{quote(project_id, safe='')}"


def _log_entry(entry: dict[str, Any], automation_id: str) -> LogEntry:
    line, timestamp = entry.get("lineNumber"), entry.get("timestamp")
    message = entry.get("message")
    log_id = entry.get("id")
    return LogEntry(
        id="" if log_id is None else str(log_id),
        automation_id=str(entry.get("automationId") or automation_id),
        message=readable(message if isinstance(message, str) else str(message)),
        line=line if isinstance(line, int) else 0,
        level=readable(str(entry.get("messageLevel") or "log")),
        timestamp=_milliseconds(timestamp),
    )
