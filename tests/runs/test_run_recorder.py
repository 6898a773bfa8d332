"""Recording beside the loop: what runs leave in the store, and stores that can't be written."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.runs.recorded_runs import PHONE, PROGRAM, SERVER, ended, line, messages, recorded
from tests.runs.test_run import BODY_DONE, SUCCESS, Phone, failed
from tests.scripted_server import IMPATIENT, RESET, Answer, Request, json_answer, scripted_server
from xgodo_dev.errors import DeviceOffline, NoConnection, UnreachableError
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.runs import run_recorder as recorder_module
from xgodo_dev.runs.events import Event, Exit, Notice
from xgodo_dev.runs.followers import Followers
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.run import Run
from xgodo_dev.runs.run_recorder import RunRecorder
from xgodo_dev.runs.store import RunStore
from xgodo_dev.runs.store_file import run_store_file

DEADLINE = 60.0
# Less than any wait that is to be avoided, which is made very long, and more than a busy machine needs.
SOON, LONG = 30.0, 600.0


@dataclass
class Recording:
    """A recorder at work in a folder, and what it has said."""

    root: Path
    events: list[Event] = field(default_factory=list)

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[RunRecorder]:
        async with RunRecorder(self.root, SERVER, self.events.append) as recorder:
            yield recorder

    def notices(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Notice)]

    def runs(self) -> list[RecordedRun]:
        with RunStore(self.root) as store:
            return store.runs()

    def messages(self, run: str) -> list[str]:
        with RunStore(self.root) as store:
            return messages(store, run)

    def until(self, what: Callable[[], bool]) -> None:
        """Wait for the thread that writes."""
        deadline = time.monotonic() + DEADLINE
        while not what():
            assert time.monotonic() < deadline
            time.sleep(0.005)


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    return Recording(tmp_path)


@pytest.fixture
async def phone() -> AsyncIterator[tuple[Phone, AutomationApi]]:
    async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
        yield Phone(server), AutomationApi(transport)


async def to_the_end(
    run: Run, api: AutomationApi, parameters: Mapping[str, object], variables: Mapping[str, object]
) -> None:
    async with asyncio.timeout(DEADLINE), Followers(api, lambda _: None) as followers:
        await followers.launch(run, parameters, variables)
        await followers.until_ended(run)


async def test_a_followed_run_is_recorded_with_every_line_and_its_end(
    recording: Recording, phone: tuple[Phone, AutomationApi]
) -> None:
    wire, api = phone
    wire.pages = [[("1", "hello")], [("2", "bye"), ("3", BODY_DONE), ("4", SUCCESS)]]
    async with recording.going_on() as recorder:
        run = Run(api, PHONE, PROGRAM, recording.events.append, recorder)
        await to_the_end(run, api, {}, {})
    (kept,) = recording.runs()
    assert (kept.id, kept.remote, kept.status, kept.device_id) == (run.id, SERVER, "success", PHONE.id)
    (end,) = (event for event in recording.events if isinstance(event, Exit))
    assert (kept.ended, kept.ms) == (end.time, end.ms)
    with RunStore(recording.root) as store:
        assert list(store.lines(kept)) == [event for event in recording.events if event.name == "log"]
        assert store.last_line(kept) is not None


async def test_a_launch_that_nobody_can_have_heard_is_no_run(recording: Recording) -> None:
    async with scripted_server() as gone:
        pass
    async with Transport(gone.server, patience=IMPATIENT) as transport, recording.going_on() as recorder:
        api = AutomationApi(transport)
        run = Run(api, PHONE, PROGRAM, recording.events.append, recorder)
        with pytest.raises(NoConnection):
            await to_the_end(run, api, {}, {})
        assert not run.may_go_on
    assert recording.runs() == []


async def test_an_uncaught_error_is_recorded_as_a_line_where_it_was_thrown(
    recording: Recording, phone: tuple[Phone, AutomationApi]
) -> None:
    wire, api = phone
    stack = "Error: boom\n    at tap (xgodo-bundle.js:3:1)\n    at xgodo-bundle.js:1:1"
    wire.pages = [[("1", "hello"), ("2", failed("Error: boom", stack))]]
    async with recording.going_on() as recorder:
        run = Run(api, PHONE, PROGRAM, recording.events.append, recorder)
        await to_the_end(run, api, {}, {})
    with RunStore(recording.root) as store:
        kept = recorded(store, run.id)
        _, thrown = store.lines(kept)
    assert (thrown.level, thrown.source, thrown.id) == ("error", {"file": "main.ts", "line": 3}, "2")
    assert thrown.message == kept.error == "Error: boom\n    at tap (main.ts:3:1)\n    at main.ts:1:1"
    # To who follows the run, its exit says so.
    assert [event.name for event in recording.events] == ["launch", "log", "exit"]


async def test_what_a_run_was_given_is_not_recorded(
    recording: Recording, phone: tuple[Phone, AutomationApi]
) -> None:
    wire, api = phone
    wire.pages = [[("1", SUCCESS)]]
    async with recording.going_on() as recorder:
        run = Run(api, PHONE, PROGRAM, recording.events.append, recorder)
        await to_the_end(run, api, {"password": "pr3cious"}, {"pin": "s3cret"})
    assert any(b"pr3cious" in request.body for request in wire.server.requests)
    content = b"".join(file.read_bytes() for file in run_store_file(recording.root).parent.iterdir())
    assert run.id.encode() in content
    assert b"pr3cious" not in content
    assert b"s3cret" not in content


async def test_a_refused_launch_is_no_run(recording: Recording, phone: tuple[Phone, AutomationApi]) -> None:
    wire, api = phone
    wire.launch_answer = json_answer({"success": False, "message": "Some devices offline or not found."})
    wire.device["online"] = False
    async with recording.going_on() as recorder:
        with pytest.raises(DeviceOffline):
            await Run(api, PHONE, PROGRAM, recording.events.append, recorder).launch({}, {})
    assert recording.runs() == []


@pytest.mark.parametrize("stop_is_heard", [True, False])
async def test_a_launch_without_an_answer_is_a_run_that_may_go_on(
    recording: Recording, phone: tuple[Phone, AutomationApi], stop_is_heard: bool
) -> None:
    wire, api = phone
    wire.launch_answer = RESET
    if not stop_is_heard:
        wire.stop_answer = RESET
    async with recording.going_on() as recorder:
        run = Run(api, PHONE, PROGRAM, recording.events.append, recorder)
        with pytest.raises(UnreachableError):
            await run.launch({}, {})
        await Followers(api, recording.events.append).stop(run)
    # A stop that was heard may have come before the launch.
    (kept,) = recording.runs()
    assert (kept.status, kept.may_be_open) == ("lost", True)
    # Nothing of it was shown.
    assert not [event for event in recording.events if isinstance(event, Exit)]


async def test_a_run_is_on_the_disk_while_it_goes_on(recording: Recording) -> None:
    async with recording.going_on() as recorder:
        recorder.begin("run", PHONE, PROGRAM)
        recorder.line(line("run", "1", "first"))
        recording.until(lambda: run_store_file(recording.root).exists() and len(recording.runs()) == 1)
        recording.until(lambda: recording.messages("run") == ["first"])
        assert recording.runs()[0].may_be_open


async def test_a_damaged_store_is_set_aside_said_once_and_replaced(recording: Recording) -> None:
    file = run_store_file(recording.root)
    file.parent.mkdir()
    file.write_bytes(b"no database at all" * 500)
    for run in ("first", "second"):
        async with recording.going_on() as recorder:
            recorder.begin(run, PHONE, PROGRAM)
            recorder.line(line(run, "1"))
            recorder.end(ended(run))
    (notice,) = recording.notices()
    assert "damaged" in notice
    (kept,) = (each for each in file.parent.glob("runs.db.*") if each.suffix not in (".db-wal", ".db-shm"))
    assert kept.name in notice
    assert kept.read_bytes() == b"no database at all" * 500
    assert [run.id for run in recording.runs()] == ["second", "first"]


async def test_damage_that_shows_only_when_it_is_written_to_costs_no_later_run(recording: Recording) -> None:
    async with recording.going_on() as recorder:
        recorder.begin("first", PHONE, PROGRAM)
        recording.until(lambda: run_store_file(recording.root).exists() and len(recording.runs()) == 1)
        with closing(sqlite3.connect(run_store_file(recording.root))) as database:
            database.execute("DROP TABLE log")
        recorder.line(line("first", "1"))
        recording.until(lambda: len(list(recording.root.glob(".xgodo/runs.db.*"))) > 0)
        recorder.end(ended("first"))
        recorder.begin("second", PHONE, PROGRAM)
        recorder.line(line("second", "1", "on"))
        recorder.end(ended("second"))
    (notice,) = recording.notices()
    assert "damaged" in notice
    assert "run first only what comes from now on" in notice
    assert [(run.id, run.status) for run in recording.runs()] == [("second", "success"), ("first", "success")]
    assert recording.messages("first") == ["hello"]
    assert recording.messages("second") == ["on"]


@pytest.mark.parametrize("how", ["deleted", "renamed"])
async def test_a_store_that_somebody_takes_away_is_made_again_with_the_runs_that_go_on(
    recording: Recording, how: str
) -> None:
    file = run_store_file(recording.root)
    async with recording.going_on() as recorder:
        recorder.begin("first", PHONE, PROGRAM)
        recorder.line(line("first", "1", "gone"))
        recording.until(lambda: file.exists() and len(recording.runs()) == 1)
        recording.until(lambda: recording.messages("first") == ["gone"])
        for suffix in ("-wal", "-shm", ""):
            part = file.with_name(file.name + suffix)
            if how == "deleted":
                part.unlink(missing_ok=True)
            elif part.exists():
                part.rename(file.with_name("elsewhere" + suffix))
        recorder.line(line("first", "2", "kept"))
        recorder.end(ended("first"))
        recording.until(lambda: not recorder._pending)
        recorder.begin("second", PHONE, PROGRAM)
        recorder.end(ended("second"))
    assert [(run.id, run.status) for run in recording.runs()] == [("second", "success"), ("first", "success")]
    assert recording.messages("first") == ["kept"]
    (notice,) = recording.notices()
    assert "moved or deleted" in notice
    assert "run first only what comes from now on" in notice


async def test_two_that_find_the_same_damage_record_into_the_same_new_store(tmp_path: Path) -> None:
    one, two = Recording(tmp_path), Recording(tmp_path)
    async with one.going_on() as first, two.going_on() as second:
        first.begin("first", PHONE, PROGRAM)
        second.begin("second", PHONE, PROGRAM)
        one.until(lambda: run_store_file(tmp_path).exists() and len(one.runs()) == 2)
        with closing(sqlite3.connect(run_store_file(tmp_path))) as database:
            database.execute("DROP TABLE log")
        for number in range(50):
            first.line(line("first", str(number), str(number)))
            second.line(line("second", str(number), str(number)))
        first.end(ended("first"))
        second.end(ended("second"))
    assert {(run.id, run.status) for run in one.runs()} == {("first", "success"), ("second", "success")}
    for run in ("first", "second"):
        assert one.messages(run) == [str(number) for number in range(50)]
    assert sum("set aside" in notice for notice in one.notices() + two.notices()) == 1
    assert len([*tmp_path.glob(".xgodo/runs.db.*[0-9]")]) == 1


async def test_a_run_that_was_dropped_from_the_store_goes_on_in_it(recording: Recording) -> None:
    async with recording.going_on() as recorder:
        recorder.begin("run", PHONE, PROGRAM)
        recording.until(lambda: run_store_file(recording.root).exists() and len(recording.runs()) == 1)
        with RunStore(recording.root) as store:
            store.withdraw("run")
        recorder.line(line("run", "1", "after"))
        recorder.end(ended("run"))
    (notice,) = recording.notices()
    assert "Run run was dropped" in notice
    assert recording.runs()[0].status == "success"
    assert recording.messages("run") == ["after"]


async def test_a_newer_versions_store_is_left_alone_and_the_run_goes_on(recording: Recording) -> None:
    RunStore(recording.root).close()
    file = run_store_file(recording.root)
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 99")
    before = file.read_bytes()
    async with recording.going_on() as recorder:
        recorder.begin("run", PHONE, PROGRAM)
        recorder.end(ended("run"))
    (notice,) = recording.notices()
    assert "newer" in notice
    assert file.read_bytes() == before
    assert [each.name for each in file.parent.iterdir()] == ["runs.db"]


async def test_a_folder_that_can_not_be_made_is_said_once(recording: Recording) -> None:
    (recording.root / ".xgodo").write_text("in the way")
    async with recording.going_on() as recorder:
        recorder.begin("run", PHONE, PROGRAM)
        for number in range(10):
            recorder.line(line("run", str(number)))
    (notice,) = recording.notices()
    assert "can't be made" in notice


@contextmanager
def somebody_writes(root: Path) -> Iterator[sqlite3.Connection]:
    """Another process in the middle of a long write."""
    RunStore(root).close()
    with closing(sqlite3.connect(run_store_file(root), isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield database


async def test_another_process_that_writes_holds_up_no_line(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_PATIENCE", LONG)
    async with recording.going_on() as recorder:
        with somebody_writes(recording.root) as database:
            started = time.monotonic()
            recorder.begin("run", PHONE, PROGRAM)
            for number in range(1000):
                recorder.line(line("run", str(number), str(number)))
            took = time.monotonic() - started
            database.execute("COMMIT")
    # A single wait for the lock would take longer.
    assert took < SOON
    assert recording.messages("run") == [str(number) for number in range(1000)]
    assert recording.notices() == []


async def test_a_disk_that_hangs_neither_holds_up_the_end_nor_fills_the_memory(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_CLOSING_DEADLINE", 0.2)
    monkeypatch.setattr(recorder_module, "_PATIENCE", LONG)
    monkeypatch.setattr(recorder_module, "_MOST_PENDING", 100)
    with somebody_writes(recording.root):
        started = time.monotonic()
        async with recording.going_on() as recorder:
            recorder.begin("run", PHONE, PROGRAM)
            for number in range(500):
                recorder.line(line("run", str(number)))
            assert len(recorder._pending) <= 100
        assert time.monotonic() - started < SOON
    (notice,) = recording.notices()
    assert "too slow" in notice


async def test_what_could_not_be_written_for_a_while_is_written_then(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_PATIENCE", 0.01)
    async with recording.going_on() as recorder:
        with somebody_writes(recording.root) as database:
            recorder.begin("run", PHONE, PROGRAM)
            recorder.line(line("run", "1", "while it was locked"))
            recording.until(lambda: "locked" in recorder._failure)
            database.execute("COMMIT")
        recording.until(lambda: not recorder._pending)
        assert recording.messages("run") == ["while it was locked"]
        recorder.end(ended("run"))
    assert recording.runs()[0].status == "success"
    assert recording.notices() == []


async def test_a_failure_that_goes_on_is_said_once_before_anything_is_lost(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_SILENT_ABOUT_FAILURES", 0.0)
    in_the_way = recording.root / ".xgodo"
    in_the_way.write_text("in the way")
    async with recording.going_on() as recorder:
        recorder.begin("run", PHONE, PROGRAM)
        recording.until(lambda: bool(recorder._to_say))
        recorder.line(line("run", "1", "kept"))
        in_the_way.unlink()
        recording.until(lambda: not recorder._pending)
    (notice,) = recording.notices()
    assert "newest lines yet" in notice
    assert recording.messages("run") == ["kept"]


async def test_after_too_much_was_pending_the_next_run_is_recorded_again(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_MOST_PENDING", 10)
    in_the_way = recording.root / ".xgodo"
    in_the_way.write_text("in the way")
    async with recording.going_on() as recorder:
        recorder.begin("left-out", PHONE, PROGRAM)
        for number in range(50):
            recorder.line(line("left-out", str(number)))
        (notice,) = recording.notices()
        in_the_way.unlink()
        recorder.begin("kept", PHONE, PROGRAM)
        recorder.line(line("left-out", "late"))
        recorder.end(ended("left-out"))
        recorder.line(line("kept", "1", "on"))
        recorder.end(ended("kept"))
        recording.until(lambda: not recorder._pending)
    assert "everything of run left-out" in notice
    assert recording.notices() == [notice]
    assert [(run.id, run.status) for run in recording.runs()] == [("kept", "success")]
    assert recording.messages("kept") == ["on"]


async def test_closing_holds_up_nothing_else(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "_CLOSING_DEADLINE", LONG)
    monkeypatch.setattr(recorder_module, "_PATIENCE", LONG)

    async def record() -> None:
        async with recording.going_on() as recorder:
            recorder.begin("run", PHONE, PROGRAM)

    with somebody_writes(recording.root):
        task = asyncio.create_task(record())
        # The loop goes on while the recorder waits for the disk.
        for _ in range(10):
            await asyncio.sleep(0.01)
        assert not task.done()
        started = time.monotonic()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - started < SOON
    (notice,) = recording.notices()
    assert "everything of run run" in notice
    assert "not waited for" in notice


async def test_an_end_that_is_cut_short_leaves_out_nothing_that_the_disk_takes(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It takes it, however busy it is.
    monkeypatch.setattr(recorder_module, "_CANCELLED_DEADLINE", LONG)

    async def record() -> None:
        async with recording.going_on() as recorder:
            recorder.begin("run", PHONE, PROGRAM)
            recorder.line(line("run", "1", "at the very end"))
            current = asyncio.current_task()
            assert current is not None
            # What waits first is cancelled: the end of the recorder.
            current.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(record())
    assert recording.messages("run") == ["at the very end"]
    assert recording.notices() == []


async def test_a_launch_leaves_when_it_is_on_the_disk(
    recording: Recording, phone: tuple[Phone, AutomationApi], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "_SETTLING_DEADLINE", LONG)
    wire, api = phone
    known_when_launched: list[str] = []
    original = wire._handle

    async def handle(request: Request) -> Answer:
        if request.path.endswith("launchDirectAutomation") and request.json["command"] == "start":
            known_when_launched.extend(run.id for run in recording.runs())
        return await original(request)

    wire.server.handler = handle
    wire.pages = [[("1", SUCCESS)]]
    async with recording.going_on() as recorder:
        run = Run(api, PHONE, PROGRAM, recording.events.append, recorder)
        await to_the_end(run, api, {}, {})
    assert known_when_launched == [run.id]
