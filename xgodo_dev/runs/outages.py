"""Tells of logs that can't be read for a while: of many devices at once in one sentence."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

from xgodo_dev.errors import XgodoError
from xgodo_dev.platform.automation import Device
from xgodo_dev.runs.events import Event, Notice

# What is over before that is no interruption; and requests that fail together do so within it.
_GATHERING = 2.5
_MOST_NAMED = 3


class Outages:
    """Gathers for a moment what begins and what ends, and then says it."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        # By the devices' ids, as two may have one name.
        self._began: dict[str, XgodoError] = {}
        self._told: set[str] = set()
        self._ended: list[str] = []
        self._cut: list[str] = []
        self._names: dict[str, str] = {}
        self._timer: asyncio.TimerHandle | None = None

    def began(self, device: Device, error: XgodoError) -> None:
        """A device's logs can't be read; they are asked for again."""
        self._names[device.id] = device.name
        if device.id in self._ended:
            # For who reads this, it has never ended.
            self._ended.remove(device.id)
            return
        self._began[device.id] = error
        self._later()

    def ended(self, device: Device) -> None:
        """They can be read again."""
        if self._began.pop(device.id, None) is None and device.id in self._told:
            self._ended.append(device.id)
            self._later()

    def given_up(self, device: Device) -> None:
        """They are not asked for any more, which is told otherwise."""
        self._began.pop(device.id, None)
        self._told.discard(device.id)

    def cut(self, device: Device) -> None:
        """The last lines of a run there could not be read."""
        self._names[device.id] = device.name
        # Nothing is tried again of what ends with that.
        self._began.pop(device.id, None)
        if device.id not in self._cut:
            self._cut.append(device.id)
            self._later()

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
            names = self._named(self._began)
            self._told.update(self._began)
            self._began.clear()
            self._emit(Notice(message=f"Logs of {names} are interrupted: {error} Trying again."))
        if self._ended:
            self._told.difference_update(self._ended)
            self._emit(Notice(message=f"Logs of {self._named(self._ended)} are back."))
            self._ended.clear()
        if self._cut:
            names = self._named(self._cut)
            self._cut.clear()
            self._emit(
                Notice(message=f"The last lines of {names} could not all be read: `logs` asks for them.")
            )

    def _named(self, devices: Collection[str]) -> str:
        names = [self._names[each] for each in devices]
        more = len(names) - _MOST_NAMED
        return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
