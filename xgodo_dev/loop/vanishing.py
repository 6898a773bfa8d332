"""Waits until files have stopped vanishing."""

from __future__ import annotations

import asyncio

_LONGEST_PAUSES = 50


class Vanishing:
    """Files that go one after another, which are judged together once the last has gone.

    Whether deletions were meant is told by how many there are: most of a project at once is taken for an
    accident. Of a folder that takes a second to be emptied, each part alone would pass for deletions that
    were meant, and be remembered as such. ``pause`` is in seconds.
    """

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._loop = asyncio.get_running_loop()
        self._last = self._loop.time() - pause

    def seen(self) -> None:
        """Another one has gone."""
        self._last = self._loop.time()

    async def over(self) -> None:
        """Return when none has gone for a pause; or, where it never ends, after fifty of them."""
        give_up = self._loop.time() + _LONGEST_PAUSES * self._pause
        # It sleeps to a known moment, which another file may have put off by then.
        while (quiet := min(self._last + self._pause, give_up)) > self._loop.time():  # noqa: ASYNC110
            await asyncio.sleep(quiet - self._loop.time())
