"""Buckets in the database: one for each job and device, and one for each device.

Running automations and the API have them as the same ``Bucket``, so that what one writes the other reads.
Where the documentation is silent: an automation that reads its job's bucket makes none, so that the
API finds none until something was written.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.paging import Page
from xgodo_dev.emulator.phone.bucket import Bucket, Complaint
from xgodo_dev.emulator.timestamps import written

TABLES = """
CREATE TABLE IF NOT EXISTS buckets (
    id TEXT PRIMARY KEY,
    job_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    data TEXT NOT NULL,
    updated REAL NOT NULL,
    UNIQUE (job_id, device_id)
);
CREATE TABLE IF NOT EXISTS device_buckets (
    device_id TEXT PRIMARY KEY,
    data TEXT NOT NULL
);
"""


@dataclass(frozen=True)
class JobBuckets:
    """The buckets of one job."""

    database: Database
    job_id: str

    def page(self, page: Page) -> tuple[int, list[dict[str, object]]]:
        """How many there are, and a page of them, the last changed first."""
        counted = self.database.row("SELECT COUNT(*) AS count FROM buckets WHERE job_id = ?", self.job_id)
        assert counted is not None
        rows = self.database.rows(
            "SELECT * FROM buckets WHERE job_id = ? ORDER BY updated DESC, rowid DESC LIMIT ? OFFSET ?",
            self.job_id,
            *page.bounds,
        )
        return counted["count"], [_document(row) for row in rows]

    def find(self, device_id: str) -> dict[str, object] | None:
        """The bucket on a device as the API shows it; None where nothing was written."""
        row = self.database.row(
            "SELECT * FROM buckets WHERE job_id = ? AND device_id = ?", self.job_id, device_id
        )
        return None if row is None else _document(row)

    def bucket(
        self, device_id: str, complaint: Complaint | None = None, *, now: Callable[[], float]
    ) -> Bucket:
        """The bucket on a device, to write to; there or not. ``now`` is the clock of its changes."""
        return Bucket(complaint, shelf=_JobShelf(self.database, self.job_id, device_id, now))

    def delete(self, device_id: str) -> None:
        """Removes the bucket on a device, if there is one."""
        self.database.change("DELETE FROM buckets WHERE job_id = ? AND device_id = ?", self.job_id, device_id)

    def delete_all(self) -> int:
        """Removes the buckets on all devices; says how many there were."""
        return self.database.change("DELETE FROM buckets WHERE job_id = ?", self.job_id)


def device_bucket(database: Database, device_id: str) -> Bucket:
    """The bucket that all automations on a device share."""
    return Bucket(shelf=_DeviceShelf(database, device_id))


@dataclass(frozen=True)
class _JobShelf:
    database: Database
    job_id: str
    device_id: str
    now: Callable[[], float]

    def load(self) -> str | None:
        row = self.database.row(
            "SELECT data FROM buckets WHERE job_id = ? AND device_id = ?", self.job_id, self.device_id
        )
        return None if row is None else str(row["data"])

    def save(self, text: str) -> None:
        self.database.change(
            "INSERT INTO buckets (id, job_id, device_id, data, updated) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (job_id, device_id) DO UPDATE SET data = excluded.data, updated = excluded.updated",
            secrets.token_hex(12),
            self.job_id,
            self.device_id,
            text,
            self.now(),
        )


@dataclass(frozen=True)
class _DeviceShelf:
    database: Database
    device_id: str

    def load(self) -> str | None:
        row = self.database.row("SELECT data FROM device_buckets WHERE device_id = ?", self.device_id)
        return None if row is None else str(row["data"])

    def save(self, text: str) -> None:
        self.database.change(
            "INSERT INTO device_buckets (device_id, data) VALUES (?, ?)"
            " ON CONFLICT (device_id) DO UPDATE SET data = excluded.data",
            self.device_id,
            text,
        )


def _document(row: sqlite3.Row) -> dict[str, object]:
    return {
        "_id": row["id"],
        "job_id": row["job_id"],
        "remote_device_id": row["device_id"],
        "data": json.loads(row["data"]),
        "updated_at": written(row["updated"]),
    }
