"""Tasks and what happened in them, as SQLite keeps them."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sqlite3 import Row
from typing import Any, Final, Literal, cast

from xgodo_dev.emulator.clock import Clock
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.mobilerun.agent import Event
from xgodo_dev.emulator.mobilerun.bell import Bell
from xgodo_dev.emulator.mobilerun.refusals import Missing
from xgodo_dev.emulator.paging import Page
from xgodo_dev.emulator.timestamps import written

Status = Literal["created", "running", "paused", "completed", "failed", "cancelled"]
FINAL: Final = frozenset({"completed", "failed", "cancelled"})

TABLES: Final = """
CREATE TABLE IF NOT EXISTS mobilerun_tasks (
  id TEXT PRIMARY KEY,
  device_id TEXT NOT NULL,
  temporary_device INTEGER NOT NULL,
  settings TEXT NOT NULL,
  task TEXT NOT NULL,
  status TEXT NOT NULL,
  steps INTEGER NOT NULL,
  message TEXT,
  output TEXT,
  media_key TEXT NOT NULL,
  stream_url TEXT NOT NULL,
  created_at REAL NOT NULL,
  updated_at REAL NOT NULL,
  started_at REAL,
  finished_at REAL
);
CREATE INDEX IF NOT EXISTS mobilerun_tasks_of_device ON mobilerun_tasks (device_id);
CREATE TABLE IF NOT EXISTS mobilerun_events (
  task_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (task_id, number)
);
"""

_COLUMNS = {"id": "id", "createdAt": "created_at", "finishedAt": "finished_at", "status": "status"}
# A device was assigned to a task, in the platform's words, when the task was made.
_COLUMNS_OF_DEVICE = {
    "id": "id",
    "createdAt": "created_at",
    "updatedAt": "updated_at",
    "assignedAt": "created_at",
}
_UNFINISHED = "status NOT IN ('completed', 'failed', 'cancelled')"


@dataclass(frozen=True)
class Task:
    """A goal and how far it got. Moments are Unix seconds; ``settings`` are what the request said besides."""

    id: str
    device_id: str
    temporary_device: bool
    settings: Mapping[str, Any]
    task: str
    status: Status
    steps: int
    message: str | None
    output: Mapping[str, Any] | None
    media_key: str
    """Who knows it may see the task's pictures without an API key."""
    stream_url: str
    created_at: float
    updated_at: float
    started_at: float | None
    finished_at: float | None

    @property
    def is_final(self) -> bool:
        """Whether it has ended."""
        return self.status in FINAL

    @property
    def succeeded(self) -> bool | None:
        """Whether it reached its goal; None until it has ended."""
        return self.status == "completed" if self.is_final else None

    def document(self, user_id: str) -> dict[str, object]:
        """The task as the API shows it."""
        return {
            "id": self.id,
            "task": self.task,
            "status": self.status,
            **self.settings,
            "deviceId": self.device_id,
            "displayId": 0,
            "tmpDevice": self.temporary_device,
            "userId": user_id,
            "ownerId": user_id,
            "steps": self.steps,
            "succeeded": self.succeeded,
            "message": self.message,
            "output": self.output,
            "streamUrl": self.stream_url,
            "createdAt": written(self.created_at),
            "updatedAt": written(self.updated_at),
            "finishedAt": self.finished_at and written(self.finished_at),
        }


@dataclass(frozen=True)
class Happened:
    """An event in its place, counted from 0."""

    number: int
    event: Event


