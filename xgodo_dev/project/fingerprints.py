"""What a file looks like to the disk, so that one that looks the same need not be read again."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol

# Two writes within one tick of the clock leave the same times. Linux counts times in ticks of up to
# 10 ms; whole seconds tell of a file system that counts in those (FAT: in two).
_TICK_NS = 20_000_000
_COARSE_TICK_NS = 2_000_000_000


class Fingerprint(NamedTuple):
    """What the disk said about a file when its content had ``hash``.

    A named tuple, because a command may make ten thousand of them before it does anything else.
    """

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    hash: str


class FingerprintStore(Protocol):
    """What remembers fingerprints between commands."""

    def fingerprints(self) -> dict[str, Fingerprint]:
        """All that are remembered, by path."""

    def remember_fingerprints(self, fresh: Mapping[str, Fingerprint], gone: Collection[str]) -> None:
        """Add or replace ``fresh``, and drop ``gone``."""


def is_same(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether the disk says the same of both."""
    return fingerprint(one, "") == fingerprint(other, "")


def fingerprint(status: os.stat_result, content_hash: str) -> Fingerprint:
    """What the disk says of a file with that content."""
    return Fingerprint(status.st_size, status.st_mtime_ns, status.st_ctime_ns, inode(status), content_hash)


def inode(status: os.stat_result) -> int:
    """The file's number, as it can be remembered."""
    # Some file systems use all 64 bits, of which SQLite has one for the sign.
    return status.st_ino & 0x7FFF_FFFF_FFFF_FFFF


def is_settled(status: os.stat_result, now_ns: int) -> bool:
    """Whether a later change will show in the file's times."""
    tick = _TICK_NS if status.st_mtime_ns % 1_000_000_000 else _COARSE_TICK_NS
    return now_ns - max(status.st_mtime_ns, status.st_ctime_ns) >= tick
