"""Job tasks: one worker or device at work on a job, from its beginning until it was judged.

``running`` is at work (the documentation also says ``processing``), ``pending`` was handed in and waits for
the employer. What a worker is promised and paid follows the status.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from xgodo_dev.emulator import balances
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.jobs.job import COMPLETED, Job, counts, set_status
from xgodo_dev.emulator.jobs.order import Order
from xgodo_dev.emulator.jobs.refusals import (
    JobRefused,
    NoSuchTask,
    NotAssigned,
    StatusForbids,
    TaskMissing,
)
from xgodo_dev.emulator.paging import Page
from xgodo_dev.emulator.phone import hardware
from xgodo_dev.emulator.refusals import ErrorShape
from xgodo_dev.emulator.timestamps import written

Status = Literal["running", "pending", "confirmed", "notcomplete", "declined", "failed"]

RUNNING: Final = "running"
JUDGEMENTS: Final = ("confirmed", "declined", "notcomplete")
FAILED_OR_DECLINED: Final = ("failed", "declined")

_SORTED_BY = ("added", "updated", "finished", "status", "worker_name", "device_name", "comment")
_WORKER_IP = "127.0.0.1"
_DAY_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Worker:
    """Whose work a task is, and on which device, if any."""

    account_id: str
    name: str
    device_id: str | None = None
    device_name: str | None = None
    country: str = hardware.COUNTRY


@dataclass(frozen=True)
class Task:
    """One job task."""

    id: str
    job_id: str
    worker: Worker
    proof: str
    added: float
    updated: float
    status: Status = RUNNING
    finished: float | None = None
    planned_task_id: str | None = None
    input: str | None = None
    """What the planned task gave to work on."""
    comment: str = ""
    failure_reason: str | None = None
    files: tuple[str, ...] = ()
    """Where its files can be had."""


@dataclass(frozen=True)
class Filter:
    """Which tasks of a job are wanted."""

    status: str | None = None
    since: float | None = None
    search: str | None = None


def insert(database: Database, task: Task) -> None:
    """Keep a new task, which is at work."""
    with database.transaction():
        database.change(
            "INSERT INTO job_tasks (id, job_id, worker_id, worker_name, country, device_id, device_name,"
            " planned_task_id, input, status, proof, added, updated)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            task.id,
            task.job_id,
            task.worker.account_id,
            task.worker.name,
            task.worker.country,
            task.worker.device_id,
            task.worker.device_name,
            task.planned_task_id,
            task.input,
            RUNNING,
            task.proof,
            task.added,
            task.updated,
        )
        if task.planned_task_id is not None:
            database.change(
                "UPDATE planned_tasks SET job_task_id = ? WHERE id = ?", task.id, task.planned_task_id
            )


def find(database: Database, task_id: str) -> Task | None:
    """The job task of that id."""
    row = database.row("SELECT * FROM job_tasks WHERE id = ?", task_id.lower())
    return None if row is None else _read(row)


def resolve(database: Database, task_id: str, *, name: str, shape: ErrorShape | None = None) -> Task:
    """The job task that an id means: its own, or that of the planned task it works on.

    ``name`` is what the id goes by in a refusal. Raises NoSuchTask and NotAssigned.
    """
    task = find(database, task_id)
    if task is not None:
        return task
    planned = database.row("SELECT job_task_id FROM planned_tasks WHERE id = ?", task_id.lower())
    if planned is None:
        raise NoSuchTask(name, task_id, shape)
    assigned = None if planned["job_task_id"] is None else find(database, planned["job_task_id"])
    if assigned is None:
        raise NotAssigned(task_id, shape)
    return assigned


def of_job(database: Database, job: Job, wanted: Filter, page: Page, order: Order) -> list[Task]:
    """A page of a job's tasks."""
    search = wanted.search
    if search is not None and search.casefold() in job.title.casefold():
        search = None
    rows = database.rows(
        "SELECT * FROM job_tasks WHERE job_id = ?1 AND (?2 IS NULL OR status = ?2)"
        " AND (?3 IS NULL OR added >= ?3) AND (?4 IS NULL OR instr(lower(worker_name), lower(?4))"
        " OR instr(lower(proof), lower(?4)) OR instr(lower(comment), lower(?4))"
        " OR instr(lower(?5), lower(?4))) ORDER BY number",
        job.id,
        RUNNING if wanted.status == "processing" else wanted.status,
        wanted.since,
        search or None,
        _WORKER_IP,
    )
    return [_read(row) for row in order.page(rows, page, _SORTED_BY)]


