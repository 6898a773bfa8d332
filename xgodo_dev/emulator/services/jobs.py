"""Jobs: ``/jobs/…``. What the documentation leaves open of them is said in ``emulator/jobs``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.jobs import job as jobs
from xgodo_dev.emulator.jobs import job_tasks, tables
from xgodo_dev.emulator.jobs.job import Job
from xgodo_dev.emulator.jobs.job_tasks import Filter, Task
from xgodo_dev.emulator.jobs.order import Order
from xgodo_dev.emulator.jobs.posting import post, shown
from xgodo_dev.emulator.jobs.refusals import (
    JobMissing,
    JobRefused,
    MalformedId,
    NotTheJobsOwner,
    TaskOfAnotherJob,
)
from xgodo_dev.emulator.object_id import is_object_id, new_id
from xgodo_dev.emulator.paging import DEFAULT_SIZE, Page
from xgodo_dev.emulator.refusals import ErrorShape
from xgodo_dev.emulator.services.endpoint import Answer, Call, Document, endpoint

SHAPE = ErrorShape.ERROR
TABLES = tables.TABLES

_HOUR_SECONDS = 3600


async def applicants(emulator: Emulator, call: Call) -> Document:
    """The tasks of a job; ``hours_ago`` is taken for hours, as its name says."""
    asked = call.arguments
    job = jobs.viewed(emulator.database, asked["job_id"], call.caller.account_id)
    if "task_id" in asked:
        task = _resolved(emulator, asked["task_id"], name="task_id", malformed="Invalid task_id format")
        tasks = [task] if task.job_id == job.id else []
    else:
        hours = asked.get("hours_ago")
        wanted = Filter(
            status=asked.get("status"),
            since=None if hours is None else emulator.clock.now() - hours * _HOUR_SECONDS,
            search=asked.get("search"),
        )
        order = Order(asked.get("sortby"), ascending=asked.get("order") == "asc")
        tasks = job_tasks.of_job(emulator.database, job, wanted, _page(asked), order)
    counted = jobs.counts(emulator.database, job.id)
    return {
        "_id": job.id,
        "job_id": job.id,
        "title": job.title,
        "status": job.status,
        "job_tasks": [job_tasks.document(task, job) for task in tasks],
        "total_task": counted.tasks - counted.waiting,
        "job_done": counted.of("pending", "confirmed"),
        "pending_tasks": counted.of("pending"),
        "satisfied_tasks": counted.of("confirmed"),
        "declined_tasks": counted.of("declined"),
        "failed_tasks": counted.of("failed"),
    }


async def update_applicants(emulator: Emulator, call: Call) -> Document:
    """Judges tasks, all that are named or, where one can't be judged, none."""
    asked = call.arguments
    status = asked["status"]
    if status not in job_tasks.JUDGEMENTS:
        raise JobRefused(f"Invalid status. It must be one of {', '.join(job_tasks.JUDGEMENTS)}")
    job = jobs.edited(emulator.database, asked["job_id"], call.caller.account_id)
    ids = dict.fromkeys(asked["JobTasks_Ids"])
    tasks = {
        task.id: task
        for task in (_resolved(emulator, each, name="ID", malformed=f"Invalid ID {each}") for each in ids)
    }
    if any(task.job_id != job.id for task in tasks.values()):
        raise TaskOfAnotherJob
    job_tasks.judge(
        emulator.database, job, list(tasks.values()), status, asked.get("comment"), emulator.clock.now()
    )
    updated = [task for each in tasks if (task := job_tasks.find(emulator.database, each))]
    return {
        "success": True,
        "message": "Job tasks updated successfully",
        "job_tasks": [job_tasks.document(task, job) for task in updated],
    }


async def details(emulator: Emulator, call: Call) -> Document:
    """One job: any that people work on, and of those that phones work on the caller's and shared ones."""
    job_id = call.arguments.get("job_id")
    if job_id is None:
        raise JobRefused("job_id is required")
    job = jobs.find(emulator.database, job_id)
    if job is None or not (
        job.job_type != jobs.AUTOMATION or jobs.may_view(emulator.database, job, call.caller.account_id)
    ):
        raise JobMissing
    return shown(emulator, job)


async def check_uniqueness(emulator: Emulator, call: Call) -> Document:
    """Looks in the proofs of the jobs that the caller may see, and in those he handed in himself."""
    search = call.arguments["search"].casefold()
    if not search:
        raise JobRefused("search must not be empty")
    proofs = (proof.casefold() for proof in job_tasks.proofs(emulator.database, call.caller.account_id))
    if call.arguments.get("option", "word") == "word":
        word = re.compile(rf"(?<!\w){re.escape(search)}(?!\w)")
        found = any(word.search(proof) for proof in proofs)
    else:
        found = any(search in proof for proof in proofs)
    return {"unique": not found}


async def list_mine(emulator: Emulator, call: Call) -> Document:
    """The caller's own jobs."""
    asked = call.arguments
    total, page = jobs.posted(
        emulator.database,
        call.caller.account_id,
        _page(asked),
        Order(asked.get("SortBY"), ascending=asked.get("orientation") == "asc"),
        job_id=asked.get("job_id"),
        status=asked.get("status"),
        search=asked.get("Query"),
    )
    return {"total_count": total, "jobs": [shown(emulator, job) for job in page]}


async def submit(emulator: Emulator, call: Call) -> Answer:
    """Posts a job that people work on."""
    asked = call.arguments
    now = emulator.clock.now()
    job = Job(
        id=new_id(now),
        account_id=call.caller.account_id,
        job_type=jobs.MANUAL,
        title=asked["title"],
        category=asked["category"],
        description=asked["description"],
        proof=asked["proof"],
        positions=asked["positions"],
        job_price=asked["job_price"],
        duration=asked["duration"],
        added=now,
        target_workers=tuple(asked.get("Target_Workers") or (jobs.EVERYBODY,)),
        needs_file=asked.get("is_proof_file", False),
        few_times=asked.get("few_times", False),
        premium=asked.get("premium", False),
        featured=asked.get("featured", False),
        daily_limit=asked.get("daily_limit", 0),
    )
    post(emulator.database, job)
    return Answer({"success": True, "message": "Job created successfully", "job_id": job.id}, 201)


async def update_status(emulator: Emulator, call: Call) -> Answer:
    """Makes a job active or inactive."""
    job = jobs.find(emulator.database, call.arguments["job_id"])
    if job is None:
        raise JobMissing
    if not jobs.may_edit(emulator.database, job, call.caller.account_id):
        raise NotTheJobsOwner
    jobs.set_status(emulator.database, job, call.arguments["status"])
    return Answer(None, 204)


def _page(asked: Mapping[str, Any]) -> Page:
    return Page(asked.get("page", 1), asked.get("limit", DEFAULT_SIZE))


def _resolved(emulator: Emulator, task_id: str, *, name: str, malformed: str) -> Task:
    if not is_object_id(task_id):
        raise MalformedId(malformed)
    return job_tasks.resolve(emulator.database, task_id, name=name)


ENDPOINTS = (
    endpoint("jobs.applicants", applicants),
    endpoint("jobs.update_applicants", update_applicants),
    endpoint("jobs.details", details),
    endpoint("jobs.check_uniqueness", check_uniqueness),
    endpoint("jobs.list_mine", list_mine),
    endpoint("jobs.submit", submit),
    endpoint("jobs.update_status", update_status),
)
