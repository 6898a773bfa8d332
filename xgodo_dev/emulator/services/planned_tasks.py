"""Planned tasks: ``/planned_tasks…``."""

from __future__ import annotations

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.jobs import job as jobs
from xgodo_dev.emulator.jobs import job_tasks, planned_tasks
from xgodo_dev.emulator.jobs.dispatch import ATTEMPTS
from xgodo_dev.emulator.jobs.job import Job
from xgodo_dev.emulator.jobs.posting import shown
from xgodo_dev.emulator.jobs.refusals import JobMissing, MalformedId, NotPermitted, TaskMissing
from xgodo_dev.emulator.object_id import is_object_id
from xgodo_dev.emulator.paging import Page
from xgodo_dev.emulator.refusals import ErrorShape
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint

SHAPE = ErrorShape.SUCCESS_ERROR


async def list_waiting(emulator: Emulator, call: Call) -> Document:
    """A job's planned tasks that nobody works on."""
    asked = call.arguments
    job = _job(emulator, call)
    if not jobs.may_view(emulator.database, job, call.caller.account_id):
        raise _no_job()
    total, page = planned_tasks.waiting(
        emulator.database,
        job,
        Page(asked["page"], asked["limit"]),
        search=asked.get("search"),
        ascending=asked["sortOrder"] == "asc",
    )
    return {
        "success": True,
        "data": {
            "job": shown(emulator, job),
            "plannedTasks": [planned_tasks.document(each) for each in page],
            "total": total,
        },
    }


async def submit(emulator: Emulator, call: Call) -> Document:
    """Plans a task for each input and, where asked to, puts them on phones at once."""
    asked = call.arguments
    job = _job(emulator, call)
    if not jobs.may_edit(emulator.database, job, call.caller.account_id):
        raise _no_job()
    dispatcher = emulator.dispatcher
    device_id = dispatcher.pinned(asked.get("remote_device_id"), asked.get("device_name"))
    planned = await dispatcher.plan(job, asked["inputs"], device_id=device_id)
    assigned = await dispatcher.assign_now(planned, ATTEMPTS) if asked["run_immediately"] else None
    return {"success": True, **planned_tasks.submitted(planned, assigned)}


async def delete(emulator: Emulator, call: Call) -> Document:
    """Deletes planned tasks, all that are named or none."""
    ids = call.arguments["planned_task_ids"]
    if not all(is_object_id(each) for each in ids):
        raise MalformedId("Invalid planned task id")
    planned_tasks.delete(emulator.database, ids, call.caller.account_id)
    return {"success": True}


async def reinitiate(emulator: Emulator, call: Call) -> Document:
    """Lets the planned tasks of failed and declined job tasks wait again: of all that are named, or none."""
    asked = call.arguments
    ids = [*asked.get("task_ids", ()), *([asked["task_id"]] if "task_id" in asked else ())]
    if not ids or not all(is_object_id(each) for each in ids):
        raise MalformedId("Invalid task id")
    tasks = []
    for task_id in dict.fromkeys(ids):
        task = job_tasks.find(emulator.database, task_id)
        job = None if task is None else jobs.find(emulator.database, task.job_id)
        if task is None or job is None:
            raise TaskMissing
        if not jobs.may_edit(emulator.database, job, call.caller.account_id):
            raise NotPermitted("reinitiate this task")
        tasks.append(task)
    job_tasks.reinitiate(emulator.database, tasks)
    emulator.dispatcher.wake()
    return {"success": True, "message": "Task successfully reinitiated"}


def _job(emulator: Emulator, call: Call) -> Job:
    job_id = call.arguments["job_id"]
    if not is_object_id(job_id):
        raise MalformedId("Invalid job id")
    job = jobs.find(emulator.database, job_id)
    if job is None:
        raise _no_job()
    return job


def _no_job() -> JobMissing:
    return JobMissing("Job not found")


ENDPOINTS = (
    endpoint("planned_tasks.list", list_waiting),
    endpoint("planned_tasks.submit", submit),
    endpoint("planned_tasks.delete", delete),
    endpoint("planned_tasks.reinitiate", reinitiate),
)
