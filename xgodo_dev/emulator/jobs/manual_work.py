"""What people do for regular jobs: they apply, and hand in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.jobs import inputs, job_tasks, planned_tasks, proof_files
from xgodo_dev.emulator.jobs import job as jobs
from xgodo_dev.emulator.jobs.job import Job
from xgodo_dev.emulator.jobs.job_tasks import Task, Worker
from xgodo_dev.emulator.jobs.planned_tasks import PlannedTask
from xgodo_dev.emulator.jobs.proof_files import ProofFile
from xgodo_dev.emulator.jobs.refusals import JobRefused
from xgodo_dev.emulator.object_id import is_object_id, new_id


def apply(database: Database, job: Job, account_id: str) -> dict[str, object]:
    """Reserve a planned task for a worker, and show its variables; none for a job that has none.

    Raises JobRefused where nothing is left to do for him.
    """
    if job.is_automated:
        raise JobRefused("Only devices work on this job")
    _require_once(database, job, account_id)
    if jobs.counts(database, job.id).planned == 0:
        _require_position(database, job)
        return {}
    planned = planned_tasks.apply_for(database, job, account_id)
    if planned is None:
        raise JobRefused("No tasks left for this job")
    # Text that is no JSON object is a variable of its own.
    return {**(inputs.variables(planned.input) or {"input": planned.input}), "_id": planned.id}


def hand_in(
    database: Database,
    job: Job,
    worker: Worker,
    *,
    proof: str,
    variables: Mapping[str, object] | None,
    files: Sequence[ProofFile],
    server: str,
    now: float,
) -> Task:
    """Keep what a worker did, to be judged. Raises JobRefused."""
    _require_once(database, job, worker.account_id)
    if job.daily_limit and job_tasks.added_today(database, job, now) >= job.daily_limit:
        raise JobRefused("The daily limit of the job is reached")
    if job.needs_file and not files:
        raise JobRefused("proof_files_base64 is required for this job")
    planned = None
    if jobs.counts(database, job.id).planned:
        planned = _applied_for(database, job, worker.account_id, variables)
    else:
        _require_position(database, job)
    with database.transaction():
        task = Task(
            id=new_id(now),
            job_id=job.id,
            worker=worker,
            proof=proof,
            added=now,
            updated=now,
            planned_task_id=None if planned is None else planned.id,
            input=None if planned is None else planned.input,
        )
        job_tasks.insert(database, task)
        addresses = proof_files.keep(database, task.id, files, server=server)
        job_tasks.hand_in(
            database,
            task.id,
            job,
            status="pending",
            proof=proof,
            files=[address for _, address in addresses],
            now=now,
        )
    return task


def _applied_for(
    database: Database, job: Job, account_id: str, variables: Mapping[str, object] | None
) -> PlannedTask:
    if variables is None:
        raise JobRefused("custom_vars is required for this job: call tasks/apply first")
    planned_task_id = variables.get("_id")
    planned = None
    if isinstance(planned_task_id, str) and is_object_id(planned_task_id):
        planned = planned_tasks.find(database, planned_task_id)
    if planned is None or planned.job_id != job.id or planned.applied_by != account_id:
        raise JobRefused("Invalid custom_vars: they are not those of your application")
    if planned.job_task_id is not None:
        raise JobRefused("This task was handed in already")
    return planned


def _require_once(database: Database, job: Job, account_id: str) -> None:
    if not job.few_times and job_tasks.worked_on_by(database, job, account_id):
        raise JobRefused("You have already submitted a task for this job")


def _require_position(database: Database, job: Job) -> None:
    if jobs.counts(database, job.id).taken >= job.positions:
        raise JobRefused("No positions left")
