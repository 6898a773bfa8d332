"""One launch at a time on a device: two of one project that begin together would not see each other's run."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from xgodo_dev.platform.automation import Device
from xgodo_dev.project.config import STATE_DIRECTORY

# Seconds: what is old on the device has that long to end, and a launch to be answered.
_DEADLINE = 20.0
_LOOK_INTERVAL = 0.02
# Each takes a file, of which some systems let a process open 256.
_MOST_AT_ONCE = 100


class LaunchTurns:
    """The turns of all processes that launch on a server from one folder.

    Args:
        remote: names the server, as ``Server.remote`` does.
    """

    def __init__(self, root: Path, remote: str) -> None:
        self._folder = root / STATE_DIRECTORY / "launching"
        self._remote = remote
        self._at_once = asyncio.Semaphore(_MOST_AT_ONCE)

    @asynccontextmanager
    async def on(self, device: Device) -> AsyncIterator[bool]:
        """Have the turn on a device while inside; false: another one has it, and keeps it for too long.

        The system ends the turn even of a process that was killed.
        """
        async with self._at_once:
            lock = FileLock(self._file(device))
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                has_turn = await _acquired(lock)
            except OSError:
                # Where no file can be made, no run can be recorded either, which the recorder tells.
                has_turn = True
            try:
                yield has_turn
            finally:
                lock.release()

    def _file(self, device: Device) -> Path:
        # An id comes from the wire, and is no name for a file.
        name = hashlib.blake2b(f"{self._remote}\n{device.id}".encode(errors="replace"), digest_size=8)
        return self._folder / f"{name.hexdigest()}.lock"


async def _acquired(lock: FileLock) -> bool:
    """Whether the lock was got in time."""
    clock = asyncio.get_running_loop().time
    until = clock() + _DEADLINE
    while True:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            if clock() > until:
                return False
            # Nobody tells when another process gives it back.
            await asyncio.sleep(_LOOK_INTERVAL)
        else:
            return True
