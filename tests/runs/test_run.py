"""Runs against a wire that repeats, reorders, loses and refuses."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.scripted_server import (
    IMPATIENT,
    RESET,
    Answer,
    Request,
    ScriptedServer,
    json_answer,
    page,
    scripted_server,
)
from xgodo_dev.errors import ApiError, AuthenticationError, DeviceOffline, UnreachableError
from xgodo_dev.platform import automation
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.transport import Transport
from xgodo_dev.runs import device_follower, followers, outages, pace
from xgodo_dev.runs import run as run_module
from xgodo_dev.runs.events import Event, Exit, Launch, Log, Notice, RunStatus
from xgodo_dev.runs.followers import Followers
from xgodo_dev.runs.pace import RequestBudget
from xgodo_dev.runs.programs import Direct, Saved
from xgodo_dev.runs.run import LaunchWithdrawn, Phase, Run
from xgodo_dev.toolchain.bundle import Bundle
from xgodo_dev.toolchain.run_report import PLAIN_MARK as MARK
from xgodo_dev.toolchain.source_map import SourceMap

PHONE = Device(id="phone-1", name="Silent Otter", online=True, record={})
# Line n of the bundle is line n of main.ts, up to line 4.
MAP = json.dumps({"version": 3, "sources": ["main.ts"], "names": [], "mappings": "AAAA;AACA;AACA;AACA"})
BUNDLE = Bundle(code="bundled code", source_map=SourceMap.from_json(MAP), entry="main.ts", mark=MARK, ms=1)
DEADLINE = 60.0

SUCCESS = MARK + json.dumps({"event": "end", "status": "success"})
BODY_DONE = MARK + json.dumps({"event": "body-done"})


def failed(error: str, stack: str | None = None) -> str:
    return MARK + json.dumps({"event": "end", "status": "failed", "error": error, "stack": stack})


class Phone:
    """The wire of a phone with one run. ``pages`` are answered in turn, then empty ones.

    A page is a list of ``(log id, message)``, or an answer as it is.
    """

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        server.handler = self._handle
        self.pages: list[list[tuple[str, str]] | Answer] = []
        self.after_pages: list[tuple[str, str]] | Answer = []
        self.device: dict[str, Any] = {"remote_device_id": PHONE.id, "name": PHONE.name, "online": True}
        self.device_answer: Answer | None = None
        # What the device record lists as running, answer by answer; the last one stays.
        self.listed: list[list[dict[str, str]]] = []
        self.launch_answer = json_answer({"success": True})
        self.stop_answer = json_answer({"success": True})
        self.launch_waits: asyncio.Event | None = None
        self.arrived = asyncio.Event()
        self.on_logs: Callable[[], None] = lambda: None

    def commands(self) -> list[str]:
        return [
            request.json["command"]
            for request in self.server.requests
            if request.path.endswith("launchDirectAutomation")
        ]

    def cursors(self) -> list[str | None]:
        return [
            request.json.get("from")
            for request in self.server.requests
            if request.path.endswith("automationLogs")
        ]

    async def _handle(self, request: Request) -> Answer:
        if request.path.endswith("/devices"):
            if self.listed:
                self.device["automations"] = self.listed.pop(0)
            return self.device_answer or json_answer([self.device])
        if request.path.endswith("automationLogs"):
            self.on_logs()
            page_now = self.pages.pop(0) if self.pages else self.after_pages
            if isinstance(page_now, Answer):
                return page_now
            run = request.json["automation_ids"][0]
            return json_answer({"logs": [entry(run, *line) for line in page_now]})
        if request.json["command"] == "stop":
            return self.stop_answer
        self.arrived.set()
        if self.launch_waits:
            await self.launch_waits.wait()
        return self.launch_answer


def entry(run: str, log_id: str, message: str) -> dict[str, object]:
    return {
        "id": log_id,
        "automationId": run,
        "message": message,
        "lineNumber": 2,
        "messageLevel": "warn",
        "timestamp": 1755811585870,
    }


class Following:
    """A run on that phone, and the events it has reported."""

    def __init__(self, phone: Phone, api: AutomationApi) -> None:
        self.phone = phone
        self.events: list[Event] = []
        self.api = api
        self.run = Run(api, PHONE, Direct.of(BUNDLE), self.events.append)
        self.followers = Followers(api, self.events.append)

    async def launch(self) -> None:
        await self.followers.launch(self.run, {"a": 1}, {})

    async def stop(self) -> None:
        await self.followers.stop(self.run)

    async def to_the_end(self, timeout: float | None = None) -> str:
        async with asyncio.timeout(DEADLINE), self.followers:
            await self.launch()
            return await self.followers.until_ended(self.run, timeout)

    def messages(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Log)]

    def notices(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Notice)]

    def exits(self) -> list[Exit]:
        return [event for event in self.events if isinstance(event, Exit)]


@pytest.fixture
async def following(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Following]:
    # The same waits as a person's, in less of a person's time.
    monkeypatch.setattr(device_follower, "_OUTAGE_PAUSES", (0.02,))
    monkeypatch.setattr(device_follower, "_QUIET_BEFORE_ASKING_DEVICE", 0.2)
    monkeypatch.setattr(device_follower, "_BEFORE_ASKING_AGAIN", 0.6)
    monkeypatch.setattr(outages, "_GATHERING", 0.01)
    monkeypatch.setattr(automation, "_STOP_WITHIN", 2.0)
    async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
        yield Following(Phone(server), AutomationApi(transport))


async def test_a_run_is_launched_followed_and_ended_by_its_own_report(following: Following) -> None:
    following.phone.pages = [[], [("1", "hello")], [], [("2", "bye"), ("3", BODY_DONE), ("4", SUCCESS)]]
    assert await following.to_the_end() == "success"
    launch, first, second, end = following.events
    assert isinstance(launch, Launch)
    assert isinstance(first, Log)
    assert isinstance(end, Exit)
    assert (launch.run, launch.device, launch.entry) == (following.run.id, "Silent Otter", "main.ts")
    assert (first.id, first.level, first.message, first.source, first.timestamp) == (
        "1",
        "warn",
        "hello",
        {"file": "main.ts", "line": 2},
        1755811585870,
    )
    assert isinstance(second, Log)
    assert (end.status, end.error) == ("success", None)
    assert following.run.ended
    assert following.phone.commands() == ["start"]


async def test_each_poll_asks_for_what_came_after_the_last_line(following: Following) -> None:
    following.phone.pages = [[], [("1", "a"), ("2", "b")], [("3", "c")], [("4", SUCCESS)]]
    await following.to_the_end()
    # Once more behind the end: a line may come late.
    assert following.phone.cursors() == [None, None, "2", "3", "4"]


async def test_repeated_and_reordered_pages_show_every_line_once(following: Following) -> None:
    following.phone.pages = [
        [("1", "a"), ("2", "b")],
        [("2", "b"), ("1", "a"), ("3", "c")],
        [("3", "c"), ("2", "b"), ("1", "a")],
        [],
        [("1", "a"), ("4", "d"), ("5", SUCCESS), ("5", SUCCESS)],
    ]
    assert await following.to_the_end() == "success"
    assert following.messages() == ["a", "b", "c", "d"]
    assert len(following.exits()) == 1


async def test_a_page_that_repeats_itself_shows_every_line_once(following: Following) -> None:
    following.phone.pages = [[("1", "a"), ("1", "a"), ("2", SUCCESS)]]
    await following.to_the_end()
    assert following.messages() == ["a"]


async def test_lines_of_other_runs_are_not_shown(following: Following) -> None:
    foreign = {"logs": [entry("another-run", "1", "not ours"), entry("another-run", "2", SUCCESS)]}
    following.phone.pages = [json_answer(foreign), [("3", "ours"), ("4", SUCCESS)]]
    assert await following.to_the_end() == "success"
    assert following.messages() == ["ours"]


async def test_what_was_printed_behind_the_end_is_shown_before_it_is_told(following: Following) -> None:
    following.phone.pages = [[("1", SUCCESS), ("2", "late")], [("3", "later")]]
    await following.to_the_end()
    assert following.messages() == ["late", "later"]
    assert isinstance(following.events[-1], Exit)


async def test_a_failure_names_the_line_of_the_source(following: Following) -> None:
    stack = "Error: boom\n    at tap (xgodo-bundle.js:3:1)"
    following.phone.pages = [[("1", failed("boom", stack))]]
    assert await following.to_the_end() == "failed"
    (end,) = following.exits()
    assert end.error is not None
    assert "boom" in end.error
    assert "main.ts:3:1" in end.error
    assert "xgodo-bundle" not in end.error


async def test_an_outage_is_told_once_and_loses_no_line(following: Following) -> None:
    following.phone.pages = [[("1", "before")], RESET, page(502), page(200), RESET, RESET, RESET, RESET]
    following.phone.pages += [[("2", "after"), ("3", SUCCESS)]]
    assert await following.to_the_end() == "success"
    assert following.messages() == ["before", "after"]
    interrupted, back = following.notices()
    assert "interrupted" in interrupted
    assert "back" in back


async def test_an_outage_without_end_is_a_lost_run_never_a_success(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_follower, "_LONGEST_OUTAGE", 0.4)
    following.phone.pages = [[("1", BODY_DONE)]]
    following.phone.after_pages = RESET
    assert await following.to_the_end() == "lost"
    (end,) = following.exits()
    assert end.error is not None


async def test_an_outage_in_which_a_run_ended_is_none_of_the_next_one(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, asked = following.phone, asyncio.Event()
    phone.after_pages, phone.on_logs = RESET, asked.set
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.launch()
        while not following.notices():
            asked.clear()
            await asked.wait()
        await following.stop()
        # Had it gone on, then this would be too long.
        monkeypatch.setattr(device_follower, "_LONGEST_OUTAGE", 0)
        phone.pages = [RESET, [("1", SUCCESS)]]
        following.run = Run(following.api, PHONE, Direct.of(BUNDLE), following.events.append)
        await following.launch()
        assert await following.followers.until_ended(following.run) == "success"


async def test_silence_alone_is_no_end(following: Following) -> None:
    following.phone.device["automations"] = [{"id": following.run.id}]
    polls = 0

    def end_late() -> None:
        nonlocal polls
        polls += 1
        if polls == 12:
            following.phone.pages = [[("1", SUCCESS)]]

    following.phone.on_logs = end_late
    assert await following.to_the_end() == "success"


@pytest.mark.parametrize(
    ("lines", "says_it_finished", "status"),
    [
        ([("1", "hello")], True, "stopped"),
        ([("1", "hello"), ("2", BODY_DONE)], True, "success"),
        # It may have had more to do, and somebody has stopped it: on a real phone, nothing tells.
        ([("1", "hello"), ("2", BODY_DONE)], False, "stopped"),
    ],
)
async def test_a_run_that_left_its_phone_without_a_report_has_ended(
    following: Following, lines: list[tuple[str, str]], says_it_finished: bool, status: str
) -> None:
    following.api.note_runs_are_listed(at_once=True)
    if says_it_finished:
        following.phone.device["finishedAutomations"] = [following.run.id]
    following.phone.pages = [list(lines)]
    following.phone.listed = [[{"id": following.run.id}], []]
    assert await following.to_the_end() == status
    # Should the record be wrong, what nobody follows any more does not go on.
    assert following.phone.commands() == ["start", "stop"]


async def test_a_saved_project_that_left_its_phone_claims_no_success(following: Following) -> None:
    following.api.note_runs_are_listed(at_once=True)
    following.run = Run(following.api, PHONE, Saved("main.ts", "project"), following.events.append)
    following.phone.listed = [[{"id": "project"}], []]
    assert await following.to_the_end() == "stopped"
    (end,) = following.exits()
    assert "does not report" in str(end.error)


async def test_what_another_process_has_ended_is_told_as_that(following: Following) -> None:
    known: dict[str, tuple[RunStatus, str | None]] = {}
    following.followers = Followers(following.api, following.events.append, lambda _: known)
    following.phone.pages = [[("1", BODY_DONE)]]
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.launch()
        known[following.run.id] = "stopped", None
        assert await following.followers.until_ended(following.run) == "stopped"
    assert following.phone.commands() == ["start"]


async def test_the_last_lines_of_a_run_that_left_its_phone_are_read_first(following: Following) -> None:
    phone = following.phone
    asked = False

    def record_says_it_ended() -> Answer:
        nonlocal asked
        asked = True
        return json_answer([{**phone.device, "automations": []}])

    following.api.note_runs_are_listed(at_once=True)
    original = phone._handle

    async def handle(request: Request) -> Answer:
        if request.path.endswith("/devices"):
            phone.pages = [[("1", "the last line"), ("2", failed("boom"))]]
            return record_says_it_ended()
        return await original(request)

    phone.server.handler = handle
    assert await following.to_the_end() == "failed"
    assert asked
    assert following.messages() == ["the last line"]


async def test_a_device_list_that_takes_its_time_holds_up_no_line(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automation, "_LISTING_WITHIN", DEADLINE)
    phone = following.phone
    original = phone._handle
    answered = asyncio.Event()

    async def handle(request: Request) -> Answer:
        if request.path.endswith("/devices"):
            phone.pages = [[("1", "meanwhile")], [("2", SUCCESS)]]
            await answered.wait()
        return await original(request)

    phone.server.handler = handle
    # Sooner than the list would be given up.
    async with asyncio.timeout(15):
        assert await following.to_the_end() == "success"
    answered.set()
    assert following.messages() == ["meanwhile"]


async def test_an_outage_right_behind_the_device_record_is_an_outage_like_any_other(
    following: Following,
) -> None:
    phone = following.phone
    following.api.note_runs_are_listed(at_once=True)
    phone.device["automations"] = []
    original = phone._handle
    asked = 0

    async def handle(request: Request) -> Answer:
        nonlocal asked
        if request.path.endswith("/devices"):
            asked += 1
            phone.pages = [RESET] * 3 if asked == 1 else []
            phone.after_pages = [("1", SUCCESS)]
        return await original(request)

    phone.server.handler = handle
    assert await following.to_the_end() == "success"


@pytest.mark.parametrize("status", [400, 404])
async def test_a_cursor_that_the_server_forgot_is_dropped(following: Following, status: int) -> None:
    phone = following.phone
    original = phone._handle

    async def handle(request: Request) -> Answer:
        if request.path.endswith("automationLogs") and request.json.get("from") == "1":
            return json_answer({"success": False, "message": "Unknown log id"}, status)
        return await original(request)

    phone.server.handler = handle
    phone.pages = [[("1", "a")], [("1", "a"), ("2", "b"), ("3", SUCCESS)]]
    assert await following.to_the_end() == "success"
    assert following.messages() == ["a", "b"]


async def test_a_run_that_takes_too_long_is_stopped(following: Following) -> None:
    following.phone.pages = [[("1", "hello")]]
    assert await following.to_the_end(timeout=0.3) == "timeout"
    assert following.phone.commands() == ["start", "stop"]
    assert following.messages() == ["hello"]
    (end,) = following.exits()
    assert "0.3 s" in str(end.error)


@pytest.mark.parametrize(
    "answer",
    [page(200), Answer(429, b"{}", {"Retry-After": "99999999"}), Answer(body=b"{}", pause_between_bytes=60)],
)
async def test_what_can_not_be_read_is_not_said_to_have_run_too_long(
    following: Following, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_follower, "_LONGEST_USUAL_ANSWER", 0.05)
    monkeypatch.setattr(device_follower, "_LAST_READING_DEADLINE", 0.1)
    following.phone.after_pages = answer
    assert await following.to_the_end(timeout=0.2) == "lost"
    (end,) = following.exits()
    assert re.fullmatch(r"Nothing could be read of it for [\d.]+ s; it was told to stop\.", str(end.error))


@pytest.mark.parametrize("answer", [page(502), json_answer({"success": False, "message": "offline"})])
async def test_a_stop_that_nobody_hears_is_said(following: Following, answer: Answer) -> None:
    following.phone.stop_answer = answer
    # It may go on there, so that `stop` and the next run have to find it.
    assert await following.to_the_end(timeout=0.1) == "lost"
    (notice,) = following.notices()
    assert "could not be told to stop" in notice
    (end,) = following.exits()
    assert "after 0.1 s and could not be stopped" in str(end.error)


async def test_an_interrupt_during_the_stop_of_a_timeout_leaves_its_end_told(following: Following) -> None:
    phone = following.phone
    reading, never = asyncio.Event(), asyncio.Event()

    async def handle(request: Request) -> Answer:
        if request.path.endswith("automationLogs") and following.run.phase is Phase.GONE:
            reading.set()
            await never.wait()
        return await phone._handle(request)

    phone.server.handler = handle
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.launch()
        tail = asyncio.create_task(following.followers.until_ended(following.run, 0.05))
        await reading.wait()
        tail.cancel()
        await asyncio.wait([tail])
        await following.stop()
    assert [end.status for end in following.exits()] == ["timeout"]


async def test_a_run_is_stopped_also_where_nobody_can_be_shown_its_last_words(following: Following) -> None:
    numbers = itertools.count()

    def print_a_line() -> None:
        following.phone.after_pages = [(str(next(numbers)), "hello")]

    def emit(event: Event) -> None:
        if isinstance(event, Log) and run.phase is Phase.GONE:
            raise BrokenPipeError

    following.phone.on_logs = print_a_line
    run = following.run = Run(following.api, PHONE, Direct.of(BUNDLE), emit)
    with pytest.raises((BrokenPipeError, ExceptionGroup)):
        async with asyncio.timeout(DEADLINE), following.followers:
            await following.launch()
            await following.stop()
    assert run.status == "stopped"


async def test_a_run_that_could_not_be_told_to_stop_is_lost_from_sight(following: Following) -> None:
    following.phone.stop_answer = page(502)
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.launch()
        await following.stop()
    assert [end.status for end in following.exits()] == ["lost"]


async def test_a_refused_launch_reports_no_run(following: Following) -> None:
    following.phone.launch_answer = json_answer(
        {"success": False, "message": "Some devices offline or not found."}
    )
    following.phone.device["online"] = False
    with pytest.raises(DeviceOffline):
        await following.launch()
    assert following.events == []


@pytest.mark.parametrize("stop_answer", [json_answer({"success": True}), page(404)])
async def test_a_launch_that_was_refused_is_stopped_should_it_have_begun_all_the_same(
    following: Following, stop_answer: Answer
) -> None:
    following.phone.launch_answer = json_answer({"success": False, "message": "not today"}, 400)
    following.phone.stop_answer = stop_answer
    with pytest.raises(ApiError, match="not today"):
        await following.launch()
    await following.stop()
    assert following.phone.commands() == ["start", "stop"]
    assert following.events == []


@pytest.mark.parametrize("answer", [page(404), Answer(body=b"[]", pause_between_bytes=60)])
async def test_a_refused_launch_is_told_as_that_also_where_devices_can_not_be_listed(
    following: Following, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automation, "_LISTING_WITHIN", 0.1)
    following.phone.launch_answer = json_answer({"success": False, "message": "not today"}, 400)
    following.phone.device_answer = answer
    with pytest.raises(ApiError, match="not today"):
        await following.launch()


async def test_a_launch_without_an_answer_is_still_stopped(following: Following) -> None:
    following.phone.launch_answer = RESET
    with pytest.raises(UnreachableError):
        await following.launch()
    await following.stop()
    assert following.phone.commands() == ["start", "stop"]
    assert following.exits() == []


async def test_a_stop_waits_for_the_launch_that_is_on_the_wire(following: Following) -> None:
    phone = following.phone
    phone.launch_waits = asyncio.Event()
    async with asyncio.timeout(DEADLINE), following.followers:
        launching = asyncio.create_task(following.launch())
        await phone.arrived.wait()
        stopping = asyncio.create_task(following.stop())
        # Time for a stop to overtake the launch, if anything let it.
        await asyncio.sleep(0.05)
        assert phone.commands() == ["start"]
        phone.launch_waits.set()
        await asyncio.gather(launching, stopping)
    assert phone.commands() == ["start", "stop"]
    assert [type(event) for event in following.events] == [Launch, Exit]
    assert following.exits()[0].status == "stopped"


async def test_an_interrupted_launch_is_stopped_behind_its_answer(following: Following) -> None:
    phone = following.phone
    phone.launch_waits = asyncio.Event()
    async with asyncio.timeout(DEADLINE), following.followers:
        launching = asyncio.create_task(following.launch())
        await phone.arrived.wait()
        launching.cancel()
        stopping = asyncio.create_task(following.stop())
        await asyncio.wait([launching, stopping], timeout=0.05)
        assert (launching.done(), phone.commands()) == (False, ["start"])
        phone.launch_waits.set()
        with pytest.raises(asyncio.CancelledError):
            await launching
        await stopping
    assert phone.commands() == ["start", "stop"]
    assert (following.run.status, following.run.may_go_on) == ("stopped", False)


async def test_a_launch_that_is_not_answered_in_time_may_go_on_though_a_stop_was_heard(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "_ANSWER_DEADLINE", 0.05)
    phone = following.phone
    phone.launch_waits = asyncio.Event()
    async with asyncio.timeout(DEADLINE), following.followers:
        launching = asyncio.create_task(following.launch())
        await phone.arrived.wait()
        launching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await launching
        await following.followers.stop_all([following.run])
    assert phone.commands() == ["start", "stop"]
    assert (following.run.status, following.run.may_go_on) == (None, True)
    assert following.notices() == ["Perhaps still running on Silent Otter: `xgodo-dev stop` ends it."]


async def test_a_stop_ends_following_and_is_reported_once(following: Following) -> None:
    polled = asyncio.Event()
    following.phone.on_logs = polled.set
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.launch()
        tail = asyncio.create_task(following.followers.until_ended(following.run))
        await polled.wait()
        await following.stop()
        await following.stop()
        assert await tail == "stopped"
    assert [end.status for end in following.exits()] == ["stopped"]
    assert following.phone.commands() == ["start", "stop"]


async def test_a_run_that_was_never_launched_needs_no_stop(following: Following) -> None:
    await following.stop()
    assert following.phone.server.requests == []
    assert following.events == []


async def test_a_run_that_has_ended_is_not_stopped_again(following: Following) -> None:
    following.phone.pages = [[("1", SUCCESS)]]
    await following.to_the_end()
    await following.stop()
    assert following.phone.commands() == ["start"]
    assert len(following.exits()) == 1


async def test_a_stop_at_the_moment_of_a_timeout_reports_one_end(following: Following) -> None:
    phone = following.phone
    original = phone._handle
    release, stopping = asyncio.Event(), asyncio.Event()

    async def handle(request: Request) -> Answer:
        if request.path.endswith("launchDirectAutomation") and request.json["command"] == "stop":
            first = not stopping.is_set()
            stopping.set()
            if first:
                await release.wait()
        return await original(request)

    phone.server.handler = handle
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.launch()
        tail = asyncio.create_task(following.followers.until_ended(following.run, 0.1))
        await stopping.wait()
        await following.stop()
        release.set()
        await tail
    assert len(following.exits()) == 1


async def test_cancelling_a_tail_ends_it_at_once(following: Following) -> None:
    polled = asyncio.Event()
    following.phone.on_logs = polled.set
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.launch()
        tail = asyncio.create_task(following.followers.until_ended(following.run, 60))
        await polled.wait()
        tail.cancel()
        with pytest.raises(asyncio.CancelledError):
            await tail
    assert following.exits() == []


async def test_what_another_process_has_begun_is_read_and_never_stopped(following: Following) -> None:
    following.phone.pages = [json_answer({"success": False, "message": "bad request"}, 400)]
    run = Run(following.api, PHONE, Direct.of(BUNDLE), following.events.append, run_id="theirs", began=1.0)
    async with asyncio.timeout(DEADLINE), following.followers:
        following.followers.follow(run, run.began, [])
        assert await following.followers.until_ended(run) == "lost"
    assert following.phone.commands() == []


async def test_a_run_that_can_not_be_read_is_stopped_and_lost_and_the_next_goes_on(
    following: Following,
) -> None:
    phone = following.phone
    phone.pages = [json_answer({"success": False, "message": "bad request"}, 400)]
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.launch()
        next_one = Run(following.api, PHONE, Direct.of(BUNDLE), following.events.append)
        await following.followers.launch(next_one, {}, {})
        assert await following.followers.until_ended(following.run) == "lost"
        phone.pages = [[("1", SUCCESS)]]
        assert await following.followers.until_ended(next_one) in ("success", "lost")
    assert phone.commands().count("stop") >= 1


async def test_of_runs_that_can_not_be_read_an_interrupt_keeps_no_end_of_one_that_was_stopped(
    following: Following,
) -> None:
    phone = following.phone
    deaf = Run(following.api, PHONE, Direct.of(BUNDLE), following.events.append)
    never = asyncio.Event()

    async def handle(request: Request) -> Answer:
        if request.path.endswith("automationLogs"):
            # With both of them, once they are launched.
            return json_answer({}, 400 if len(request.json["automation_ids"]) == 2 else 200)
        if request.json["command"] == "stop" and request.json["launch_id"] == deaf.id:
            await never.wait()
        return await phone._handle(request)

    phone.server.handler = handle
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.launch()
        await following.followers.launch(deaf, {}, {})
        assert await following.followers.until_ended(following.run) == "lost"
    assert deaf.status is None


async def test_a_stopped_run_reports_all_that_it_still_had_to_say_page_by_page(following: Following) -> None:
    phone = following.phone
    ids = [f"{number:02}" for number in range(30)]
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.launch()
        original = phone._handle

        async def handle(request: Request) -> Answer:
            if not request.path.endswith("automationLogs"):
                return await original(request)
            behind = request.json.get("from")
            start = ids.index(behind) + 1 if behind in ids else 0
            lines = [entry(following.run.id, each, each) for each in ids[start : start + 10]]
            return json_answer({"logs": lines})

        phone.server.handler = handle
        await following.stop()
    assert following.messages() == ids
    assert following.exits()[0].status == "stopped"


async def test_logs_that_hang_do_not_keep_an_end_from_being_told(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_follower, "_LAST_READING_DEADLINE", 0.2)
    phone, hang = following.phone, asyncio.Event()
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.launch()
        original = phone._handle

        async def handle(request: Request) -> Answer:
            if request.path.endswith("automationLogs"):
                await hang.wait()
            return await original(request)

        phone.server.handler = handle
        await following.stop()
        hang.set()
    (end,) = following.exits()
    assert (end.status, end.is_cut) == ("stopped", True)
    (notice,) = following.notices()
    assert notice == "The last lines of Silent Otter could not all be read: `logs` asks for them."


async def test_lines_that_could_not_be_read_at_a_late_stop_are_told_of(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outages, "_GATHERING", 60)
    following.phone.after_pages = page(503)
    async with asyncio.timeout(DEADLINE):
        async with following.followers:
            await following.launch()
        await following.followers.stop_all([following.run])
    assert following.exits()[0].status == "stopped"
    assert "The last lines of Silent Otter could not all be read" in following.notices()[-1]


async def test_an_end_that_another_process_knows_is_told_behind_the_last_lines(following: Following) -> None:
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.launch()
        following.phone.pages = [[("1", "the last words")]]
        await following.followers.end_as_told(following.run, "stopped", None)
    assert following.messages() == ["the last words"]
    assert following.exits()[0].status == "stopped"
    assert following.phone.commands() == ["start"]


async def test_a_run_that_is_stopped_before_its_launch_is_never_launched(following: Following) -> None:
    await following.stop()
    with pytest.raises(LaunchWithdrawn):
        await following.launch()
    assert following.phone.server.requests == []


def lines_at_each_poll(phone: Phone, count: int) -> None:
    number = itertools.count()

    def print_some() -> None:
        phone.pages = [[(f"id-{next(number)}", "tick") for _ in range(count)]]

    phone.on_logs = print_some


async def test_a_server_that_has_one_more_line_at_each_poll_is_not_asked_all_the_time(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_follower, "_LAST_READING_DEADLINE", 0.3)
    lines_at_each_poll(following.phone, 1)
    assert await following.to_the_end(timeout=0.6) == "timeout"
    # About 20 to follow it, and 30 for what it says last.
    assert len(following.phone.cursors()) < 65


async def test_pages_that_are_cut_are_asked_for_within_the_budget_of_all_devices(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followers, "RequestBudget", lambda: RequestBudget(per_second=20))
    following.followers = Followers(following.api, following.events.append)
    monkeypatch.setattr(device_follower, "_LAST_READING_DEADLINE", 0.0)
    phone, polled = following.phone, 0
    lines_at_each_poll(phone, 100)
    print_some = phone.on_logs

    def end_late() -> None:
        nonlocal polled
        print_some()
        polled += 1
        if polled == 20:
            phone.pages = [[("the end", SUCCESS)]]

    phone.on_logs = end_late
    began = time.monotonic()
    assert await following.to_the_end() == "success"
    # Twenty a second, and some 0.3 s of what was not asked for before.
    assert polled <= 20 * (time.monotonic() - began + 0.3) + 1


async def test_a_run_that_begins_beside_a_quiet_one_is_asked_about_at_once_and_often(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of the one before, the third poll would come after a minute.
    for name, value in (("_GROWTH", 10_000), ("_ACTIVE", 60.0), ("_BURST", 100.0)):
        monkeypatch.setattr(pace, name, value)
    phone, polls = following.phone, 0
    quiet, answered = asyncio.Event(), Run(following.api, PHONE, Direct.of(BUNDLE), following.events.append)

    def count() -> None:
        nonlocal polls
        polls += 1
        if polls == 2:
            quiet.set()
        if polls == 4:
            phone.pages = [json_answer({"logs": [entry(answered.id, "1", SUCCESS)]})]

    phone.on_logs = count
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.launch()
        await quiet.wait()
        await following.followers.launch(answered, {}, {})
        assert await following.followers.until_ended(answered) == "success"


async def test_a_refused_token_ends_following_and_is_raised(following: Following) -> None:
    following.phone.after_pages = json_answer({}, 401)
    with pytest.raises(ExceptionGroup) as raised:
        await following.to_the_end()
    assert raised.group_contains(AuthenticationError)


async def test_what_is_raised_while_runs_are_followed_goes_on_by_itself(following: Following) -> None:
    async def interrupted() -> None:
        async with following.followers:
            await following.launch()
            raise KeyError

    with pytest.raises(KeyError):
        await interrupted()


async def test_lines_of_earlier_launches_are_passed_over_whatever_becomes_of_a_page(
    following: Following,
) -> None:
    project = "83ba7359-d8eb-4374-8ecb-055af01fddfe"
    old = [entry(project, f"id-{number}", f"old {number}") for number in range(20)]
    asked = 0
    before: list[dict[str, object]] = []

    async def handle(request: Request) -> Answer:
        nonlocal asked, before
        if not request.path.endswith("automationLogs"):
            return json_answer([] if request.path.endswith("/devices") else {"success": True})
        asked += 1
        if asked != 2:
            ids = [each["id"] for each in old]
            behind = request.json.get("from")
            start = ids.index(behind) + 1 if behind in ids else 0
            before = old[start : start + 10]
        return json_answer({"logs": before})

    following.phone.server.handler = handle
    run = Run(following.api, PHONE, Saved("main.ts", project), following.events.append)
    async with asyncio.timeout(DEADLINE), following.followers:
        await following.followers.launch(run, {}, {})
        old.append(entry(project, "id-20", "new"))
        assert await following.followers.until_ended(run, 1.0) == "timeout"
    assert following.messages() == ["new"]
    assert run.after == "id-19"
