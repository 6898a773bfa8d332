"""One launch at a time on a device: two of one project that begin together would not see each other's run."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

from xgodo_dev.platform.automation import Device
from xgodo_dev.project.config import STATE_DIRECTORY

# Seconds: what is old on the device has that long to end, and a launch to be answered.
_DEADLINE = 20.0
_TOLD_AFTER = 1.0
_LOOK_INTERVAL = 0.02
# Each takes a file, of which some systems let a process open 256.
_MOST_AT_ONCE = 100


class LaunchTurns:
    """The turns of all processes that launch on a server from one folder.

    Args:
        remote: names the server, as ``Server.remote`` does.
        on_waiting: hears of devices whose turn is waited for, where that takes longer than a moment.
    """

    def __init__(
        self, root: Path, remote: str, on_waiting: Callable[[Sequence[Device]], None] = lambda _: None
    ) -> None:
        self._folder = root / STATE_DIRECTORY / "launching"
        self._remote = remote
        self._on_waiting = on_waiting
        self._at_once = asyncio.Semaphore(_MOST_AT_ONCE)
        # Those of which it was not told.
        self._waiting: dict[str, Device] = {}

    @asynccontextmanager
    async def on(self, device: Device) -> AsyncIterator[bool]:
        """Have the turn on a device while inside; false: another one has it, and keeps it for too long.

        The system ends the turn even of a process that was killed. Where it can't lock files, as in some
        network folders, there are no turns: everybody has one.
        """
        async with self._at_once:
            lock: BaseFileLock = FileLock(self._file(device))
            try:
                # Not the project's folder with it, which may have been moved meanwhile.
                self._folder.parent.mkdir(exist_ok=True)
                self._folder.mkdir(exist_ok=True)
                has_turn = await self._acquired(lock, device)
            except (OSError, NotImplementedError):
                # Where no file can be made, no run can be recorded either, which the recorder tells.
                has_turn = True
            if isinstance(lock, SoftFileLock):
                # What `FileLock` becomes where files can't be locked: it would outlive a killed process.
                lock.release()
            try:
                yield has_turn
            finally:
                lock.release()

    async def _acquired(self, lock: BaseFileLock, device: Device) -> bool:
        """Whether the lock was got in time."""
        clock = asyncio.get_running_loop().time
        began = clock()
        self._waiting[device.id] = device
        try:
            while True:
                try:
                    lock.acquire(blocking=False)
                except Timeout:
                    if clock() > began + _DEADLINE:
                        return False
                    if clock() > began + _TOLD_AFTER and device.id in self._waiting:
                        # One word for all of them.
                        self._on_waiting(list(self._waiting.values()))
                        self._waiting.clear()
                    # Nobody tells when another process gives it back.
                    await asyncio.sleep(_LOOK_INTERVAL)
                else:
                    return True
        finally:
            self._waiting.pop(device.id, None)

    def _file(self, device: Device) -> Path:
        # An id comes from the wire, and is no name for a file.
        name = hashlib.blake2b(f"{self._remote}\n{device.id}".encode(errors="replace"), digest_size=8)
        return self._folder / f"{name.hexdigest()}.lock"
