"""Random histories: two writers, a network that fails at any request, a process that dies at any step.

``XGODO_HISTORIES`` sets how many of each kind of server are lived through; by default as many as a test run
has time for.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.scripted_server import ScriptedServer, scripted_server
from tests.sync.conftest import KINDS, working_copy
from tests.sync.history import (
    PATHS,
    PLACES,
    Act,
    Delete,
    Look,
    Pull,
    Push,
    Rename,
    Restore,
    Save,
    Step,
    Trouble,
    Undo,
    World,
)
from tests.sync.remote_project import Fault, RemoteProject
from xgodo_dev.sync.pull import Strategy

HISTORIES = int(os.environ.get("XGODO_HISTORIES", "400"))
# The same ones in every test run; whoever asks for a number of them gets new ones.
DETERMINISTIC = "XGODO_HISTORIES" not in os.environ

people = st.sampled_from(["we", "they"])
# Most of what is interesting happens when everybody is at the same file.
paths = st.sampled_from([PATHS[0]] * 4 + list(PATHS))
places = st.sampled_from([*range(PLACES), None])
saves = st.builds(Save, people, paths, places, st.sampled_from([True, True, True, False]))
acts: st.SearchStrategy[Act] = st.one_of(
    saves,
    saves,
    saves,
    st.builds(Delete, people, paths),
    st.builds(Rename, people, paths, paths),
    st.builds(Undo, paths, st.integers(1, 3)),
)
faults = st.lists(st.sampled_from([Fault.NONE, *Fault]), max_size=6).map(tuple)
meanwhile = st.lists(st.tuples(st.integers(1, 8), acts), min_size=1, max_size=3).map(tuple)
# Most commands take no more steps than a dozen.
deaths = st.integers(0, 12) | st.integers(0, 12) | st.integers(0, 30)
calm = st.just(Trouble())
troubles = st.one_of(
    calm,
    calm,
    calm,
    st.builds(Trouble, faults),
    st.builds(Trouble, st.just(()), meanwhile),
    st.builds(Trouble, faults, meanwhile),
    st.builds(Trouble, st.just(()), st.just(()), deaths),
    st.builds(Trouble, faults, st.just(()), st.none(), st.integers(1, 6)),
)
pushes = st.builds(Push, troubles, st.sampled_from([False, False, True]), st.booleans(), st.booleans())
pulls = st.builds(Pull, troubles, st.sampled_from([Strategy.ASK, *Strategy]), st.booleans())
# Chosen by kind: put together by `one_of`, each of the many acts would weigh as much as all pushes.
kinds: dict[str, st.SearchStrategy[Step]] = {
    "act": acts,
    "push": pushes,
    "pull": pulls,
    "look": st.builds(Look, troubles),
    "restore": st.builds(Restore, st.integers(0, 3), troubles),
}
weights = ["act"] * 5 + ["push"] * 3 + ["pull"] * 3 + ["look", "restore"]
steps = st.sampled_from(weights).flatmap(kinds.__getitem__)


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """One event loop for all histories: a client for each would take longer than the histories."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def server(loop: asyncio.Runner) -> Iterator[ScriptedServer]:
    context = scripted_server()
    yield loop.run(context.__aenter__())
    loop.run(context.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """In memory where there is such a place: what survives a power failure is not the question here."""
    memory = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(prefix="xgodo-histories-", dir=memory if memory.is_dir() else None))
    yield made
    shutil.rmtree(made)


windows = 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(3600)
@settings(
    max_examples=HISTORIES,
    deadline=None,
    derandomize=DETERMINISTIC,
    suppress_health_check=list(HealthCheck),
)
@given(
    history=st.lists(steps, min_size=6, max_size=20),
    stores=st.booleans(),
    last=st.sampled_from([Strategy.OURS, Strategy.THEIRS]),
)
# They save while a write that nobody heard waits to be tried again.
@example(
    [
        Save("we", "main.ts", 0),
        Push(Trouble((Fault.NONE, Fault.UNHEARD), ((4, Save("they", "main.ts", 0)),))),
    ],
    True,
    Strategy.THEIRS,
)
# A write arrives, nobody learns of it, and they save on top of it.
@example(
    [
        Save("we", "main.ts", 0),
        Push(Trouble((), (), None, 2)),
        Save("they", "main.ts", 0),
        Save("we", "main.ts", 0),
        Push(),
        Push(force=True),
    ],
    True,
    Strategy.OURS,
)
# Both delete it, and they make it anew: that is another file.
@example(
    [
        Save("we", "main.ts", 0),
        Push(),
        Delete("we", "main.ts"),
        Delete("they", "main.ts"),
        Push(),
        Save("they", "main.ts", 0),
        Pull(Trouble(), Strategy.ASK, False),
    ],
    False,
    Strategy.OURS,
)
# What is deleted while it is brought back on purpose is there afterwards.
@example(
    [
        Save("they", "main.ts", 0),
        Pull(Trouble(), Strategy.ASK, False),
        Pull(Trouble((), ((1, Delete("we", "main.ts")),)), Strategy.THEIRS, True),
        Pull(Trouble(), Strategy.ASK, False),
    ],
    False,
    Strategy.OURS,
)
# What a forced push leaves deleted here comes back here, and is sent.
@example(
    [
        Save("we", "main.ts", 0),
        Push(),
        Save("they", "main.ts", 0),
        Delete("we", "main.ts"),
        Push(force=True),
        Save("we", "main.ts", 0),
        Push(),
    ],
    False,
    Strategy.OURS,
)
def test_no_history_loses_what_a_person_wrote(
    loop: asyncio.Runner,
    server: ScriptedServer,
    folder: Path,
    kind: str,
    history: list[Step],
    stores: bool,
    last: Strategy,
) -> None:
    loop.run(live(history, server, folder / kind, kind, last, stores=stores))


async def live(
    history: list[Step], server: ScriptedServer, root: Path, kind: str, last: Strategy, *, stores: bool
) -> None:
    shutil.rmtree(root, ignore_errors=True)
    server.requests.clear()
    remote = RemoteProject(server)
    remote.stores_what_does_not_compile = stores
    async with working_copy(remote, root, kind) as copy:
        world = World(remote, copy)
        for step in history:
            if isinstance(step, Push | Pull | Look | Restore):
                await world.command(step)
            else:
                world.act(step)
            world.check()
        await world.finish(last)
    global windows
    windows += world.in_window
