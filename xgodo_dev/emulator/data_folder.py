"""An emulator's data folder: its own, and one emulator at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from xgodo_dev.emulator import identity
from xgodo_dev.emulator.record import read_record
from xgodo_dev.errors import RefusedError, XgodoError

HOLDER_FILE = "running.json"
"""The record of the emulator that holds the lock."""

LOG_FILE = "emulator.log"
"""What an emulator in the background says."""

_LOCK_FILE = "lock"
# What may be there before there is an instance, or after a reset.
_BEFORE_THE_FIRST_START = frozenset({_LOCK_FILE, HOLDER_FILE, LOG_FILE})


class EmulatorRunning(XgodoError):
    """Another emulator works on the same data folder."""

    code = "emulator-running"
    default_hint = (
        "Use that one, stop it with `xgodo-dev emulator stop`, or choose another folder with --data."
    )


def require_own(data: Path) -> None:
    """Raise RefusedError for a folder of somebody else's: what an emulator keeps in it, it also removes."""
    if not data.is_dir() or identity.is_known(data):
        return
    names = {entry.name for entry in data.iterdir() if not entry.match(".*.part")}
    if names - _BEFORE_THE_FIRST_START:
        raise RefusedError(
            f"{data} is not an emulator's folder, and not empty.",
            hint="Name an empty or new folder with --data.",
        )


@contextmanager
def data_lock(data: Path) -> Iterator[None]:
    """Be the only one to work on the folder; a crash releases it. Raises EmulatorRunning."""
    lock = FileLock(data / _LOCK_FILE)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        holder = read_record(data / HOLDER_FILE)
        who = "Another emulator" if holder is None else f"The emulator at {holder.url} (process {holder.pid})"
        raise EmulatorRunning(f"{who} already works on {data}.") from error
    try:
        yield
    finally:
        lock.release()


def released(data: Path, *, deadline: float) -> bool:
    """Whether nobody works on the folder any more, after at most ``deadline`` seconds."""
    lock = FileLock(data / _LOCK_FILE)
    try:
        lock.acquire(timeout=deadline, poll_interval=0.02)
    except Timeout:
        return False
    lock.release()
    return True
