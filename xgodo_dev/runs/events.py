"""What runs report, as data: those events of the command-line contract that are about runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal

RunStatus = Literal["success", "failed", "stopped", "timeout", "lost"]


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, with the moment it did."""

    name: ClassVar[str]
    time: float = field(default_factory=time.time)
    """Unix seconds."""

    def to_json(self) -> dict[str, Any]:
        """The event as the contract's JSON object; optional members that are None are left out."""
        # Logs come by the thousand a second: a copy of what is there is several times as quick as asking for
        # each field.
        members = {"event": self.name, **vars(self)}
        for name in _optional(self):
            if members[name] is None:
                del members[name]
        return members


_OPTIONAL: dict[str, tuple[str, ...]] = {}
"""By the name of an event, its optional members."""


def _optional(event: Event) -> tuple[str, ...]:
    found = _OPTIONAL.get(event.name)
    if found is None:
        found = tuple(each.name for each in fields(event) if each.metadata.get("optional"))
        _OPTIONAL[event.name] = found
    return found


@dataclass(frozen=True, kw_only=True)
class Launch(Event):
    """A run was started."""

    name = "launch"
    run: str
    device: str
    entry: str


@dataclass(frozen=True, kw_only=True)
class Log(Event):
    """A line of a run's console. ``source`` is ``{"file", "line"}`` of the TypeScript, where known."""

    name = "log"
    run: str
    device: str
    id: str
    level: str
    message: str
    source: Mapping[str, Any] | None
    timestamp: int
    """Milliseconds since the epoch, by the platform's clock."""


@dataclass(frozen=True, kw_only=True)
class Exit(Event):
    """A run ended."""

    name = "exit"
    run: str
    device: str
    status: RunStatus
    ms: float
    error: str | None = field(default=None, metadata={"optional": True})
    failure: Log | None = field(default=None, compare=False)
    """Its uncaught error as a line where it was thrown, for people: ``error`` says the same."""
    is_cut: bool = field(default=False, compare=False)
    """Whether its last lines could not all be read: who looks back asks for them."""

    def to_json(self) -> dict[str, Any]:
        members = super().to_json()
        del members["failure"], members["is_cut"]
        return members


@dataclass(frozen=True, kw_only=True)
class Notice(Event):
    """Something the person should know, which did not stop the loop."""

    name = "warning"
    message: str
