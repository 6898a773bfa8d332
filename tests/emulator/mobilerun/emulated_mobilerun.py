"""What tests ask of the emulated Mobilerun."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx
from served_emulator import wait_for

from xgodo_dev.emulator.mobilerun.account import MobilerunAccount

MODEL = "google/gemini-3-flash"
SETTINGS = {"apps": [], "maxSteps": 100, "reasoning": True, "executionTimeout": 1000, "outputSchema": None}
"""Of a task that is begun without a server, which would fill in what the spec has as defaults."""

OpenAccount = Callable[[], AbstractAsyncContextManager[MobilerunAccount]]
"""Opens the account of one data folder, as often as a test restarts the emulator."""


class Mobilerun:
    """The API of the served emulator, asked with its key."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client

    def get(self, path: str, status: int = 200, /, **query: object) -> dict[str, object]:
        """The document at a path."""
        response = self.client.get(path, params={name: str(value) for name, value in query.items()} or None)
        assert response.status_code == status, response.text
        return dict(response.json())

    def post(self, path: str, status: int = 200, /, **body: object) -> dict[str, object]:
        """What a path answers to a body."""
        response = self.client.post(path, json=body)
        assert response.status_code == status, response.text
        return dict(response.json())

    def provision(self, **body: object) -> str:
        """The id of a new cloud device, which need not be ready."""
        return str(self.post("devices", **body)["id"])

    def terminate(self, device_id: str) -> None:
        """Ends a cloud device."""
        assert self.client.request("DELETE", f"devices/{device_id}", json={}).status_code == 204

    def run(self, task: str, **settings: object) -> str:
        """The id of a new task."""
        return str(self.post("tasks", task=task, llmModel=MODEL, **settings)["id"])

    def status(self, task_id: str) -> object:
        """How a task stands."""
        return self.get(f"tasks/{task_id}/status")["status"]

    def until(self, task_id: str, *statuses: str) -> dict[str, object]:
        """What is said of a task's status as soon as it is one of these."""
        return wait_for(
            lambda: self.get(f"tasks/{task_id}/status"), lambda answer: answer["status"] in statuses
        )

    def phone(self, state: str = "ready") -> str:
        """The id of the personal phone in a state."""
        items = self.get("devices", provider="personal", state=state)["items"]
        assert isinstance(items, list)
        return str(items[0]["id"])
