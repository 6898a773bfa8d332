"""The file events of Linux, as soon as a file is closed.

Through watchdog's watches of single folders, not through its recursive observer: that watches every folder
there is, `node_modules` and `.git` with it, and where the system's limit lets it watch no further one it
says so to nobody (7.1).
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import warnings
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchDescriptor,
)

from xgodo_dev.loop.hearing import UNINTERESTING, Hearing

_MASK = (
    InotifyConstants.IN_CLOSE_WRITE
    | InotifyConstants.IN_MOVE
    | InotifyConstants.IN_CREATE
    | InotifyConstants.IN_DELETE
    | InotifyConstants.IN_ONLYDIR
)
# From linux/inotify.h; not among watchdog's.
_NO_UNLINKED = 0x04000000
_ID = CallbackId(0)
# Looking again after an overflow finds folders that are watched already, which does no harm.
warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning, r"watchdog\.|xgodo_dev\.loop\.inotify")
# Of events that were lost it tells us, and with nobody to take its log, a terminal as well.
logging.getLogger("watchdog.observers.inotify_c").setLevel(logging.CRITICAL)
_STOP_DEADLINE_S = 5.0
# The folder has gone again, became something else or may not be read: what is in it is nobody's news.
_NOT_TO_BE_WATCHED = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP})


class Inotify:
    """Tells of every file below a folder as soon as it is closed. A ``Source``."""

    def __init__(self, root: Path, hearing: Hearing) -> None:
        self._root = str(root)
        self._hearing = hearing
        self._loop = asyncio.get_running_loop()
        self._watches: InotifyFD | None = None
        self._folders: dict[WatchDescriptor, str] = {}

    async def start(self) -> None:
        self._watches = InotifyFD()
        self._watches.start()
        try:
            self._watch(self._root)
            self._watch_below(self._root)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        watches, self._watches = self._watches, None
        if watches:
            watches.stop()
            await asyncio.to_thread(watches.join, _STOP_DEADLINE_S)

    def on_event(self, event: InotifyEvent) -> None:
        """Called in watchdog's thread, as are the other two."""
        self._from_thread(partial(self._take, event))

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        self._from_thread(lambda: self._folders.pop(wd, None))

    def on_queue_overflow(self) -> None:
        self._from_thread(self._watch_anew)

    def _from_thread(self, call: Callable[[], object]) -> None:
        def heard() -> None:
            if self._watches is None:
                return
            try:
                call()
            except OSError as error:
                self._hearing.deaf(error)

        try:
            self._loop.call_soon_threadsafe(heard)
        except RuntimeError:
            # The loop is closing while the last events come in; nobody is left to hear them.
            return

    def _watch(self, folder: str) -> WatchDescriptor:
        assert self._watches is not None, "started"
        # The project's own folder may be reached through a link, none of those in it.
        follow = 0 if folder == self._root else InotifyConstants.IN_DONT_FOLLOW
        mask = Mask(_MASK | _NO_UNLINKED | follow)
        watch = self._watches.add_callback(os.fsencode(folder), mask, self, _ID)
        self._folders[watch] = folder
        return watch

    def _watch_below(self, top: str) -> set[WatchDescriptor]:
        """Watch every folder below ``top`` that can matter, each before it is looked into; their watches."""
        watches: set[WatchDescriptor] = set()
        waiting = [top]
        while waiting:
            try:
                with os.scandir(waiting.pop()) as listing:
                    inside = [each.path for each in listing if _matters(each)]
            except OSError:
                continue
            for folder in inside:
                try:
                    watches.add(self._watch(folder))
                except OSError as error:
                    if error.errno not in _NOT_TO_BE_WATCHED:
                        raise
                else:
                    waiting.append(folder)
        return watches

    def _take(self, event: InotifyEvent) -> None:
        folder, name = self._folders.get(event.wd), os.fsdecode(event.name)
        if folder is None or name in UNINTERESTING:
            return
        if not name:
            # About the watched folder itself: its disk was unmounted.
            self._hearing.rescan()
            return
        path = os.path.join(folder, name)  # noqa: PTH118 - thousands of them may come at once
        if event.is_directory:
            if event.is_moved_from:
                self._forget(
                    watch for watch, each in self._folders.items() if (each + "/").startswith(path + "/")
                )
            elif not event.is_delete:
                self._take_new_folder(path)
            # Of one that was deleted, the system has taken the watch away. What happened in another one
            # before it was watched is seen by looking.
            self._hearing.rescan()
        elif event.is_create:
            # It may be a hard link, of which no other event tells.
            self._hearing.unfinished(path)
        else:
            self._hearing.finished(path)

    def _take_new_folder(self, path: str) -> None:
        try:
            self._watch(path)
        except OSError as error:
            if error.errno not in _NOT_TO_BE_WATCHED:
                raise
        self._watch_below(path)

    def _watch_anew(self) -> None:
        """Folders may have come, gone and been renamed without a word."""
        kept = {self._watch(self._root), *self._watch_below(self._root)}
        self._forget(watch for watch in self._folders if watch not in kept)
        self._hearing.rescan()

    def _forget(self, watches: Iterable[WatchDescriptor]) -> None:
        assert self._watches is not None, "started"
        gone = list(watches)
        for watch in gone:
            del self._folders[watch]
        self._watches.remove_callbacks([(watch, _ID) for watch in gone])


def _matters(entry: os.DirEntry[str]) -> bool:
    return entry.name not in UNINTERESTING and entry.is_dir(follow_symlinks=False)
