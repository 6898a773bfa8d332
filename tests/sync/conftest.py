"""A remote project on a real socket, and a working copy that is synced with it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.scripted_server import IMPATIENT, scripted_server
from tests.sync.remote_project import PROJECT, RemoteProject
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.project_api import ProjectApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project.disk import Disk
from xgodo_dev.project.files import FileSelection
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State
from xgodo_dev.sync import remote as remotes
from xgodo_dev.sync.backup import Backups
from xgodo_dev.sync.pull import Puller, PullResult, Strategy
from xgodo_dev.sync.push import Pusher
from xgodo_dev.sync.push_results import PushResult
from xgodo_dev.sync.survey import Survey, learn, remote_hashes, survey

KINDS = ("documented", "listed")


@pytest.fixture
async def remote() -> AsyncIterator[RemoteProject]:
    async with scripted_server() as server:
        yield RemoteProject(server)


@pytest.fixture
async def copy(remote: RemoteProject, tmp_path: Path) -> AsyncIterator[WorkingCopy]:
    """A working copy on the documented API."""
    async with working_copy(remote, tmp_path / "copy", "documented") as opened:
        yield opened


@pytest.fixture
async def listed_copy(remote: RemoteProject, tmp_path: Path) -> AsyncIterator[WorkingCopy]:
    """A working copy on the project API."""
    async with working_copy(remote, tmp_path / "copy", "listed") as opened:
        yield opened


@pytest.fixture(params=KINDS)
async def each_copy(
    request: pytest.FixtureRequest, remote: RemoteProject, tmp_path: Path
) -> AsyncIterator[WorkingCopy]:
    """A working copy on each kind of server."""
    async with working_copy(remote, tmp_path / "copy", request.param) as opened:
        yield opened


@asynccontextmanager
async def working_copy(
    remote: RemoteProject, root: Path, kind: str, key: str = "remote"
) -> AsyncIterator[WorkingCopy]:
    """``key`` names the remote project in the state."""
    remote.has_project_api = kind == "listed"
    async with Transport(remote.server.server, patience=IMPATIENT) as transport:
        project: remotes.RemoteProject
        if kind == "listed":
            project = remotes.ListedProject(ProjectApi(transport, PROJECT, "/server"))
        else:
            project = remotes.DocumentedProject(AutomationApi(transport), PROJECT)
        opened = WorkingCopy(root, project, key)
        try:
            yield opened
        finally:
            opened.state.__exit__(None, None, None)


class WorkingCopy:
    """One person's folder, bound to the remote project."""

    def __init__(self, root: Path, remote: remotes.RemoteProject, key: str) -> None:
        root.mkdir(exist_ok=True)
        self.root = root
        self.remote = remote
        self.key = key
        self.exclude: tuple[str, ...] = ()
        self.include: tuple[str, ...] = ("*.txt", "*.json")
        self.open()

    def open(self, disk: Disk | None = None, kind_of_state: type[State] = State) -> None:
        """What a new process knows: only what is on disk."""
        self.disk = disk or Disk()
        self.state = kind_of_state(self.root, self.key)
        self.files = LocalCopy(
            self.root, FileSelection(self.root, self.exclude, self.include), self.state, disk=self.disk
        )
        self.pusher, self.forcing = self._pusher(force=False), self._pusher(force=True)

    def restart(self) -> None:
        self.state.__exit__(None, None, None)
        self.open()

    def _pusher(self, *, force: bool) -> Pusher:
        return Pusher(
            self.files,
            self.remote,
            self.state,
            force=force,
            backups=Backups(self.root, disk=self.disk),
            write_pauses=(0.001, 0.001),
        )

    async def push(self, *paths: str, force: bool = False, verify: bool = False) -> dict[str, PushResult]:
        """As the command does: what changed, or what is named."""
        pusher = self.forcing if force else self.pusher
        chosen = list(paths) or self.survey().to_push()
        return {each.path: each async for each in pusher.push_all(chosen, verify=verify or bool(paths))}

    async def pull(self, *paths: str, strategy: Strategy = Strategy.ASK) -> dict[str, PullResult]:
        """As the command does."""
        found = await self.ask()
        learn(self.files, self.state, found)
        puller = self.puller(strategy)
        wanted = puller.to_pull(found, paths or None)
        return {each.path: each async for each in puller.pull_all(wanted)}

    def puller(self, strategy: Strategy = Strategy.ASK) -> Puller:
        return Puller(
            self.files,
            self.remote,
            self.state,
            strategy=strategy,
            backups=Backups(self.root, disk=self.disk),
        )

    def survey(self) -> Survey:
        """What differs, as last known."""
        return survey(self.files, self.state)

    async def ask(self) -> Survey:
        """What differs now."""
        hashes = await remote_hashes(self.remote, self.files, self.state)
        return survey(self.files, self.state, hashes)

    def write(self, path: str, content: str | bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode()

    def delete(self, path: str) -> None:
        (self.root / path).unlink()

    def backups(self, path: str) -> list[str]:
        folder = self.root / ".xgodo" / "backup"
        return [copy.read_bytes().decode() for copy in sorted(folder.glob(f"*/{path}"))]


@pytest.fixture(scope="package", autouse=True)
def temporary_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a process that dies in the middle of a test leaves behind goes with the test's own files."""
    before = tempfile.tempdir
    tempfile.tempdir = str(tmp_path_factory.mktemp("temporary"))
    yield
    tempfile.tempdir = before
