"""Launches that come one close behind the other, so that they can be told in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xgodo_dev.cli.view.line_stream import running_loop
from xgodo_dev.runs.events import Launch

if TYPE_CHECKING:
    from asyncio import TimerHandle

# Phones are told to start all at once, and confirm it within about so many seconds.
_TOGETHER_S = 0.3


class HeldLaunches:
    """Holds launches of one entry for a moment.

    Args:
        tell: is called with those that came together.
        expected: how many there will be, where it is known: when all are there, nothing is waited for.
    """

    def __init__(self, tell: Callable[[list[Launch]], None], expected: int | None = None) -> None:
        self._tell = tell
        self._expected = expected
        self._held: list[Launch] = []
        self._timer: TimerHandle | None = None

    def __bool__(self) -> bool:
        return bool(self._held)

    def take(self, launch: Launch) -> None:
        """Hold a launch; those of another entry are told first."""
        if self._held and self._held[0].entry != launch.entry:
            self.tell_now()
        self._held.append(launch)
        if len(self._held) == self._expected:
            self.tell_now()
        elif self._timer is None and (loop := running_loop()):
            self._timer = loop.call_later(_TOGETHER_S, self.tell_now)

    def tell_now(self) -> None:
        """Tell what is held: something else is to be told, or nothing more will come."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        held, self._held = self._held, []
        if held:
            self._tell(held)
