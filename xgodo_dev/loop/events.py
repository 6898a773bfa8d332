"""What the loop reports, as data: the events of the command-line contract besides those of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from xgodo_dev.runs.events import Event

if TYPE_CHECKING:
    from xgodo_dev.toolchain.typescript import CheckResult


@dataclass(frozen=True, kw_only=True)
class Ready(Event):
    """The loop watches a project."""

    name = "ready"
    root: str
    files: int
    project: str


@dataclass(frozen=True, kw_only=True)
class Change(Event):
    """Files were saved, created or removed."""

    name = "change"
    paths: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Check(Event):
    """The local type check ended. ``errors`` are those of :class:`Diagnostic`, as JSON objects."""

    name = "check"
    ok: bool
    errors: Sequence[Mapping[str, Any]]
    ms: float
    warnings: Sequence[Mapping[str, Any]] | None = field(default=None, metadata={"optional": True})

    @classmethod
    def of(cls, result: CheckResult) -> Check:
        """The event of a check's result."""
        return cls(
            ok=result.ok,
            errors=[asdict(each) for each in result.errors],
            ms=round(result.ms, 1),
            warnings=[asdict(each) for each in result.warnings] or None,
        )


@dataclass(frozen=True, kw_only=True)
class Synced(Event):
    """The server holds a file's content."""

    name = "synced"
    path: str
    ms: float
    bytes: int


@dataclass(frozen=True, kw_only=True)
class SyncFailed(Event):
    """A file could not be sent; it is still here."""

    name = "sync-failed"
    path: str
    reason: str
    errors: Sequence[str] | None = field(default=None, metadata={"optional": True})


@dataclass(frozen=True, kw_only=True)
class Conflict(Event):
    """Sending a file would replace what somebody did on the platform; nothing was sent."""

    name = "conflict"
    path: str
    deleted_here: Literal[True] | None = field(default=None, metadata={"optional": True})
    buries: str | None = field(default=None, metadata={"optional": True})
    """JavaScript on the platform that compiling this new TypeScript would replace."""


@dataclass(frozen=True, kw_only=True)
class RemoteChange(Event):
    """The other side changed a file that is untouched here."""

    name = "remote-change"
    path: str


@dataclass(frozen=True, kw_only=True)
class Stopped(Event):
    """The loop ended."""

    name = "stopped"
    reason: str
