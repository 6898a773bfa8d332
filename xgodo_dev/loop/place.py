"""Where a watched folder is: it may be moved, removed or replaced while a loop runs."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from types import TracebackType

from xgodo_dev.errors import XgodoError
from xgodo_dev.project.config import STATE_DIRECTORY
from xgodo_dev.project.watch_lock import Held

_CHECK_INTERVAL = 1.0
# From macOS's fcntl.h, and the room that the answer takes at most.
_F_GETPATH, _LONGEST_PATH = 50, 1024


class ProjectGone(XgodoError):
    """The watched folder is no longer where it was."""

    code = "project-gone"


class StateGone(XgodoError):
    """What is kept of the project was removed: it has to begin anew."""

    code = "state-gone"


class Place:
    """The place of a folder that exists. Use as a context manager.

    Where the system has it so, the folder is held open: its number is nobody else's meanwhile, and it can
    tell where it is by now.
    """

    def __init__(self, root: Path, held: Held | None = None) -> None:
        """``held`` is its lock, where there is one; it lies with all that is kept of the project."""
        self._root = root
        self._held = held
        self._handle: int | None = None
        self._identity: tuple[int, int] | None = None

    def __enter__(self) -> Place:
        if sys.platform != "win32":
            # (On Windows it could not be moved then.)
            self._handle = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._identity = _identity(self._root)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._handle is not None:
            os.close(self._handle)

    def lost(self) -> ProjectGone | StateGone | None:
        """Take one look: what there is to say where the folder at that path is not the one entered."""
        if _identity(self._root) == self._identity:
            if self._held and self._held.is_lost():
                return StateGone(f"What is kept in {STATE_DIRECTORY} was removed: this begins anew.")
            return None
        now = self._now()
        if now:
            return ProjectGone(f"{self._root} was moved to {now}.", hint="Start again there.")
        return ProjectGone(
            f"{self._root} was moved or removed.",
            hint="Nothing is deleted on the platform: `clone` brings back what is there.",
        )

    def require(self) -> None:
        """Take one look.

        Raises:
            ProjectGone: the folder at that path is not the one that was entered; it says where that is.
            StateGone: it is, but not what was kept in it.
        """
        lost = self.lost()
        if lost:
            raise lost

    async def guard(self) -> None:
        """Look again and again.

        Raises:
            ProjectGone, StateGone: see ``require``.
        """
        # No system tells of every way in which a folder is moved: one above it may be.
        while True:
            self.require()
            await asyncio.sleep(_CHECK_INTERVAL)

    def _now(self) -> str | None:
        """Where the folder is by now, if that can be known."""
        if self._handle is None:
            return None
        try:
            if sys.platform == "darwin":
                import fcntl

                answer = fcntl.fcntl(self._handle, _F_GETPATH, bytes(_LONGEST_PATH))
                now = os.fsdecode(answer.rstrip(b"\0"))
            else:
                now = str(Path(f"/proc/self/fd/{self._handle}").readlink())
        except OSError:
            return None
        # Of what was removed or unmounted, the answer is a path that leads nowhere, or to something else.
        return now if _identity(Path(now)) == self._identity else None


def _identity(root: Path) -> tuple[int, int] | None:
    try:
        status = root.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
