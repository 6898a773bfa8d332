"""Noticing that this process did not run for a while: the computer was asleep, or somebody stopped it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

_TICK = 1.0
# Longer than a busy machine, or a look at very many files, holds up the loop.
_ASLEEP = 10.0

Clocks = tuple[float, float]


def read_clocks() -> Clocks:
    """The clock on the wall, and the one that nobody sets; some systems let that one sleep too. Seconds."""
    return time.time(), time.monotonic()


class Awakening:
    """Looks at the clocks each second; a look that comes late enough is the first one after a sleep.

    A clock that is set forward passes for a sleep, which does no harm.
    """

    def __init__(
        self,
        clocks: Callable[[], Clocks] = read_clocks,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._clocks = clocks
        self._sleep = sleep

    async def watch(self, wake_up: Callable[[float], Awaitable[object]]) -> None:
        """Call ``wake_up`` with the seconds of each sleep when it is over, until cancelled."""
        while True:
            before = self._clocks()
            await self._sleep(_TICK)
            late = max(after - earlier for earlier, after in zip(before, self._clocks(), strict=True)) - _TICK
            if late > _ASLEEP:
                await wake_up(late)
