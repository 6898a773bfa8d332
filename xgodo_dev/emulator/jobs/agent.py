"""What a running automation does with the platform: reports about its task, and deals with other jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, cast

from xgodo_dev.emulator.accounts import Caller
from xgodo_dev.emulator.clock import Clock
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.jobs import data_dump, job_tasks, planned_tasks, proof_files
from xgodo_dev.emulator.jobs import job as jobs
from xgodo_dev.emulator.jobs.job import Job
from xgodo_dev.emulator.jobs.job_tasks import RUNNING, Status, Task
from xgodo_dev.emulator.jobs.json_text import parsed
from xgodo_dev.emulator.jobs.planned_tasks import PlannedTask
from xgodo_dev.emulator.jobs.proof_files import ProofFile
from xgodo_dev.emulator.phone.job_task import Submission, TaskFile
from xgodo_dev.emulator.phone.kept_object import CallRefused
from xgodo_dev.emulator.refusals import Refusal

TIMEOUT_MINUTES: Final = 30.0

# What a program calls success waits for the employer. One that says that it runs and is finished has
# no result until its run ends.
_STATUSES: Final[dict[str, Status]] = {
    "success": "pending",
    "failed": "failed",
    "declined": "declined",
    "running": RUNNING,
}


class Board(Protocol):
    """Where tasks are planned and put on phones."""

    @property
    def database(self) -> Database:
        """Where everything is kept."""

    @property
    def clock(self) -> Clock:
        """The platform's time."""

    @property
    def server(self) -> str:
        """The address that files are named below."""

    def pinned(self, device_id: str | None, name: str | None) -> str | None:
        """The device that tasks are to be pinned to, if any."""

    async def plan(self, job: Job, inputs: Sequence[str], *, device_id: str | None) -> list[PlannedTask]:
        """Plan a task for each input."""

    async def assign_now(self, planned: Sequence[PlannedTask], attempts: int) -> dict[str, bool]:
        """Try to put tasks on phones."""


class Agent:
    """A run at work on a task of a job. What the platform refuses, a program is told by CallRefused."""

    def __init__(self, board: Board, task: Task, job: Job) -> None:
        self._board = board
        self._task = task
        self._job = job

    def reported(self, submission: Submission) -> None:
        """Keep a report as the task's proof; its files are kept, and named in it."""
        files = _checked(submission.files)
        with self._board.database.transaction():
            addresses = proof_files.keep(
                self._board.database, self._task.id, files, server=self._board.server
            )
            job_tasks.hand_in(
                self._board.database,
                self._task.id,
                self._job,
                status=_STATUSES[submission.status] if submission.finish else RUNNING,
                proof=proof_files.embedded(submission.data_text, addresses),
                files=[address for _, address in addresses],
                now=self._board.clock.now(),
            )

    def submit_to_another_job(
        self, job_id: str, data_text: str, status: str, files: Sequence[TaskFile]
    ) -> dict[str, object]:
        """Write a record into a data-dump job, by the rules that hold for its token."""
        database = self._board.database
        worker = self._task.worker
        try:
            target = jobs.find(database, job_id)
            if target is None or not data_dump.is_dump(database, target):
                raise CallRefused(f"Job {job_id} not found, or it takes no records.")
            if target.status != jobs.ACTIVE:
                raise CallRefused(f"Job {job_id} is not active.")
            caller = Caller(self._job.account_id, worker.device_id, self._task.id)
            data_dump.require_access(database, caller, target)
            record = data_dump.write(
                database,
                target,
                worker,
                proof=data_text,
                status=cast(Status, status),
                files=_checked(files),
                server=self._board.server,
                now=self._board.clock.now(),
            )
        except Refusal as refusal:
            raise CallRefused(str(refusal)) from refusal
        return {"job_task_id": record.id, "job_id": target.id}

    async def add_sub_tasks(
        self, inputs: Sequence[str], *, run_immediately: bool, job_id: str | None, device_id: str | None
    ) -> dict[str, object]:
        """Plan tasks as the job's owner could.

        Phones are tried once: a program that holds the only one would wait for itself.
        """
        try:
            job = self._job
            if job_id is not None:
                job = jobs.edited(self._board.database, job_id, self._job.account_id)
            planned = await self._board.plan(job, inputs, device_id=self._board.pinned(device_id, None))
        except Refusal as refusal:
            raise CallRefused(str(refusal)) from refusal
        assigned = await self._board.assign_now(planned, attempts=1) if run_immediately else None
        return planned_tasks.submitted(planned, assigned)

    def sub_tasks(self, planned_task_ids: Sequence[str]) -> dict[str, object]:
        """How planned tasks of jobs stand that the owner of this one may see; others are left out."""
        found: dict[str, object] = {}
        for planned_task_id in planned_task_ids:
            planned = planned_tasks.find(self._board.database, planned_task_id)
            job = None if planned is None else jobs.find(self._board.database, planned.job_id)
            if planned is None or job is None:
                continue
            if jobs.may_view(self._board.database, job, self._job.account_id):
                found[planned.id] = self._sub_task(planned)
        return {"tasks": found}

    def _sub_task(self, planned: PlannedTask) -> dict[str, object]:
        task = None
        if planned.job_task_id is not None:
            task = job_tasks.find(self._board.database, planned.job_task_id)
        return {
            "parent_task_id": None if task is None else task.id,
            "comment": None if task is None else task.comment,
            "job_proof": None if task is None or not task.proof else _value(task.proof),
            "timeout": TIMEOUT_MINUTES,
            # No status is documented for what waits.
            "status": "planned" if task is None else task.status,
        }


def _value(proof: str) -> object:
    # What people hand in may be any text.
    try:
        return parsed(proof)
    except ValueError:
        return proof


def _checked(files: Sequence[TaskFile]) -> list[ProofFile]:
    try:
        return [
            proof_files.checked(file.name, file.extension, file.content, place=f"files[{number}]")
            for number, file in enumerate(files)
        ]
    except Refusal as refusal:
        raise CallRefused(str(refusal)) from refusal
