"""Buckets, variables and the task of a job: what a run inside one can do, and a run outside one."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from phone_runs import DEADLINE, Run, program, run

from xgodo_dev.emulator.phone import wire
from xgodo_dev.emulator.phone.bucket import Bucket, Memory
from xgodo_dev.emulator.phone.engine import Engine, Outcome
from xgodo_dev.emulator.phone.job_task import JobTask, Submission, TaskFile
from xgodo_dev.emulator.phone.kept_object import LARGEST, CallRefused
from xgodo_dev.emulator.phone.screen import Phone


async def answers(
    engine: Engine, *calls: str, phone: Phone | None = None, task: JobTask | None = None
) -> list[Any]:
    """What these calls resolve to, one after the other in one run. A rejection is the text of its error."""
    code = "\n".join(
        f"console.log(JSON.stringify(await ({call}).catch((error) => error.message)));" for call in calls
    )
    going = Run()
    going.start(engine, program(code, job_task=task), phone or Phone())
    assert going.task is not None
    async with asyncio.timeout(DEADLINE):
        assert await going.task is Outcome.FINISHED, going.messages
    return [json.loads(message) for message in going.messages]


@pytest.fixture
def task() -> JobTask:
    return JobTask("task-1", "job-1")


async def test_the_devices_bucket_merges_top_level_keys_and_outlives_the_run(engine: Engine) -> None:
    phone = Phone()
    first = await answers(
        engine,
        "agent.utils.deviceBucket.get()",
        "agent.utils.deviceBucket.set({ a: { x: 1 }, b: [null, 'é'] })",
        "agent.utils.deviceBucket.set({ a: { y: 2 }, ['__proto__']: 3 })",
        phone=phone,
    )
    assert [answer["deviceBucket"] for answer in first] == [
        {},
        {"a": {"x": 1}, "b": [None, "é"]},
        {"a": {"y": 2}, "b": [None, "é"], "__proto__": 3},
    ]
    assert all(answer["success"] is True for answer in first)

    assert await answers(engine, "agent.utils.deviceBucket.get()", phone=phone) == first[-1:]
    assert await answers(engine, "agent.utils.deviceBucket.get()", phone=Phone()) == first[:1]


async def test_a_phone_tells_its_verified_number_and_null_where_it_has_none(engine: Engine) -> None:
    call = "agent.info.getVerifiedPhoneNumber()"

    assert await answers(engine, call, phone=Phone(verified_number="+14155550123")) == ["+14155550123"]
    assert await answers(engine, call, phone=Phone()) == [None]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("", "not null"),
        ("null", "not null"),
        ("undefined", "not null"),
        ("[1]", "not an array"),
        ("'text'", 'not "text"'),
        ("7", "not 7"),
        ("{ text: 'x'.repeat(200_000) }", "at most"),
        ("{ deep: JSON.parse('['.repeat(200) + ']'.repeat(200)) }", "levels"),
    ],
)
async def test_a_bucket_refuses_what_it_can_not_keep_and_stays_as_it_is(
    engine: Engine, task: JobTask, given: str, complaint: str
) -> None:
    phone = Phone()
    await phone.bucket.merge({"kept": 1})
    await task.bucket.merge({"kept": 1})

    refused = await answers(
        engine,
        f"agent.utils.deviceBucket.set({given})",
        f"agent.utils.bucket.set({given})",
        phone=phone,
        task=task,
    )

    for answer in refused:
        assert answer["success"] is False
        assert complaint in answer["error"]
    assert phone.bucket.read() == task.bucket.read() == {"kept": 1}


async def test_what_can_not_be_written_as_json_rejects(engine: Engine) -> None:
    assert await answers(engine, "agent.utils.deviceBucket.set({ big: 1n })") == [
        "Do not know how to serialize a BigInt"
    ]


async def test_a_bucket_that_fills_up_little_by_little_is_refused_in_the_end(engine: Engine) -> None:
    phone = Phone()
    code = """let count = 0;