class TaskStore:
    """Tasks by their ids."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.changed = Bell()
        """Rings when something happens in any task."""

    def create(
        self,
        task: str,
        settings: Mapping[str, Any],
        *,
        device_id: str,
        temporary_device: bool,
        stream_url: str,
        stream_token: str,
    ) -> Task:
        """A new task, in which nothing but its creation has happened."""
        task_id, now = str(uuid.uuid4()), self._clock.now()
        with self._database.transaction():
            self._database.change(
                "INSERT INTO mobilerun_tasks VALUES"
                " (?, ?, ?, ?, ?, 'created', 0, NULL, NULL, ?, ?, ?, ?, NULL, NULL)",
                task_id,
                device_id,
                temporary_device,
                json.dumps(settings),
                task,
                secrets.token_urlsafe(16),
                stream_url,
                now,
                now,
            )
            created = {"id": task_id, "streamUrl": stream_url, "token": stream_token, "status": "created"}
            self._append(task_id, [Event("CreatedEvent", created)])
        return self.require(task_id)

    def require(self, task_id: str) -> Task:
        """The task with that id. Raises Missing."""
        row = self._database.row("SELECT * FROM mobilerun_tasks WHERE id = ?", task_id)
        if row is None:
            raise Missing("Task")
        return _task(row)

    def change(
        self,
        task_id: str,
        status: Status,
        events: Sequence[Event] = (),
        *,
        steps: int | None = None,
        message: str | None = None,
        output: Mapping[str, Any] | None = None,
    ) -> Task:
        """Writes at once how a task stands now and what happened to bring that about."""
        now = self._clock.now()
        with self._database.transaction():
            self._database.change(
                "UPDATE mobilerun_tasks SET status = ?, steps = coalesce(?, steps), message = ?, output = ?,"
                " updated_at = ?, started_at = coalesce(started_at, ?), finished_at = ? WHERE id = ?",
                status,
                steps,
                message,
                None if output is None else json.dumps(output),
                now,
                now if status == "running" else None,
                now if status in FINAL else None,
                task_id,
            )
            self._append(task_id, events)
        self.changed.ring()
        return self.require(task_id)

    def unfinished(self) -> list[Task]:
        """Tasks that have not ended, the oldest first."""
        rows = self._database.rows(f"SELECT * FROM mobilerun_tasks WHERE {_UNFINISHED} ORDER BY rowid")  # noqa: S608 - a constant
        return [_task(row) for row in rows]

    def page(
        self, page: Page, *, order_by: str, descending: bool, status: str | None, query: str | None
    ) -> tuple[list[Task], int]:
        """One page of the tasks in a state whose text has ``query`` in it, and how many there are in all."""
        where = "(? IS NULL OR status = ?) AND (? IS NULL OR instr(lower(task), lower(?)))"
        return self._page(page, where, (status, status, query, query), _COLUMNS[order_by], descending)

    def page_of_device(
        self, device_id: str, page: Page, *, order_by: str, descending: bool
    ) -> tuple[list[Task], int]:
        """One page of the tasks that a device was given, and how many there are in all."""
        return self._page(page, "device_id = ?", (device_id,), _COLUMNS_OF_DEVICE[order_by], descending)

    def count_of_device(self, device_id: str) -> int:
        """How many tasks a device was given."""
        return self._count("device_id = ?", (device_id,))

    def active_on(self, device_id: str) -> str:
        """The id of the task that is at work on a device; empty if none is."""
        row = self._database.row(
            "SELECT id FROM mobilerun_tasks WHERE device_id = ? AND status IN ('running', 'paused')",
            device_id,
        )
        return "" if row is None else str(row["id"])

    def events(self, task_id: str, after: int = -1) -> list[Happened]:
        """What happened in a task after the event of that number."""
        rows = self._database.rows(
            "SELECT * FROM mobilerun_events WHERE task_id = ? AND number > ? ORDER BY number",
            task_id,
            after,
        )
        return [Happened(row["number"], Event(row["name"], json.loads(row["data"]))) for row in rows]

    def count_of_events(self, task_id: str, name: str) -> int:
        """How many events of a kind happened in a task."""
        row = self._database.row(
            "SELECT count(*) AS total FROM mobilerun_events WHERE task_id = ? AND name = ?", task_id, name
        )
        return int(row["total"]) if row else 0

    def _append(self, task_id: str, events: Sequence[Event]) -> None:
        for event in events:
            self._database.change(
                "INSERT INTO mobilerun_events"
                " SELECT ?1, count(*), ?2, ?3 FROM mobilerun_events WHERE task_id = ?1",
                task_id,
                event.name,
                json.dumps(event.data),
            )

    def _page(
        self, page: Page, where: str, values: tuple[str | None, ...], column: str, descending: bool
    ) -> tuple[list[Task], int]:
        direction = "DESC" if descending else "ASC"
        rows = self._database.rows(
            f"SELECT * FROM mobilerun_tasks WHERE {where}"  # noqa: S608 - made of constants
            f" ORDER BY {column} {direction}, rowid {direction} LIMIT ? OFFSET ?",
            *values,
            *page.bounds,
        )
        return [_task(row) for row in rows], self._count(where, values)

    def _count(self, where: str, values: tuple[str | None, ...]) -> int:
        row = self._database.row(f"SELECT count(*) AS total FROM mobilerun_tasks WHERE {where}", *values)  # noqa: S608
        return int(row["total"]) if row else 0


def _task(row: Row) -> Task:
    values = dict(row)
    return Task(
        **values
        | {
            "temporary_device": bool(values["temporary_device"]),
            "settings": json.loads(values["settings"]),
            "status": cast("Status", values["status"]),
            "output": json.loads(values["output"]) if values["output"] is not None else None,
        }
    )
