"""Jobs that phones do: planned tasks run there, and what a run does to its task is seen everywhere."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from job_board import JobBoard, said
from served_emulator import DEADLINE, ServedEmulator, wait_for

SUCCESS = "await agent.utils.job.submitTask('success', { for: agent.arguments.jobVariables.name });"
ENDLESS = "setInterval(() => {}, 1000);"


@pytest.fixture
def board(emulator: ServedEmulator) -> JobBoard:
    return JobBoard(emulator)


@pytest.fixture
def device(emulator: ServedEmulator) -> str:
    return emulator.device_id()


def automated(board: JobBoard, project: str, code: str, **fields: Any) -> str:
    """The id of a job for phones whose automation is this JavaScript."""
    board.emulator.write(project, "main.js", code)
    return board.automate(project, **fields)


def run_now(board: JobBoard, job: str, *inputs: object, **fields: Any) -> Any:
    """What is answered where tasks are planned and tried at once."""
    texts = [text if isinstance(text, str) else json.dumps(text) for text in inputs]
    body = {"job_id": job, "inputs": texts, "run_immediately": True, **fields}
    status, answer = said(board.ask("POST", "/planned_tasks/submit", body))
    assert status == 200, answer
    return answer["inserted_ids"], [each["assigned"] for each in answer["assignment_results"]]


def test_a_planned_task_runs_with_its_variables_and_its_result_is_seen(
    board: JobBoard, project: str, device: str
) -> None:
    job = automated(board, project, SUCCESS)
    (planned,), assigned = run_now(board, job, {"name": "Ann"}, remote_device_id=device)
    assert assigned == [True]
    (task,) = board.until(job, "pending")
    assert json.loads(task["job_proof"]) == {"for": "Ann"}
    assert (task["device_id"], task["device_name"]) == (device, "Atomic Mammal")
    assert (task["planned_task_id"], task["planned_task"]) == (planned["planned_task_id"], planned["input"])
    assert board.ask("POST", "/tasks/details", task_id=task["_id"]).json() == task
    assert board.details(job)["tasks_pending_count"] == 1
    assert board.waiting(job) == []
    board.judge(job, "confirmed", planned["planned_task_id"])
    assert board.details(job)["tasks_confirmed_count"] == 1


@pytest.mark.parametrize(
    ("code", "status", "proof", "reason"),
    [
        ("await agent.utils.job.submitTask('failed', { why: 1 });", "failed", {"why": 1}, None),
        ("await agent.utils.job.submitTask('declined', {});", "declined", {}, None),
        ("await agent.utils.job.submitTask('running', { step: 1 });", "notcomplete", {"step": 1}, None),
        (
            "await agent.utils.job.submitTask('running', { step: 1 }, false);",
            "failed",
            {"step": 1},
            "The automation ended without a result.",
        ),
        ("throw new Error('broken');", "failed", None, "The automation ended without a result."),
        ("const = 1;", "failed", None, "The automation ended without a result."),
    ],
)
def test_a_task_ends_as_its_run_says_or_failed_where_it_says_nothing(
    board: JobBoard,
    project: str,
    device: str,
    code: str,
    status: str,
    proof: dict[str, Any] | None,
    reason: str | None,
) -> None:
    job = automated(board, project, code)
    run_now(board, job, "{}", remote_device_id=device)
    (task,) = board.until(job, status)
    assert (json.loads(task["job_proof"]) if task["job_proof"] else None) == proof
    assert task["failureReason"] == reason
    assert task["finished"] is not None


def test_a_running_task_shows_its_progress_and_fails_where_its_run_is_stopped(
    board: JobBoard, project: str, device: str
) -> None:
    report = "agent.utils.job.submitTask('running', { step: 2 }, false);"
    job = automated(board, project, f"await {report} {ENDLESS}")
    (planned,), _ = run_now(board, job, "{}", remote_device_id=device)
    (task,) = wait_for(lambda: board.applicants(job), lambda tasks: bool(tasks[0]["job_proof"]))
    assert (task["status"], json.loads(task["job_proof"])) == ("running", {"step": 2})
    assert [each["_id"] for each in board.applicants(job, status="running")] == [task["_id"]]
    assert [each["_id"] for each in board.applicants(job, status="processing")] == [task["_id"]]
    assert board.details(job)["tasks_running_count"] == 1
    body = {"planned_task_ids": [planned["planned_task_id"]]}
    assert board.ask("DELETE", "/planned_tasks", body).status_code == 400
    assert said(board.judge(job, "confirmed", task["_id"])) == (
        400,
        {"error": f"Job task {task['_id']} is still running"},
    )
    board.ask("POST", "/devices/stopAllAutomations", {"device_id": device})
    board.until(job, "failed")


def test_a_run_knows_its_task_and_what_was_committed_runs(board: JobBoard, project: str, device: str) -> None:
    code = "await agent.utils.job.submitTask('success', agent.info.getAutomationInfo().agent);"
    job = automated(board, project, code)
    commit = board.emulator.commit(project, "Tell who runs").json()["commit"]["hash"]
    board.emulator.write(project, "main.js", "console.log('not committed');")
    run_now(board, job, "{}", remote_device_id=device)
    (task,) = board.until(job, "pending")
    agent = json.loads(task["job_proof"])
    assert (agent["id"], agent["commitId"], agent["jobTaskId"]) == (project, commit, task["_id"])
    wait_for(
        lambda: board.ask("GET", "/user/balance", token=agent["token"]).status_code, lambda each: each == 401
    )


def test_tasks_queue_for_a_phone_and_share_the_jobs_bucket_on_it(
    board: JobBoard, project: str, device: str
) -> None:
    code = """
        const { bucket } = await agent.utils.bucket.get();
        await agent.utils.bucket.set({ count: (bucket.count ?? 0) + 1 });
        await agent.utils.job.submitTask('success', (await agent.utils.bucket.get()).bucket);
    """
    job = automated(board, project, code)
    _, assigned = run_now(board, job, "a", "b", remote_device_id=device)
    assert assigned == [True, True]
    tasks = board.until(job, "pending", "pending")
    assert [json.loads(task["job_proof"]) for task in tasks] == [{"count": 1}, {"count": 2}]


def test_what_waits_is_taken_when_a_phone_is_free_again(board: JobBoard, project: str, device: str) -> None:
    job = automated(board, project, SUCCESS)
    never = board.plan(job, "a", remote_device_id=board.emulator.device_id(online=False))
    waiting = board.plan(job, "b", "c", remote_device_id=device)
    assert board.applicants(job) == []
    run_now(board, job, "d", remote_device_id=device)
    tasks = board.until(job, "pending", "pending", "pending")
    assert [task["planned_task_id"] for task in tasks[1:]] == waiting
    assert board.waiting(job) == never


def test_what_can_not_run_is_not_assigned_and_waits(board: JobBoard, project: str) -> None:
    job = automated(board, project, SUCCESS)
    offline = board.emulator.device_id(online=False)
    assert run_now(board, job, "a", remote_device_id=offline)[1] == [False]
    board.ask("PUT", "/jobs/update-status", {"job_id": job, "status": "inactive"})
    assert run_now(board, job, "b")[1] == [False]
    assert len(board.waiting(job)) == 2
    assert run_now(board, board.post(), "c")[1] == [False]
    assert run_now(board, board.automate("83ba7359-d8eb-4374-8ecb-055af01fddfe"), "d")[1] == [False]


def test_a_task_that_is_gone_keeps_none_behind_it_from_a_phone(
    board: JobBoard, project: str, device: str
) -> None:
    job = automated(board, project, ENDLESS)
    run_now(board, job, "at work", remote_device_id=device)
    with ThreadPoolExecutor() as other:
        answered = other.submit(run_now, board, job, "gone", "next", remote_device_id=device)
        gone, _ = wait_for(lambda: board.waiting(job), lambda waiting: len(waiting) == 2)
        assert board.ask("DELETE", "/planned_tasks", {"planned_task_ids": [gone]}).status_code == 200
        board.ask("POST", "/devices/stopAllAutomations", {"device_id": device})
        assert answered.result(DEADLINE)[1] == [False, True]
    board.ask("POST", "/devices/stopAllAutomations", {"device_id": device})
    board.until(job, "failed", "failed")


def test_a_run_is_ended_when_its_time_is_over(board: JobBoard, project: str, device: str) -> None:
    job = automated(board, project, ENDLESS)
    run_now(board, job, "{}", remote_device_id=device)
    board.emulator.client.post("/_emulator/clock", json={"seconds": 29 * 60})
    board.until(job, "running")
    board.emulator.client.post("/_emulator/clock", json={"seconds": 60})
    (task,) = board.until(job, "failed")
    assert task["failureReason"] == "The automation was ended after 30 minutes."
    wait_for(board.emulator.running, lambda running: project not in running)


def test_what_waits_is_tried_again_though_it_failed_for_all_once(
    board: JobBoard, project: str, device: str
) -> None:
    job = automated(board, project, ENDLESS)
    run_now(board, job, "first", remote_device_id=device)
    board.plan(job, "second", remote_device_id=device)
    with contextlib.closing(sqlite3.connect(board.emulator.data / "platform.db")) as database:
        database.execute("ALTER TABLE planned_tasks RENAME TO hidden")
        board.ask("POST", "/devices/stopAllAutomations", {"device_id": device})
        wait_for(board.emulator.running, lambda running: project not in running)
        database.execute("ALTER TABLE hidden RENAME TO planned_tasks")
    board.emulator.client.post("/_emulator/clock", json={"seconds": 0})
    board.until(job, "failed", "running")
    board.ask("POST", "/devices/stopAllAutomations", {"device_id": device})
    board.until(job, "failed", "failed")


def test_a_failed_task_that_waits_again_is_run_again(board: JobBoard, project: str, device: str) -> None:
    code = """
        const { bucket } = await agent.utils.bucket.get();
        await agent.utils.bucket.set({ tried: true });
        await agent.utils.job.submitTask(bucket.tried ? 'success' : 'failed', {});
    """
    job = automated(board, project, code)
    run_now(board, job, "a", remote_device_id=device)
    (failed,) = board.until(job, "failed")
    assert board.ask("POST", "/planned_tasks/reinitiate", {"task_id": failed["_id"]}).status_code == 200
    board.until(job, "failed", "pending")


def test_files_of_a_result_are_kept_and_named_in_it(board: JobBoard, project: str, device: str) -> None:
    file = "{ name: 'shot', extension: 'png', base64Data: 'YSBwaWN0dXJl' }"
    code = f"await agent.utils.job.submitTask('success', {{ a: 1 }}, true, [{file}]);"
    job = automated(board, project, code)
    run_now(board, job, "{}", remote_device_id=device)
    (task,) = board.until(job, "pending")
    proof = json.loads(task["job_proof"])
    assert proof["a"] == 1
    assert proof["shot"].endswith(".png")
    assert board.emulator.client.get(proof["shot"]).content == b"a picture"


def test_a_run_plans_sub_tasks_for_other_phones_and_sees_their_results(
    board: JobBoard, project: str, device: str
) -> None:
    code = """
        const job = agent.utils.job;
        if (agent.arguments.jobVariables.child) {
            await job.submitTask('success', { grown: agent.arguments.jobVariables.child });
        } else {
            const added = await job.addSubTasks([{ child: 7 }], true);
            const [{ planned_task_id: id }] = added.inserted_ids;
            let sub;
            do {
                sub = (await job.getSubTasks([id])).tasks[id];
            } while (sub.status !== 'pending');
            await job.submitTask('success', { added, sub });
        }
    """
    job = automated(board, project, code)
    run_now(board, job, "{}", remote_device_id=device)
    tasks = board.until(job, "pending", "pending")
    proof = json.loads(tasks[0]["job_proof"])
    assert tasks[1]["device_id"] != device
    assert proof["added"]["inserted_ids"][0]["planned_task_id"] == tasks[1]["planned_task_id"]
    assert proof["added"]["assignment_results"][0]["assigned"] is True
    assert proof["sub"]["job_proof"] == {"grown": 7}
    assert proof["sub"]["parent_task_id"] == tasks[1]["_id"]


def test_a_run_takes_a_task_that_waits_on_another_phone(board: JobBoard, project: str, device: str) -> None:
    code = """
        if (agent.arguments.jobVariables.waits) {
            await agent.utils.job.submitTask('running', { left: 'this' }, false);
            await agent.utils.setAutomationVariables({ waiting: true });
            setInterval(() => {}, 1000);
        } else {
            let other;
            do {
                other = await agent.utils.job.useAnotherTask();
            } while (other === null);
            await agent.utils.job.submitTask('success', other);
        }
    """
    job = automated(board, project, code)
    run_now(board, job, {"waits": True}, remote_device_id=device)
    run_now(board, job, "{}")
    waits, took = board.until(job, "running", "pending")
    assert json.loads(took["job_proof"]) == {
        "job_task_id": waits["_id"],
        "job_proof": '{"left": "this"}',
    }
    board.ask("POST", "/devices/stopAllAutomations", {"device_id": device})
    board.until(job, "failed", "pending")


def test_a_run_sees_what_a_person_handed_in_for_it(board: JobBoard, project: str, device: str) -> None:
    manual = board.post()
    done, idle = board.plan(manual, "a", "b")
    task = board.hand_in(manual, "no JSON")
    call = f"agent.utils.job.getSubTasks(['{done}', '{idle}', '60c72b2f9b1e8c001c8e4d8a'])"
    job = automated(board, project, f"await agent.utils.job.submitTask('success', await {call});")
    run_now(board, job, "{}", remote_device_id=device)
    (run,) = board.until(job, "pending")
    nothing = {"parent_task_id": None, "comment": None, "job_proof": None, "status": "planned"}
    handed_in = {"parent_task_id": task, "comment": "", "job_proof": "no JSON", "status": "pending"}
    tasks = json.loads(run["job_proof"])["tasks"]
    assert tasks == {done: {**handed_in, "timeout": 30}, idle: {**nothing, "timeout": 30}}


def test_what_a_run_may_not_do_with_other_jobs_fails_with_a_reason(
    board: JobBoard, project: str, device: str
) -> None:
    foreign = board.automate(project, colleague=True)
    calls = [
        "addSubTasks('x')",
        "addSubTasks([1])",
        "addSubTasks([{}], 'now')",
        "addSubTasks({ job_variables: [{}], remote_device_id: 7 })",
        f"addSubTasks([{{}}], false, '{foreign}')",
        "addSubTasks({ job_variables: [{}], remote_device_id: 'none' })",
        "getSubTasks('x')",
        "submitTaskToAnotherJob(7, {})",
        f"submitTaskToAnotherJob('{foreign}', 'x')",
        f"submitTaskToAnotherJob('{foreign}', {{}}, 'success')",
        f"submitTaskToAnotherJob('{foreign}', {{}})",
        "submitTaskToAnotherJob('60c72b2f9b1e8c001c8e4d8a', {})",
    ]
    code = "\n".join(f"errors.push((await agent.utils.job.{call}).error);" for call in calls)
    finish = "await agent.utils.job.submitTask('success', { errors });"
    job = automated(board, project, f"const errors = [];\n{code}\n{finish}")
    run_now(board, job, "{}", remote_device_id=device)
    (task,) = board.until(job, "pending")
    assert json.loads(task["job_proof"])["errors"] == [
        "job_variables has to be an array of objects.",
        "job_variables[0] has to be an object, not 1.",
        "run_immediately has to be true or false.",
        "job_id and remote_device_id have to be strings.",
        "Job with this Id not found",
        "Device with remote_device_id none not found",
        "planned_task_ids has to be an array of strings.",
        "job_id has to be a string.",
        'A record\'s data has to be an object, not "x".',
        "The status has to be one of pending, failed, declined.",
        "The owner of the running job has no access to the target job",
        "Job 60c72b2f9b1e8c001c8e4d8a not found, or it takes no records.",
    ]
    assert board.waiting(job) == []
