"""What has to be there before an endpoint can be asked for something: made through other endpoints."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

import httpx

from tests.emulator.served_emulator import DEADLINE, ServedEmulator, wait_for

PROJECT = "83ba7359-d8eb-4374-8ecb-055af01fddfe"
# No endpoint is asked to change this one: what it does stays what it is.
WORKING_PROJECT = "5f1c2a64-7f0e-4b1d-9a35-0f3b6f3de0c2"
# Works on its task until it is stopped, and says with which token.
WORKING = """
console.log("token", agent.info.getAutomationInfo().agent?.token);
setInterval(() => undefined, 1000);
"""

T = TypeVar("T")


class World:
    """Things on one emulator, made by its account, its colleague, or its account at Mobilerun."""

    def __init__(self, emulator: ServedEmulator) -> None:
        self.emulator = emulator
        self._numbers = itertools.count(1)

    def ask(
        self, method: str, path: str, body: object = None, *, token: str | None = None, **query: Any
    ) -> Any:
        """One request that works, and its document; the account's unless another token is given."""
        response = self._request(method, path, body, token, query)
        assert response.status_code < 300, (method, path, response.status_code, response.text)
        return response.json() if response.content else None

    def mobilerun(self, method: str, path: str, body: object = None, **query: Any) -> Any:
        """The same at Mobilerun."""
        return self.ask(
            method, f"/mobilerun/v1{path}", body, token=self.emulator.record.mobilerun_key, **query
        )

    @property
    def colleague(self) -> str:
        """The colleague's token."""
        return self.emulator.record.colleague_token

    @cached_property
    def devices(self) -> list[str]:
        """The devices that are online."""
        return [each["remote_device_id"] for each in self.ask("GET", "/api/v2/devices") if each["online"]]

    @cached_property
    def project(self) -> str:
        """A project with a file, and nothing to commit."""
        self._begin(PROJECT)
        return PROJECT

    def _begin(self, project: str) -> None:
        assert self.emulator.write(project, "main.ts", WORKING).status_code == 200
        assert self.emulator.commit(project, "Begin").status_code == 200

    def changed_project(self) -> str:
        """A project with something to commit."""
        self.emulator.write(self.project, "notes.ts", f"export const note = {next(self._numbers)};\n")
        return self.project

    def job(self, *, token: str | None = None, **fields: Any) -> str:
        """A job for people."""
        body = {
            "title": f"Job {next(self._numbers)}",
            "category": "Engineering",
            "description": "We are looking for somebody.",
            "proof": "An address.",
            "duration": 60,
            "positions": 5,
            "job_price": 0.01,
            "few_times": True,
            **fields,
        }
        return str(self.ask("POST", "/api/v2/jobs/submit", body, token=token)["job_id"])

    def automation_job(self, project: str | None = None) -> str:
        """A job for phones, which run that project."""
        body = {"automation_id": project or self.project, "title": f"Job {next(self._numbers)}"}
        return str(self.ask("POST", "/_emulator/jobs", body)["job_id"])

    def planned_task(self, job: str, **fields: Any) -> str:
        """An input that waits."""
        body = {"job_id": job, "inputs": [json.dumps({"number": next(self._numbers)})], **fields}
        return str(
            self.ask("POST", "/api/v2/planned_tasks/submit", body)["inserted_ids"][0]["planned_task_id"]
        )

    def task(self, job: str, *, status: str | None = None) -> str:
        """A task that the colleague handed in, judged so."""
        body: dict[str, Any] = {"job_id": job, "job_proof": "done"}
        variables = self.ask("GET", "/api/v2/tasks/apply", token=self.colleague, job_id=job)
        if variables:
            body["custom_vars"] = variables
        task = str(self.ask("POST", "/api/v2/tasks/submit", body, token=self.colleague)["job_task_id"])
        if status:
            judged = {"JobTasks_Ids": [task], "status": status, "job_id": job}
            self.ask("PUT", "/api/v2/jobs/applicants", judged)
        return task

    @cached_property
    def agent_token(self) -> str:
        """The token of an automation that works on a task of a job."""
        self._begin(WORKING_PROJECT)
        self.planned_task(self.automation_job(WORKING_PROJECT), run_immediately=True)

        def printed() -> list[str]:
            logs = (
                line["message"]
                for device in self.devices
                for line in self.ask(
                    "POST",
                    "/api/v2/devices/automationLogs",
                    {"device_id": device, "automation_ids": [WORKING_PROJECT]},
                )["logs"]
            )
            return [line.split()[-1] for line in logs if line.startswith("token ")]

        return wait_for(printed, bool)[-1]

    def connection(self) -> str:
        """A proxy connection."""
        body = {"device_id": self.devices[0]}
        created = self.ask("POST", "/api/v2/devices/connections/create", body)
        return str(created["connection"]["connectionId"])

    def bucket(self) -> tuple[str, str]:
        """A job and a device with a bucket."""
        job, device = self.automation_job(), self.devices[0]
        self.ask("PUT", f"/api/v2/bucket/{job}/{device}", {"data": {"count": 1}})
        return job, device

    def upload(self) -> str:
        """An uploaded file's name."""
        response = self.emulator.client.post("/api/v2/files/upload", files={"file": ("note.txt", b"a note")})
        assert response.status_code == 200, response.text
        return str(response.json()["data"]["filename"])

    def withdrawal(self) -> None:
        """A withdrawal, so that there is one."""
        self.ask("POST", "/api/v2/payments/withdraw", {"amount": 10, "wallet_address": "0x1234567890abcdef"})

    def cloud_device(self) -> str:
        """A cloud phone that is ready. The one before it is terminated, since there are few of them."""
        for device in self.mobilerun("GET", "/devices", state="ready")["items"]:
            if device["provider"] != "personal":
                self.mobilerun("DELETE", f"/devices/{device['id']}", {})
        device = self.mobilerun("POST", "/devices", {"name": "phone", "apps": [], "files": []})["id"]
        self.mobilerun("GET", f"/devices/{device}/wait")
        return str(device)

    def agent_task(self, text: str) -> str:
        """A task of Mobilerun's agent."""
        body = {"task": text, "llmModel": "google/gemini-3-flash", "deviceId": self.cloud_device()}
        return str(self.mobilerun("POST", "/tasks", body)["id"])

    @cached_property
    def completed_task(self) -> str:
        """One that came to its end."""
        task = self.agent_task("Look at the weather")
        end = time.monotonic() + DEADLINE
        while self.mobilerun("GET", f"/tasks/{task}/status")["status"] != "completed":
            assert time.monotonic() < end
            time.sleep(0.02)
        return task

    def hook(self) -> str:
        """A subscription to events of tasks."""
        body = {"targetUrl": "http://127.0.0.1:9/hook", "events": ["completed"], "service": "other"}
        return str(self.mobilerun("POST", "/hooks/subscribe", body)["id"])

    def _request(
        self, method: str, path: str, body: object, token: str | None, query: dict[str, Any]
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        send: Callable[..., httpx.Response] = self.emulator.client.request
        return send(method, path, json=body, params=query, headers=headers)
