"""Records that a running automation writes into a job that takes them: who may, and what becomes of them."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from job_board import UNKNOWN, JobBoard, said
from served_emulator import ServedEmulator, wait_for

RUNNING = "console.log(JSON.stringify(agent.info.getAutomationInfo().agent)); setInterval(() => {}, 1000);"


@pytest.fixture(scope="module")
def board(emulator: ServedEmulator) -> JobBoard:
    return JobBoard(emulator)


@pytest.fixture(scope="module")
def automation() -> str:
    """The id of the project that the agent runs."""
    return str(uuid.uuid4())


@pytest.fixture(scope="module")
def agent(board: JobBoard, automation: str) -> Iterator[dict[str, Any]]:
    """What a run that goes on knows of itself."""
    emulator = board.emulator
    emulator.write(automation, "main.js", RUNNING)
    job = board.automate(automation)
    device = emulator.device_id()
    board.plan(job, "{}", run_immediately=True, remote_device_id=device)
    (line,) = emulator.logs_until(automation, bool)
    yield json.loads(str(line["message"]))
    board.ask("POST", "/devices/stopAllAutomations", {"device_id": device})
    board.until(job, "failed")


def dumped(board: JobBoard, token: str | None, job: str, proof: object, **fields: Any) -> Any:
    body = {"job_id": job, "job_proof": proof, **fields}
    return said(board.ask("POST", "/tasks/submit", body, token=token))


def refusal(message: str, status: int = 400) -> Any:
    return status, {"success": False, "message": message}


def test_a_running_automation_writes_records_into_a_job_of_the_same_automation(
    board: JobBoard, automation: str, agent: dict[str, Any]
) -> None:
    sink = board.automate(automation, positions=1)
    statuses = ("pending", "failed", "declined")
    for status in statuses:
        code, answer = dumped(board, agent["token"], sink, '{"a": [1]}', status=status)
        assert (code, answer["job_id"]) == (201, sink)
    assert dumped(board, agent["token"], sink, "7")[0] == 201
    tasks = board.until(sink, *statuses, "pending")
    assert [task["job_proof"] for task in tasks] == ['{"a": [1]}'] * 3 + ["7"]
    assert {task["device_id"] for task in tasks} == {board.emulator.device_id()}
    assert {task["device_owner_share"] for task in tasks} == {tasks[0]["job_price"]}


def test_files_are_kept_and_named_in_the_record(
    board: JobBoard, automation: str, agent: dict[str, Any]
) -> None:
    sink = board.automate(automation)
    picture = {"name": "shot", "extension": ".png", "base64Data": base64.b64encode(b"a picture").decode()}
    status, answer = dumped(board, agent["token"], sink, '{"a": 1}', files=[picture])
    assert status == 201
    (task,) = board.applicants(sink, task_id=answer["job_task_id"])
    proof = json.loads(task["job_proof"])
    assert proof["a"] == 1
    assert proof["shot"].endswith(".png")
    assert task["proof_files_info"] == [{"url": proof["shot"]}]
    assert board.emulator.client.get(proof["shot"]).content == b"a picture"


def test_a_record_that_is_no_json_or_has_unusable_files_is_refused(
    board: JobBoard, automation: str, agent: dict[str, Any]
) -> None:
    sink = board.automate(automation)

    def refused(proof: object, **fields: Any) -> Any:
        return dumped(board, agent["token"], sink, proof, **fields)

    def file(content: str) -> list[dict[str, str]]:
        return [{"name": "shot", "extension": "png", "base64Data": content}]

    for proof in ("done", "NaN", "1e999", r'"\ud800"', "[" * 5000):
        assert refused(proof) == refusal("job_proof must be valid JSON")
    no_object = refusal("job_proof must be a JSON object where files are attached to it")
    assert refused("[1]", files=file("")) == no_object
    assert refused("{}", files=file("?")) == refusal("files[0].base64Data is not base64")
    large = base64.b64encode(bytes(5 * 1024 * 1024 + 1)).decode()
    assert refused("{}", files=file(large)) == refusal("files[0].base64Data is larger than 5 MB")
    assert refused({"a": 1})[0] == refused("{}", status="success")[0] == 400
    assert refused("{}", files=[{"name": "shot"}])[0] == 400
    assert board.applicants(sink) == []


def test_only_a_running_agent_writes_records(board: JobBoard, automation: str, agent: dict[str, Any]) -> None:
    sink = board.automate(automation)
    assert dumped(board, None, sink, "{}") == refusal(
        "Only a running automation agent can submit to this job: "
        "the token must carry remote_device_id and job_task_id",
        403,
    )
    assert dumped(board, agent["token"], UNKNOWN, "{}") == refusal("Job not found", 404)
    other = board.automate(str(uuid.uuid4()))
    assert dumped(board, agent["token"], other, "{}") == refusal(
        "The running job and the target job must share the same automation_id", 403
    )
    board.ask("PUT", "/jobs/update-status", {"job_id": sink, "status": "inactive"})
    assert dumped(board, agent["token"], sink, "{}") == refusal("The job is not active")


@pytest.mark.parametrize("right", [None, "view", "edit"])
def test_records_are_written_into_a_job_of_somebody_else_where_it_is_shared(
    board: JobBoard, automation: str, agent: dict[str, Any], right: str | None
) -> None:
    fields = {} if right is None else {"share": right}
    sink = board.automate(automation, colleague=True, **fields)
    answer = dumped(board, agent["token"], sink, "{}")
    if right is None:
        message = "The owner of the running job has no access to the target job"
        assert answer == refusal(message, 403)
    else:
        assert answer[0] == 201


def test_a_job_with_planned_tasks_takes_no_records(
    board: JobBoard, automation: str, agent: dict[str, Any]
) -> None:
    job = board.automate(automation)
    board.plan(job, "{}", remote_device_id=board.emulator.device_id(online=False))
    assert dumped(board, agent["token"], job, "{}") == refusal(
        "custom_vars is required for this job: call tasks/apply first"
    )
    applied = said(board.ask("GET", "/tasks/apply", job_id=job))
    assert applied == refusal("Only devices work on this job")


def test_a_run_whose_task_is_finished_writes_no_more_records(board: JobBoard, automation: str) -> None:
    project = str(uuid.uuid4())
    finish = "await agent.utils.job.submitTask('success', agent.info.getAutomationInfo().agent);"
    board.emulator.write(project, "main.js", f"{finish} setInterval(() => {{}}, 1000);")
    job, sink = board.automate(project), board.automate(project)
    planned = board.plan(job, "{}", run_immediately=True)
    (task,) = wait_for(lambda: board.applicants(job), lambda tasks: tasks[0]["status"] == "pending")
    assert planned == [task["planned_task_id"]]
    token = json.loads(task["job_proof"])["token"]
    forbidden = refusal("The automation agent has no currently running task", 403)
    assert dumped(board, token, sink, "{}") == forbidden
    board.ask(
        "POST",
        "/devices/stopAllAutomations",
        {"device_id": task["device_id"]},
        colleague=task["device_id"] != board.emulator.device_id(),
    )


def test_an_automation_writes_records_from_its_code(board: JobBoard) -> None:
    project = str(uuid.uuid4())
    sink = board.automate(project)
    file = "{ name: 'shot', extension: 'png', base64Data: 'YSBwaWN0dXJl' }"
    call = f"agent.utils.job.submitTaskToAnotherJob('{sink}', {{ a: 1 }}, 'failed', [{file}])"
    board.emulator.write(project, "main.js", f"await agent.utils.job.submitTask('success', await {call});")
    job = board.automate(project)
    board.plan(job, "{}", run_immediately=True)
    (task,) = board.until(job, "pending")
    (record,) = board.until(sink, "failed")
    written = {"success": True, "job_task_id": record["_id"], "job_id": sink}
    assert json.loads(task["job_proof"]) == written
    assert json.loads(record["job_proof"])["shot"].endswith(".png")
