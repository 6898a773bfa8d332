"""The time on the emulated platform, which tests can move forward."""

from __future__ import annotations

import time
from collections.abc import Callable


class Clock:
    """This machine's clock, and what it was moved forward by."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._waiting: list[Callable[[], None]] = []

    def now(self) -> float:
        """Unix seconds."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move it forward."""
        self._ahead += seconds
        for wake in self._waiting:
            wake()

    def when_moved(self, wake: Callable[[], None]) -> None:
        """Has ``wake`` called whenever it is moved: who waits for a moment may have reached it."""
        self._waiting.append(wake)
