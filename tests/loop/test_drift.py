"""What the loop tells of changes that others make on the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from tests.scripted_server import page, scripted_server
from tests.sync.conftest import KINDS, WorkingCopy, working_copy
from tests.sync.remote_project import RemoteProject
from xgodo_dev.errors import AuthenticationError
from xgodo_dev.loop.drift import Drift, Sides
from xgodo_dev.loop.events import Conflict, RemoteChange
from xgodo_dev.runs.events import Event, Notice

DEADLINE = 60.0


class Told:
    """A working copy of two files that are on the server, and what its loop tells."""

    def __init__(self, copy: WorkingCopy, remote: RemoteProject) -> None:
        self.copy, self.remote = copy, remote
        self.events: list[Event] = []
        self.drift = self.seen_through(copy.remote)

    def seen_through(self, remote: Any) -> Drift:
        return Drift(Sides(self.copy.files, remote, self.copy.state), self.events.append)

    async def look(self) -> list[Event]:
        """What one more look tells."""
        self.events.clear()
        await self.drift.look()
        return list(self.events)


@pytest.fixture(params=KINDS)
async def told(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Told]:
    async with scripted_server() as server:
        remote = RemoteProject(server)
        async with working_copy(remote, tmp_path / "copy", request.param) as copy:
            for path in ("a.ts", "b.ts", "c.ts"):
                copy.write(path, "base")
            await copy.push()
            yield Told(copy, remote)


class Interleaved:
    """A remote project on which something happens between an answer of its list and its use."""

    def __init__(self, remote: Any, meanwhile: Callable[[], Awaitable[object]]) -> None:
        self._remote, self._meanwhile = remote, meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self._remote, name)

    async def all_hashes(self) -> dict[str, str] | None:
        found = await self._remote.all_hashes()
        if found is not None:
            await self._meanwhile()
        return found

    async def hashes(self, paths: Collection[str], refused: Any = None) -> dict[str, str]:
        found: dict[str, str] = await self._remote.hashes(paths, refused)
        await self._meanwhile()
        return found


def kinds(events: list[Event]) -> list[tuple[str, str]]:
    return [(event.name, event.path) for event in events if isinstance(event, RemoteChange | Conflict)]


async def test_each_change_of_anothers_is_told_once(told: Told) -> None:
    assert await told.look() == []
    told.remote.files["a.ts"] = "theirs"
    assert kinds(await told.look()) == [("remote-change", "a.ts")]
    assert await told.look() == []
    told.remote.files["a.ts"] = "theirs again"
    assert kinds(await told.look()) == [("remote-change", "a.ts")]


async def test_an_edit_here_of_what_changed_there_is_a_conflict_and_told_once(told: Told) -> None:
    told.remote.files["a.ts"] = "theirs"
    told.copy.write("a.ts", "ours")
    assert kinds(await told.look()) == [("conflict", "a.ts")]
    assert await told.look() == []


async def test_a_change_there_of_what_was_deleted_here_is_a_conflict_that_says_so(told: Told) -> None:
    told.copy.delete("a.ts")
    told.remote.files["a.ts"] = "theirs"
    (event,) = await told.look()
    assert event.to_json() | {"time": 0} == {
        "event": "conflict",
        "time": 0,
        "path": "a.ts",
        "deleted_here": True,
    }


async def test_a_change_that_becomes_a_conflict_is_told_as_that_too(told: Told) -> None:
    told.remote.files["a.ts"] = "theirs"
    assert kinds(await told.look()) == [("remote-change", "a.ts")]
    told.copy.write("a.ts", "ours")
    assert kinds(await told.look()) == [("conflict", "a.ts")]
    assert await told.look() == []


async def test_what_a_push_has_told_is_not_told_again(told: Told) -> None:
    told.remote.files["a.ts"] = "theirs"
    told.copy.write("a.ts", "ours")
    await told.copy.push()
    told.drift.heard(Conflict(path="a.ts"))
    assert await told.look() == []
    told.remote.files["a.ts"] = "theirs again"
    assert kinds(await told.look()) == [("conflict", "a.ts")]


async def test_a_deletion_there_is_told_once_and_touches_nothing(told: Told) -> None:
    del told.remote.files["a.ts"]
    (notice,) = await told.look()
    assert isinstance(notice, Notice)
    assert "a.ts was deleted on the platform" in notice.message
    assert await told.look() == []
    assert told.copy.read("a.ts") == "base"


async def test_ones_own_pushes_are_no_news(told: Told) -> None:
    told.copy.write("a.ts", "ours")
    await told.copy.push()
    assert await told.look() == []


async def test_a_push_during_a_look_is_not_taken_for_anothers_change(told: Told) -> None:
    told.copy.write("a.ts", "ours")
    told.drift = told.seen_through(Interleaved(told.copy.remote, told.copy.push))
    assert await told.look() == []
    assert told.copy.survey().verdicts == {}


async def test_an_outage_is_told_once_and_what_changed_in_it_afterwards(told: Told) -> None:
    arrived = asyncio.Event()

    def hear(event: Event) -> None:
        told.events.append(event)
        arrived.set()

    told.drift = Drift(Sides(told.copy.files, told.copy.remote, told.copy.state), hear)
    normal, failed = told.remote.server.handler, 0

    async def gateway(_request: object) -> Any:
        nonlocal failed
        failed += 1
        if failed > 60:
            told.remote.files["a.ts"] = "theirs"
            told.remote.server.handler = normal
        return page(502)

    told.remote.server.handler = gateway
    polling = asyncio.create_task(told.drift.poll(0.001))
    async with asyncio.timeout(DEADLINE):
        while not kinds(told.events):
            arrived.clear()
            await arrived.wait()
    polling.cancel()
    notices = [event.message for event in told.events if isinstance(event, Notice)]
    assert len(notices) == 1
    assert "can't be seen" in notices[0]
    assert kinds(told.events) == [("remote-change", "a.ts")]


async def test_a_project_that_is_not_there_yet_ends_nothing(told: Told) -> None:
    told.remote.server.answers = [page(404, '{"success": false, "message": "Automation project not found"}')]
    told.remote.server.handler = told.remote.server._next_answer
    polling = asyncio.create_task(told.drift.poll(0.001))
    async with asyncio.timeout(DEADLINE):
        while len(told.remote.server.requests) < 30:  # noqa: ASYNC110 - the server runs in this loop too
            await asyncio.sleep(0)
    assert not polling.done()
    polling.cancel()


async def test_a_refused_token_ends_the_loop(told: Told) -> None:
    told.remote.server.answers = [page(401, '{"success": false, "message": "Invalid token"}')]
    told.remote.server.handler = told.remote.server._next_answer
    async with asyncio.timeout(DEADLINE):
        with pytest.raises(AuthenticationError):
            await told.drift.poll(0.001)