for (;;) {
  const answer = await agent.utils.deviceBucket.set({ [`key ${count}`]: "x".repeat(10_000) });
  if (!answer.success) { console.log(answer.error); break; }
  count += 1;
}"""
    done = await run(engine, code, phone=phone)
    assert f"at most {LARGEST} are kept" in done.messages[0]
    assert len(phone.bucket.read()) == LARGEST // 10_050


async def test_halves_of_surrogate_pairs_are_kept_as_what_utf8_can_hold(engine: Engine) -> None:
    phone = Phone()
    await answers(
        engine, r"agent.utils.deviceBucket.set({ '\ud83d': ['\ude00', '\ud83d\ude00'] })", phone=phone
    )
    assert phone.bucket.read() == {"\ufffd": ["\ufffd", "\U0001f600"]}


async def test_outside_a_job_calls_resolve_to_a_failure_that_says_so(engine: Engine) -> None:
    refused = await answers(
        engine,
        "agent.utils.bucket.get()",
        "agent.utils.bucket.set({ a: 1 })",
        "agent.utils.job.submitTask('success', {})",
        "agent.utils.job.submitTaskToAnotherJob('job-2', {})",
        "agent.utils.job.getCurrentTask()",
        "agent.utils.job.addSubTasks([{}])",
        "agent.utils.job.getSubTasks(['a'])",
        "agent.utils.setAutomationVariables({ a: 1 })",
        "agent.utils.getAutomationVariables()",
    )
    assert refused == [{"success": False, "error": "This run belongs to no task of a job."}] * 9
    assert await answers(engine, "agent.utils.job.useAnotherTask()") == [None]


async def test_a_run_knows_whether_it_belongs_to_a_job(engine: Engine, task: JobTask) -> None:
    info = "Promise.resolve(agent.info.getAutomationInfo())"
    (outside,) = await answers(engine, info)
    (inside,) = await answers(engine, info, task=task)
    assert not {"agent", "timeout"} & set(outside)
    assert (inside["agent"]["jobTaskId"], inside["timeout"]) == ("task-1", 30)


async def test_reports_reach_the_task_until_one_finishes_it(engine: Engine, task: JobTask) -> None:
    said = await answers(
        engine,
        "agent.utils.job.submitTask('running', { step: 1 }, false, [{ name: 'ignored' }])",
        "agent.utils.job.getCurrentTask()",
        "agent.utils.job.submitTask('success', { step: 2 }, true,"
        " [{ name: 'proof', extension: '.png', base64Data: 'aGk=' }])",
        "agent.utils.job.submitTask('running', { step: 3 }, false)",
        "agent.utils.job.submitTask('failed', { step: 4 })",
        task=task,
    )
    assert said[0] == said[2] == {"success": True}
    assert said[1] == {"success": True, "parent_task_id": "task-1", "job_proof": {"step": 1}, "timeout": 30}
    for refused in said[3:]:
        assert refused["success"] is False
        assert "finished already" in refused["error"]
    assert task.submissions == [
        Submission("running", '{"step": 1}', False),
        Submission("success", '{"step": 2}', True, (TaskFile("proof", ".png", b"hi"),)),
    ]
    assert (task.finished, task.proof) == (True, {"step": 2})


@pytest.mark.parametrize("finish", ["", ", undefined", ", null", ", true"])
async def test_a_report_finishes_the_task_unless_it_says_otherwise(
    engine: Engine, task: JobTask, finish: str
) -> None:
    await answers(engine, f"agent.utils.job.submitTask('running', {{}}{finish})", task=task)
    assert task.finished


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ("", "status"),
        ("'done', {}", "running, success, failed, declined"),
        ("'success'", "data has to be an object"),
        ("'success', []", "not an array"),
        ("'success', {}, 'no'", "true or false"),
        ("'success', {}, true, {}", "files has to be an array"),
        ("'success', {}, true, [{ name: 'a', extension: 'b' }]", "files[0]"),
        ("'success', {}, true, [{ name: 'a', extension: 'b', base64Data: '?' }]", "not base64"),
    ],
)
async def test_a_report_that_makes_no_sense_is_refused(
    engine: Engine, task: JobTask, arguments: str, complaint: str
) -> None:
    (refused,) = await answers(engine, f"agent.utils.job.submitTask({arguments})", task=task)
    assert refused["success"] is False
    assert complaint in refused["error"]
    assert task.submissions == []


async def test_endless_progress_keeps_only_the_latest_reports(engine: Engine, task: JobTask) -> None:
    code = "for (let n = 1; n <= 300; n++) await agent.utils.job.submitTask('running', { n }, false);"
    going = Run()
    going.start(engine, program(code, job_task=task), Phone())
    assert going.task is not None
    await asyncio.wait_for(going.task, DEADLINE)
    kept = [submission.data["n"] for submission in task.submissions]
    assert kept == list(range(301 - len(kept), 301))
    assert len(kept) <= 50


async def test_the_jobs_bucket_is_shared_by_its_tasks(engine: Engine) -> None:
    bucket = Bucket()
    for number in (1, 2):
        said = await answers(
            engine,
            "agent.utils.bucket.get()",
            f"agent.utils.bucket.set({{ last: {number}, ['task {number}']: true }})",
            task=JobTask(f"task-{number}", "job-1", bucket),
        )
    assert said == [
        {"success": True, "bucket": {"last": 1, "task 1": True}},
        {"success": True, "bucket": {"last": 2, "task 1": True, "task 2": True}},
    ]


async def test_a_bucket_is_checked_as_a_whole_before_it_is_kept(engine: Engine) -> None:
    async def complaint(whole: object) -> str | None:
        return f"too many: {json.dumps(whole)}" if whole == {"a": 1, "b": 2} else None

    task = JobTask("task-1", "job-1", Bucket(complaint))
    said = await answers(
        engine,
        "agent.utils.bucket.set({ a: 1 })",
        "agent.utils.bucket.set({ b: 2 })",
        "agent.utils.bucket.get()",
        task=task,
    )
    assert said == [
        {"success": True, "bucket": {"a": 1}},
        {"success": False, "error": 'too many: {"a": 1, "b": 2}'},
        {"success": True, "bucket": {"a": 1}},
    ]


async def test_automation_variables_are_the_tasks_own(engine: Engine, task: JobTask) -> None:
    said = await answers(
        engine,
        "agent.utils.getAutomationVariables()",
        "agent.utils.setAutomationVariables({ a: 1 })",
        "agent.utils.setAutomationVariables({ b: 2 })",
        "agent.utils.setAutomationVariables([])",
        task=task,
    )
    assert said[:3] == [
        {"success": True, "automation_variables": None},
        {"success": True, "automation_variables": {"a": 1}},
        {"success": True, "automation_variables": {"b": 2}},
    ]
    assert said[3]["success"] is False
    assert task.automation_variables == {"b": 2}


async def test_a_task_that_waits_is_taken_once(engine: Engine) -> None:
    tasks: list[JobTask] = []
    first, second, third = (JobTask(f"task-{number}", "job-1", others=tasks) for number in (1, 2, 3))
    tasks.extend([first, second, third])
    for waiting in (first, third):
        waiting.submit("running", {"email": f"{waiting.id}@example.com"}, False)
        waiting.store_variables({"waiting": True})
    second.store_variables({"waiting": "true"})

    take = "agent.utils.job.useAnotherTask()"
    taken, none = await answers(engine, take, take, task=first)
    assert taken == {"job_task_id": "task-3", "job_proof": '{"email": "task-3@example.com"}'}
    assert none is None

    third.store_variables({"waiting": True})
    taken_by_second = await answers(engine, take, take, take, task=second)
    assert [taken and taken["job_task_id"] for taken in taken_by_second] == ["task-1", "task-3", None]
    third.store_variables({"waiting": True})
    third.submit("success", {})
    assert await answers(engine, take, task=second) == [None]


async def test_inside_a_job_other_jobs_and_plans_are_not_simulated(engine: Engine, task: JobTask) -> None:
    assert await answers(
        engine,
        "agent.utils.job.addSubTasks([{}])",
        "agent.utils.job.submitTaskToAnotherJob('job-2', {})",
        task=task,
    ) == [
        "agent.utils.job.addSubTasks is not simulated yet",
        "agent.utils.job.submitTaskToAnotherJob is not simulated yet",
    ]


async def test_the_largest_answers_do_not_hold_back_the_logs(engine: Engine, task: JobTask) -> None:
    # As long as can be once they are JSON in JSON. More logs than a pipe holds are written meanwhile.
    task.submit("running", {"text": "\\" * (LARGEST // 2 - 10)}, False)
    code = """const asked = Array.from({ length: 16 }, () => agent.utils.job.getCurrentTask());
