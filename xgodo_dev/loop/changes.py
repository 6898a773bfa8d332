"""File events of a project folder, as an asynchronous stream of changed paths."""

from __future__ import annotations

import asyncio
import errno
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from xgodo_dev.errors import XgodoError
from xgodo_dev.loop.hearing import Hearing, Source
from xgodo_dev.loop.polling import Polling

# On Linux a finished write has an event of its own; only a file that appears without being written
# (a hard link) has to wait, long enough that nobody still writes it. Elsewhere every save waits until it
# has been quiet for a moment.
_CLOSE_IS_REPORTED = sys.platform == "linux"
_QUIET_TIME = 0.25 if _CLOSE_IS_REPORTED else 0.025
# More than a person saves at once: a checkout, a formatter or a generator is at work. What it does is taken
# together when it pauses, or after a while: it may go on for minutes, and a save is not to wait for that.
_CROWD = 20
_PAUSE_OF_A_CROWD = 0.1
_LONGEST_CROWD = 2.0
_LIMITS = {errno.ENOSPC: "max_user_watches", errno.EMFILE: "max_user_instances"}


@dataclass(frozen=True)
class Changes:
    """What happened since the last batch."""

    paths: frozenset[str]
    """Absolute paths of files that were written, moved or removed."""
    rescan: bool = False
    """Events were lost, or whole folders came or went: compare every file."""


class FileChanges:
    """Watches a folder and everything below it. An async context manager and iterator of batches.

    A save reaches the iterator without a debounce: the batch is whatever arrived by then. Where the system
    does not tell of changes, or not of all any more, the files are looked at twice a second instead; ``say``
    is told why.

    Raises:
        XgodoError: on entering, when there is no such folder.
    """

    def __init__(
        self,
        root: Path,
        say: Callable[[str], None] = lambda _message: None,
        *,
        source: Callable[[Path, Hearing], Source] | None = None,
    ) -> None:
        self._root = root
        self._say = say
        self._source = (source or _system_source())(root, self)
        self._paths: set[str] = set()
        self._rescan = False
        self._arrived = asyncio.Event()
        self._settling: dict[str, asyncio.TimerHandle] = {}
        self._loop = asyncio.get_running_loop()
        self._last_told = 0.0
        self._falling_back: asyncio.Task[None] | None = None

    async def __aenter__(self) -> FileChanges:
        if not self._root.is_dir():
            raise XgodoError(f"{self._root} can't be watched: it is no folder.")
        try:
            await self._source.start()
        except OSError as error:
            await self._look_instead(error)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._falling_back:
            await asyncio.wait([self._falling_back])
        for timer in self._settling.values():
            timer.cancel()
        await self._source.stop()

    async def __aiter__(self) -> AsyncIterator[Changes]:
        while True:
            await self._arrived.wait()
            if len(self._paths) > _CROWD:
                await self._pause_of_crowd()
            self._arrived.clear()
            batch = Changes(frozenset(self._paths), self._rescan)
            self._paths, self._rescan = set(), False
            yield batch

    def finished(self, path: str) -> None:
        timer = self._settling.pop(path, None)
        if timer:
            timer.cancel()
        self._paths.add(path)
        self._last_told = self._loop.time()
        self._arrived.set()

    def unfinished(self, path: str) -> None:
        timer = self._settling.pop(path, None)
        if timer:
            timer.cancel()
        self._settling[path] = self._loop.call_later(_QUIET_TIME, self.finished, path)

    def rescan(self) -> None:
        self._rescan = True
        self._last_told = self._loop.time()
        self._arrived.set()

    def deaf(self, reason: OSError) -> None:
        if not self._falling_back:
            self._falling_back = self._loop.create_task(self._fall_back(reason))

    async def _fall_back(self, reason: OSError) -> None:
        await self._source.stop()
        await self._look_instead(reason)
        self.rescan()

    async def _look_instead(self, reason: OSError) -> None:
        self._source = Polling(self._root, self)
        await self._source.start()
        self._say(f"{_told(reason)} The files are looked at twice a second instead.")

    async def _pause_of_crowd(self) -> None:
        until = self._loop.time() + _LONGEST_CROWD
        while True:
            wait = min(until, self._last_told + _PAUSE_OF_A_CROWD) - self._loop.time()
            if wait <= 0:
                return
            await asyncio.sleep(wait)


def _system_source() -> Callable[[Path, Hearing], Source]:
    if _CLOSE_IS_REPORTED:
        from xgodo_dev.loop.inotify import Inotify

        return Inotify
    from xgodo_dev.loop.system_events import SystemEvents

    return SystemEvents


def _told(reason: OSError) -> str:
    limit = _LIMITS.get(reason.errno or 0)
    if not _CLOSE_IS_REPORTED or limit is None:
        return f"The system does not tell of changed files ({reason.strerror or reason})."
    value = ""
    with suppress(OSError):
        value = f" ({Path('/proc/sys/fs/inotify', limit).read_text('ascii').strip()})"
    return (
        f"The system's limit for watching files, fs.inotify.{limit}{value}, is used up: close other "
        f"watchers, or raise it with `sudo sysctl fs.inotify.{limit}=…`."
    )
