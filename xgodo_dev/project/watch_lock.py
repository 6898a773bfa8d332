"""One loop a project: two would push the same save twice, and stop each other's runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from xgodo_dev.errors import XgodoError
from xgodo_dev.project.config import STATE_DIRECTORY

_LOCK_FILE, _HOLDER_FILE = "watch.lock", "watch.pid"
# Seconds.
_LONGER_THAN_A_LOOK = 0.5


class AlreadyWatched(XgodoError):
    """Another process watches this project."""

    code = "already-watched"
    default_hint = "Use that one, or end it first."


def is_watched(root: Path) -> bool:
    """Whether a loop watches the project now."""
    folder = root / STATE_DIRECTORY
    if not (folder / _HOLDER_FILE).exists():
        return False
    try:
        # A loop that was killed could not take its file away.
        with FileLock(folder / _LOCK_FILE).acquire(blocking=False):
            return False
    except Timeout:
        return True
    except OSError:
        # Nobody could make the file that a loop locks.
        return False


@contextmanager
def watch_lock(root: Path) -> Iterator[None]:
    """Be the project's only loop; the system releases the lock even of a process that was killed.

    Raises:
        AlreadyWatched: another process holds it; the message names it.
    """
    folder = root / STATE_DIRECTORY
    folder.mkdir(exist_ok=True)
    holder = folder / _HOLDER_FILE
    lock = FileLock(folder / _LOCK_FILE)
    try:
        # Not given up at once: whoever asks whether somebody watches holds it for a moment.
        lock.acquire(timeout=_LONGER_THAN_A_LOOK, poll_interval=0.02)
    except Timeout as error:
        try:
            who = f"Process {holder.read_text(encoding='ascii')}"
        except (OSError, ValueError):
            who = "Another process"
        raise AlreadyWatched(f"{who} already watches {root}.") from error
    try:
        holder.write_text(str(os.getpid()), encoding="ascii")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
