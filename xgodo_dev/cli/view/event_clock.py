"""The time of an event as text."""

from __future__ import annotations

import time
from collections.abc import Callable


class EventClock:
    """Times of day; with the date, from the first event on that is not of today.

    Events come in the order of their times, so that all lines of yesterday and today have a date, and stand
    in one column, while nobody who watches the present reads one.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._dated = False

    @property
    def width(self) -> int:
        """How many columns the next time takes at least."""
        return 15 if self._dated else 8

    def text(self, moment: float) -> str:
        """The local time of ``moment``, which is in Unix seconds."""
        at = time.localtime(moment)
        if not self._dated and at[:3] != time.localtime(self._now())[:3]:
            self._dated = True
        # The month is a word: whether 07-12 is in July depends on where one comes from.
        return time.strftime("%b %d %H:%M:%S" if self._dated else "%H:%M:%S", at)
