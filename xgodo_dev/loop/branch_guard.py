"""What keeps a loop from sending one branch's files to another branch's project.

A checkout writes the files first, then its index, and HEAD last. While it is at work there is an
``index.lock``, but between the end of that and the new HEAD there is a moment in which nothing tells of
it but the age of the index.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from xgodo_dev.errors import ConfigurationError, UnreachableError, XgodoError
from xgodo_dev.project.git.branch import Checkout, checked_out
from xgodo_dev.runs.events import Event, Notice

# Seconds. Git needs milliseconds from its index to HEAD; it lists what differs in between.
_INDEX_TO_HEAD = 1.0
_LONGEST_LOCK_UNMAPPED = 10.0
_LOOK_AGAIN = 0.05
_LOOK_INTERVAL = 1.0
_PATIENCE = 5.0


class BranchSwitched(XgodoError):
    """Another remote project is meant since the checkout: this loop is over, and another one begins."""

    code = "branch-switched"
    default_hint = "Nothing of that was sent. The same command again works with the project of that branch."


# The server is not to be reached now: whoever tries again later anyway does right by this too.
class CheckoutUnderWay(UnreachableError):
    """Which project the files are for is known when git is done with them, and has a branch checked out."""

    code = "checkout-under-way"
    default_hint = "Try again when that is over."


class BranchGuard:
    """Stands before every write of a loop to its remote project.

    Args:
        root: the project's folder.
        opened: what was checked out when the loop's settings were read.
        target: what tells the loop's remote project from others.
        meant: reads the settings anew, and returns that of the project meant now.
        mapped: whether the settings map branches. Else a branch goes elsewhere only by settings of its own:
            too rare for work to wait as long as somebody writes the message of a `git commit -a`.
    """

    def __init__(
        self, root: Path, opened: Checkout, target: str, meant: Callable[[], str], *, mapped: bool = True
    ) -> None:
        self._root = root
        self._seen = opened
        self._target = target
        self._meant = meant
        self._longest_lock = math.inf if mapped else _LONGEST_LOCK_UNMAPPED
        self.switched: BranchSwitched | None = None
        """Why the loop is over, when it is."""

    def require_same(self) -> None:
        """Let a write pass that sends what was read before this call.

        Raises:
            CheckoutUnderWay: it may be another branch's content.
            BranchSwitched: it is.
        """
        now = checked_out(self._root)
        if now.head is not None and _is_at_work(now.head, self._longest_lock):
            raise CheckoutUnderWay(
                "Nothing is sent while git is at work here, since the files may be those of another branch. "
                f"If no git is, remove {now.lock}."
            )
        if (now.branch, now.detached_at) == (self._seen.branch, self._seen.detached_at):
            return
        try:
            if self._meant() == self._target:
                self._seen = now
                return
            why = f"{_name(now)} is checked out now, which goes to another project."
        except ConfigurationError as error:
            # Whoever opens the project anew is told the same, and ends with it.
            why = f"{_name(now)} is checked out now. {error}"
        if now.detached_at and self._seen.branch:
            # Somebody looks at an old state, as a bisection does: that is meant for no project.
            raise CheckoutUnderWay(
                f"Nothing is sent while commit {now.detached_at} is checked out, and no branch: "
                f"its files are not for the project of branch {self._seen.branch}."
            )
        self.switched = BranchSwitched(why)
        raise self.switched

    async def settle(self, emit: Callable[[Event], None], *, within: float = math.inf) -> None:
        """Return when no checkout is under way; tell of one that takes long.

        Raises:
            CheckoutUnderWay: one is, also after ``within`` seconds.
            BranchSwitched: another project is meant now.
        """
        began = time.monotonic()
        told = False
        while True:
            try:
                self.require_same()
            except CheckoutUnderWay as error:
                lasts = time.monotonic() - began
                if lasts > within:
                    raise
                if not told and lasts > _PATIENCE:
                    told = True
                    emit(Notice(message=str(error)))
                await asyncio.sleep(_LOOK_INTERVAL if told else _LOOK_AGAIN)
            else:
                return

    async def look_out(self, emit: Callable[[Event], None]) -> None:
        """Look now and then, until cancelled: a checkout need not touch a file of the project.

        Raises:
            BranchSwitched: another project is meant now.
        """
        while True:
            await self.settle(emit)
            await asyncio.sleep(_LOOK_INTERVAL)


def _is_at_work(head: Path, longest_lock: float) -> bool:
    with suppress(OSError):
        if time.time() - head.with_name("index.lock").stat().st_mtime < longest_lock:
            return True
    try:
        age = time.time() - head.with_name("index").stat().st_mtime
    except OSError:
        return False
    # An index from the future is that of a clock that was set back, and does not get older.
    return 0 <= age < _INDEX_TO_HEAD


def _name(checkout: Checkout) -> str:
    if checkout.branch:
        return f"Branch {checkout.branch}"
    return f"No branch, but commit {checkout.detached_at}," if checkout.detached_at else "No branch"
