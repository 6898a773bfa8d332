"""Records that automations at work on one job write into another: its data dump.

Neither jobs nor phones go away here, so that nobody is told that those of the running task are gone.
"""

from __future__ import annotations

from collections.abc import Sequence

from xgodo_dev.emulator.accounts import Caller
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.jobs import job as jobs
from xgodo_dev.emulator.jobs import job_tasks, proof_files
from xgodo_dev.emulator.jobs.job import Job
from xgodo_dev.emulator.jobs.job_tasks import RUNNING, Status, Task, Worker
from xgodo_dev.emulator.jobs.proof_files import ProofFile
from xgodo_dev.emulator.jobs.refusals import DumpForbidden
from xgodo_dev.emulator.object_id import new_id


def is_dump(database: Database, job: Job) -> bool:
    """Whether a job takes records, rather than work on its planned tasks."""
    return job.is_automated and jobs.counts(database, job.id).planned == 0


def require_access(database: Database, caller: Caller, target: Job) -> Task:
    """The task that the caller works on, if that lets him write into ``target``. Raises DumpForbidden."""
    if caller.job_task_id is None or caller.device_id is None:
        raise DumpForbidden(
            "Only a running automation agent can submit to this job: "
            "the token must carry remote_device_id and job_task_id"
        )
    task = job_tasks.find(database, caller.job_task_id)
    if task is None or task.status != RUNNING:
        raise DumpForbidden("The automation agent has no currently running task")
    running = jobs.find(database, task.job_id)
    assert running is not None, "jobs are never deleted"
    if running.automation_id != target.automation_id:
        raise DumpForbidden("The running job and the target job must share the same automation_id")
    if not jobs.may_view(database, target, running.account_id):
        raise DumpForbidden("The owner of the running job has no access to the target job")
    return task


def write(
    database: Database,
    target: Job,
    worker: Worker,
    *,
    proof: str,
    status: Status,
    files: Sequence[ProofFile],
    server: str,
    now: float,
) -> Task:
    """Keep a record, its files named in it by their addresses below ``server``. Raises JobRefused."""
    proof_files.require_json(proof, with_files=bool(files))
    with database.transaction():
        task = Task(new_id(now), target.id, worker, proof, added=now, updated=now)
        job_tasks.insert(database, task)
        addresses = proof_files.keep(database, task.id, files, server=server)
        job_tasks.hand_in(
            database,
            task.id,
            target,
            status=status,
            proof=proof_files.embedded(proof, addresses),
            files=[address for _, address in addresses],
            now=now,
        )
    return task
