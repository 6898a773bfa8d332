"""Random histories: two writers, a network that fails at any request, a process that dies at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.scripted_server import IMPATIENT, Request, scripted_server
from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import Fault, RemoteProject
from xgodo_dev.errors import UnreachableError
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.sync.push import Conflicting, RemoteChanged, Synced, Unchanged

PATH = "main.ts"


@dataclass(frozen=True)
class WeSave:
    """New content here; some of it does not compile there."""

    compiles: bool = True


@dataclass(frozen=True)
class WeUndo:
    """The content here is again what it was a while ago."""

    back: int = 1


@dataclass(frozen=True)
class TheySave:
    """Somebody opens the file in the web editor, and saves something new."""


@dataclass(frozen=True)
class Push:
    """A push, during which requests fail as listed, and they save before the request of that number."""

    faults: list[Fault] = field(default_factory=list)
    they_save_at: int | None = None
    force: bool = False
    killed_at: int | None = None


@dataclass(frozen=True)
class Restart:
    """A new process, which knows what is on disk."""


Step = WeSave | WeUndo | TheySave | Push | Restart
steps = st.one_of(
    st.builds(WeSave, st.sampled_from([True, True, False])),
    st.builds(WeUndo, st.integers(1, 3)),
    st.just(TheySave()),
    st.builds(
        Push,
        st.lists(st.sampled_from(list(Fault)), max_size=6),
        st.none() | st.integers(1, 6),
        st.sampled_from([False, False, True]),
        st.none() | st.integers(1, 4),
    ),
    st.just(Restart()),
)


class World:
    """Both sides of one history, and everything that they ever wrote."""

    def __init__(self, remote: RemoteProject, copy: WorkingCopy) -> None:
        self.remote = remote
        self.copy = copy
        self.count = 0
        self.ours = [""]
        self.their_newest: str | None = None
        remote.compile = lambda _, content: ["Error at 1:1: x"] if "bad" in content else []
        copy.write(PATH, "")

    def new(self, author: str) -> str:
        self.count += 1
        return f"{author} {self.count}"

    def they_save(self) -> None:
        # They see what is there: replacing it is their own decision.
        self.their_newest = self.remote.files[PATH] = self.new("theirs")

    async def take(self, step: Step) -> None:
        match step:
            case WeSave(compiles):
                self.ours.append(self.new("ours" if compiles else "ours, bad"))
                self.copy.write(PATH, self.ours[-1])
            case WeUndo(back):
                self.ours.append(self.ours[max(0, len(self.ours) - 1 - back)])
                self.copy.write(PATH, self.ours[-1])
            case TheySave():
                self.they_save()
            case Restart():
                self.copy.restart()
            case Push():
                await self.push(step)
        self.check()

    async def push(self, step: Push) -> None:
        self.remote.faults = list(step.faults)
        pushing = asyncio.current_task()
        assert pushing is not None
        asked, previous = 0, ""

        def before_request(request: Request) -> None:
            nonlocal asked, previous
            asked += 1
            # The one window that the API leaves open: between a read and the write right behind it.
            in_window = request.method != "GET" and previous == "GET"
            previous = request.method
            if asked == step.they_save_at and not in_window:
                self.they_save()
            if asked == step.killed_at:
                pushing.cancel()

        self.remote.before_request = before_request
        pusher = self.copy.forcing if step.force else self.copy.pusher
        try:
            await pusher.push(PATH, verify=True)
        except UnreachableError:
            pass
        except asyncio.CancelledError:
            pushing.uncancel()
            self.copy.restart()
        finally:
            self.remote.faults = []
            self.remote.before_request = lambda _: None

    def check(self) -> None:
        assert self.copy.read(PATH) == self.ours[-1], "what we wrote is ours to change"
        if self.their_newest is not None:
            kept = [self.remote.files[PATH], self.copy.read(PATH), *self.copy.backups(PATH)]
            assert self.their_newest in kept, "what they wrote is gone"

    async def finish(self) -> None:
        """On a network that works, a push ends with both sides equal, or says that they are not."""
        self.copy.write(PATH, self.new("last"))
        self.ours.append(self.copy.read(PATH))
        before = self.remote.files.get(PATH)
        result = await self.copy.pusher.push(PATH)
        if isinstance(result, Synced):
            assert self.remote.files[PATH] == self.ours[-1]
            assert await self.copy.pusher.push(PATH, verify=True) == Unchanged(PATH)
        else:
            assert isinstance(result, Conflicting | RemoteChanged)
            assert before == self.remote.files[PATH] == self.their_newest
        self.check()


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """One event loop for all histories: a client for each would take longer than the histories."""
    with asyncio.Runner() as runner:
        yield runner


@settings(max_examples=120, deadline=None)
@given(history=st.lists(steps, min_size=2, max_size=14), stores=st.booleans())
# They save while a write that nobody heard waits to be tried again.
@example(history=[WeSave(), Push([Fault.NONE, Fault.UNHEARD], they_save_at=3)], stores=True)
# A write arrives, nobody learns of it, and they save on top of it.
@example(history=[WeSave(), Push(killed_at=2), TheySave(), WeSave(), Push(), Push(force=True)], stores=True)
def test_no_history_loses_what_a_person_wrote(
    loop: asyncio.Runner, tmp_path_factory: pytest.TempPathFactory, history: list[Step], stores: bool
) -> None:
    root = tmp_path_factory.mktemp("history") / "copy"
    loop.run(live(history, root, stores=stores))


async def live(history: list[Step], root: Path, *, stores: bool) -> None:
    async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
        remote = RemoteProject(server)
        remote.stores_what_does_not_compile = stores
        copy = WorkingCopy(root, AutomationApi(transport))
        try:
            world = World(remote, copy)
            for step in history:
                await world.take(step)
            await world.finish()
        finally:
            copy.state.__exit__(None, None, None)
