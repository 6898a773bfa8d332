"""Planned tasks: submitted, listed, deleted, worked on, and put back into the queue."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from job_board import UNKNOWN, JobBoard, said
from served_emulator import ServedEmulator

NO_JOB = {"success": False, "error": "Job not found"}
BAD_JOB = {"success": False, "error": "Invalid job id"}
AT_WORK = {
    "success": False,
    "message": "Cannot delete a planned task that is assigned to a pending / successful job task",
}


@pytest.fixture
def board(emulator: ServedEmulator) -> JobBoard:
    return JobBoard(emulator)


def submitted(board: JobBoard, job: str, *inputs: str, colleague: bool = False, **fields: Any) -> Any:
    body = {"job_id": job, "inputs": inputs, **fields}
    return said(board.ask("POST", "/planned_tasks/submit", body, colleague=colleague))


def deleted(board: JobBoard, *planned: str, colleague: bool = False) -> Any:
    body = {"planned_task_ids": planned}
    return said(board.ask("DELETE", "/planned_tasks", body, colleague=colleague))


def reinitiated(board: JobBoard, *, colleague: bool = False, **body: Any) -> Any:
    return said(board.ask("POST", "/planned_tasks/reinitiate", body, colleague=colleague))


def test_what_is_planned_waits_and_is_listed_by_page_order_and_search(board: JobBoard) -> None:
    job = board.post(positions=4)
    planned = board.plan(job, "Ann", '{"name": "100%"}', "bob")
    assert board.waiting(job) == planned
    answer = board.ask("GET", "/planned_tasks", job_id=job, limit=2).json()
    assert answer["success"] is True
    assert answer["data"]["total"] == 3
    assert answer["data"]["job"]["job_id"] == job
    assert [each["planned_task_id"] for each in answer["data"]["plannedTasks"]] == planned[:0:-1]
    assert answer["data"]["plannedTasks"][0] | {"added": ""} == {
        "planned_task_id": planned[2],
        "job_id": job,
        "input": "bob",
        "added": "",
    }
    second = board.ask("GET", "/planned_tasks", job_id=job, limit=2, page=2).json()["data"]
    assert [each["input"] for each in second["plannedTasks"]] == ["Ann"]
    assert board.waiting(job, search="BO") == planned[2:]
    assert board.waiting(job, search="%") == planned[1:2]
    assert board.details(job)["totla_tasks_count"] == 3


def test_inputs_beyond_the_positions_are_refused_with_their_number(board: JobBoard) -> None:
    job = board.post(positions=3)
    board.plan(job, "a", "b")
    assert submitted(board, job, "c", "d", "e") == (
        400,
        {"success": False, "message": "No enough positions left. Received 2 tasks in excess."},
    )
    assert len(board.waiting(job)) == 2
    board.plan(job, "c")


@pytest.mark.parametrize(
    "fields",
    [
        {"inputs": []},
        {"inputs": ["x" * 10_001]},
        {"inputs": [{"name": "Ann"}]},
        {"remote_device_id": "x"},
        {"run_immediately": "yes"},
    ],
)
def test_what_is_not_as_documented_is_not_planned(board: JobBoard, fields: dict[str, Any]) -> None:
    job = board.post()
    response = board.ask("POST", "/planned_tasks/submit", {"job_id": job, "inputs": ["a"]} | fields)
    status, document = said(response)
    assert (status, document["success"]) == (400, False)
    assert next(iter(fields)) in document["error"]
    assert board.waiting(job) == []


def test_inputs_are_held_against_the_variables_of_the_automation(board: JobBoard, project: str) -> None:
    board.emulator.write(project, "notes.txt", "no automation yet")
    schema = {"fields": [{"name": "email", "type": "string", "required": True}]}
    board.emulator.client.patch(
        f"/api/v2/automation-project/{project}/options", json={"job_variables_schema": schema}
    )
    job = board.automate(project)
    assert submitted(board, job, '{"email": "a@b"}', '{"email": 7}') == (
        400,
        {"success": False, "error": "inputs[1]: email: must be text, not 7."},
    )
    assert board.waiting(job) == []
    assert len(board.plan(job, {"email": "a@b"}, "https://example.com/no-json", "7")) == 3


def test_a_job_that_is_not_there_or_not_shared_has_no_planned_tasks(board: JobBoard) -> None:
    for job, refusal in ((UNKNOWN, (404, NO_JOB)), ("x", (400, BAD_JOB))):
        assert said(board.ask("GET", "/planned_tasks", job_id=job)) == refusal
        assert submitted(board, job, "a") == refusal
    assert board.ask("GET", "/planned_tasks", job_id=UNKNOWN, limit=101).status_code == 400
    assert board.ask("GET", "/planned_tasks", job_id=UNKNOWN, sortOrder="up").status_code == 400

    job = board.post()
    assert said(board.ask("GET", "/planned_tasks", colleague=True, job_id=job)) == (404, NO_JOB)
    board.share(job, "view")
    assert board.ask("GET", "/planned_tasks", colleague=True, job_id=job).status_code == 200
    assert submitted(board, job, "a", colleague=True) == (404, NO_JOB)
    board.share(job, "edit")
    assert submitted(board, job, "a", colleague=True)[0] == 200


def test_planned_tasks_are_pinned_by_the_devices_id_or_name(board: JobBoard) -> None:
    job = board.post(positions=9)
    device = board.emulator.device_id()
    assert submitted(board, job, "a", remote_device_id=device.upper())[0] == 200
    assert submitted(board, job, "a", device_name="Atomic Mammal")[0] == 200
    assert submitted(board, job, "a", device_name="nobody", remote_device_id=device)[0] == 200
    assert submitted(board, job, "a", device_name="nobody") == (
        400,
        {"success": False, "error": "Device with name 'nobody' not found"},
    )
    missing = str(uuid.uuid4())
    assert submitted(board, job, "a", remote_device_id=missing) == (
        400,
        {"success": False, "error": f"Device with remote_device_id {missing} not found"},
    )
    assert len(board.waiting(job)) == 3


def test_planned_tasks_are_deleted_all_or_none(board: JobBoard) -> None:
    job = board.post()
    first, second = board.plan(job, "a", "b")
    missing = (404, {"success": False, "message": "Planned task not found"})
    assert deleted(board, first, UNKNOWN) == missing
    assert deleted(board, first, "x") == (400, {"success": False, "error": "Invalid planned task id"})
    assert board.ask("DELETE", "/planned_tasks", {"planned_task_ids": []}).status_code == 400
    board.share(job, "view")
    assert deleted(board, first, colleague=True) == missing
    assert board.waiting(job) == [first, second]
    assert deleted(board, first, first) == (200, {"success": True})
    board.share(job, "edit")
    assert deleted(board, second, colleague=True) == (200, {"success": True})
    assert board.waiting(job) == []
    assert deleted(board, first) == missing


def test_a_planned_task_that_is_done_can_not_be_deleted_until_it_was_declined(board: JobBoard) -> None:
    job = board.post()
    done, idle = board.plan(job, "a", "b")
    task = board.hand_in(job)
    assert deleted(board, idle, done) == (400, AT_WORK)
    assert board.waiting(job) == [idle]
    board.decline(job, task)
    assert deleted(board, idle, done) == (200, {"success": True})


@pytest.mark.parametrize("shape", ["task_id", "task_ids"])
def test_a_declined_task_waits_again_and_can_be_done_anew(board: JobBoard, shape: str) -> None:
    job = board.post(few_times=True)
    (planned,) = board.plan(job, "a")
    first = board.hand_in(job)
    board.decline(job, first)
    assert board.waiting(job) == []
    done = (200, {"success": True, "message": "Task successfully reinitiated"})
    assert reinitiated(board, **{shape: first if shape == "task_id" else [first]}) == done
    assert board.waiting(job) == [planned]
    second = board.hand_in(job)
    (found,) = board.applicants(job, task_id=planned)
    assert found["_id"] == second != first
    assert reinitiated(board, task_id=first) == (
        404,
        {"success": False, "message": "No planned task associated with this job task"},
    )


def test_tasks_wait_again_all_or_none(board: JobBoard) -> None:
    job = board.post(few_times=True)
    board.plan(job, "a", "b")
    declined, confirmed = board.hand_in(job), board.hand_in(job)
    board.decline(job, declined)
    board.judge(job, "confirmed", confirmed)
    assert reinitiated(board, task_ids=[declined, confirmed]) == (
        400,
        {
            "success": False,
            "message": "Cannot reinitiate task with status 'confirmed'. "
            "Only failed or declined tasks can be reinitiated.",
        },
    )
    assert reinitiated(board, task_ids=[declined, UNKNOWN]) == (
        404,
        {"success": False, "message": "Job task not found"},
    )
    malformed = (400, {"success": False, "error": "Invalid task id"})
    assert reinitiated(board, task_ids=[declined, "x"]) == malformed
    assert reinitiated(board, task_ids=[]) == reinitiated(board) == malformed
    board.share(job, "view")
    assert reinitiated(board, task_id=declined, colleague=True) == (
        403,
        {"success": False, "message": "You don't have permission to reinitiate this task"},
    )
    assert board.waiting(job) == []
    board.share(job, "edit")
    assert reinitiated(board, task_id=declined, colleague=True)[0] == 200