for (let i = 0; i < 20; i++) console.log("x".repeat(60_000));
console.log((await Promise.all(asked)).every((answer) => answer.job_proof.text.length > 60_000));"""
    going = Run()
    going.start(engine, program(code, job_task=task), Phone())
    assert going.task is not None
    assert await asyncio.wait_for(going.task, DEADLINE) is Outcome.FINISHED
    assert going.messages[-1] == "true"


@pytest.mark.parametrize("half", [r'"\\ud83d"', r'"\ud83d"'], ids=["escaped", "as it is"])
def test_halves_of_surrogate_pairs_that_a_process_sends_never_get_through(half: str) -> None:
    arguments = "[" + half.replace('"', r"\"") + "]"
    call = wire.decode(f'{{"type": "call", "id": 1, "name": "a", "arguments": "{arguments}"}}'.encode())
    assert isinstance(call, wire.Call)
    assert call.arguments == ("\ufffd",)


async def test_what_is_written_while_a_bucket_is_checked_is_not_lost() -> None:
    shelf = Memory()
    checked: list[object] = []

    async def complaint(whole: object) -> None:
        checked.append(whole)
        if len(checked) == 1:
            await Bucket(shelf=shelf).merge({"b": 2})

    assert await Bucket(complaint, shelf=shelf).merge({"a": 1}) == {"a": 1, "b": 2}
    assert checked == [{"a": 1}, {"a": 1, "b": 2}]


async def test_what_is_read_from_a_bucket_is_a_copy() -> None:
    bucket = Bucket()
    (await bucket.merge({"list": [1]}))["list"] = "changed"
    bucket.read()["list"] = "changed"
    assert bucket.read() == {"list": [1]}


def test_a_refused_report_changes_nothing(task: JobTask) -> None:
    with pytest.raises(CallRefused):
        task.submit("success", {"text": "x" * LARGEST})
    assert (task.submissions, task.finished, task.proof) == ([], False, {})
