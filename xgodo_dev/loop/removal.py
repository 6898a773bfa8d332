"""Deletions that follow closely on one another, and those that are taken back at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from xgodo_dev.project.git.branch import checked_out
from xgodo_dev.sync.survey import MassDeletion

_QUIET_TIME = 5.0
# A generator that empties a folder fills it again within the first; a checkout of very many files, of which
# git removes all before it writes any, ends within the other. (A lock that a killed git left never does.)
_TIME_TO_COME_BACK = 2.0
_TIME_OF_A_CHECKOUT = 60.0
_PAUSE = 0.3

_Found = TypeVar("_Found")


class Removal:
    """The files that went one after another, with no more than five seconds between any two.

    Whether deletions were meant is told by how many there are: most of a project at once is taken for an
    accident. But a folder that is emptied can be seen half empty, and a slow disk takes its time; each
    part alone would pass for deletions that were meant. ``clock`` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._paths: set[str] = set()
        self._last = clock()

    def add(self, path: str) -> None:
        """A push found this path gone, and is about to take that for meant."""
        if not self._goes_on():
            self._paths.clear()
        self._paths.add(path)
        self._last = self._clock()

    def paths(self) -> frozenset[str]:
        """What has gone in a removal that may still go on."""
        return frozenset(self._paths) if self._goes_on() else frozenset()

    def _goes_on(self) -> bool:
        return self._clock() - self._last <= _QUIET_TIME


async def after_time_to_come_back(look: Callable[[], _Found], root: Path) -> _Found:
    """What ``look`` finds, as soon as it finds no accident; asked again while files may be on their way back.

    Raises:
        MassDeletion: as ``look`` does, when nothing came back for a while and git is not at work.
    """
    now = asyncio.get_running_loop().time
    began = now()
    while True:
        try:
            return look()
        except MassDeletion:
            patience = _TIME_OF_A_CHECKOUT if _git_is_at_work(root) else _TIME_TO_COME_BACK
            if now() - began >= patience:
                raise
        await asyncio.sleep(_PAUSE)


def _git_is_at_work(root: Path) -> bool:
    head = checked_out(root).head
    return head is not None and head.with_name("index.lock").exists()
