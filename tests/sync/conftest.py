"""A remote project on a real socket, and a working copy that is pushed to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scripted_server import IMPATIENT, scripted_server
from tests.sync.remote_project import PROJECT, RemoteProject
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project.state import State
from xgodo_dev.sync.push import Pusher


@pytest.fixture
async def remote() -> AsyncIterator[RemoteProject]:
    async with scripted_server() as server:
        yield RemoteProject(server)


@pytest.fixture
async def copy(remote: RemoteProject, tmp_path: Path) -> AsyncIterator[WorkingCopy]:
    async with Transport(remote.server.server, patience=IMPATIENT) as transport:
        opened = WorkingCopy(tmp_path / "copy", AutomationApi(transport))
        yield opened
        opened.state.__exit__(None, None, None)


class WorkingCopy:
    """One person's folder, bound to the remote project."""

    def __init__(self, root: Path, api: AutomationApi) -> None:
        root.mkdir()
        self.root = root
        self._api = api
        self.state = State(root, "remote")
        self.pusher = self._pusher(force=False)
        self.forcing = self._pusher(force=True)

    def _pusher(self, *, force: bool) -> Pusher:
        return Pusher(self.root, self._api, PROJECT, self.state, force=force, write_pauses=(0.001, 0.001))

    def write(self, path: str, content: str | bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode()

    def restart(self) -> None:
        """What a new process knows: only what is on disk."""
        self.state.__exit__(None, None, None)
        self.state = State(self.root, "remote")
        self.pusher, self.forcing = self._pusher(force=False), self._pusher(force=True)

    def backups(self, path: str) -> list[str]:
        folder = self.root / ".xgodo" / "backup"
        return [copy.read_bytes().decode() for copy in sorted(folder.glob(f"*/{path}"))]
