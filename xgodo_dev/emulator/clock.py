"""The time on the emulated platform, which tests can move forward."""

from __future__ import annotations

import time


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
