"""The loop against a wire that answers when the test lets it."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from tests.scripted_server import RESET, Answer, Request, page, scripted_server
from tests.sync.remote_project import PROJECT, RemoteProject
from xgodo_dev.loop import awakening, pushes, removal, watch
from xgodo_dev.loop.branch_guard import BranchGuard, BranchSwitched
from xgodo_dev.loop.drift import Sides
from xgodo_dev.loop.events import Change, Check, Conflict, Ready, Stopped, Synced, SyncFailed
from xgodo_dev.loop.launches import RunsOn
from xgodo_dev.loop.options import WatchOptions
from xgodo_dev.loop.place import ProjectGone
from xgodo_dev.loop.watch import Watch
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.project_api import ProjectApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project.config import Project
from xgodo_dev.project.files import FileSelection, blob_hash
from xgodo_dev.project.git.branch import checked_out
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.runs.recorder import NO_RECORDER
from xgodo_dev.sync.remote import DocumentedProject, ListedProject
from xgodo_dev.sync.survey import MassDeletion
from xgodo_dev.toolchain.tools import Toolchain

DEADLINE = 60.0
at_once = pytest.mark.usefixtures("short_pauses")
Said = TypeVar("Said", bound=Event)


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is gone is not waited for, nor what failed for long; whatever else becomes of it is the same."""
    monkeypatch.setattr(removal, "_TIME_TO_COME_BACK", 0.1)
    monkeypatch.setattr(pushes, "_RETRY_PAUSES", (0.05,))


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
        self.state: State | None = None
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
    watched: Watched,
    toolchain: Toolchain,
    kind: str = "documented",
    *,
    check: bool = False,
    guard: BranchGuard | None = None,
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
            watched.state = state
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
                guard,
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


@at_once
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


@at_once
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


@pytest.mark.parametrize("replaced", [False, True])
async def test_a_moved_project_ends_the_loop_which_names_its_place_and_touches_nothing(
    tmp_path: Path, toolchain: Toolchain, replaced: bool
) -> None:
    root, elsewhere = tmp_path / "above" / "project", tmp_path / "elsewhere"
    root.mkdir(parents=True)
    known_files(root, "one.js", "two.js", "three.js")
    async with scripted_server() as server:
        watched = Watched(root, RemoteProject(server))
        async with started(watched, toolchain, "listed") as running:
            await watched.until(lambda: bool(watched.said(Ready)))
            # Not its own folder's name, so that no event of the system tells it.
            root.parent.rename(elsewhere)
            if replaced:
                root.mkdir(parents=True)
                (elsewhere / "project" / "two.js").write_text("saved there", encoding="utf-8")
            async with asyncio.timeout(DEADLINE):
                await asyncio.wait([running])
            with pytest.raises(ProjectGone, match=re.escape(f"moved to {elsewhere / 'project'}")):
                running.result()
    assert watched.synced() == 0
    (stopped,) = watched.said(Stopped)
    assert str(elsewhere) in stopped.reason
    assert meant(elsewhere / "project") == []
    assert not root.exists() if not replaced else list(root.iterdir()) == []


