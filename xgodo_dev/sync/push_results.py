"""What can become of a file that is pushed."""

from __future__ import annotations

from dataclasses import dataclass

from xgodo_dev.errors import XgodoError


@dataclass(frozen=True)
class Synced:
    """The server holds this content now."""

    path: str
    bytes: int
    ms: float
    replaced: str | None = None
    """The hash of what others had put there, and may be replaced since it is kept elsewhere."""


@dataclass(frozen=True)
class Unchanged:
    """There was nothing to send."""

    path: str


@dataclass(frozen=True)
class Refused:
    """A limit, the server or its compiler refused the file. Nothing is lost: it is still here."""

    path: str
    reason: str
    errors: tuple[str, ...] = ()
    """What the compiler said; empty when something else refused."""


@dataclass(frozen=True)
class Unsent:
    """The server can't be reached, or takes nothing from us: whether the file arrived may be unknown."""

    path: str
    error: XgodoError


@dataclass(frozen=True)
class Conflicting:
    """Sending would replace, or has to wait for, what somebody did on the other side; nothing was sent."""

    path: str
    deleted_here: bool = False
    buries: str | None = None
    """JavaScript there that nobody here has seen, and that compiling this new TypeScript would replace."""


@dataclass(frozen=True)
class RemoteChanged:
    """Only the other side changed the file."""

    path: str


@dataclass(frozen=True)
class RemotelyDeleted:
    """The file is gone on the server, and is here as it was there."""

    path: str


@dataclass(frozen=True)
class LocallyDeleted:
    """The file is gone here and stays on the server, whose API has no delete."""

    path: str


PushResult = (
    Synced | Unchanged | Refused | Unsent | Conflicting | RemoteChanged | RemotelyDeleted | LocallyDeleted
)
