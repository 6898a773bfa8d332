"""The documented API of a served emulator, asked as one of those who have a token."""

from __future__ import annotations

from typing import Any

import httpx
from served_emulator import DEADLINE, ServedEmulator

from tests.spec_conformance import hold_against_specs


class PlatformApi:
    """Asks as whoever the headers are of; every answer is held against the spec."""

    def __init__(self, emulator: ServedEmulator, token: str, **headers: str) -> None:
        self.emulator = emulator
        self.client = httpx.Client(
            base_url=f"{emulator.record.url}/api/v2",
            headers={"Authorization": f"Bearer {token}", **headers},
            timeout=DEADLINE,
            trust_env=False,
            event_hooks={"response": [hold_against_specs]},
        )

    def ask(self, method: str, path: str, status: int = 200, **request: Any) -> Any:
        """The document that a request is answered with, under that status."""
        response = self.client.request(method, path, **request)
        assert response.status_code == status, response.text
        return response.json()

    def get(self, path: str, status: int = 200, **query: object) -> Any:
        """The document at a path."""
        return self.ask("GET", path, status, params={name: str(value) for name, value in query.items()})

    def post(self, path: str, status: int = 200, **body: object) -> Any:
        """What a path answers to a body. ``from_`` stands for ``from``."""
        return self.ask("POST", path, status, json={name.rstrip("_"): value for name, value in body.items()})

    def control(self, path: str, **body: object) -> Any:
        """What the emulator's own endpoint answers to a body."""
        response = self.client.post(f"{self.emulator.record.url}/_emulator/{path}", json=body)
        assert response.status_code == 200, response.text
        return response.json()

    def advance(self, seconds: float) -> None:
        """Moves the platform's clock forward."""
        self.control("clock", seconds=seconds)
