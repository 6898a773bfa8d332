"""The file events of macOS and Windows, through watchdog."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from xgodo_dev.loop.hearing import UNINTERESTING, Hearing

_WATCHED = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
]


class SystemEvents:
    """Tells of every file below a folder when it is written to. A ``Source``.

    Neither system says that a file was closed; both watch the whole folder at the cost of one watch.
    """

    def __init__(self, root: Path, hearing: Hearing) -> None:
        self._root = root
        self._hearing = hearing
        self._loop = asyncio.get_running_loop()
        self._observer = Observer()

    async def start(self) -> None:
        self._observer.schedule(_Handler(self), str(self._root), recursive=True, event_filter=_WATCHED)
        await asyncio.to_thread(self._observer.start)

    async def stop(self) -> None:
        self._observer.stop()
        await asyncio.to_thread(self._observer.join, 5)

    def on_event(self, event: FileSystemEvent) -> None:
        """Called in the observer's thread for each event."""
        source, target = os.fsdecode(event.src_path), os.fsdecode(event.dest_path)
        for path in filter(None, (source, target)):
            try:
                inside = Path(path).relative_to(self._root).parts
            except ValueError:
                # Named otherwise than we do, as a disk that knows no case lets people do.
                self._from_thread(self._hearing.rescan)
                continue
            if not UNINTERESTING.isdisjoint(inside):
                continue
            if event.is_directory:
                self._from_thread(self._hearing.rescan)
            elif isinstance(event, FileCreatedEvent | FileModifiedEvent):
                self._from_thread(self._hearing.unfinished, path)
            else:
                self._from_thread(self._hearing.finished, path)

    def _from_thread(self, call: Callable[..., object], *arguments: str) -> None:
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            # The loop is closing while the last events come in; nobody is left to hear them.
            return


class _Handler(FileSystemEventHandler):
    def __init__(self, events: SystemEvents) -> None:
        self._events = events

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._events.on_event(event)
