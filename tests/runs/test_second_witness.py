"""What a device's record proves of a run, and what it does not."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from tests.runs.recorded_runs import PHONE, PROGRAM
from tests.scripted_server import (
    IMPATIENT,
    Answer,
    ScriptedServer,
    json_answer,
    page,
    scripted_server,
)
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.runs import second_witness
from xgodo_dev.runs.device_records import DeviceRecords
from xgodo_dev.runs.run import Run
from xgodo_dev.runs.second_witness import SecondWitness

LISTED, EMPTY, OFFLINE = "listed", "empty", "offline"


class Asking:
    """A witness that is asked about one run."""

    def __init__(self, server: ScriptedServer, api: AutomationApi) -> None:
        self.server = server
        self.api = api
        self.witness = SecondWitness(api, PHONE, DeviceRecords(api))
        self.run = self.run_of_age(100)

    def run_of_age(self, seconds: float) -> Run:
        began = time.time() - seconds
        return Run(self.api, PHONE, PROGRAM, lambda _: None, run_id="run", began=began)

    async def is_over_by(self, record: str) -> bool:
        automations = [{"id": "run"}] if record == LISTED else []
        device = {"remote_device_id": PHONE.id, "online": record != OFFLINE, "automations": automations}
        return await self.is_over_by_answer(json_answer([device]))

    async def is_over_by_answer(self, answer: Answer) -> bool:
        self.server.answers = [answer]
        absent = await self.witness.absent([self.run])
        assert absent in ([], [self.run])
        return bool(absent)


@pytest.fixture
async def asking(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Asking]:
    # No record is new enough for the next question.
    monkeypatch.setattr(second_witness, "_FIRST_ASKING", 0.0)
    # A run gets no older while it is asked about.
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
        yield Asking(server, AutomationApi(transport))


async def test_a_run_is_over_that_was_listed_and_is_missing_twice(asking: Asking) -> None:
    # Too young for its absence to mean anything, had it not been seen.
    asking.run = asking.run_of_age(5)
    assert [await asking.is_over_by(each) for each in (LISTED, EMPTY, LISTED, EMPTY)] == [False] * 4
    # A phone that connects anew lists nothing for a moment.
    assert asking.witness.is_unsure
    assert await asking.is_over_by(EMPTY)


async def test_where_no_record_ever_listed_a_run_none_is_missing(asking: Asking) -> None:
    assert [await asking.is_over_by(EMPTY) for _ in range(3)] == [False] * 3


async def test_a_run_that_was_never_listed_is_missing_once_it_surely_would_be_listed(asking: Asking) -> None:
    asking.api.note_runs_are_listed()
    asking.run = asking.run_of_age(14)
    assert [await asking.is_over_by(EMPTY) for _ in range(3)] == [False] * 3
    asking.run = asking.run_of_age(16)
    assert [await asking.is_over_by(EMPTY) for _ in range(2)] == [False, True]


async def test_where_runs_are_listed_at_once_a_missing_one_is_over(asking: Asking) -> None:
    asking.api.note_runs_are_listed(at_once=True)
    asking.run = asking.run_of_age(0.5)
    assert not await asking.is_over_by(EMPTY)
    asking.run = asking.run_of_age(1.5)
    assert not await asking.is_over_by(OFFLINE)
    assert await asking.is_over_by(EMPTY)


async def test_whatever_is_wrong_with_the_record_nothing_is_concluded(
    asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(second_witness, "_DEADLINE", 0.1)
    asking.api.note_runs_are_listed(at_once=True)
    refused = json_answer({"success": False, "message": "not today"}, 400)
    never = Answer(body=b"[]", pause_between_bytes=60)
    for answer in (page(404), json_answer({}, 401), refused, page(502), json_answer([]), never):
        assert not await asking.is_over_by_answer(answer)


async def test_whether_records_tell_of_runs_is_asked_once_of_each_run(asking: Asking) -> None:
    runs = [asking.run]
    assert asking.witness.not_asked_about(runs) == runs
    await asking.is_over_by_answer(page(404))
    assert asking.witness.not_asked_about(runs) == [], "not again at once"
    asking.witness = SecondWitness(asking.api, PHONE, DeviceRecords(asking.api))
    await asking.is_over_by(EMPTY)
    assert asking.witness.not_asked_about(runs) == []


async def test_where_records_are_known_to_tell_of_runs_it_is_not_asked(asking: Asking) -> None:
    asking.api.note_runs_are_listed()
    assert asking.witness.not_asked_about([asking.run]) == []
