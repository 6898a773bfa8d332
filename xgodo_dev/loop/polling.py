"""File events made by looking, where the system gives none."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

from xgodo_dev.loop.hearing import UNINTERESTING, Hearing

# Seconds. A save is heard of within one of them, the quiet time that it is given included.
_PAUSE = 0.4
# A folder of a hundred thousand files takes a while to look through: it gets the rest of the time off.
_LEAST_PAUSE_PER_LOOK = 10
# Later writes of the same moment can leave the same times (see `project.fingerprints`).
_TICK_NS = 20_000_000

_Look = dict[str, tuple[int, int, int, int]]


class Polling:
    """Looks at the times of every file, again and again. A ``Source``."""

    def __init__(self, root: Path, hearing: Hearing) -> None:
        self._root = str(root)
        self._hearing = hearing
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        first = await asyncio.to_thread(_look, self._root)
        self._looking = asyncio.create_task(self._look_again(first))

    async def stop(self) -> None:
        if self._looking:
            self._looking.cancel()
            await asyncio.wait([self._looking])

    async def _look_again(self, seen: _Look) -> None:
        took = 0.0
        while True:
            await asyncio.sleep(max(_PAUSE, took * _LEAST_PAUSE_PER_LOOK))
            began = time.monotonic()
            found = await asyncio.to_thread(_look, self._root)
            took = time.monotonic() - began
            for path in {path for path, _ in seen.items() ^ found.items()}:
                if path in found:
                    self._hearing.unfinished(path)
                else:
                    self._hearing.finished(path)
            seen = found


def _look(root: str) -> _Look:
    """Size, times and number of every file that can matter, by absolute path."""
    found: _Look = {}
    now = time.time_ns()
    waiting = [root]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as listing:
                entries = list(listing)
        except OSError:
            # It has gone meanwhile, or nobody may read it.
            continue
        for entry in entries:
            if entry.name in UNINTERESTING:
                continue
            try:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                    continue
                status = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            last = max(status.st_mtime_ns, status.st_ctime_ns)
            number = status.st_ino if now - last > _TICK_NS else -now
            found[entry.path] = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, number)
    return found
