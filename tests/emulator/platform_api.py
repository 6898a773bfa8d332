"""The documented API of a served emulator, asked as one of those who have a token."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
from served_emulator import ServedEmulator


@dataclass(frozen=True)
class PlatformApi:
    """Asks as whoever the token is of."""

    emulator: ServedEmulator
    token: str
    headers: dict[str, str] = field(default_factory=dict)
    """What is sent besides it."""

    def request(self, method: str, path: str, **request: Any) -> httpx.Response:
        """What a path below ``/api/v2`` answers, which is held against the spec."""
        return self._send(method, f"/api/v2/{path}", **request)

    def ask(self, method: str, path: str, status: int = 200, **request: Any) -> Any:
        """The document that a request is answered with, under that status."""
        response = self.request(method, path, **request)
        assert response.status_code == status, response.text
        return response.json()

    def get(self, path: str, status: int = 200, **query: object) -> Any:
        """The document at a path."""
        return self.ask("GET", path, status, params={name: str(value) for name, value in query.items()})

    def post(self, path: str, status: int = 200, **body: object) -> Any:
        """What a path answers to a body. ``from_`` stands for ``from``."""
        return self.ask("POST", path, status, json={name.rstrip("_"): value for name, value in body.items()})

    def control(self, path: str, status: int = 200, **body: object) -> Any:
        """What the emulator's own endpoint answers to a body."""
        response = self._send("POST", f"/_emulator/{path}", json=body)
        assert response.status_code == status, response.text
        return response.json()

    def advance(self, seconds: float) -> None:
        """Moves the platform's clock forward."""
        self.control("clock", seconds=seconds)

    def _send(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **self.headers, **request.pop("headers", {})}
        return self.emulator.client.request(method, path, headers=headers, **request)
