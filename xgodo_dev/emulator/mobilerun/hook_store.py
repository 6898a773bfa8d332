"""Webhooks, as SQLite keeps them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Row
from typing import Final

from xgodo_dev.emulator.clock import Clock
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.mobilerun.refusals import Missing
from xgodo_dev.emulator.paging import Page
from xgodo_dev.emulator.timestamps import written

EVENTS: Final = ("created", "running", "completed", "failed", "cancelled", "paused")

TABLES: Final = """
CREATE TABLE IF NOT EXISTS mobilerun_hooks (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  events TEXT NOT NULL,
  service TEXT NOT NULL,
  state TEXT NOT NULL,
  created_at REAL NOT NULL,
  updated_at REAL
)
"""

_THERE = "state != 'deleted'"


@dataclass(frozen=True)
class Hook:
    """A URL that is told of changes of tasks. Moments are Unix seconds."""

    id: str
    url: str
    events: tuple[str, ...]
    service: str
    state: str
    created_at: float
    updated_at: float | None

    def document(self, user_id: str) -> dict[str, object]:
        """The webhook as the API shows it."""
        return {
            "id": self.id,
            "url": self.url,
            "events": list(self.events),
            "service": self.service,
            "state": self.state,
            "userId": user_id,
            "createdAt": written(self.created_at),
            "updatedAt": self.updated_at and written(self.updated_at),
        }


class HookStore:
    """Webhooks by their ids; a deleted one is as if it had never been."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def subscribe(self, url: str, events: Sequence[str] | None, service: str) -> Hook:
        """A new webhook for these events; for all of them if none are named."""
        hook_id = str(uuid.uuid4())
        self._database.change(
            "INSERT INTO mobilerun_hooks VALUES (?, ?, ?, ?, 'active', ?, NULL)",
            hook_id,
            url,
            json.dumps(EVENTS if events is None else list(dict.fromkeys(events))),
            service,
            self._clock.now(),
        )
        return self.require(hook_id)

    def require(self, hook_id: str) -> Hook:
        """The webhook with that id. Raises Missing."""
        row = self._database.row(f"SELECT * FROM mobilerun_hooks WHERE id = ? AND {_THERE}", hook_id)  # noqa: S608 - a constant
        if row is None:
            raise Missing("Hook")
        return _hook(row)

    def edit(self, hook_id: str, events: Sequence[str] | None, state: str | None) -> Hook:
        """Changes what is given, and returns the webhook as it is then. Raises Missing."""
        hook = self.require(hook_id)
        self._database.change(
            "UPDATE mobilerun_hooks SET events = ?, state = ?, updated_at = ? WHERE id = ?",
            json.dumps(hook.events if events is None else list(dict.fromkeys(events))),
            state or hook.state,
            self._clock.now(),
            hook_id,
        )
        row = self._database.row("SELECT * FROM mobilerun_hooks WHERE id = ?", hook_id)
        assert row is not None
        return _hook(row)

    def page(self, page: Page) -> tuple[list[Hook], int]:
        """One page, the newest first, and how many there are in all."""
        rows = self._database.rows(f"SELECT * FROM mobilerun_hooks WHERE {_THERE} ORDER BY rowid DESC")  # noqa: S608 - a constant
        return [_hook(row) for row in page.part(rows)], len(rows)

    def is_active(self, hook_id: str) -> bool:
        """Whether a webhook is to be told of anything."""
        found = self._database.row("SELECT 1 FROM mobilerun_hooks WHERE id = ? AND state = 'active'", hook_id)
        return found is not None

    def active_for(self, event: str) -> list[Hook]:
        """The webhooks that want to be told of that event."""
        rows = self._database.rows("SELECT * FROM mobilerun_hooks WHERE state = 'active' ORDER BY rowid")
        return [hook for hook in map(_hook, rows) if event in hook.events]


def _hook(row: Row) -> Hook:
    values = dict(row)
    return Hook(**values | {"events": tuple(json.loads(values["events"]))})
