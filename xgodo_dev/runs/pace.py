"""How often logs are asked for: tight right after something happened, wide when it is quiet."""

from __future__ import annotations

_FIRST = 0.006
_AFTER_ENTRIES = 0.03
_GROWTH = 1.3
# What is printed while a run is active is shown within 250 ms: the rest is the network's.
_ACTIVE = 0.19
_ACTIVE_FOR = 10.0
# The example in the platform's documentation polls every two seconds; a quiet tail asks hardly more often.
_WIDEST = 1.8
# A burst of quick polls, then at most so many a second for as long as a run keeps talking.
_BURST = 16.0
_REFILL_PER_SECOND = 1 / _ACTIVE

MOST_REQUESTS_PER_SECOND = 60.0
"""For all devices together: a hundred phones are asked every 1.7 seconds each."""

_SAVED_UP = 0.3


class PollPace:
    """Pauses between polls of one device. Times are seconds of any monotonic clock."""

    def __init__(self, now: float) -> None:
        self._pause = _FIRST / _GROWTH
        self._tokens = _BURST
        self._refilled = now
        self._active = now

    def hurry(self, now: float) -> None:
        """Something is about to happen: a run begins."""
        self._pause = _FIRST / _GROWTH
        self._active = now

    def next_pause(self, now: float, *, had_entries: bool) -> float:
        """Seconds to wait before the next poll, given whether the last one brought anything."""
        self._tokens = min(_BURST, self._tokens + (now - self._refilled) * _REFILL_PER_SECOND)
        self._refilled = now
        if had_entries:
            self._active = now
            self._pause = _AFTER_ENTRIES
        else:
            widest = _ACTIVE if now - self._active < _ACTIVE_FOR else _WIDEST
            self._pause = min(self._pause * _GROWTH, widest)
        # Every poll takes one, also the one that has to wait for it: it is paid for by the wait.
        missing = max(0.0, 1 - self._tokens)
        self._tokens -= 1
        return max(self._pause, missing / _REFILL_PER_SECOND)


class RequestBudget:
    """Spreads the requests of many tails, so that together they stay below so many a second."""

    def __init__(self, per_second: float = MOST_REQUESTS_PER_SECOND) -> None:
        self._between = 1 / per_second
        self._next = 0.0

    def wait(self, now: float) -> float:
        """Seconds that the request has to wait for which this asks; each call is one request."""
        # What was not asked for lately may be asked for at once: a few devices never wait.
        self._next = max(self._next, now - _SAVED_UP) + self._between
        return max(0.0, self._next - now)