async def test_a_removed_project_ends_the_loop_with_a_word_of_what_is_left(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    root = tmp_path / "project"
    root.mkdir()
    known_files(root, "one.js")
    async with scripted_server() as server:
        watched = Watched(root, RemoteProject(server))
        async with started(watched, toolchain, "listed") as running:
            await watched.until(lambda: bool(watched.said(Ready)))
            shutil.rmtree(root)
            async with asyncio.timeout(DEADLINE):
                await asyncio.wait([running])
            with pytest.raises(ProjectGone, match="moved or removed"):
                running.result()
    assert not root.exists()


async def test_a_deletion_found_at_the_start_and_told_by_the_system_too_is_said_once(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    known_files(tmp_path, "one.js", "two.js", "three.js")
    async with scripted_server() as server:
        watched = Watched(tmp_path, RemoteProject(server), at_ready=(tmp_path / "one.js").unlink)
        async with started(watched, toolchain, "listed"):
            await watched.until(lambda: bool(watched.said(Change)))
            (tmp_path / "two.js").write_text("second", encoding="utf-8")
            await watched.until(lambda: watched.synced() > 0 and bool(watched.said(Notice)))
    assert [notice.message[:6] for notice in watched.said(Notice)] == ["one.js"]


@at_once
async def test_what_is_ignored_before_it_is_made_is_not_sent_by_a_first_look_either(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    def make() -> None:
        (tmp_path / ".gitignore").write_text("*.secret.js\n", encoding="utf-8")
        for name in ("key.secret.js", "words.js"):
            (tmp_path / name).write_text("hush", encoding="utf-8")

    known_files(tmp_path, "one.js")
    async with scripted_server() as server:
        watched = Watched(tmp_path, RemoteProject(server), at_ready=make)
        async with started(watched, toolchain, "listed"):
            await watched.until(lambda: watched.synced() > 0)
    assert {*watched.remote.files} == {"one.js", "words.js"}


@at_once
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


async def test_a_folder_that_a_generator_empties_and_fills_again_is_no_accident(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    names = [f"{number}.js" for number in range(8)]
    known_files(tmp_path, *names)
    async with scripted_server() as server:
        watched = Watched(tmp_path, RemoteProject(server))
        async with started(watched, toolchain, "listed") as running:
            await watched.until(lambda: bool(watched.said(Ready)))
            for name in names:
                (tmp_path / name).unlink()
            await watched.until(lambda: bool(watched.said(Change)))
            assert not running.done()
            for name in names:
                (tmp_path / name).write_text("generated", encoding="utf-8")
            await watched.until(lambda: watched.synced() == len(names))
            assert not running.done()
    assert meant(tmp_path) == []
    assert watched.said(Notice) == []


async def test_many_deletions_are_told_in_one_line(tmp_path: Path, toolchain: Toolchain) -> None:
    known_files(tmp_path, *(f"{number}.js" for number in range(30)))
    (tmp_path / "kept").mkdir()
    async with scripted_server() as server:
        watched = Watched(tmp_path, RemoteProject(server))
        async with started(watched, toolchain, "listed"):
            await watched.until(lambda: bool(watched.said(Ready)))
            for number in range(10):
                (tmp_path / f"{number}.js").unlink()
            await watched.until(lambda: bool(watched.said(Notice)))
    (told,) = watched.said(Notice)
    assert told.message.startswith("10 files are gone here but stay on the platform")
    assert len(meant(tmp_path)) == 10


@at_once
async def test_an_outage_of_any_kind_is_got_over(tmp_path: Path, toolchain: Toolchain) -> None:
    # The last one as of a page of a network that wants to be signed in to.
    failures = [RESET, page(502), page(200), Answer(302, headers={"Location": "http://10.0.0.1/"}), page(511)]

    async def fail(_request: Request) -> Answer:
        return failures[len(asked) % len(failures)] if not asked.append(None) else RESET

    asked: list[None] = []
    async with watching(tmp_path, toolchain) as watched:
        works, watched.remote.server.handler = watched.remote.server.handler, fail
        watched.file.write_text("second", encoding="utf-8")
        (tmp_path / "third.js").write_text("third", encoding="utf-8")
        await watched.until(lambda: len(watched.said(SyncFailed)) == 2)
        watched.remote.server.handler = works
        await watched.until(lambda: watched.synced() == 3)
        assert watched.remote.files == {"notes.js": "second", "third.js": "third"}


async def test_after_a_sleep_nothing_waits_for_what_was_asked_before(
    tmp_path: Path, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(awakening, "_TICK", 0.02)
    async with watching(tmp_path, toolchain) as watched:
        watched.remote.writes_wait = asyncio.Event()
        arrived = watched.remote.write_arrived = asyncio.Event()
        watched.file.write_text("second", encoding="utf-8")
        async with asyncio.timeout(DEADLINE):
            await arrived.wait()
        # The connection is dead, and nobody says so.
        watched.remote.writes_wait = None
        # A computer that sleeps is told from a busy one by its clock.
        awake = time.time
        monkeypatch.setattr(time, "time", lambda: awake() + 3600)
        await watched.until(lambda: watched.synced() == 2)
    assert watched.remote.files["notes.js"] == "second"
    assert [notice.message.split(",")[1] for notice in watched.said(Notice)] == [
        " as of a computer asleep: all is looked at anew."
    ]


def allow_pages(state: State | None, pages: int) -> None:
    """Let the state grow to that many pages, or no further than it is, as on a full disk."""
    assert state is not None
    state._database.execute(f"PRAGMA max_page_count = {pages}")


@at_once
async def test_on_a_full_disk_the_loop_goes_on_and_what_others_do_meanwhile_is_not_overwritten(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    large = "".join(f"{random.random()}\n" for _ in range(10_000))
    async with watching(tmp_path, toolchain) as watched:
        allow_pages(watched.state, 1)
        watched.file.write_text(large, encoding="utf-8")
        await watched.until(lambda: bool(watched.said(SyncFailed)))
        (failed,) = watched.said(SyncFailed)
        assert "can't be written" in failed.reason
        assert "make room on the disk" in failed.reason
        # It was sent all the same: only that could not be recorded.
        assert watched.remote.files["notes.js"] == large
        watched.remote.files["notes.js"] = "theirs"
        allow_pages(watched.state, 100_000)
        await watched.until(lambda: bool(watched.said(Conflict)))
        assert watched.remote.files["notes.js"] == "theirs"
        assert watched.file.read_text(encoding="utf-8") == large


@at_once
async def test_what_waited_for_room_on_the_disk_is_sent_when_there_is_some(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    async with watching(tmp_path, toolchain, kind="listed") as watched:
        allow_pages(watched.state, 1)
        names = [f"{number}.js" for number in range(40)]
        for name in names:
            text = "".join(f"{random.random()}\n" for _ in range(1000))
            (tmp_path / name).write_text(text, encoding="utf-8")
        await watched.until(lambda: bool(watched.said(Notice)))
        allow_pages(watched.state, 100_000)
        await watched.until(lambda: watched.remote.files.keys() == {"notes.js", *names})
        await watched.until(lambda: watched.state is not None and watched.state.base().keys() >= {*names})
    assert watched.said(Notice)[0].message.startswith("Not synced yet: ")


COUNTING_COMPILER = """\
#!/bin/sh
echo checked >> "$0.count"
exec {tsc} "$@"
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a script as the compiler")
async def test_a_tool_that_rewrites_file_after_file_is_not_checked_after_each(
    tmp_path_factory: pytest.TempPathFactory,
    tmp_path: Path,
    toolchain: Toolchain,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Longer than a busy machine takes from one save to the next.
    monkeypatch.setattr(watch, "_PAUSE_OF_A_TOOL", 1.5)
    compiler = tmp_path_factory.mktemp("compiler") / "tsc"
    compiler.write_text(COUNTING_COMPILER.format(tsc=toolchain.tsc), encoding="utf-8")
    compiler.chmod(0o755)
    (tmp_path / "tsconfig.json").write_text('{ "compilerOptions": { "types": [] } }', encoding="utf-8")
    async with watching(tmp_path, replace(toolchain, tsc=compiler), check=True) as watched:
        for number in range(30):
            seen = len(watched.said(Change))
            watched.file.write_text(str(number), encoding="utf-8")
            await watched.until(lambda seen=seen: len(watched.said(Change)) > seen)
        await watched.until(lambda: watched.events[-1].name == "check")
    assert len(compiler.with_name("tsc.count").read_text().splitlines()) <= 10


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
        await watched.until(lambda: bool(watched.checks()))
        main.write_text("export const slow = 1;\n", encoding="utf-8")
        async with asyncio.timeout(DEADLINE):
            while not (started.exists() and started.read_text()):  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.005)
        outdated, seen = psutil.Process(int(started.read_text())), len(watched.checks())
        main.write_text('export const a: number = "quick";\n', encoding="utf-8")
        await watched.until(lambda: len(watched.checks()) > seen)
        assert not outdated.is_running()
        assert [error["line"] for error in watched.checks()[-1].errors] == [1]


async def test_a_checkout_of_another_projects_branch_sends_nothing_and_ends_the_loop_to_begin_anew(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    git = tmp_path / ".git"
    git.mkdir()
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    target = ["live"]
    guard = BranchGuard(tmp_path, checked_out(tmp_path), "live", lambda: target[0])
    known_files(tmp_path, "notes.js", "gone.js")
    async with scripted_server() as server:
        watched = Watched(tmp_path, RemoteProject(server))
        async with started(watched, toolchain, guard=guard) as running:
            await watched.until(lambda: bool(watched.said(Ready)))
            # As git does it: the files, the index, and HEAD last.
            (git / "index.lock").touch()
            watched.file.write_text("of staging", encoding="utf-8")
            (tmp_path / "gone.js").unlink()
            await watched.until(lambda: len({p for each in watched.said(Change) for p in each.paths}) == 2)
            (git / "index.lock").rename(git / "index")
            target[:] = ["staging"]
            (git / "HEAD").write_text("ref: refs/heads/staging\n")
            async with asyncio.timeout(DEADLINE):
                await asyncio.wait([running])
            with pytest.raises(BranchSwitched):
                running.result()
        assert watched.remote.writes == []
    assert not watched.said(Stopped)
    assert meant(tmp_path) == []


async def test_what_git_changes_on_the_same_projects_branch_is_sent_when_git_is_done(
    tmp_path: Path, toolchain: Toolchain
) -> None:
    git = tmp_path / ".git"
    git.mkdir()
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    guard = BranchGuard(tmp_path, checked_out(tmp_path), "live", lambda: "live")
    known_files(tmp_path, "notes.js")
    async with scripted_server() as server:
        watched = Watched(tmp_path, RemoteProject(server))
        async with started(watched, toolchain, guard=guard):
            await watched.until(lambda: bool(watched.said(Ready)))
            (git / "index.lock").touch()
            watched.file.write_text("of topic", encoding="utf-8")
            await watched.until(lambda: bool(watched.said(Change)))
            (git / "HEAD").write_text("ref: refs/heads/topic\n")
            assert watched.remote.writes == []
            (git / "index.lock").unlink()
            await watched.until(lambda: watched.synced() > 0)
            assert watched.remote.writes == [("notes.js", "of topic")]

            # One that begins while a push looks at the server: that push sends nothing of what it has read.
            looks: list[object] = []

            def begin(request: object) -> None:
                looks.append(request)
                if len(looks) == 1:
                    (git / "index.lock").touch()
                    watched.file.write_text("of topic, later", encoding="utf-8")
                    asyncio.get_running_loop().call_later(0.1, (git / "index.lock").unlink)

            watched.remote.before_request = begin
            watched.file.write_text("for a moment", encoding="utf-8")
            await watched.until(lambda: watched.synced() > 1)
        assert watched.remote.writes[1:] == [("notes.js", "of topic, later")]
        assert not watched.said(SyncFailed)
