"""What went through proxy connections: one entry for each attempt to connect.

No traffic flows here. What there was is told to the emulator, which keeps it and decides by the
connection's blacklist what of it was blocked. Where the documentation is silent: entries come newest
first, and those of a connection that is gone stay.
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.proxies import Connection
from xgodo_dev.emulator.refusals import InvalidRequest, Refusal
from xgodo_dev.emulator.timestamps import written_to_the_second

TABLES = """
CREATE TABLE IF NOT EXISTS proxy_traffic (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    connection_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    host TEXT NOT NULL,
    port INTEGER NOT NULL,
    blocked_by TEXT,  -- null: it was allowed
    bytes_in INTEGER NOT NULL,
    bytes_out INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS proxy_traffic_of_a_device ON proxy_traffic (device_id, at);
"""

# `instr` has no wildcards, unlike `LIKE`.
_MATCHING = """
SELECT * FROM proxy_traffic
WHERE device_id IN (SELECT value FROM json_each(?1))
  AND (?2 IS NULL OR connection_id = ?2)
  AND (?3 IS NULL OR at >= ?3)
  AND (?4 IS NULL OR at <= ?4)
  AND (?5 IS NULL OR instr(host || ':' || port, ?5) > 0)
  AND (?6 IS NULL OR (blocked_by IS NULL) = (?6 = 'allowed'))
ORDER BY at DESC, id DESC
"""

Action = Literal["allowed", "blocked"]
Span = Literal["hour", "day"]

_SECONDS_OF: dict[Span, int] = {"hour": 3600, "day": 86_400}
_SERVER_NODE = "emulator"
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_HIGHEST_PORT = 65_535


class Unroutable(Refusal):
    """Nothing can go through a connection without a device."""

    def __init__(self) -> None:
        super().__init__("The connection is associated with no device")


@dataclass(frozen=True)
class Target:
    """What somebody connected to."""

    host: str
    port: int

    @classmethod
    def read(cls, text: str) -> Target:
        """A target of the form ``host:port``. Raises InvalidRequest."""
        host, _, port = text.rpartition(":")
        if not host or _PORT.fullmatch(port) is None or int(port) > _HIGHEST_PORT:
            raise InvalidRequest("target must be host:port")
        return cls(host, int(port))

    def blocked_by(self, domains: Iterable[str]) -> str | None:
        """The domain that blocks it, itself or as the end of it; None where none does."""
        host = self.host.rstrip(".").lower()
        return next((each for each in domains if host == each or host.endswith(f".{each}")), None)


@dataclass(frozen=True)
class Filter:
    """Which traffic is meant. Both times, in Unix seconds, count too; None: any."""

    device_ids: Collection[str]
    connection_id: str | None = None
    start: float | None = None
    end: float | None = None
    target: str | None = None
    """A part of ``host:port``."""
    action: Action | None = None


class Traffic:
    """The traffic of all connections."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(
        self,
        connection: Connection,
        target: Target,
        blacklist: Iterable[str],
        *,
        at: float,
        bytes_in: int,
        bytes_out: int,
    ) -> Action:
        """Keeps an attempt to connect, and says how it ended; what is blocked moves no bytes.

        Raises Unroutable.
        """
        if connection.device_id is None:
            raise Unroutable
        blocked_by = target.blocked_by(blacklist)
        self._database.change(
            "INSERT INTO proxy_traffic"
            " (at, connection_id, device_id, host, port, blocked_by, bytes_in, bytes_out)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            at,
            connection.id,
            connection.device_id,
            target.host,
            target.port,
            blocked_by,
            0 if blocked_by else bytes_in,
            0 if blocked_by else bytes_out,
        )
        return "blocked" if blocked_by else "allowed"

    def logs(self, which: Filter, *, limit: int, offset: int) -> tuple[int, list[dict[str, object]]]:
        """How many entries there are, and a page of them, newest first."""
        rows = self._matching(which)
        return len(rows), [_entry(row) for row in rows[offset : offset + limit]]

    def bandwidth(self, which: Filter, group_by: Span | None) -> list[dict[str, object]]:
        """Bytes by device and connection, and by hour or day (of UTC) if asked for, the newest first."""
        sums: dict[tuple[str, str, str | None], list[int]] = {}
        for row in self._matching(which):
            bucket = None if group_by is None else _bucket(row["at"], group_by)
            bytes_in_and_out = sums.setdefault((row["device_id"], row["connection_id"], bucket), [0, 0])
            bytes_in_and_out[0] += row["bytes_in"]
            bytes_in_and_out[1] += row["bytes_out"]
        return [
            {"deviceId": device_id, "connectionId": connection_id, "bytesIn": bytes_in, "bytesOut": bytes_out}
            | ({} if bucket is None else {"bucket": bucket})
            for (device_id, connection_id, bucket), (bytes_in, bytes_out) in sums.items()
        ]

    def moved(self, connection: Connection, *, since: float = -math.inf) -> int:
        """The bytes that went through a connection in both directions."""
        row = self._database.row(
            "SELECT COALESCE(SUM(bytes_in + bytes_out), 0) AS bytes FROM proxy_traffic"
            " WHERE connection_id = ? AND at > ?",
            connection.id,
            since,
        )
        assert row is not None
        return int(row["bytes"])

    def _matching(self, which: Filter) -> list[sqlite3.Row]:
        return self._database.rows(
            _MATCHING,
            json.dumps([*which.device_ids]),
            which.connection_id and which.connection_id.lower(),
            which.start,
            which.end,
            which.target,
            which.action,
        )


def _bucket(at: float, span: Span) -> str:
    seconds = _SECONDS_OF[span]
    return written_to_the_second(at // seconds * seconds)


def _entry(row: sqlite3.Row) -> dict[str, object]:
    return {
        "timestamp": written_to_the_second(row["at"]),
        "connectionId": row["connection_id"],
        "deviceId": row["device_id"],
        "serverNode": _SERVER_NODE,
        "target": f"{row['host']}:{row['port']}",
        # What an address is called in place of a domain is not documented.
        "targetType": "domain",
        "port": row["port"],
        "resolvedIp": "",
        "action": "blocked" if row["blocked_by"] else "allowed",
        "blockReason": row["blocked_by"] and f"blacklisted: {row['blocked_by']}",
        "bytesIn": row["bytes_in"],
        "bytesOut": row["bytes_out"],
    }
