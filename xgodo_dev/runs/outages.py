"""Tells of logs that can't be read for a while: of many devices at once in one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from xgodo_dev.errors import XgodoError
from xgodo_dev.runs.events import Event, Notice

# Requests that fail together do so within the pauses between their attempts.
_GATHERING = 0.5
_MOST_NAMED = 3


class Outages:
    """Gathers for a moment what begins and what ends, and then says it."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._began: dict[str, XgodoError] = {}
        self._told: set[str] = set()
        self._ended: list[str] = []
        self._timer: asyncio.TimerHandle | None = None

    def began(self, device: str, error: XgodoError) -> None:
        """A device's logs can't be read; they are asked for again."""
        self._began[device] = error
        self._later()

    def ended(self, device: str) -> None:
        """They can be read again."""
        if self._began.pop(device, None) is None and device in self._told:
            self._ended.append(device)
            self._later()

    def given_up(self, device: str) -> None:
        """They are not asked for any more, which is told otherwise."""
        self._began.pop(device, None)
        self._told.discard(device)

    def close(self) -> None:
        """Say what is to be said."""
        if self._timer:
            self._timer.cancel()
            self._say()

    def _later(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_GATHERING, self._say)

    def _say(self) -> None:
        self._timer = None
        if self._began:
            error = next(iter(self._began.values()))
            names = _named(list(self._began))
            self._told.update(self._began)
            self._began.clear()
            self._emit(Notice(message=f"Logs of {names} are interrupted: {error} Trying again."))
        if self._ended:
            self._told.difference_update(self._ended)
            self._emit(Notice(message=f"Logs of {_named(self._ended)} are back."))
            self._ended.clear()


def _named(devices: list[str]) -> str:
    more = len(devices) - _MOST_NAMED
    return ", ".join(devices[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
