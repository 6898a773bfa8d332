"""What a daemon has told, kept in a file that does not grow without end."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from xgodo_dev import known_tokens
from xgodo_dev.errors import FileUnreadable
from xgodo_dev.loop.event_lines import encoded, event_of
from xgodo_dev.project.config import STATE_DIRECTORY
from xgodo_dev.runs.events import Event, Notice

_FILE, _OLD_FILE = "daemon.log", "daemon.log.1"
# Bytes; so much is kept twice, in the file and in the one before it.
MOST_BYTES = 5 << 20
_READ_BYTES = 1 << 16
# Bytes. A longer line is none of ours.
_LONGEST_LINE = 1 << 22
# Seconds after which a disk that took nothing is asked again.
_RETRY_PAUSE = 1.0


def log_file(root: Path) -> Path:
    """Where the daemon of a project keeps what it tells."""
    return root / STATE_DIRECTORY / _FILE


class EventLog:
    """Appends events to the log of a project, readable for its owner only. Nothing is raised.

    What a full disk did not take is counted, and told when it takes something again.
    """

    def __init__(self, root: Path, most_bytes: int = MOST_BYTES) -> None:
        self._file = log_file(root)
        self._old_file = self._file.with_name(_OLD_FILE)
        self._most_bytes = most_bytes
        self._descriptor: int | None = None
        self._opened: os.stat_result | None = None
        self._size = 0
        self._missing = 0
        self._retry_at = 0.0

    def write(self, event: Event) -> None:
        """Keep an event."""
        if self._missing and time.monotonic() < self._retry_at:
            self._missing += 1
            return
        try:
            if self._missing:
                told = f"{self._missing} events are missing here: they could not be written."
                self._append(encoded(Notice(message=told)))
                self._missing = 0
            # Libraries repeat in what they say what they were given.
            self._append(known_tokens.masked(encoded(event).decode()).encode())
        except OSError:
            self._missing += 1
            self._retry_at = time.monotonic() + _RETRY_PAUSE
            self.close()

    def close(self) -> None:
        """Keep nothing more for now; a later event is kept again."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None

    def _append(self, line: bytes) -> None:
        descriptor = self._open() if self._descriptor is None else self._descriptor
        if not self._is_in_place():
            # Somebody has taken it away, or emptied it.
            self.close()
            descriptor = self._open()
        if self._size and self._size + len(line) > self._most_bytes:
            self._rotate()
            descriptor = self._open()
        written = os.write(descriptor, line)
        if written < len(line):
            # The beginning of a line is worth nothing, and would spoil the next.
            os.ftruncate(descriptor, self._size)
            raise OSError("The disk took a part only.")
        self._size += written

    def _open(self) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        for flag in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT"):
            flags |= getattr(os, flag, 0)
        self._descriptor = descriptor = os.open(self._file, flags, 0o600)
        self._opened = status = os.fstat(descriptor)
        self._size = status.st_size
        if sys.platform != "win32" and status.st_mode & 0o077:
            # It was there before, such as in a folder that came from somebody.
            os.fchmod(descriptor, 0o600)
        return descriptor

    def _is_in_place(self) -> bool:
        assert self._opened is not None, "there is a file"
        try:
            now = self._file.stat()
        except FileNotFoundError:
            return False
        return os.path.samestat(now, self._opened) and now.st_size == self._size

    def _rotate(self) -> None:
        self.close()
        # Windows renames no file that somebody reads: then it grows until nobody does.
        with contextlib.suppress(PermissionError):
            self._file.replace(self._old_file)


class LogReader:
    """Reads the log of a project, from its end on or all that is kept; follows it over its rotation."""

    def __init__(self, root: Path) -> None:
        self._file = log_file(root)
        self._old_file = self._file.with_name(_OLD_FILE)
        self._descriptor: int | None = None
        self._rest = b""

    def last(self, count: int) -> list[Event]:
        """The newest events, oldest first, at most so many. What comes later, ``fresh`` tells."""
        # It counts as replaced, so that the one behind it is read as well.
        self._open(self._old_file)
        newest = deque(self._lines(), maxlen=count)
        return [event for line in newest if (event := _event_of(line))]

    def fresh(self) -> Iterator[Event]:
        """What was added since, until there is no more for now."""
        return (event for line in self._lines() if (event := _event_of(line)))

    def _lines(self) -> Iterator[bytes]:
        while True:
            if self._descriptor is None:
                self._open(self._file)
                if self._descriptor is None:
                    return
            yield from self._read()
            if not self._is_replaced():
                return
            # What came last before it was renamed.
            yield from self._read()
            self._open(self._file)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self._rest = None, b""

    def _open(self, file: Path) -> None:
        self.close()
        flags = os.O_RDONLY
        for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT"):
            flags |= getattr(os, flag, 0)
        try:
            self._descriptor = os.open(file, flags)
            if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        except FileNotFoundError:
            return
        except OSError as error:
            raise FileUnreadable(
                f"{file} can't be read: {error.strerror}.", hint="Move it away: the daemon makes it anew."
            ) from error

    def _read(self) -> Iterator[bytes]:
        assert self._descriptor is not None, "there is a file"
        if os.fstat(self._descriptor).st_size < os.lseek(self._descriptor, 0, os.SEEK_CUR):
            # Somebody has emptied it.
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            self._rest = b""
        while content := os.read(self._descriptor, _READ_BYTES):
            *lines, self._rest = (self._rest + content).split(b"\n")
            self._rest = self._rest if len(self._rest) <= _LONGEST_LINE else b""
            yield from lines

    def _is_replaced(self) -> bool:
        assert self._descriptor is not None, "there is a file"
        try:
            now = self._file.stat()
        except FileNotFoundError:
            # Between the two steps of a rotation, or taken away by somebody.
            return False
        return not os.path.samestat(now, os.fstat(self._descriptor))


def _event_of(line: bytes) -> Event | None:
    try:
        return event_of(json.loads(line))
    except (ValueError, RecursionError):
        return None
