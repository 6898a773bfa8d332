"""The pushes of a loop: tried until the server is reached, and reported as events."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

from xgodo_dev.errors import UnreachableError, XgodoError
from xgodo_dev.loop import events
from xgodo_dev.loop.branch_guard import CheckoutUnderWay
from xgodo_dev.loop.events import SyncFailed
from xgodo_dev.project.state_file import NotWritable
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.sync.push import Pusher
from xgodo_dev.sync.push_results import (
    Conflicting,
    LocallyDeleted,
    PushResult,
    Refused,
    RemoteChanged,
    RemotelyDeleted,
    Synced,
    Unchanged,
    Unsent,
)

# Of a removed folder the whole list would push everything else off the screen.
_MOST_GONE_NAMED = 5
_RETRY_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
# What passes while the loop goes on: a server that is away, and a full disk, on which it can't be recorded
# what is sent. (What was sent all the same is found to be ours later.)
_PASSES = (UnreachableError, NotWritable)


class Pushes:
    """Pushes saves of one project. ``reached`` is called when the server is there again after an outage."""

    def __init__(
        self, pusher: Pusher, emit: Callable[[Event], None], reached: Callable[[], None] = lambda: None
    ) -> None:
        self._pusher = pusher
        self._emit = emit
        self._reached = reached
        # Paths whose last push found nobody there, and which one task goes on trying.
        self._retrying: set[str] = set()
        # Paths that the server could not compile; what they import may still arrive.
        self._uncompiled: set[str] = set()
        self._arrived = asyncio.Event()

    async def push_together(self, paths: Sequence[str], sent: Callable[[], None] = lambda: None) -> None:
        """Push many paths, in batches; on a network failure say so, and go on trying with what is left.

        ``sent`` is called when there is nothing to send for now.
        """
        outage = Outage(self._emit)
        held_back = iter(_RETRY_PAUSES)
        waiting = list(paths)
        try:
            while waiting:
                unsent: list[Unsent] = []
                gone: list[str] = []
                async for result in self._pusher.push_all(waiting):
                    if isinstance(result, Unsent):
                        unsent.append(result)
                    elif isinstance(result, LocallyDeleted):
                        gone.append(result.path)
                    else:
                        self._report(result)
                sent()
                self._report_gone(gone)
                waiting = [each.path for each in unsent]
                if unsent:
                    if isinstance(unsent[0].error, CheckoutUnderWay):
                        # No outage, and mostly over in a moment; an old commit may be looked at for hours.
                        await asyncio.sleep(next(held_back, _RETRY_PAUSES[-1]))
                        continue
                    await outage.wait(unsent[0].error)
        finally:
            sent()
        if outage.began:
            self._reached()

    async def push(self, path: str, sent: Callable[[], None]) -> None:
        """Push one path; on a network failure say so once, and go on trying.

        ``sent`` is called when the content has left, or there is nothing to send for now.
        """
        try:
            self._report(await self._pusher.push(path, on_sent=sent))
            return
        except _PASSES as error:
            if path in self._retrying:
                # An earlier save already waits for the server, and will send the newest content.
                return
            if not isinstance(error, CheckoutUnderWay):
                self._emit(SyncFailed(path=path, reason=f"{error.with_hint()} Trying again."))
        finally:
            sent()
        self._retrying.add(path)
        try:
            self._report(await self._push_until_reached(path))
        finally:
            self._retrying.discard(path)
        self._reached()

    async def push_uncompiled(self) -> None:
        """Whenever something arrives at the server, send again what it could not compile.

        It may have lacked just that. Goes on until cancelled.
        """
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            for path in sorted(self._uncompiled):
                result = await self._push_until_reached(path, at_once=True)
                # Refused again is no news; anything else is, and may be what another one lacked.
                if not isinstance(result, Refused):
                    self._report(result)

    async def _push_until_reached(self, path: str, *, at_once: bool = False) -> PushResult:
        pauses = iter(_RETRY_PAUSES)
        while True:
            if not at_once:
                await asyncio.sleep(next(pauses, _RETRY_PAUSES[-1]))
            at_once = False
            with contextlib.suppress(*_PASSES):
                return await self._pusher.push(path)

    def _report_gone(self, paths: Sequence[str]) -> None:
        if len(paths) <= _MOST_GONE_NAMED:
            for path in paths:
                self._report(LocallyDeleted(path))
            return
        named = ", ".join(sorted(paths)[:_MOST_GONE_NAMED])
        self._emit(
            Notice(
                message=f"{len(paths)} files are gone here but stay on the platform, whose API has no "
                f"delete: {named}, …"
            )
        )

    def _report(self, result: PushResult) -> None:
        self._uncompiled.discard(result.path)
        match result:
            case Synced(path, size, ms):
                self._arrived.set()
                self._emit(events.Synced(path=path, bytes=size, ms=round(ms, 1)))
            case Refused(path, reason, errors):
                if errors:
                    self._uncompiled.add(path)
                self._emit(SyncFailed(path=path, reason=reason, errors=list(errors) or None))
            case Conflicting(path, deleted_here, buries):
                self._emit(events.Conflict(path=path, deleted_here=deleted_here or None, buries=buries))
            case RemoteChanged(path):
                self._emit(events.RemoteChange(path=path))
            case LocallyDeleted(path):
                self._emit(
                    Notice(message=f"{path} is gone here but stays on the platform, whose API has no delete.")
                )
            case RemotelyDeleted(path):
                self._emit(
                    Notice(
                        message=f"{path} was deleted on the platform: `pull` removes it here, "
                        "`push --force` sends it again."
                    )
                )
            case Unsent(path, error):
                self._emit(SyncFailed(path=path, reason=error.with_hint()))
            case Unchanged():
                pass


class Outage:
    """What can't be done for now: said at its begin, and while it is waited ever longer."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._pauses = iter(_RETRY_PAUSES)
        self.began = False

    async def wait(self, error: XgodoError) -> None:
        """Let some time pass before the next attempt.

        Raises:
            XgodoError: ``error``, where it is none that passes.
        """
        if not isinstance(error, _PASSES):
            raise error
        self.began = True
        pause = next(self._pauses, None)
        if pause is not None:
            longest = pause == _RETRY_PAUSES[-1]
            when = f"every {pause:g} s" if longest else f"in {pause:g} s"
            self._emit(Notice(message=f"Not synced yet: {error.with_hint()} Trying again {when}."))
        await asyncio.sleep(pause or _RETRY_PAUSES[-1])


class Countdown:
    """Lets one task wait until several others have each come to a point."""

    def __init__(self) -> None:
        self._open = 0
        self._none_open = asyncio.Event()
        self._none_open.set()

    def one_more(self) -> Callable[[], None]:
        """What one of the others calls at its point; further calls do nothing."""
        self._open += 1
        self._none_open.clear()
        come = False

        def arrive() -> None:
            nonlocal come
            if not come:
                come = True
                self._open -= 1
                if self._open == 0:
                    self._none_open.set()

        return arrive

    async def wait(self) -> None:
        """Return when all have come."""
        await self._none_open.wait()
