"""Planned tasks: the inputs that wait for a worker or a device."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.jobs import job as jobs
from xgodo_dev.emulator.jobs.job import Job
from xgodo_dev.emulator.jobs.refusals import PlannedTaskAtWork, PlannedTaskMissing, TooManyInputs
from xgodo_dev.emulator.object_id import new_id
from xgodo_dev.emulator.paging import Page
from xgodo_dev.emulator.timestamps import written


@dataclass(frozen=True)
class PlannedTask:
    """An input; ``device_id`` is the only device that may work on it, None: any."""

    id: str
    job_id: str
    input: str
    added: float
    device_id: str | None = None
    applied_by: str | None = None
    """The account that applied for it."""
    job_task_id: str | None = None


def add(
    database: Database, job: Job, inputs: Sequence[str], *, device_id: str | None, now: float
) -> list[PlannedTask]:
    """Plan one task for each input. Raises TooManyInputs where the job has fewer positions left."""
    excess = jobs.counts(database, job.id).taken + len(inputs) - job.positions
    if excess > 0:
        raise TooManyInputs(excess)
    planned = [PlannedTask(new_id(now), job.id, text, now, device_id) for text in inputs]
    with database.transaction():
        for each in planned:
            database.change(
                "INSERT INTO planned_tasks (id, job_id, input, device_id, added) VALUES (?, ?, ?, ?, ?)",
                each.id,
                each.job_id,
                each.input,
                each.device_id,
                each.added,
            )
    return planned


def find(database: Database, planned_task_id: str) -> PlannedTask | None:
    """The planned task of that id."""
    row = database.row("SELECT * FROM planned_tasks WHERE id = ?", planned_task_id.lower())
    return None if row is None else _read(row)


def waiting(
    database: Database, job: Job, page: Page, *, search: str | None, ascending: bool
) -> tuple[int, list[PlannedTask]]:
    """How many of a job's planned tasks nobody works on, and a page of them by time."""
    wanted = search or None
    total = database.row(
        "SELECT COUNT(*) FROM planned_tasks WHERE job_id = ?1 AND job_task_id IS NULL"
        " AND (?2 IS NULL OR instr(lower(input), lower(?2)))",
        job.id,
        wanted,
    )
    rows = database.rows(
        "SELECT * FROM planned_tasks WHERE job_id = ?1 AND job_task_id IS NULL"
        " AND (?2 IS NULL OR instr(lower(input), lower(?2))) ORDER BY number * ?3 LIMIT ?4 OFFSET ?5",
        job.id,
        wanted,
        1 if ascending else -1,
        *page.bounds,
    )
    assert total is not None
    return total[0], [_read(row) for row in rows]


def heads(database: Database) -> list[PlannedTask]:
    """What has waited longest of each active job for each device it is pinned to, or for any."""
    rows = database.rows(
        "SELECT planned_tasks.*, MIN(planned_tasks.number) FROM planned_tasks"
        " JOIN jobs ON jobs.id = planned_tasks.job_id"
        " WHERE job_task_id IS NULL AND automation_id IS NOT NULL AND status = ?"
        " GROUP BY job_id, device_id ORDER BY planned_tasks.number",
        jobs.ACTIVE,
    )
    return [_read(row) for row in rows]


def apply_for(database: Database, job: Job, account_id: str) -> PlannedTask | None:
    """The next task of a job for a worker: the one he applied for already, or one that is free."""
    row = database.row(
        "SELECT * FROM planned_tasks WHERE job_id = ? AND job_task_id IS NULL"
        " AND (applied_by IS NULL OR applied_by = ?) ORDER BY applied_by IS NULL, number",
        job.id,
        account_id,
    )
    if row is None:
        return None
    database.change("UPDATE planned_tasks SET applied_by = ? WHERE id = ?", account_id, row["id"])
    return _read(row)


def delete(database: Database, planned_task_ids: Sequence[str], account_id: str) -> None:
    """Delete planned tasks, all or none. Raises PlannedTaskMissing and PlannedTaskAtWork."""
    with database.transaction():
        for planned_task_id in dict.fromkeys(planned_task_ids):
            planned = find(database, planned_task_id)
            job = None if planned is None else jobs.find(database, planned.job_id)
            if planned is None or job is None or not jobs.may_edit(database, job, account_id):
                raise PlannedTaskMissing
            at_work = database.row(
                "SELECT 1 FROM job_tasks WHERE id = ? AND status NOT IN ('failed', 'declined')",
                planned.job_task_id,
            )
            if at_work is not None:
                raise PlannedTaskAtWork
            database.change("DELETE FROM planned_tasks WHERE id = ?", planned.id)


def document(planned: PlannedTask) -> dict[str, object]:
    """A planned task as the list shows it."""
    return {
        "planned_task_id": planned.id,
        "job_id": planned.job_id,
        "input": planned.input,
        "added": written(planned.added),
    }


def submitted(planned: Sequence[PlannedTask], assigned: Mapping[str, bool] | None) -> dict[str, object]:
    """What is answered to whoever planned tasks; ``assigned`` says which of them a phone works on."""
    answer: dict[str, object] = {
        "inserted_ids": [{"planned_task_id": each.id, "input": each.input} for each in planned]
    }
    if assigned is not None:
        answer["assignment_results"] = [
            {"planned_task_id": each.id, "assigned": assigned[each.id]} for each in planned
        ]
    return answer


def _read(row: sqlite3.Row) -> PlannedTask:
    return PlannedTask(
        id=row["id"],
        job_id=row["job_id"],
        input=row["input"],
        added=row["added"],
        device_id=row["device_id"],
        applied_by=row["applied_by"],
        job_task_id=row["job_task_id"],
    )
