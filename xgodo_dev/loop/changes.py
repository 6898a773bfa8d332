"""File events of a project folder, as an asynchronous stream of changed paths."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import sys
import warnings
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from xgodo_dev.errors import XgodoError

# On Linux a finished write has an event of its own; only a file that appears without being written
# (a hard link, a folder moved in) has to wait, long enough that nobody still writes it. Elsewhere every
# save waits until it has been quiet for a moment.
_CLOSE_IS_REPORTED = sys.platform == "linux"
_QUIET_TIME = 0.25 if _CLOSE_IS_REPORTED else 0.025
_WATCHED = [
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
] + ([] if _CLOSE_IS_REPORTED else [FileModifiedEvent])
_MORE_WATCHES = (
    "The system's limit for watched folders is used up: close other watchers, or raise "
    "fs.inotify.max_user_watches and fs.inotify.max_user_instances with sysctl."
)
# Watchdog's own race with folders made inside new folders: it watches such a one twice, which does no harm.
warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning, r"watchdog\.")
_UNINTERESTING = (".git", ".xgodo", "node_modules")


@dataclass(frozen=True)
class Changes:
    """What happened since the last batch."""

    paths: frozenset[str]
    """Absolute paths of files that were written, moved or removed."""
    rescan: bool = False
    """Events were lost, or whole folders came or went: compare every file."""


class FileChanges:
    """Watches a folder and everything below it. An async context manager and iterator of batches.

    A save reaches the iterator without a debounce: the batch is whatever arrived by then.

    Raises:
        XgodoError: on entering, when the folder can't be watched.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._paths: set[str] = set()
        self._rescan = False
        self._arrived = asyncio.Event()
        self._settling: dict[str, asyncio.TimerHandle] = {}
        self._loop = asyncio.get_running_loop()
        self._observer = Observer()
        self._overflow = _LostEvents(lambda: self._from_thread(self._ask_rescan))

    async def __aenter__(self) -> FileChanges:
        handler = _Handler(self)
        self._observer.schedule(handler, str(self._root), recursive=True, event_filter=_WATCHED)
        logging.getLogger("watchdog.observers").addHandler(self._overflow)
        try:
            await asyncio.to_thread(self._observer.start)
        except OSError as error:
            logging.getLogger("watchdog.observers").removeHandler(self._overflow)
            raise XgodoError(
                f"{self._root} can't be watched: {error.strerror}.",
                hint=_MORE_WATCHES if error.errno in (errno.ENOSPC, errno.EMFILE) else None,
            ) from error
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for timer in self._settling.values():
            timer.cancel()
        self._observer.stop()
        try:
            await asyncio.to_thread(self._observer.join, 5)
        finally:
            # Last: what watchdog logs while it stops would else reach the terminal.
            logging.getLogger("watchdog.observers").removeHandler(self._overflow)

    async def __aiter__(self) -> AsyncIterator[Changes]:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            batch = Changes(frozenset(self._paths), self._rescan)
            self._paths, self._rescan = set(), False
            yield batch

    def on_event(self, event: FileSystemEvent) -> None:
        """Called in the observer's thread for each event."""
        for path, finished in _touched(event):
            relative = os.path.relpath(path, self._root)
            if relative.split(os.sep, 1)[0] in _UNINTERESTING:
                continue
            if event.is_directory:
                self._from_thread(self._ask_rescan)
            elif finished:
                self._from_thread(self._add, path)
            else:
                self._from_thread(self._settle, path)

    def _from_thread(self, call: Callable[..., object], *arguments: str) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            # The loop is closing while the last events come in; nobody is left to hear them.
            return

    def _settle(self, path: str) -> None:
        timer = self._settling.pop(path, None)
        if timer:
            timer.cancel()
        self._settling[path] = self._loop.call_later(_QUIET_TIME, self._add, path)

    def _add(self, path: str) -> None:
        timer = self._settling.pop(path, None)
        if timer:
            timer.cancel()
        self._paths.add(path)
        self._arrived.set()

    def _ask_rescan(self) -> None:
        self._rescan = True
        self._arrived.set()


class _Handler(FileSystemEventHandler):
    def __init__(self, changes: FileChanges) -> None:
        self._changes = changes

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._changes.on_event(event)


class _LostEvents(logging.Handler):
    """Watchdog rebuilds its watches after the kernel dropped events, and tells only its log."""

    def __init__(self, lost: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._lost = lost

    def emit(self, _record: logging.LogRecord) -> None:
        self._lost()


def _touched(event: FileSystemEvent) -> list[tuple[str, bool]]:
    """Paths that the event concerns, each with whether its content is final."""
    source, target = os.fsdecode(event.src_path), os.fsdecode(event.dest_path)
    if isinstance(event, FileCreatedEvent | FileModifiedEvent):
        return [(source, False)]
    return [(source, True)] + ([(target, True)] if target else [])
