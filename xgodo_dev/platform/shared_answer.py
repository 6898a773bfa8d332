"""One answer for all who ask the same at about the same time, such as for the list of devices."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from xgodo_dev.errors import XgodoError

_Answer = TypeVar("_Answer")


class SharedAnswer(Generic[_Answer]):
    """What ``ask`` returns or raises, which is asked once at a time. ``now`` is the clock of all moments."""

    def __init__(
        self, ask: Callable[[], Awaitable[_Answer]], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._now = now
        self._turn = asyncio.Lock()
        self._asked = float("-inf")
        self._answer: _Answer | XgodoError | None = None

    async def since(self, moment: float) -> _Answer:
        """The answer to what was asked at that moment or later.

        Raises:
            XgodoError: that was the answer.
        """
        # Who comes while a request is under way waits for it, and is then served by the next one for all.
        async with self._turn:
            if self._answer is None or self._asked < moment:
                asked = self._now()
                try:
                    self._answer = await self._ask()
                except XgodoError as error:
                    self._answer = error
                self._asked = asked
            answer = self._answer
        if isinstance(answer, XgodoError):
            raise answer
        return answer
