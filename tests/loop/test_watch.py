"""The loop against a wire that answers when the test lets it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from tests.scripted_server import scripted_server
from tests.sync.remote_project import PROJECT, RemoteProject
from xgodo_dev.loop.drift import Sides
from xgodo_dev.loop.events import Change, Check, Ready, Synced
from xgodo_dev.loop.launches import RunsOn
from xgodo_dev.loop.watch import Watch, WatchOptions
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.project_api import ProjectApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project.config import Project
from xgodo_dev.project.files import FileSelection, blob_hash
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.runs.recorder import NO_RECORDER
from xgodo_dev.sync.remote import DocumentedProject, ListedProject
from xgodo_dev.sync.survey import MassDeletion
from xgodo_dev.toolchain.tools import Toolchain

DEADLINE = 15.0
Said = TypeVar("Said", bound=Event)


class Watched:
    """A watched folder, and what its loop reports. ``file`` need not be there."""

    def __init__(
        self, root: Path, remote: RemoteProject, at_ready: Callable[[], object] = lambda: None
    ) -> None:
        """``at_ready`` is called in the moment the loop begins, before its first look."""
        self.file = root / "notes.js"
        self.remote = remote
        self._at_ready = at_ready
        self.events: list[Event] = []
        self._more = asyncio.Event()

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self._more.set()
        if isinstance(event, Ready):
            self._at_ready()

    async def until(self, what: Callable[[], bool]) -> None:
        """Wait until that is so; looked at whenever the loop reports something."""
        async with asyncio.timeout(DEADLINE):
            while not what():
                self._more.clear()
                await self._more.wait()

    def said(self, kind: type[Said]) -> list[Said]:
        return [event for event in self.events if isinstance(event, kind)]

    def checks(self) -> list[Check]:
        return self.said(Check)

    def synced(self) -> int:
        return len(self.said(Synced))

    async def save_behind_another(self, file: Path, first: str, later: str) -> asyncio.Event:
        """Save twice, so that the later save waits for its turn; set the event to let the first one end."""
        held = self.remote.writes_wait = asyncio.Event()
        arrived = self.remote.write_arrived = asyncio.Event()
        file.write_text(first, encoding="utf-8")
        async with asyncio.timeout(DEADLINE):
            await arrived.wait()
        seen = len(self.said(Change))
        file.write_text(later, encoding="utf-8")
        await self.until(lambda: len(self.said(Change)) > seen)
        return held


@asynccontextmanager
async def started(
    watched: Watched, toolchain: Toolchain, kind: str = "documented", *, check: bool = False
) -> AsyncIterator[asyncio.Task[None]]:
    """The loop in that folder; what is there already is known to be on the server, too."""
    root, server = watched.file.parent, watched.remote.server
    watched.remote.has_project_api = kind == "listed"
    async with Transport(server.server) as transport:
        with State(root, "test") as state:
            for file in root.glob("*.js"):
                content = file.read_bytes()
                watched.remote.files[file.name] = content.decode()
                state.record_base(file.name, blob_hash(content), content)
            api = AutomationApi(transport, state)
            remote = (
                ListedProject(ProjectApi(transport, PROJECT, "/server"))
                if kind == "listed"
                else DocumentedProject(api, PROJECT)
            )
            options = WatchOptions(run=False, check=check, push=True)
            loop = Watch(
                Project(root, "test"),
                api,
                Sides(LocalCopy(root, FileSelection(root), state), remote, state),
                PROJECT,
                toolchain,
                RunsOn([], NO_RECORDER, server.server),
                options,
                watched.emit,
            )
            running = asyncio.create_task(loop.run())
            try:
                yield running
            finally:
                running.cancel()
                await asyncio.wait([running])


@asynccontextmanager
async def watching(
    root: Path, toolchain: Toolchain, kind: str = "documented", *, check: bool = False
) -> AsyncIterator[Watched]:
    async with scripted_server() as server:
        watched = Watched(root, RemoteProject(server))
        async with started(watched, toolchain, kind, check=check) as running:
            watched.file.write_text("first", encoding="utf-8")
            await watched.until(lambda: bool(watched.said(Ready)))
            await watched.until(lambda: watched.synced() > 0)
            yield watched
        if not running.cancelled():
            running.result()
            pytest.fail("the loop ended by itself")


def known_files(root: Path, *names: str) -> None:
    for name in names:
        (root / name).write_text(name, encoding="utf-8")


async def refused(running: asyncio.Task[None]) -> None:
    """The loop has ended because too much was gone."""
    async with asyncio.timeout(DEADLINE):
        await asyncio.wait([running])
    with pytest.raises(ExceptionGroup) as raised:
        running.result()
    assert raised.group_contains(MassDeletion)


def meant(root: Path) -> list[str]:
    """The files whose deletion is remembered as meant."""
    with State(root, "test") as state:
        return sorted(path for path in state.base() if state.known(path).deletion_told)


async def test_half_of_a_removal_found_at_the_start_is_not_remembered_as_meant(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    def remove() -> None:
        (tmp_path / "one.js").unlink()
        # After the loop's first look.
        asyncio.get_running_loop().call_later(0.1, (tmp_path / "two.js").unlink)

    known_files(tmp_path, "one.js", "two.js", "three.js")
    async with (
        scripted_server() as server,
        started(Watched(tmp_path, RemoteProject(server), at_ready=remove), toolchain, "listed") as running,
    ):
        await refused(running)
    assert meant(tmp_path) == []


async def test_a_slow_removal_is_not_remembered_as_meant(tmp_path: Path, toolchain: Toolchain) -> None:
    known_files(tmp_path, "one.js", "two.js", "three.js", "four.js")
    async with scripted_server() as server:
        watched = Watched(tmp_path, RemoteProject(server))
        async with started(watched, toolchain, "listed") as running:
            await watched.until(lambda: bool(watched.said(Ready)))
            for told, name in enumerate(("one.js", "two.js"), start=1):
                (tmp_path / name).unlink()
                await watched.until(lambda told=told: len(watched.said(Notice)) == told)
            assert meant(tmp_path) == ["one.js", "two.js"]
            (tmp_path / "three.js").unlink()
            await refused(running)
    assert meant(tmp_path) == []


async def test_a_deletion_found_at_the_start_and_told_by_the_system_too_is_said_once(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    known_files(tmp_path, "one.js", "two.js", "three.js")
    async with scripted_server() as server:
        watched = Watched(tmp_path, RemoteProject(server), at_ready=(tmp_path / "one.js").unlink)
        async with started(watched, toolchain, "listed"):
            await watched.until(lambda: bool(watched.said(Change)))
            (tmp_path / "two.js").write_text("second", encoding="utf-8")
            await watched.until(lambda: watched.synced() > 0)
    assert [notice.message[:6] for notice in watched.said(Notice)] == ["one.js"]


async def test_of_saves_that_wait_for_their_turn_none_is_taken_for_a_deletion_that_was_meant(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    known_files(tmp_path, "one.js", "two.js", "three.js", "four.js")
    async with scripted_server() as server:
        watched = Watched(tmp_path, RemoteProject(server))
        async with started(watched, toolchain, "listed") as running:
            await watched.until(lambda: bool(watched.said(Ready)))
            held = await watched.save_behind_another(tmp_path / "one.js", "second", "third")
            for file in tmp_path.glob("*.js"):
                file.unlink()
            held.set()
            await refused(running)
    assert meant(tmp_path) == []


async def test_the_end_of_a_write_that_a_push_read_in_the_middle_is_not_missed(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    async with watching(tmp_path, toolchain) as watched:
        held = await watched.save_behind_another(watched.file, "second", "precious")
        # When the turn of the later save comes, an editor is writing the same content once more.
        with watched.file.open("w", encoding="utf-8") as half_written:
            held.set()
            await watched.until(lambda: watched.synced() == 3)
            assert watched.remote.files["notes.js"] == ""
            half_written.write("precious")
        await watched.until(lambda: watched.synced() == 4)
        assert watched.remote.files["notes.js"] == "precious"


async def test_one_refused_name_does_not_end_the_loop(tmp_path: Path, toolchain: Toolchain) -> None:
    async with watching(tmp_path, toolchain) as watched:
        watched.remote.refuse_reading = {"odd name.js"}
        (tmp_path / "odd name.js").write_text("x", encoding="utf-8")
        await watched.until(lambda: any(event.name == "sync-failed" for event in watched.events))
        watched.file.write_text("later", encoding="utf-8")
        await watched.until(lambda: watched.remote.files["notes.js"] == "later")


async def test_many_files_at_once_are_sent_in_few_requests(tmp_path: Path, toolchain: Toolchain) -> None:
    async with watching(tmp_path, toolchain, kind="listed") as watched:
        elsewhere = tmp_path.with_name(f"{tmp_path.name}-elsewhere")
        elsewhere.mkdir()
        for number in range(300):
            (elsewhere / f"{number}.js").write_text(str(number), encoding="utf-8")
        before = len(watched.remote.server.requests)
        elsewhere.rename(tmp_path / "many")
        await watched.until(lambda: watched.synced() == 301)
        assert len(watched.remote.server.requests) - before <= 20


async def test_files_that_appear_one_by_one_are_sent_together_when_they_have_settled(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    async with watching(tmp_path, toolchain, kind="listed") as watched:
        before = len(watched.remote.server.requests)
        for number in range(300):
            (tmp_path / f"{number}.js").write_text(str(number), encoding="utf-8")
        await watched.until(lambda: watched.synced() == 301)
        assert len(watched.remote.server.requests) - before <= 20


SLOW_COMPILER = """\
#!/bin/sh
if grep -q slow main.ts; then
  echo $$ > "$0.pid"
  exec sleep 60
