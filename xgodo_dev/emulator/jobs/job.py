"""Jobs: who may see and change them, how many of their positions are taken, and how they are shown."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.input_schema import Schema
from xgodo_dev.emulator.jobs.order import Order
from xgodo_dev.emulator.jobs.refusals import JobMissing
from xgodo_dev.emulator.paging import Page
from xgodo_dev.emulator.timestamps import written

AUTOMATION = "devices_automation"
MANUAL = "manual"
ACTIVE = "active"
COMPLETED = "completed"
EVERYBODY = "worldwide"

_SORTED_BY = ("added", "title", "status", "job_price", "positions", "duration", "job_type")


@dataclass(frozen=True)
class Job:
    """One job as it was posted, and how it stands."""

    id: str
    account_id: str
    job_type: str
    title: str
    category: str
    description: str
    proof: str
    positions: int
    job_price: float
    duration: int
    added: float
    automation_id: str | None = None
    target_workers: tuple[str, ...] = (EVERYBODY,)
    needs_file: bool = False
    few_times: bool = False
    premium: bool = False
    featured: bool = False
    daily_limit: int = 0
    """How many tasks may be handed in a day; 0: as many as there are positions."""
    status: str = ACTIVE

    @property
    def price(self) -> float:
        """What all of it costs."""
        return self.positions * self.job_price

    @property
    def is_automated(self) -> bool:
        """Whether phones work on it."""
        return self.job_type == AUTOMATION and self.automation_id is not None


@dataclass(frozen=True)
class Counts:
    """How many of a job's tasks stand where."""

    by_status: Mapping[str, int]
    waiting: int
    """Planned tasks that nobody works on."""
    planned: int
    """All planned tasks."""
    unplanned_holders: int
    """Tasks without a planned one that hold a position."""

    def of(self, *statuses: str) -> int:
        """How many tasks have one of these statuses."""
        return sum(self.by_status.get(status, 0) for status in statuses)

    @property
    def tasks(self) -> int:
        """How many tasks there are, those that wait included."""
        return sum(self.by_status.values()) + self.waiting

    @property
    def taken(self) -> int:
        """How many positions are taken."""
        return self.planned + self.unplanned_holders


def insert(database: Database, job: Job) -> None:
    """Keep a new job."""
    database.change(
        "INSERT INTO jobs (id, account_id, job_type, automation_id, title, category, description, proof,"
        " target_workers, needs_file, few_times, premium, featured, duration, positions, daily_limit,"
        " job_price, status, added) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        job.id,
        job.account_id,
        job.job_type,
        job.automation_id,
        job.title,
        job.category,
        job.description,
        job.proof,
        json.dumps(job.target_workers),
        job.needs_file,
        job.few_times,
        job.premium,
        job.featured,
        job.duration,
        job.positions,
        job.daily_limit,
        job.job_price,
        job.status,
        job.added,
    )


def find(database: Database, job_id: str) -> Job | None:
    """The job of that id, whosever it is."""
    row = database.row("SELECT * FROM jobs WHERE id = ?", job_id.lower())
    return None if row is None else _read(row)


def share(database: Database, job_id: str, account_id: str, *, may_edit: bool) -> None:
    """Let another account see a job, or change it too."""
    database.change("INSERT OR REPLACE INTO job_shares VALUES (?, ?, ?)", job_id, account_id, may_edit)


def may_view(database: Database, job: Job, account_id: str) -> bool:
    """Whether an account owns the job, or it is shared with it."""
    return job.account_id == account_id or _share(database, job, account_id) is not None


def may_edit(database: Database, job: Job, account_id: str) -> bool:
    """Whether an account owns the job, or it is shared with it for changes."""
    shared = _share(database, job, account_id)
    return job.account_id == account_id or (shared is not None and bool(shared["may_edit"]))


def viewed(database: Database, job_id: str, account_id: str) -> Job:
    """A job that the account may see. Raises JobMissing."""
    job = find(database, job_id)
    if job is None or not may_view(database, job, account_id):
        raise JobMissing
    return job


