"""How those who wait hear that something has changed."""

from __future__ import annotations

import asyncio


class Bell:
    """Wakes everybody who waits at the moment it is rung; nobody hears it who comes later."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wakes who waits now."""
        self._rung.set()
        self._rung = asyncio.Event()

    async def wait(self, seconds: float | None) -> bool:
        """Whether it was rung within so many seconds; None waits for as long as it takes."""
        try:
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        except TimeoutError:
            return False
        return True
