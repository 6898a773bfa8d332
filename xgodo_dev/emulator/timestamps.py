"""Times as the platform writes and reads them: text of ISO 8601, always in UTC."""

from __future__ import annotations

from datetime import UTC, datetime


def written(seconds: float) -> str:
    """``2026-04-15T08:14:00.000Z`` of Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def written_to_the_second(seconds: float) -> str:
    """``2026-04-25T13:22:11Z`` of Unix seconds; what is behind the point is lost."""
    return datetime.fromtimestamp(int(seconds), UTC).isoformat().replace("+00:00", "Z")


def read(text: str) -> float:
    """Unix seconds of a text; one that names no time zone is in UTC.

    Raises ValueError for no such text, and OverflowError for what in UTC is in no year from 1 to 9999.
    """
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).timestamp()