def edited(database: Database, job_id: str, account_id: str) -> Job:
    """A job that the account may change. Raises JobMissing."""
    job = find(database, job_id)
    if job is None or not may_edit(database, job, account_id):
        raise JobMissing
    return job


def set_status(database: Database, job: Job, status: str) -> None:
    """Make a job active, inactive or completed."""
    database.change("UPDATE jobs SET status = ? WHERE id = ?", status, job.id)


def posted(
    database: Database,
    account_id: str,
    page: Page,
    order: Order,
    *,
    job_id: str | None = None,
    status: str | None = None,
    search: str | None = None,
) -> tuple[int, list[Job]]:
    """How many jobs of an account there are, and a page of them."""
    rows = database.rows(
        "SELECT * FROM jobs WHERE account_id = ?1 AND (?2 IS NULL OR id = ?2) AND (?3 IS NULL OR status = ?3)"
        " AND (?4 IS NULL OR instr(lower(title), lower(?4)) OR instr(lower(description), lower(?4)))"
        " ORDER BY number",
        account_id,
        job_id,
        status,
        search or None,
    )
    return len(rows), [_read(row) for row in order.page(rows, page, _SORTED_BY)]


def counts(database: Database, job_id: str) -> Counts:
    """How a job's tasks stand."""
    by_status = database.rows(
        "SELECT status, COUNT(*), SUM(planned_task_id IS NULL) FROM job_tasks WHERE job_id = ?"
        " GROUP BY status",
        job_id,
    )
    planned = database.row("SELECT COUNT(*), COUNT(job_task_id) FROM planned_tasks WHERE job_id = ?", job_id)
    assert planned is not None
    return Counts(
        {status: count for status, count, _ in by_status},
        planned[0] - planned[1],
        planned[0],
        sum(unplanned for status, _, unplanned in by_status if status not in ("failed", "declined")),
    )


def document(
    job: Job, counted: Counts, schemas: Mapping[str, Schema | None], owner_name: str
) -> dict[str, object]:
    """A job as ``GET /jobs/details`` shows it."""
    return {
        "_id": job.id,
        "job_id": job.id,
        "job_type": job.job_type,
        "payment_type": "action",
        "title": job.title,
        "category": [job.category],
        "description": job.description,
        "proof": job.proof,
        "Target_Workers": list(job.target_workers),
        "few_times": job.few_times,
        "premium": job.premium,
        "featured": job.featured,
        # Both are text in the documented example, beside a price that is a number.
        "duration": str(job.duration),
        "positions": str(job.positions),
        "job_price": job.job_price,
        "price": f"{job.price:.2f}",
        "status": job.status,
        "files": [],
        "added": written(job.added),
        "user": {"_id": job.account_id, "name": owner_name},
        "totla_tasks_count": counted.tasks,
        "tasks_done_count": counted.of("pending", "confirmed"),
        "tasks_confirmed_count": counted.of("confirmed"),
        "tasks_running_count": counted.of("running"),
        "tasks_pending_count": counted.of("pending"),
        "automation_id": job.automation_id,
        "automation_parameters_schema": schemas.get("automation_parameters_schema"),
        "job_variables_schema": schemas.get("job_variables_schema"),
        "bucket_schema": schemas.get("bucket_schema"),
    }


def _share(database: Database, job: Job, account_id: str) -> sqlite3.Row | None:
    return database.row(
        "SELECT may_edit FROM job_shares WHERE job_id = ? AND account_id = ?", job.id, account_id
    )


def _read(row: sqlite3.Row) -> Job:
    return Job(
        id=row["id"],
        account_id=row["account_id"],
        job_type=row["job_type"],
        automation_id=row["automation_id"],
        title=row["title"],
        category=row["category"],
        description=row["description"],
        proof=row["proof"],
        target_workers=tuple(json.loads(row["target_workers"])),
        needs_file=bool(row["needs_file"]),
        few_times=bool(row["few_times"]),
        premium=bool(row["premium"]),
        featured=bool(row["featured"]),
        duration=row["duration"],
        positions=row["positions"],
        daily_limit=row["daily_limit"],
        job_price=row["job_price"],
        status=row["status"],
        added=row["added"],
    )