fi
exec {tsc} "$@"
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a script as the compiler")
async def test_a_newer_save_cancels_an_outdated_check(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, toolchain: Toolchain
) -> None:
    compiler = tmp_path_factory.mktemp("compiler") / "tsc"
    compiler.write_text(SLOW_COMPILER.format(tsc=toolchain.tsc), encoding="utf-8")
    compiler.chmod(0o755)
    started = compiler.with_name("tsc.pid")
    (tmp_path / "tsconfig.json").write_text('{ "compilerOptions": { "types": [] } }', encoding="utf-8")
    main = tmp_path / "main.ts"
    main.write_text("export {};\n", encoding="utf-8")
    async with watching(tmp_path, replace(toolchain, tsc=compiler), check=True) as watched:
        await watched.until(lambda: len(watched.checks()) == 1)
        main.write_text("export const slow = 1;\n", encoding="utf-8")
        async with asyncio.timeout(DEADLINE):
            while not (started.exists() and started.read_text()):  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.005)
        outdated = psutil.Process(int(started.read_text()))
        main.write_text('export const a: number = "quick";\n', encoding="utf-8")
        await watched.until(lambda: len(watched.checks()) == 2)
        assert not outdated.is_running()
        assert [error["line"] for error in watched.checks()[-1].errors] == [1]
