"""Tasks of regular jobs: applied for, handed in, looked at and deleted."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from job_board import UNKNOWN, JobBoard, said
from served_emulator import ServedEmulator


@pytest.fixture
def board(emulator: ServedEmulator) -> JobBoard:
    return JobBoard(emulator)


def applied(board: JobBoard, job: str, *, colleague: bool = True) -> Any:
    return said(board.ask("GET", "/tasks/apply", colleague=colleague, job_id=job))


def submitted(board: JobBoard, job: str, **fields: Any) -> Any:
    body = {"job_id": job, "job_proof": "done", **fields}
    return said(board.ask("POST", "/tasks/submit", body, colleague=True))


def deleted(board: JobBoard, task: str, *, colleague: bool = False) -> Any:
    return said(board.ask("DELETE", "/tasks/delete", {"task_id": task}, colleague=colleague))


def refusal(message: str, status: int = 400) -> Any:
    return status, {"success": False, "message": message}


def test_who_applies_gets_variables_of_his_own_and_hands_in_with_them(board: JobBoard) -> None:
    job = board.post()
    first, second, text = board.plan(job, {"name": "Ann"}, {"name": "Bob"}, "plain")
    variables = {"_id": first, "name": "Ann"}
    assert applied(board, job) == applied(board, job) == (200, variables)
    assert applied(board, job, colleague=False) == (200, {"_id": second, "name": "Bob"})
    status, document = submitted(board, job, custom_vars=variables)
    assert (status, document["success"], document["job_id"]) == (201, True, job)
    assert board.waiting(job) == [second, text]
    task = document["job_task_id"]
    shown = board.ask("POST", "/tasks/details", colleague=True, task_id=task).json()
    assert (shown["job_task_id"], shown["status"], shown["job_proof"]) == (task, "pending", "done")
    assert (shown["planned_task_id"], json.loads(shown["planned_task"])) == (first, {"name": "Ann"})
    assert board.applicants(job) == [shown]


@pytest.mark.parametrize(
    "text", ["https://example.com", "[1]", '{"a": NaN}', '{"a": 1e999}', r'{"a": "\ud800"}', "[" * 5000]
)
def test_an_input_that_is_no_object_is_a_variable_of_its_own(board: JobBoard, text: str) -> None:
    job = board.post()
    (planned,) = board.plan(job, text)
    assert applied(board, job) == (200, {"_id": planned, "input": text})


def test_variables_that_nobody_applied_for_are_refused(board: JobBoard) -> None:
    job = board.post(few_times=True)
    first, second = board.plan(job, "a", "b")
    assert submitted(board, job) == refusal("custom_vars is required for this job: call tasks/apply first")
    wrong = refusal("Invalid custom_vars: they are not those of your application")
    assert submitted(board, job, custom_vars={"_id": second}) == wrong
    assert submitted(board, job, custom_vars={"_id": 7}) == wrong
    applied(board, job)
    assert submitted(board, job, custom_vars={"_id": first})[0] == 201
    again = refusal("This task was handed in already")
    assert submitted(board, job, custom_vars={"_id": first}) == again


def test_the_conditions_of_a_job_hold(board: JobBoard) -> None:
    once = board.post()
    board.hand_in(once)
    again = refusal("You have already submitted a task for this job")
    assert applied(board, once) == submitted(board, once) == again

    full = board.post(positions=1, few_times=True)
    board.hand_in(full)
    assert applied(board, full) == submitted(board, full) == refusal("No positions left")

    planned = board.post(few_times=True)
    board.plan(planned, "a")
    board.hand_in(planned)
    assert applied(board, planned) == refusal("No tasks left for this job")

    limited = board.post(few_times=True, daily_limit=1)
    board.hand_in(limited)
    assert submitted(board, limited) == refusal("The daily limit of the job is reached")
    board.emulator.client.post("/_emulator/clock", json={"seconds": 24 * 3600})
    board.hand_in(limited)

    inactive = board.post()
    board.ask("PUT", "/jobs/update-status", {"job_id": inactive, "status": "inactive"})
    assert applied(board, inactive) == submitted(board, inactive) == refusal("The job is not active")
    missing = refusal("Job not found", 404)
    assert applied(board, UNKNOWN) == submitted(board, UNKNOWN) == missing
    assert submitted(board, once, job_proof=7) == refusal("job_proof must be a string")


def test_a_proof_that_is_a_file_is_kept_and_can_be_had(board: JobBoard) -> None:
    job = board.post(is_proof_file=True)
    assert submitted(board, job) == refusal("proof_files_base64 is required for this job")
    file = {"fieldName": "screenshot", "fileName": "image.jpg", "base64": "?"}
    wrong = refusal("proof_files_base64[0] is not base64")
    assert submitted(board, job, proof_files_base64=[file]) == wrong
    file["base64"] = base64.b64encode(b"a picture").decode()
    task = submitted(board, job, proof_files_base64=[file])[1]["job_task_id"]
    shown = board.ask("POST", "/tasks/details", task_id=task).json()
    (info,) = shown["proof_files_info"]
    assert info["url"].endswith(".jpg")
    assert board.emulator.client.get(info["url"]).content == b"a picture"
    assert board.emulator.client.get(info["url"] + "x").status_code == 404


def test_ones_own_tasks_are_listed_newest_first(board: JobBoard) -> None:
    job = board.post(few_times=True)
    tasks = [board.hand_in(job) for _ in range(3)]

    def listed(*, colleague: bool = True, **body: Any) -> Any:
        return board.ask("POST", "/tasks/details", body, colleague=colleague).json()

    newest = [task["job_task_id"] for task in listed(limit=3)["tasks"]]
    assert newest == tasks[::-1]
    assert [task["job_task_id"] for task in listed(limit=2, page=2)["tasks"]][:1] == tasks[:1]
    assert listed()["total_count"] >= 3
    own = [task["job_task_id"] for task in listed(colleague=False, limit=100)["tasks"]]
    assert not set(own) & set(tasks)


def test_a_task_is_shown_to_its_worker_and_the_jobs_owner_alone(board: JobBoard) -> None:
    job = board.post(colleague=True)
    task = board.hand_in(job)
    assert board.ask("POST", "/tasks/details", colleague=True, task_id=task).status_code == 200
    missing = refusal("Job task not found", 404)
    assert said(board.ask("POST", "/tasks/details", task_id=task)) == missing
    assert said(board.ask("POST", "/tasks/details", task_id=UNKNOWN)) == missing
    assert said(board.ask("POST", "/tasks/details", task_id="x")) == refusal("Invalid task_id format")


def test_a_declined_task_is_deleted_with_its_planned_task_or_without(board: JobBoard) -> None:
    job = board.post(few_times=True)
    kept, gone = board.plan(job, "a", "b")
    first, second = board.hand_in(job), board.hand_in(job)
    board.decline(job, first, second)
    done = (200, {"success": True, "message": "Job task deleted successfully"})
    assert deleted(board, kept) == done
    assert board.waiting(job) == [kept]
    assert deleted(board, second) == done
    assert board.waiting(job) == [kept]
    assert board.applicants(job) == []
    neither = f"task_id {second} is neither a valid job task ID nor a planned task ID"
    assert deleted(board, second) == (404, {"success": False, "error": neither})
    assert deleted(board, gone)[0] == 404
    unassigned = f"Planned task {kept} exists but has no associated job task (job_task_id is null)"
    assert deleted(board, kept) == (400, {"success": False, "error": unassigned})
    assert board.ask("POST", "/tasks/details", colleague=True, task_id=first).status_code == 404
    assert board.plan(job, "c", "d")


@pytest.mark.parametrize("status", ["pending", "confirmed"])
def test_a_task_that_may_count_is_not_deleted(board: JobBoard, status: str) -> None:
    job = board.post()
    task = board.hand_in(job)
    if status == "confirmed":
        board.judge(job, status, task)
    assert deleted(board, task) == refusal(
        f"Cannot delete job task with status '{status}'. "
        "Only tasks with status: failed, declined can be deleted."
    )
    assert len(board.applicants(job)) == 1


def test_only_who_may_change_a_job_deletes_its_tasks(board: JobBoard) -> None:
    job = board.post()
    task = board.hand_in(job)
    board.decline(job, task)
    forbidden = refusal("You don't have permission to delete this job task", 403)
    assert deleted(board, task, colleague=True) == forbidden
    board.share(job, "view")
    assert deleted(board, task, colleague=True) == forbidden
    assert deleted(board, "x") == (400, {"success": False, "error": "Invalid task id"})
    board.share(job, "edit")
    assert deleted(board, task, colleague=True)[0] == 200
