"""Events that come one close behind the other, so that they can be told in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from xgodo_dev.cli.view.line_stream import running_loop
from xgodo_dev.runs.events import Event

if TYPE_CHECKING:
    from asyncio import TimerHandle

# Phones are told to start or to stop all at once, and confirm it within about so many seconds.
_TOGETHER_S = 0.3

_Event = TypeVar("_Event", bound=Event)


class HeldEvents(Generic[_Event]):
    """Holds events for a moment. ``tell`` is called with those that came together."""

    def __init__(self, tell: Callable[[list[_Event]], None]) -> None:
        self._tell = tell
        self._held: list[_Event] = []
        self._timer: TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._held)

    def take(self, event: _Event) -> None:
        """Hold an event; those of an earlier moment are told first."""
        self.until(event.time)
        self._held.append(event)
        if self._timer is None and (loop := running_loop()):
            self._timer = loop.call_later(_TOGETHER_S, self.tell_now)

    def until(self, moment: float) -> None:
        """Something happened at a moment (Unix seconds): tell what is held of an earlier one."""
        if self._held and moment - self._held[0].time > _TOGETHER_S:
            self.tell_now()

    def tell_now(self) -> None:
        """Tell what is held: something else is to be told, or nothing more will come."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        held, self._held = self._held, []
        if held:
            self._tell(held)
