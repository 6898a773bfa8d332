"""Events on their way to webhooks: really sent, but to this machine only.

What is sent is documented nowhere. This emulator POSTs ``{"event": …, "hookId": …, "task": {…}}``, the task
as ``GET /tasks/{task_id}`` shows it. A status of 2xx is success; anything else is tried again. A webhook
hears of events in the order in which they happened, and of none any more once it is disabled or deleted. A
target elsewhere is recorded as not delivered.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
from collections import defaultdict
from sqlite3 import Row
from typing import Any, Final

from xgodo_dev.emulator.background import Background
from xgodo_dev.emulator.clock import Clock
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.mobilerun.hook_store import Hook, HookStore

TABLES: Final = """
CREATE TABLE IF NOT EXISTS mobilerun_deliveries (
  id INTEGER PRIMARY KEY,
  hook_id TEXT NOT NULL,
  url TEXT NOT NULL,
  body TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  outcome TEXT,
  created_at REAL NOT NULL
)
"""

DELIVERED: Final = "delivered"
_ATTEMPT_SECONDS = 5.0
_PAUSES = (0.1, 0.4)
"""Seconds between attempts: one more attempt than pauses."""

_logger = logging.getLogger(__name__)


def is_address(text: str) -> bool:
    """Whether a text is a URL that something can be sent to."""
    # Here and below: it is needed by few, and takes as long to load as much of the emulator.
    import httpx

    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return False
    return url.scheme in ("http", "https") and bool(url.host)


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine."""
    import httpx

    # Read by what will connect to it: two readers of URLs need not agree about every host.
    host = httpx.URL(url).host
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Deliveries:
    """Sends events, each in its turn."""

    def __init__(self, database: Database, clock: Clock, background: Background, hooks: HookStore) -> None:
        self._database = database
        self._hooks = hooks
        self._clock = clock
        self._background = background
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def carry_on(self) -> None:
        """Goes on with what a stop of the emulator left unsent."""
        unsent = "SELECT * FROM mobilerun_deliveries WHERE outcome IS NULL ORDER BY id"
        for row in self._database.rows(unsent):
            self._background.begin(self._deliver(row))

    def send(self, hook: Hook, event: str, task: dict[str, object]) -> None:
        """Sends an event once those before it are sent."""
        body = json.dumps({"event": event, "hookId": hook.id, "task": task})
        self._database.change(
            "INSERT INTO mobilerun_deliveries VALUES (NULL, ?, ?, ?, 0, NULL, ?)",
            hook.id,
            hook.url,
            body,
            self._clock.now(),
        )
        row = self._database.row("SELECT * FROM mobilerun_deliveries WHERE id = last_insert_rowid()")
        assert row is not None
        self._background.begin(self._deliver(row))

    def of_hook(self, hook_id: str) -> list[dict[str, Any]]:
        """Every delivery of a webhook with its ``body``, ``attempts`` and ``outcome`` (None: under way)."""
        statement = "SELECT * FROM mobilerun_deliveries WHERE hook_id = ? ORDER BY id"
        return [dict(row) for row in self._database.rows(statement, hook_id)]

    async def _deliver(self, row: Row) -> None:
        if not is_loopback(row["url"]):
            self._record(row, 0, "not delivered: the emulator sends to this machine only")
            return
        async with self._turns[row["hook_id"]]:
            outcome = ""
            for attempt, pause in enumerate((*_PAUSES, None), 1):
                # It may have been switched off while it waited for its turn, or between two attempts.
                if not self._hooks.is_active(row["hook_id"]):
                    self._record(row, attempt - 1, "not delivered: the webhook is not active any more")
                    return
                outcome = await self._attempt(row)
                if outcome == DELIVERED or pause is None:
                    self._record(row, attempt, outcome)
                    return
                await asyncio.sleep(pause)

    async def _attempt(self, row: Row) -> str:
        import httpx

        headers = {"Content-Type": "application/json"}
        try:
            async with (
                asyncio.timeout(_ATTEMPT_SECONDS),
                # No proxy: its address may be anywhere, the target is here, where certificates prove nothing.
                httpx.AsyncClient(trust_env=False, verify=False) as client,  # noqa: S501
                client.stream("POST", row["url"], content=row["body"], headers=headers) as response,
            ):
                return DELIVERED if response.is_success else f"not delivered: status {response.status_code}"
        except TimeoutError:
            return f"not delivered: no answer within {_ATTEMPT_SECONDS:g} s"
        except httpx.HTTPError as error:
            return f"not delivered: {error or type(error).__name__}"
        except Exception as error:
            # Such as of a port that no machine has. Whatever it is, the delivery must not wait for ever.
            _logger.exception("webhook %s can't be told", row["url"])
            return f"not delivered: {error or type(error).__name__}"

    def _record(self, row: Row, attempts: int, outcome: str) -> None:
        statement = "UPDATE mobilerun_deliveries SET attempts = ?, outcome = ? WHERE id = ?"
        self._database.change(statement, attempts, outcome, row["id"])
        if outcome != DELIVERED:
            _logger.warning("webhook %s: %s", row["url"], outcome)
