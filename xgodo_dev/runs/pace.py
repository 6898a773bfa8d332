"""How often a tail asks for logs: tight right after something happened, wide when it is quiet."""

from __future__ import annotations

_FIRST = 0.006
_AFTER_ENTRIES = 0.03
_GROWTH = 1.5
# The example in the platform's documentation polls every two seconds; a quiet tail asks no more often.
_WIDEST = 2.0
# A burst of quick polls, then at most two a second for as long as a run keeps talking.
_BURST = 16.0
_REFILL_PER_SECOND = 2.0


class PollPace:
    """Pauses between polls of one run. Times are seconds of any monotonic clock."""

    def __init__(self, now: float) -> None:
        self._pause = _FIRST / _GROWTH
        self._tokens = _BURST
        self._refilled = now

    def next_pause(self, now: float, *, had_entries: bool) -> float:
        """Seconds to wait before the next poll, given whether the last one brought anything."""
        self._tokens = min(_BURST, self._tokens + (now - self._refilled) * _REFILL_PER_SECOND)
        self._refilled = now
        self._pause = _AFTER_ENTRIES if had_entries else min(self._pause * _GROWTH, _WIDEST)
        # Every poll takes one, also the one that has to wait for it: it is paid for by the wait.
        missing = max(0.0, 1 - self._tokens)
        self._tokens -= 1
        return max(self._pause, missing / _REFILL_PER_SECOND)