def of_worker(database: Database, account_id: str, page: Page) -> tuple[int, list[Task]]:
    """How many tasks an account has worked on, and a page of them, the newest first."""
    total = database.row("SELECT COUNT(*) FROM job_tasks WHERE worker_id = ?", account_id)
    rows = database.rows(
        "SELECT * FROM job_tasks WHERE worker_id = ? ORDER BY number DESC LIMIT ? OFFSET ?",
        account_id,
        *page.bounds,
    )
    assert total is not None
    return total[0], [_read(row) for row in rows]


def worked_on_by(database: Database, job: Job, account_id: str) -> bool:
    """Whether an account has handed in a task of the job that counts."""
    found = database.row(
        "SELECT 1 FROM job_tasks WHERE job_id = ? AND worker_id = ? AND status NOT IN ('failed', 'declined')",
        job.id,
        account_id,
    )
    return found is not None


def added_today(database: Database, job: Job, now: float) -> int:
    """How many tasks a job got in the last 24 hours."""
    row = database.row(
        "SELECT COUNT(*) FROM job_tasks WHERE job_id = ? AND added > ?", job.id, now - _DAY_SECONDS
    )
    return 0 if row is None else int(row[0])


def proofs(database: Database, account_id: str) -> list[str]:
    """The proofs handed in to jobs that an account may see, and by itself."""
    rows = database.rows(
        "SELECT job_tasks.proof FROM job_tasks JOIN jobs ON jobs.id = job_tasks.job_id"
        " WHERE job_tasks.worker_id = ?1 OR jobs.account_id = ?1"
        " OR EXISTS (SELECT 1 FROM job_shares WHERE job_shares.job_id = jobs.id AND account_id = ?1)",
        account_id,
    )
    return [row["proof"] for row in rows]


def running_on(database: Database, device_id: str) -> bool:
    """Whether a device works on a task of a job."""
    found = database.row("SELECT 1 FROM job_tasks WHERE device_id = ? AND status = ?", device_id, RUNNING)
    return found is not None


def at_work_on_phones(database: Database) -> list[Task]:
    """Every task that a phone works on."""
    rows = database.rows("SELECT * FROM job_tasks WHERE status = ? AND device_id IS NOT NULL", RUNNING)
    return [_read(row) for row in rows]


def hand_in(
    database: Database,
    task_id: str,
    job: Job,
    *,
    status: Status,
    proof: str,
    files: Sequence[str] = (),
    failure_reason: str | None = None,
    now: float,
) -> None:
    """Note what the worker reports; nothing once the task is no longer at work."""
    with database.transaction():
        changed = database.change(
            "UPDATE job_tasks SET status = ?, proof = ?, files = ?, failure_reason = ?, updated = ?,"
            " finished = ? WHERE id = ? AND status = ?",
            status,
            proof,
            json.dumps(files),
            failure_reason,
            now,
            None if status == RUNNING else now,
            task_id,
            RUNNING,
        )
        if changed:
            _settle(database, task_id, status, job.job_price)


