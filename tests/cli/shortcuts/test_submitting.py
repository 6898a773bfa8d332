"""Planned tasks sent in batches to a platform that fails at the worst moments: each arrives once."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scripted_server import IMPATIENT, RESET, Answer, Request, json_answer, page, scripted_server
from xgodo_dev.cli.shortcuts import submission_journal
from xgodo_dev.cli.shortcuts.submitting import BATCH, Patience, Table, send, settle
from xgodo_dev.errors import ApiError, UnreachableError, UsageError, XgodoError
from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.spec import reading
from xgodo_dev.platform.transport import Transport

JOB = "60c72b2f9b1e8c001c8e4d8a"
INPUTS = [f'{{"n":{number // 2}}}' for number in range(250)]
# A request is dead before the next command looks.
SHORT = Patience(pauses=(0.001,), lifetime=0.0, every=0.001)


class Platform:
    """What the platform keeps of a job's planned tasks. ``fails`` are requests to submit, counted from 1."""

    def __init__(self) -> None:
        self.planned: list[dict[str, str]] = []
        self.begun: list[dict[str, str]] = []
        self.submits = 0
        self.fails: dict[int, str] = {}
        self.begins_at_once = False
        self.acts_late: list[asyncio.Task[None]] = []
        self.looked = asyncio.Event()
        self._clock = itertools.count(10)

    @property
    def inputs(self) -> list[str]:
        return sorted(each["input"] for each in (*self.planned, *self.begun))

    def add(self, text: str) -> dict[str, str]:
        moment = next(self._clock)
        # All within one moment: no time tells new ones from old ones.
        task = {"planned_task_id": f"p{moment}", "input": text, "added": "2026-01-01T00:00:00Z"}
        (self.begun if self.begins_at_once and moment % 3 else self.planned).append(task)
        return task

    async def handle(self, request: Request) -> Answer:
        if request.path.endswith("/applicants"):
            number = int(request.json.get("page", 1))
            tasks = [
                {
                    "_id": f"t-{each['planned_task_id']}",
                    "status": "running",
                    "added": each["added"],
                    "planned_task": each["input"],
                    "planned_task_id": each["planned_task_id"],
                }
                for each in self.begun[100 * (number - 1) : 100 * number]
            ]
            self.looked.set()
            return json_answer({"job_tasks": tasks})
        if request.method == "GET":
            number = int(request.query.get("page", "1"))
            newest_first = self.planned[::-1][100 * (number - 1) : 100 * number]
            data = {"job": {}, "plannedTasks": newest_first, "total": len(self.planned)}
            return json_answer({"success": True, "data": data})
        self.submits += 1
        how = self.fails.get(self.submits)
        if how == "refused":
            return json_answer({"success": False, "message": "No enough positions left."}, 400)
        if how == "lost":
            return RESET
        if how == "late":
            self.looked.clear()
            self.acts_late.append(asyncio.create_task(self._act_late(request.json["inputs"])))
            return page(504)
        inserted = [self.add(text) for text in request.json["inputs"]]
        if how == "half":
            del self.planned[len(self.planned) - len(inserted) // 2 :]
        if how == "conflict":
            return json_answer({"success": False, "message": "Try later."}, 409)
        if how == "failure":
            return json_answer({"success": False, "message": "Something failed."})
        return RESET if how else json_answer({"success": True, "inserted_ids": inserted})

    async def _act_late(self, inputs: list[str]) -> None:
        await self.looked.wait()
        for text in inputs:
            self.add(text)


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
async def calls(platform: Platform) -> AsyncIterator[Calls]:
    async with scripted_server() as server:
        server.handler = platform.handle
        async with Transport(server.server, patience=IMPATIENT) as transport:
            yield Calls(reading.xgodo(), transport, server.url)


async def run(
    calls: Calls,
    folder: Path,
    inputs: list[str] = INPUTS,
    *,
    device: str | None = None,
    anew: bool = False,
    positions: int | None = None,
    patience: Patience = SHORT,
) -> list[str | None]:
    table = Table(JOB, inputs, device, {})
    with submission_journal.opened(submission_journal.file_of(folder, "server", JOB)) as journal:
        await settle(calls, journal, JOB, lambda _seconds: None, patience)
        if anew:
            journal.begin_anew(table.rows)
        await send(calls, journal, table, lambda: None, positions=positions, patience=patience)
        return [each.id if each else None for each in journal.known(table.rows)]


async def test_batches_arrive_in_order_and_a_second_time_sends_nothing(
    calls: Calls, platform: Platform, tmp_path: Path
) -> None:
    ids = await run(calls, tmp_path)
    assert [each["input"] for each in platform.planned] == INPUTS
    assert ids == [each["planned_task_id"] for each in platform.planned]
    assert platform.submits == -(-len(INPUTS) // BATCH)
    assert await run(calls, tmp_path) == ids
    assert platform.inputs == sorted(INPUTS)


@pytest.mark.parametrize("begins_at_once", [False, True])
@pytest.mark.parametrize("how", ["heard", "half", "lost", "late", "conflict", "failure"])
async def test_a_request_that_nobody_heard_makes_no_task_twice_and_loses_none(
    calls: Calls, platform: Platform, tmp_path: Path, how: str, begins_at_once: bool
) -> None:
    # The same inputs are there from before, waiting and done, and are not those of this table.
    before = INPUTS[101:160] * 4
    for text in before[::2]:
        platform.begun.append(platform.add(text))
        platform.planned.pop()
    for text in before[1::2]:
        platform.add(text)
    platform.begins_at_once = begins_at_once and how != "half"
    platform.fails = {2: how}
    try:
        ids = await run(calls, tmp_path)
    except XgodoError:
        # Sent again by the next command at the earliest.
        assert how in ("half", "lost", "late", "conflict", "failure")
        await asyncio.gather(*platform.acts_late)
        ids = await run(calls, tmp_path)
    assert platform.inputs == sorted([*INPUTS, *before])
    assert len(set(ids)) == len(INPUTS)
    assert None not in ids


async def test_a_request_that_may_be_alive_is_waited_for_before_anything_is_sent_again(
    calls: Calls, platform: Platform, tmp_path: Path
) -> None:
    platform.fails = {1: "lost"}
    with pytest.raises(UnreachableError):
        await run(calls, tmp_path, ["a"])
    platform.looked.clear()
    late = asyncio.create_task(platform._act_late(["a"]))
    patient = Patience(pauses=(), lifetime=60.0, every=0.001)
    assert await run(calls, tmp_path, ["a"], patience=patient) == ["p10"]
    await late
    assert platform.submits == 1


async def test_what_a_refused_batch_leaves_is_sent_by_the_same_command_later(
    calls: Calls, platform: Platform, tmp_path: Path
) -> None:
    platform.fails = {3: "refused"}
    with pytest.raises(ApiError, match="No enough positions left"):
        await run(calls, tmp_path)
    assert platform.inputs == sorted(INPUTS[: 2 * BATCH])
    await run(calls, tmp_path)
    assert platform.inputs == sorted(INPUTS)


async def test_more_rows_than_a_job_has_positions_send_nothing(
    calls: Calls, platform: Platform, tmp_path: Path
) -> None:
    platform.add("waits")
    with pytest.raises(XgodoError, match="249 positions left for 250 tasks"):
        await run(calls, tmp_path, positions=250)
    assert platform.submits == 0
    await run(calls, tmp_path, positions=251)
    assert len(platform.planned) == 251


async def test_only_the_rows_that_are_new_in_a_table_are_sent(
    calls: Calls, platform: Platform, tmp_path: Path
) -> None:
    await run(calls, tmp_path, ["a", "b", "b"])
    ids = await run(calls, tmp_path, ["b", "c", "b", "b", "a"])
    assert platform.inputs == ["a", "b", "b", "b", "c"]
    assert len(set(ids)) == 5
    await run(calls, tmp_path, ["a"], device="phone")
    assert platform.inputs == ["a", "a", "b", "b", "b", "c"]


async def test_a_table_that_is_sent_anew_goes_on_where_that_stopped(
    calls: Calls, platform: Platform, tmp_path: Path
) -> None:
    await run(calls, tmp_path)
    platform.fails = {5: "lost", 7: "failure"}
    with pytest.raises(UnreachableError):
        await run(calls, tmp_path, anew=True)
    # All of it arrives, but this is not heard.
    with pytest.raises(ApiError):
        await run(calls, tmp_path, anew=True)
    await run(calls, tmp_path, anew=True)
    assert platform.inputs == sorted(INPUTS * 2)
    await run(calls, tmp_path, anew=True)
    assert platform.inputs == sorted(INPUTS * 3)


async def test_two_commands_never_submit_to_one_job_at_once(calls: Calls, tmp_path: Path) -> None:
    with (
        submission_journal.opened(submission_journal.file_of(tmp_path, "server", JOB)),
        pytest.raises(UsageError, match="by another command now"),
    ):
        await run(calls, tmp_path)


async def test_what_is_older_than_some_weeks_is_forgotten(
    calls: Calls, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(calls, tmp_path, ["a"])
    for file in tmp_path.iterdir():
        os.utime(file, (1, 1))
    with submission_journal.opened(submission_journal.file_of(tmp_path, "server", "other")):
        pass
    assert [each.suffix for each in tmp_path.iterdir()] == [".lock"]
    monkeypatch.setattr(submission_journal, "_KEPT_S", -1)
    await run(calls, tmp_path, ["a"])
    await run(calls, tmp_path, ["b"])
    await run(calls, tmp_path, ["a"])
    assert platform.inputs == ["a", "a", "a", "b"]
