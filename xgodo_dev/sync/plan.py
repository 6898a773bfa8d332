"""What to do about one path: a pure decision over what both sides hold."""

from __future__ import annotations

from collections.abc import Set
from enum import Enum


class Action(Enum):
    """The outcome of :func:`decide`."""

    NOTHING = "nothing"
    """Both sides are as last known."""
    ADOPT = "adopt"
    """Both sides hold the same content: only the base is brought up to date."""
    SEND = "send"
    """Only our side changed."""
    REMOTE_CHANGED = "remote-changed"
    """Only the other side changed: there is nothing to send."""
    LOCALLY_DELETED = "locally-deleted"
    """Gone here, still there; the platform's API has no delete."""
    CONFLICT = "conflict"
    """Sending would replace content that nobody here has seen."""


def decide(base: str | None, local: str | None, remote: str | None, ours: Set[str] = frozenset()) -> Action:
    """What a push does with one path.

    Args:
        base: hash of the content last known equal on both sides; None when there never was one.
        local: hash of the content here; None when there is no such file.
        remote: hash of the content there; None when there is no such file.
        ours: hashes that this side wrote without learning the outcome. Found on the server, they
            are nobody else's edit.
    """
    if local == remote and local in ours:
        # The server may have stored this without compiling it: only an accepted write makes it equal.
        return Action.SEND
    if local == remote:
        return Action.NOTHING if local == base else Action.ADOPT
    if local is None:
        return Action.LOCALLY_DELETED
    remote_is_known = remote is None or remote == base or remote in ours
    if remote_is_known:
        # Also when local == base: the server lost the file or holds an attempt we have since undone.
        return Action.SEND
    return Action.REMOTE_CHANGED if local == base else Action.CONFLICT