def judge(
    database: Database, job: Job, tasks: Sequence[Task], status: Status, comment: str | None, now: float
) -> None:
    """Set what an employer thinks of tasks, of all or, where one can't be judged, of none.

    Raises JobRefused.
    """
    for task in tasks:
        if task.status == RUNNING:
            raise JobRefused(f"Job task {task.id} is still running")
        if task.status == "confirmed" != status:
            raise JobRefused(f"Job task {task.id} is confirmed already")
    with database.transaction():
        for task in tasks:
            database.change(
                "UPDATE job_tasks SET status = ?, comment = COALESCE(?, comment), updated = ? WHERE id = ?",
                status,
                comment,
                now,
                task.id,
            )
            if task.status != status:
                _settle(database, task.id, status, job.job_price)
        if counts(database, job.id).of("confirmed") >= job.positions:
            set_status(database, job, COMPLETED)


def delete(database: Database, task: Task, *, keep_planned: bool) -> None:
    """Delete a task, and its planned task or, with ``keep_planned``, only their tie. Raises StatusForbids."""
    if task.status not in FAILED_OR_DECLINED:
        raise StatusForbids(
            f"Cannot delete job task with status '{task.status}'. "
            f"Only tasks with status: {', '.join(FAILED_OR_DECLINED)} can be deleted."
        )
    with database.transaction():
        if keep_planned:
            _release(database, task)
        else:
            database.change("DELETE FROM planned_tasks WHERE job_task_id = ?", task.id)
        balances.drop_promise(database, task.id)
        database.change("DELETE FROM job_tasks WHERE id = ?", task.id)


def reinitiate(database: Database, tasks: Sequence[Task]) -> None:
    """Let the planned tasks of all these wait again, or of none. Raises StatusForbids and TaskMissing."""
    for task in tasks:
        if task.status not in FAILED_OR_DECLINED:
            raise StatusForbids(
                f"Cannot reinitiate task with status '{task.status}'. "
                "Only failed or declined tasks can be reinitiated."
            )
        if database.row("SELECT 1 FROM planned_tasks WHERE job_task_id = ?", task.id) is None:
            raise TaskMissing("No planned task associated with this job task")
    with database.transaction():
        for task in tasks:
            _release(database, task)


def document(task: Task, job: Job) -> dict[str, object]:
    """A task as both its worker and the job's owner are shown it."""
    return {
        "_id": task.id,
        "job_task_id": task.id,
        "worker_id": task.worker.account_id,
        "worker_name": task.worker.name,
        "job_id": task.job_id,
        "job_title": job.title,
        "job_price": job.job_price,
        "job_proof": task.proof,
        "comment": task.comment,
        "country_code": task.worker.country.upper(),
        "worker_ip": _WORKER_IP,
        "status": task.status,
        "failureReason": task.failure_reason,
        "reviewed": None,
        "device_owner_share": job.job_price if task.worker.device_id else None,
        "added": written(task.added),
        "updated": written(task.updated),
        "finished": None if task.finished is None else written(task.finished),
        "proof_files_info": [{"url": address} for address in task.files],
        "device_id": task.worker.device_id,
        "device_name": task.worker.device_name,
        "planned_task": task.input,
        "planned_task_id": task.planned_task_id,
    }


def _settle(database: Database, task_id: str, status: Status, price: float) -> None:
    """Promise, pay or keep back what the worker of a task gets."""
    if status in ("pending", "confirmed"):
        task = find(database, task_id)
        assert task is not None
        balances.promise(database, task.worker.account_id, task_id, price)
        if status == "confirmed":
            balances.keep_promise(database, task_id)
    else:
        balances.drop_promise(database, task_id)


def _release(database: Database, task: Task) -> None:
    database.change(
        "UPDATE planned_tasks SET job_task_id = NULL, applied_by = NULL WHERE job_task_id = ?", task.id
    )


def _read(row: sqlite3.Row) -> Task:
    return Task(
        id=row["id"],
        job_id=row["job_id"],
        worker=Worker(
            row["worker_id"], row["worker_name"], row["device_id"], row["device_name"], row["country"]
        ),
        proof=row["proof"],
        added=row["added"],
        updated=row["updated"],
        status=row["status"],
        finished=row["finished"],
        planned_task_id=row["planned_task_id"],
        input=row["input"],
        comment=row["comment"],
        failure_reason=row["failure_reason"],
        files=tuple(json.loads(row["files"])),
    )
