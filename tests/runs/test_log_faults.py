"""Runs whose logs come over a wire that fails, repeats, cuts, shuffles: all that was printed is recorded."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runs.recorded_runs import PHONE, PROGRAM, SERVER
from tests.runs.test_run import SUCCESS
from tests.scripted_server import IMPATIENT, RESET, Answer, Request, json_answer, page, scripted_server
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.runs import device_follower, followers, log_reader, outages, pace, run_recorder
from xgodo_dev.runs.events import Event, Exit, Log, Notice
from xgodo_dev.runs.followers import Followers
from xgodo_dev.runs.pace import RequestBudget
from xgodo_dev.runs.run import Run
from xgodo_dev.runs.run_recorder import RunRecorder
from xgodo_dev.runs.store import RunStore

DEADLINE = 60.0
FAULTS = ["", "", "500", "429", "reset", "half", "no-json", "repeat", "shuffle", "everything", "forgotten"]


@pytest.fixture(scope="module", autouse=True)
def hurried() -> Iterator[None]:
    """The same waits as a person's, in less of a person's time."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(device_follower, "_OUTAGE_PAUSES", (0.001,))
        patched.setattr(log_reader, "_BETWEEN_SMALL", 0.0)
        patched.setattr(outages, "_GATHERING", 0.001)
        patched.setattr(pace, "_FIRST", 0.0005)
        patched.setattr(pace, "_AFTER_ENTRIES", 0.0005)
        patched.setattr(pace, "_ACTIVE", 0.001)
        patched.setattr(pace, "_REFILL_PER_SECOND", 1000)
        patched.setattr(followers, "RequestBudget", lambda: RequestBudget(per_second=10_000))
        yield


class Phone:
    """A phone that prints so many lines between one request for its logs and the next, and then ends."""

    def __init__(self, prints: list[int], faults: list[str], page_size: int) -> None:
        self.lines: list[dict[str, object]] = []
        self.faults_left = list(faults)
        self._prints = list(prints)
        self._page_size = page_size
        self._page_before: list[dict[str, object]] = []
        self._run = ""

    def print(self, message: str) -> None:
        number = len(self.lines)
        self.lines.append(
            {
                "id": f"id-{number}",
                "automationId": self._run,
                "message": message,
                "lineNumber": 3,
                "messageLevel": "log",
                "timestamp": 1_795_000_000_000 + number,
            }
        )

    async def handle(self, request: Request) -> Answer:
        if request.path.endswith("/devices"):
            return json_answer([{"remote_device_id": PHONE.id, "name": PHONE.name, "online": True}])
        if request.path.endswith("launchDirectAutomation"):
            self._run = request.json["launch_id"]
            return json_answer({"success": True})
        if self._prints:
            for _ in range(self._prints.pop(0)):
                self.print(f"line {len(self.lines)}")
            if not self._prints:
                self.print(SUCCESS)
        fault = self.faults_left.pop(0) if self.faults_left else ""
        return self._answer(request.json.get("from"), fault)

    def _answer(self, behind: str | None, fault: str) -> Answer:
        match fault:
            case "500":
                return page(500)
            case "429":
                return Answer(429, b"{}", {"Retry-After": "0"})
            case "reset":
                return RESET
            case "no-json":
                return page(200)
            case "forgotten" if behind is not None:
                return json_answer({"success": False, "message": "Unknown log id"}, 400)
            case "repeat" if self._page_before:
                return json_answer({"logs": self._page_before})
        ids = [each["id"] for each in self.lines]
        start = ids.index(behind) + 1 if behind in ids and fault != "everything" else 0
        self._page_before = found = self.lines[start : start + self._page_size]
        if fault == "shuffle":
            found = random.Random(len(found)).sample(found, len(found))
        whole = json_answer({"logs": found})
        if fault == "half":
            return Answer(whole.status, whole.body, whole.headers, sent_bytes=len(whole.body) // 2)
        return whole


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=8),
    st.lists(st.sampled_from(FAULTS), max_size=25),
    st.sampled_from([1, 2, 5, 1000]),
)
def test_what_is_recorded_and_shown_is_what_the_phone_printed(
    prints: list[int], faults: list[str], page_size: int
) -> None:
    phone = Phone(prints, faults, page_size)
    with tempfile.TemporaryDirectory() as folder:
        events = asyncio.run(followed(phone, Path(folder)))
        with RunStore(Path(folder)) as store:
            (recorded,) = store.runs()
            kept = [(each.id, each.message) for each in store.lines(recorded)]
    printed = [(each["id"], each["message"]) for each in phone.lines if each["message"] != SUCCESS]
    assert kept == printed
    assert [(each.id, each.message) for each in events if isinstance(each, Log)] == printed
    assert [each.status for each in events if isinstance(each, Exit)] == ["success"]
    assert recorded.status == "success"
    said = [each.message for each in events if isinstance(each, Notice)]
    assert not any("missing" in each for each in said)
    # Of several interruptions, the last one is over.
    assert not [each for each in said if "Logs" in each] or "are back" in said[-1]


async def followed(phone: Phone, root: Path) -> list[Event]:
    events: list[Event] = []
    async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
        server.handler = phone.handle
        api = AutomationApi(transport)
        async with (
            RunRecorder(root, SERVER, events.append) as recorder,
            Followers(api, events.append) as followers,
            asyncio.timeout(DEADLINE),
        ):
            run = Run(api, PHONE, PROGRAM, events.append, recorder)
            await followers.launch(run, {}, {})
            await followers.until_ended(run)
    return events


async def test_an_answer_that_takes_a_second_is_no_outage(tmp_path: Path) -> None:
    phone = Phone([3, 2], [], 1000)
    slow = phone.handle
    waited = 0

    async def handle(request: Request) -> Answer:
        nonlocal waited
        answer = await slow(request)
        if request.path.endswith("automationLogs") and waited < 2:
            waited += 1
            return Answer(answer.status, answer.body, answer.headers, pause_between_bytes=0.001)
        return answer

    phone.handle = handle  # type: ignore[method-assign]
    events = await followed(phone, tmp_path)
    assert len([each for each in events if isinstance(each, Log)]) == 5
    assert not [each for each in events if isinstance(each, Notice)]
    assert json.dumps([each.to_json() for each in events])


async def test_a_page_of_more_lines_than_are_kept_waiting_for_the_disk_is_recorded_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_recorder, "_MOST_PENDING", 300)
    monkeypatch.setattr(device_follower, "_REPORTED_AT_ONCE", 100)
    # Its time is over while what was read is reported, which takes longer than a busy machine reads.
    monkeypatch.setattr(run_recorder, "_PAUSE_BETWEEN_WRITES", 0.15)
    monkeypatch.setattr(device_follower, "_LAST_READING_DEADLINE", 1.0)
    phone = Phone([1], [], 10_000)
    usual = phone.handle

    async def handle(request: Request) -> Answer:
        if request.path.endswith("automationLogs") and len(phone.lines) == 2:
            # Behind its end: a line may come late.
            for number in range(3000):
                phone.print(f"late {number}")
        return await usual(request)

    phone.handle = handle  # type: ignore[method-assign]
    events = await followed(phone, tmp_path)
    with RunStore(tmp_path) as store:
        assert len(list(store.lines(store.runs()[0]))) == 3001
    assert len([each for each in events if isinstance(each, Log)]) == 3001
    assert not [each for each in events if isinstance(each, Notice)]
