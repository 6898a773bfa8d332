"""One loop a project: two would push the same save twice, and stop each other's runs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from xgodo_dev import __version__
from xgodo_dev.errors import XgodoError
from xgodo_dev.project.config import STATE_DIRECTORY
from xgodo_dev.project.disk import read_beginning, write_atomically

_LOCK_FILE, _HOLDER_FILE = "watch.lock", "watch.json"
# Seconds.
_LONGER_THAN_A_LOOK = 0.5
_LOOK_INTERVAL = 0.02
# Bytes. A project may come from anybody, with a file of this name in it.
_LONGEST_HOLDER = 1 << 22


class AlreadyWatched(XgodoError):
    """Another process watches this project."""

    code = "already-watched"
    default_hint = "Use that one, or end it first."


@dataclass(frozen=True)
class Holder:
    """What the process that watches a project says of itself."""

    pid: int
    kind: Literal["watch", "daemon"] = "watch"
    since: float = 0.0
    """Unix seconds."""
    version: str = ""
    """Of the toolkit."""
    socket: str | None = None
    """Where it can be spoken to, once it listens: see ``loop.control_place``."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What it was started with, as ``cli.watch_options`` has it."""


class Held:
    """The lock of a project, as its holder has it."""

    def __init__(self, root: Path, holder: Holder) -> None:
        """Take it.

        Raises:
            AlreadyWatched: another process holds it; the message names it.
        """
        self._root = root
        self._folder = root / STATE_DIRECTORY
        self._lock = FileLock(self._folder / _LOCK_FILE)
        self.holder = holder
        self._take()

    def is_lost(self) -> bool:
        """Whether the lock's file was removed, as by `git clean -fdx`: it keeps nobody else out then."""
        return _identity(self._folder / _LOCK_FILE) != self._taken

    def take_again(self) -> None:
        """Take it anew where it is lost.

        Raises:
            AlreadyWatched: another process was quicker.
        """
        self._lock.release()
        self._take()

    def listens_at(self, socket: str) -> None:
        """Say where the holder can be spoken to."""
        self.holder = replace(self.holder, socket=socket)
        self._tell()

    def release(self) -> None:
        """Let go of it, and leave nothing but its file."""
        try:
            if not self.is_lost():
                # Else it may be another's word.
                (self._folder / _HOLDER_FILE).unlink(missing_ok=True)
        finally:
            self._lock.release()

    def _take(self) -> None:
        self._folder.mkdir(exist_ok=True)
        try:
            # Not given up at once: whoever asks whether somebody watches holds it for a moment.
            self._lock.acquire(timeout=_LONGER_THAN_A_LOOK, poll_interval=_LOOK_INTERVAL)
        except Timeout as error:
            raise already_watched(self._root, last_holder(self._root)) from error
        # Its number is nobody else's as long as it is held.
        self._taken = _identity(self._folder / _LOCK_FILE)
        self._tell()

    def _tell(self) -> None:
        write_atomically(self._folder / _HOLDER_FILE, json.dumps(asdict(self.holder)).encode(), mode=0o600)


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def is_watched(root: Path) -> bool:
    """Whether a loop watches the project now."""
    folder = root / STATE_DIRECTORY
    return (folder / _HOLDER_FILE).exists() and _is_locked(folder)


def holder_of(root: Path) -> Holder | None:
    """The process that watches the project now, if one does; its ``pid`` is 0 where it does not say."""
    folder = root / STATE_DIRECTORY
    if not (folder / _LOCK_FILE).exists() or not _is_locked(folder):
        return None
    # Between its lock and what it says of itself there is a moment.
    until = time.monotonic() + _LONGER_THAN_A_LOOK
    while (told := last_holder(root)) is None and time.monotonic() < until:
        time.sleep(_LOOK_INTERVAL)
        if not _is_locked(folder):
            # Somebody else had only asked, too.
            return None
    return told or Holder(pid=0)


def last_holder(root: Path) -> Holder | None:
    """What is left of the process that watched the project last: it may be gone, where it was killed."""
    try:
        told = read_beginning(root / STATE_DIRECTORY / _HOLDER_FILE, _LONGEST_HOLDER)
        document = json.loads(told)
        # A newer version may tell more.
        known = {each.name for each in fields(Holder)}
        holder = Holder(**{name: value for name, value in document.items() if name in known})
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    is_sound = (
        type(holder.pid) is int
        and holder.kind in ("watch", "daemon")
        and isinstance(holder.since, int | float)
        and isinstance(holder.version, str)
        and isinstance(holder.socket, str | None)
        and isinstance(holder.options, dict)
    )
    return holder if is_sound else None


def wait_until_free(root: Path, deadline: float) -> bool:
    """Wait so many seconds at most until nobody watches the project; whether that is so."""
    until = time.monotonic() + deadline
    while _is_locked(root / STATE_DIRECTORY):
        if time.monotonic() > until:
            return False
        time.sleep(_LOOK_INTERVAL)
    return True


def _is_locked(folder: Path) -> bool:
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
def watch_lock(
    root: Path, kind: Literal["watch", "daemon"] = "watch", options: Mapping[str, Any] | None = None
) -> Iterator[Held]:
    """Be the project's only loop; the system releases the lock even of a process that was killed.

    Args:
        options: what the loop was started with.

    Raises:
        AlreadyWatched: another process holds it; the message names it.
    """
    held = Held(root, Holder(os.getpid(), kind, time.time(), __version__, options=options or {}))
    try:
        yield held
    finally:
        held.release()


def already_watched(root: Path, holder: Holder | None) -> AlreadyWatched:
    """The error for when there is another loop."""
    who = f"Process {holder.pid}" if holder and holder.pid else "Another process"
    hint = "End it with `xgodo-dev daemon stop`." if holder and holder.kind == "daemon" else None
    return AlreadyWatched(f"{who} already watches {root}.", hint=hint)
