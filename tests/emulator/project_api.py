"""How a client of the project API asks a served emulator."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import httpx
from served_emulator import ServedEmulator

PREFIXES = ("/api/v2", "/server/api/v2")


def blob_hash(content: bytes) -> str:
    """Git's id of a blob, computed as the platform's documentation of it says."""
    return hashlib.sha1(b"blob " + str(len(content)).encode() + b"\0" + content).hexdigest()


@dataclass(frozen=True)
class ProjectApi:
    """One project as seen under one prefix."""

    emulator: ServedEmulator
    project: str
    prefix: str = "/server/api/v2"

    def request(self, method: str, path: str = "", **settings: Any) -> httpx.Response:
        """Asks for something below the project."""
        url = f"{self.prefix}/automation-project/{self.project}{path}"
        return self.emulator.client.request(method, url, **settings)

    def get(self, path: str = "", /, **parameters: Any) -> Any:
        """The document of an answer, which has to be a success."""
        response = self.request("GET", path, params=parameters or None)
        assert response.status_code == 200, response.text
        document = response.json()
        assert document["success"] is True
        return document

    def send(self, files: dict[str, bytes]) -> httpx.Response:
        """Syncs files."""
        entries = [
            {"path": path, "content": base64.b64encode(content).decode()} for path, content in files.items()
        ]
        return self.request("POST", "/sync", json={"files": entries})

    def sync(self, files: dict[str, bytes]) -> list[dict[str, Any]]:
        """Syncs files, and returns what became of them."""
        response = self.send(files)
        assert response.status_code == 200, response.text
        assert response.json().keys() == {"success", "updated"}
        return list(response.json()["updated"])

    def hashes(self) -> dict[str, str]:
        """What is stored, path to hash."""
        return {file["path"]: file["hash"] for file in self.get("/files")["files"]}

    def changes(self) -> dict[str, str]:
        """What differs from the last commit, path to status."""
        document = self.get("/git/status")
        assert document["hasChanges"] is bool(document["changes"])
        return {change["path"]: change["status"] for change in document["changes"]}

    def commit(self, message: str) -> str:
        """Commits, and returns the commit's hash."""
        response = self.request("POST", "/commit", json={"message": message})
        assert response.status_code == 200, response.text
        assert response.json()["commit"]["message"] == message
        return str(response.json()["commit"]["hash"])
