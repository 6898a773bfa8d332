"""Tasks from the side of who does them: ``/tasks/…``; and their deletion, which is the employer's.

Of the conditions of manual jobs those hold here that the API can set: the job is active and has positions
left, today's limit is not reached, a worker does it once unless ``few_times`` is set, variables come
from an application, and a file is there where one is asked for. Workers have no country, rating or
premium here, so that those never keep anybody from a job.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.jobs import data_dump, job_tasks, manual_work, proof_files
from xgodo_dev.emulator.jobs import job as jobs
from xgodo_dev.emulator.jobs.job import Job
from xgodo_dev.emulator.jobs.job_tasks import Task, Worker
from xgodo_dev.emulator.jobs.proof_files import ProofFile
from xgodo_dev.emulator.jobs.refusals import (
    JobMissing,
    JobRefused,
    MalformedId,
    NotPermitted,
    TaskMissing,
)
from xgodo_dev.emulator.object_id import is_object_id
from xgodo_dev.emulator.paging import DEFAULT_SIZE, Page
from xgodo_dev.emulator.refusals import ErrorShape, FileNotFound
from xgodo_dev.emulator.services.endpoint import Answer, Call, Document, Endpoint, endpoint

SHAPE = ErrorShape.SUCCESS_MESSAGE


async def apply(emulator: Emulator, call: Call) -> Document:
    """Reserves a planned task for the caller, the same one until he hands it in."""
    job = _active(emulator, call.arguments["job_id"])
    return manual_work.apply(emulator.database, job, call.caller.account_id)


async def details(emulator: Emulator, call: Call) -> Document:
    """What the caller worked on; with ``task_id`` also what was handed in to a job of his."""
    asked = call.arguments
    account_id = call.caller.account_id
    task_id = asked.get("task_id")
    if task_id is None:
        page = Page(asked.get("page", 1), asked.get("limit", DEFAULT_SIZE))
        total, tasks = job_tasks.of_worker(emulator.database, account_id, page)
        return {"total_count": total, "tasks": [_shown(emulator, task) for task in tasks]}
    if not is_object_id(task_id):
        raise MalformedId("Invalid task_id format")
    task = job_tasks.find(emulator.database, task_id)
    job = None if task is None else jobs.find(emulator.database, task.job_id)
    if task is None or job is None:
        raise TaskMissing
    if task.worker.account_id != account_id and not jobs.may_view(emulator.database, job, account_id):
        raise TaskMissing
    return job_tasks.document(task, job)


async def submit(emulator: Emulator, call: Call) -> Answer:
    """Hands in a task: as a worker, or as a record of a running automation where the job takes those."""
    asked = call.arguments
    job = _active(emulator, asked["job_id"])
    if data_dump.is_dump(emulator.database, job):
        task = _record(emulator, call, job)
    else:
        task = manual_work.hand_in(
            emulator.database,
            job,
            Worker(call.caller.account_id, emulator.accounts.account(call.caller.account_id).name),
            proof=asked["job_proof"],
            variables=asked.get("custom_vars"),
            files=[
                proof_files.decoded(
                    file["fieldName"],
                    _extension(file["fileName"]),
                    file["base64"],
                    place=f"proof_files_base64[{number}]",
                )
                for number, file in enumerate(asked.get("proof_files_base64", ()))
            ],
            server=emulator.dispatcher.server,
            now=emulator.clock.now(),
        )
    document: dict[str, object] = {
        "success": True,
        "message": "Job task submitted successfully",
        "job_task_id": task.id,
        "job_id": job.id,
    }
    return Answer(document, 201)


async def delete(emulator: Emulator, call: Call) -> Document:
    """Deletes a failed or declined task of the caller's job."""
    task_id = call.arguments["task_id"]
    if not is_object_id(task_id):
        raise MalformedId("Invalid task id", ErrorShape.SUCCESS_ERROR)
    by_its_own = job_tasks.find(emulator.database, task_id)
    task = by_its_own or job_tasks.resolve(
        emulator.database, task_id, name="task_id", shape=ErrorShape.SUCCESS_ERROR
    )
    job = jobs.find(emulator.database, task.job_id)
    if job is None:
        raise TaskMissing
    if not jobs.may_edit(emulator.database, job, call.caller.account_id):
        raise NotPermitted("delete this job task")
    job_tasks.delete(emulator.database, task, keep_planned=by_its_own is None)
    return {"success": True, "message": "Job task deleted successfully"}


async def uploaded(emulator: Emulator, call: Call) -> Response:
    """A file that came with a task, for whoever knows its address."""
    content = proof_files.content(emulator.database, call.path["file_id"])
    if content is None:
        raise FileNotFound
    return Response(content, media_type="application/octet-stream")


def _record(emulator: Emulator, call: Call, job: Job) -> Task:
    asked: Mapping[str, Any] = call.arguments
    task = data_dump.require_access(emulator.database, call.caller, job)
    files: list[ProofFile] = [
        proof_files.decoded(
            file["name"], file["extension"], file["base64Data"], place=f"files[{number}].base64Data"
        )
        for number, file in enumerate(asked.get("files", ()))
    ]
    return data_dump.write(
        emulator.database,
        job,
        task.worker,
        proof=asked["job_proof"],
        status=asked["status"],
        files=files,
        server=emulator.dispatcher.server,
        now=emulator.clock.now(),
    )


def _active(emulator: Emulator, job_id: str) -> Job:
    job = jobs.find(emulator.database, job_id)
    if job is None:
        raise JobMissing("Job not found")
    if job.status != jobs.ACTIVE:
        raise JobRefused("The job is not active")
    return job


def _extension(file_name: str) -> str:
    return file_name.rpartition(".")[2] if "." in file_name else ""


def _shown(emulator: Emulator, task: Task) -> dict[str, object]:
    job = jobs.find(emulator.database, task.job_id)
    assert job is not None, "jobs are never deleted"
    return job_tasks.document(task, job)


ENDPOINTS = (
    endpoint("tasks.apply", apply),
    endpoint("tasks.details", details),
    endpoint("tasks.submit", submit),
    endpoint("tasks.delete", delete),
    Endpoint(("GET",), f"{proof_files.PATH}/{{file_id}}", uploaded, bases=("",), needs_token=False),
)
