"""Planned tasks sent in batches to a platform that fails at the worst moments: each arrives once."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.scripted_server import IMPATIENT, RESET, Answer, Request, json_answer, scripted_server
from xgodo_dev.cli.shortcuts import submission_journal
from xgodo_dev.cli.shortcuts.submitting import BATCH, submit
from xgodo_dev.errors import ApiError, UnreachableError, UsageError
from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.spec import reading
from xgodo_dev.platform.transport import Transport

JOB = "60c72b2f9b1e8c001c8e4d8a"
INPUTS = [f'{{"n":{number // 2}}}' for number in range(250)]


class Platform:
    """What the platform keeps of a job's planned tasks. ``fails`` are requests to submit, counted from 1."""

    def __init__(self) -> None:
        self.planned: list[dict[str, str]] = []
        self.begun: list[dict[str, str]] = []
        self.submits = 0
        self.fails: dict[int, str] = {}
        self.begins_at_once = False
        self._clock = itertools.count(10)

    @property
    def inputs(self) -> list[str]:
        return sorted(each["input"] for each in (*self.planned, *self.begun))

    def add(self, text: str) -> dict[str, str]:
        moment = next(self._clock)
        task = {"planned_task_id": f"p{moment}", "input": text, "added": f"2026-01-01T00:{moment:05}Z"}
        (self.begun if self.begins_at_once and moment % 3 else self.planned).append(task)
        return task

    async def handle(self, request: Request) -> Answer:
        if request.path.endswith("/applicants"):
            page = int(request.json.get("page", 1))
            tasks = [
                {
                    "_id": f"t-{each['planned_task_id']}",
                    "status": "running",
                    "added": each["added"],
                    "planned_task": each["input"],
                    "planned_task_id": each["planned_task_id"],
                }
                for each in self.begun[100 * (page - 1) : 100 * page]
            ]
            return json_answer({"job_tasks": tasks})
        if request.method == "GET":
            page = int(request.query.get("page", "1"))
            newest_first = self.planned[::-1][100 * (page - 1) : 100 * page]
            data = {"job": {}, "plannedTasks": newest_first, "total": len(self.planned)}
            return json_answer({"success": True, "data": data})
        self.submits += 1
        how = self.fails.get(self.submits)
        if how == "refused":
            return json_answer({"success": False, "message": "No enough positions left."}, 400)
        if how == "lost":
            return RESET
        inserted = [self.add(text) for text in request.json["inputs"]]
        if how == "half":
            del self.planned[len(self.planned) - len(inserted) // 2 :]
        return RESET if how else json_answer({"success": True, "inserted_ids": inserted})


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
async def calls(platform: Platform) -> AsyncIterator[Calls]:
    async with scripted_server() as server:
        server.handler = platform.handle
        async with Transport(server.server, patience=IMPATIENT) as transport:
            yield Calls(reading.xgodo(), transport, server.url)


async def run(calls: Calls, folder: Path, inputs: list[str] = INPUTS) -> list[str | None]:
    name = submission_journal.name_of("server", JOB, None, inputs)
    with submission_journal.opened(folder, name, JOB, len(inputs)) as journal:
        if not journal.submission.finished:
            await submit(calls, journal, inputs, {}, lambda: None)
        return journal.submission.ids


async def test_batches_arrive_in_order_and_a_second_time_sends_nothing(
    calls: Calls, platform: Platform, tmp_path: Path
) -> None:
    ids = await run(calls, tmp_path)
    assert [each["input"] for each in platform.planned] == INPUTS
    assert ids == [each["planned_task_id"] for each in platform.planned]
    assert platform.submits == -(-len(INPUTS) // BATCH)
    assert await run(calls, tmp_path) == ids
    assert platform.inputs == sorted(INPUTS)


@pytest.mark.parametrize("how", ["heard", "half", "lost"])
@pytest.mark.parametrize("begins_at_once", [False, True])
async def test_an_answer_that_nobody_heard_makes_no_task_twice_and_loses_none(
    calls: Calls, platform: Platform, tmp_path: Path, how: str, begins_at_once: bool
) -> None:
    # The same inputs are there from before, and are not those of this table.
    before = [platform.add(text)["input"] for text in INPUTS[101:160]]
    platform.begins_at_once = begins_at_once and how != "half"
    platform.fails = {2: how}
    ids = await run(calls, tmp_path)
    assert platform.inputs == sorted([*INPUTS, *before])
    assert len(set(ids)) == len(INPUTS)
    assert None not in ids


async def test_what_a_refused_batch_leaves_is_sent_by_the_same_command_later(
    calls: Calls, platform: Platform, tmp_path: Path
) -> None:
    platform.fails = {3: "refused"}
    with pytest.raises(ApiError, match="No enough positions left"):
        await run(calls, tmp_path)
    assert platform.inputs == sorted(INPUTS[: 2 * BATCH])
    await run(calls, tmp_path)
    assert platform.inputs == sorted(INPUTS)


async def test_a_platform_that_is_never_heard_is_given_up_and_asked_later(
    calls: Calls, platform: Platform, tmp_path: Path
) -> None:
    platform.fails = dict.fromkeys(range(2, 5), "lost") | {5: "heard"}
    with pytest.raises(UnreachableError):
        await run(calls, tmp_path)
    await run(calls, tmp_path)
    assert platform.inputs == sorted(INPUTS)


async def test_two_commands_never_submit_one_table_at_once(calls: Calls, tmp_path: Path) -> None:
    name = submission_journal.name_of("server", JOB, None, INPUTS)
    with (
        submission_journal.opened(tmp_path, name, JOB, len(INPUTS)),
        pytest.raises(UsageError, match="by another command right now"),
    ):
        await run(calls, tmp_path)


def test_another_job_device_or_content_is_another_submission() -> None:
    names: set[Any] = {
        submission_journal.name_of(*each)
        for each in (
            ("s", "j", None, ["a"]),
            ("s", "k", None, ["a"]),
            ("t", "j", None, ["a"]),
            ("s", "j", "d", ["a"]),
            ("s", "j", None, ["a", "a"]),
        )
    }
    assert len(names) == 5
