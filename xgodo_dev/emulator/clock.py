"""The time on the emulated platform, which tests can move forward."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """This machine's clock, and what it was moved forward by."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Unix seconds."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move it forward."""
        self._ahead += seconds


def moment(unix_seconds: float) -> str:
    """As the platform writes moments: ``2025-08-04T19:38:50.204Z``."""
    written = datetime.fromtimestamp(unix_seconds, UTC).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z")
