"""Which log ids were seen: exact, and small enough for a fleet that never stops talking."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import chain

_CHUNK = 512
# So many chunks of one size become one: few are looked into, and none is large for long.
_MERGED = 8


@dataclass(frozen=True)
class _Chunk:
    """The hashes of some ids, sorted, and the moment of the last of them."""

    hashes: array[int]
    until: float


class SeenIds:
    """Remembers ids for as long as they may come again. Moments are seconds of any one clock.

    A set of a thousand texts takes 0.15 MB, and a hundred phones that talk make ten thousand a second. So
    ids are kept as their 64-bit hashes, in sorted arrays: 8 bytes each. Two ids of one
    device in ten minutes share a hash once in 10^10 times, at a hundred lines a second.

    Args:
        kept: seconds after which an id is forgotten.
    """

    def __init__(self, kept: float) -> None:
        self._kept = kept
        self._newest: set[int] = set()
        self._chunks: list[_Chunk] = []

    def add(self, identifier: Hashable, now: float) -> bool:
        """Remember an id; whether it is new."""
        # Masked, because an array of this kind holds no negative numbers.
        hashed = hash(identifier) & 0xFFFF_FFFF_FFFF_FFFF
        if hashed in self._newest:
            return False
        for chunk in self._chunks:
            hashes = chunk.hashes
            place = bisect_left(hashes, hashed)
            if place < len(hashes) and hashes[place] == hashed:
                return False
        self._newest.add(hashed)
        if len(self._newest) >= _CHUNK:
            self._put_away(now)
        return True

    def _put_away(self, now: float) -> None:
        while self._chunks and self._chunks[0].until < now - self._kept:
            del self._chunks[0]
        self._chunks.append(_Chunk(array("Q", sorted(self._newest)), now))
        self._newest = set()
        while _are_of_one_size(last := self._chunks[-_MERGED:]):
            together = sorted(chain.from_iterable(each.hashes for each in last))
            self._chunks[-_MERGED:] = [_Chunk(array("Q", together), now)]


def _are_of_one_size(chunks: list[_Chunk]) -> bool:
    return len(chunks) == _MERGED and len({len(each.hashes) for each in chunks}) == 1
