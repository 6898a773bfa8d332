"""Deletions that follow closely on one another."""

from __future__ import annotations

import time
from collections.abc import Callable

_QUIET_TIME = 5.0


class Removal:
    """The files that went one after another, with no more than five seconds between any two.

    Whether deletions were meant is told by how many there are: most of a project at once is taken for an
    accident. But a folder that is emptied can be seen half empty, and a slow disk takes its time; each
    part alone would pass for deletions that were meant. ``clock`` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._paths: set[str] = set()
        self._last = clock()

    def add(self, path: str) -> None:
        """A push found this path gone, and is about to take that for meant."""
        if not self._goes_on():
            self._paths.clear()
        self._paths.add(path)
        self._last = self._clock()

    def paths(self) -> frozenset[str]:
        """What has gone in a removal that may still go on."""
        return frozenset(self._paths) if self._goes_on() else frozenset()

    def _goes_on(self) -> bool:
        return self._clock() - self._last <= _QUIET_TIME
