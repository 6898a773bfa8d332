"""A really served emulator in a thread of the test process, and what tests ask of it."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx
from starlette.types import ASGIApp

from tests.spec_conformance import hold_against_specs
from xgodo_dev.emulator.record import EmulatorRecord
from xgodo_dev.emulator.server import serve

T = TypeVar("T")

DEADLINE = 60.0


@dataclass
class ServedEmulator:
    """An emulator that answers at ``record.url``; ``client`` carries its token."""

    record: EmulatorRecord
    data: Path
    client: httpx.Client

    def devices(self) -> list[dict[str, object]]:
        """The records of its devices."""
        response = self.client.get("/api/v2/devices")
        assert response.status_code == 200
        return list(response.json())

    def device_id(self, *, online: bool = True) -> str:
        """The first device that is, or is not, connected."""
        return next(
            str(record["remote_device_id"]) for record in self.devices() if record["online"] is online
        )

    def project_folder(self, project: str) -> Path:
        """Where it keeps a project."""
        return self.data / "projects" / project

    def write(self, project: str, path: str, content: str) -> httpx.Response:
        """Writes a project file."""
        return self.client.put(f"/api/v2/automation/file/{project}", json={"path": path, "content": content})

    def commit(self, project: str, message: str) -> httpx.Response:
        """Commits a project."""
        return self.client.post(f"/api/v2/automation/commit/{project}", json={"message": message})

    def launch(self, code: str, **fields: object) -> str:
        """Starts a script on the connected device and returns its launch id."""
        launch_id = str(uuid.uuid4())
        body = {"device_id": self.device_id(), "launch_id": launch_id, "command": "start", "code": code}
        response = self.client.post("/api/v2/devices/launchDirectAutomation", json=body | fields)
        assert response.json() == {"success": True, "message": "Action performed successfully"}
        return launch_id

    def logs(self, run_id: str, **fields: object) -> list[dict[str, object]]:
        """The log documents of a run."""
        body = {"device_id": self.device_id(), "automation_ids": [run_id], **fields}
        response = self.client.post("/api/v2/devices/automationLogs", json=body)
        assert response.status_code == 200, response.text
        return list(response.json()["logs"])

    def logs_until(
        self, run_id: str, enough: Callable[[list[dict[str, object]]], bool]
    ) -> list[dict[str, object]]:
        """The logs of a run as soon as they satisfy ``enough``."""
        return wait_for(lambda: self.logs(run_id), enough)

    def messages(self, run_id: str, count: int) -> list[object]:
        """The messages of a run as soon as there are ``count``."""
        return [line["message"] for line in self.logs_until(run_id, lambda lines: len(lines) >= count)]

    def running(self) -> set[str]:
        """The ids of what runs on any device."""
        items = [item for record in self.devices() for item in list_of(record["automations"])]
        return {str(item["id"]) for item in items}


def list_of(value: object) -> list[dict[str, object]]:
    """The value, which has to be a list."""
    assert isinstance(value, list)
    return value


def wait_for(ask: Callable[[], T], enough: Callable[[T], bool]) -> T:
    """Asks again until the answer is enough; fails with the last answer at the deadline."""
    end = time.monotonic() + DEADLINE
    while True:
        answer = ask()
        if enough(answer):
            return answer
        assert time.monotonic() < end, f"not within {DEADLINE} s: {answer!r}"
        time.sleep(0.01)


@contextlib.contextmanager
def serve_in_thread(
    data: Path,
    *,
    port: int | None = 0,
    device_count: int = 1,
    listed: bool = False,
    project_api: bool = True,
    around: Callable[[ASGIApp], ASGIApp] = lambda app: app,
) -> Iterator[ServedEmulator]:
    """Serves until the block ends; raises what ``serve`` raises."""
    ready: queue.Queue[EmulatorRecord] = queue.Queue()
    ended: Future[None] = Future()

    def run() -> None:
        try:
            asyncio.run(
                serve(
                    data,
                    port=port,
                    device_count=device_count,
                    listed=listed,
                    project_api=project_api,
                    around=around,
                    on_ready=ready.put,
                )
            )
        except BaseException as error:  # noqa: BLE001 - handed to the test below
            ended.set_exception(error)
        else:
            ended.set_result(None)

    thread = threading.Thread(target=run, name="emulator")
    thread.start()
    try:
        record = wait_for_record(ready, ended)
        headers = {"Authorization": f"Bearer {record.token}"}
        hooks = {"response": [hold_against_specs]}
        with httpx.Client(
            base_url=record.url, headers=headers, timeout=DEADLINE, trust_env=False, event_hooks=hooks
        ) as client:
            try:
                yield ServedEmulator(record, data, client)
            finally:
                if not ended.done():
                    client.post("/_emulator/stop")
        ended.result(DEADLINE)
    finally:
        thread.join(DEADLINE)
        assert not thread.is_alive()


def wait_for_record(ready: queue.Queue[EmulatorRecord], ended: Future[None]) -> EmulatorRecord:
    """The record of a started server, or what it failed with."""
    end = time.monotonic() + DEADLINE
    while True:
        try:
            return ready.get(timeout=0.05)
        except queue.Empty:
            if ended.done():
                ended.result()
            assert time.monotonic() < end, "the emulator did not start"
