"""Sending local changes to the remote project: whose turn it is, how many at once, and trying again."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import TypeVar

from xgodo_dev.errors import ServerUnavailable, XgodoError
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State
from xgodo_dev.sync import sendable
from xgodo_dev.sync.backup import Backups
from xgodo_dev.sync.push_attempt import Outdated, PushAttempt, WriteUnanswered
from xgodo_dev.sync.push_results import (
    Conflicting,
    PushResult,
    Refused,
    RemoteChanged,
    RemotelyDeleted,
    Unsent,
)
from xgodo_dev.sync.remote import BatchRefused, RemoteProject

# A person who saves one file does not wait behind a thousand.
_SINGLE_FILES_AT_ONCE = 6
_WRITE_PAUSES = (0.2, 0.8)
# A server that wants to be left alone for longer is taken at its word: nobody waits that long for a push.
_LONGEST_WAIT = 20.0

_Result = TypeVar("_Result")


class Pusher:
    """Pushes paths of one project to one remote.

    Two pushes of the same path never overlap; the later one reads the file only when its turn has
    come, so it sends the newest content, once.
    """

    def __init__(
        self,
        copy: LocalCopy,
        remote: RemoteProject,
        state: State,
        *,
        backups: Backups | None = None,
        force: bool = False,
        write_pauses: Sequence[float] = _WRITE_PAUSES,
        on_read: Callable[[str, str | None], None] = lambda _path, _hash: None,
        before_write: Callable[[Collection[str]], None] = lambda _paths: None,
        is_kept_elsewhere: Callable[[str], bool] = lambda _hash: False,
    ) -> None:
        """``on_read`` is called with a path and the hash of its content (None: gone) as a push reads it.

        ``before_write`` is called with the paths when all is read and decided; what it raises comes in place
        of a write.
        ``is_kept_elsewhere`` tells of a content's hash whether what is pushed builds on that content, and
        nobody would lose it: it may then be replaced on the server, whoever wrote it.
        """
        self._copy = copy
        self._remote = remote
        kept = backups or Backups(copy.root)
        self._attempt = PushAttempt(copy, remote, state, kept, on_read, before_write, is_kept_elsewhere)
        self._force = force
        self._write_pauses = write_pauses
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._wire = asyncio.Semaphore(remote.batches_at_once)
        self._single_wire = asyncio.Semaphore(_SINGLE_FILES_AT_ONCE)

    async def push(
        self, path: str, *, verify: bool = False, on_sent: Callable[[], None] | None = None
    ) -> PushResult:
        """Make the server hold what the file holds now.

        The server's copy is looked at right before it is replaced: its API has no compare-and-swap,
        so an edit made there within that one request would still be lost. (It can't be made
        smaller.) For that reason a failed write is tried again only after another look at both sides.

        Args:
            verify: ask the server even when the content here equals the base.
            on_sent: called when the content has left, if it is sent at all.

        Raises:
            XgodoError: whatever the server or the network says, except a refusal of this file.
        """
        # The turn first: who waits for another push of the same file keeps no place on the wire.
        async with self._turns[path], self._single_wire:
            (result,) = await self._push_in_turn([path], verify=verify, on_sent=on_sent)
        if isinstance(result, Unsent):
            raise result.error
        return result

    async def push_all(self, paths: Iterable[str], *, verify: bool = False) -> AsyncIterator[PushResult]:
        """Push many paths, in batches where the server takes them; yields each path's final result.

        A file may import one that the server gets only after it, so refusals of its compiler are
        tried again for as long as that makes fewer of them. When the server can't be reached, or
        refuses everything, what is left is not tried: it is ``Unsent``.
        """
        waiting = list(paths)
        refusals: list[Refused] = []
        while waiting:
            refusals_before, refusals = len(waiting), []
            async for result in self._push_pass(waiting, verify=verify):
                if isinstance(result, Refused) and result.errors:
                    refusals.append(result)
                else:
                    yield result
            if len(refusals) == refusals_before:
                break
            waiting = [refusal.path for refusal in refusals]
        for refusal in refusals:
            yield refusal

    async def _push_pass(self, paths: Sequence[str], *, verify: bool) -> AsyncIterator[PushResult]:
        """Every path once."""
        stopped_by: XgodoError | None = None

        async def push(batch: Sequence[str]) -> Sequence[PushResult]:
            nonlocal stopped_by
            async with self._wire:
                if stopped_by is not None:
                    return [Unsent(path, stopped_by) for path in batch]
                results = await self._push_together(batch, verify=verify)
                stopped_by = _first_error(results) or stopped_by
                return results

        tasks = [asyncio.ensure_future(push(batch)) for batch in self._batches(paths)]
        try:
            for finished in asyncio.as_completed(tasks):
                for result in await finished:
                    yield result
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _batches(self, paths: Sequence[str]) -> list[list[str]]:
        """``paths`` in groups of which each is one write."""
        batches: list[list[str]] = []
        room_for_files, room_for_bytes = 0, 0
        for path in paths:
            size = sendable.size(self._copy, path) if self._remote.batch_files > 1 else 0
            if room_for_files == 0 or size > room_for_bytes:
                batches.append([])
                room_for_files, room_for_bytes = self._remote.batch_files, self._remote.batch_bytes
            batches[-1].append(path)
            room_for_files -= 1
            room_for_bytes -= size
        return batches

    async def _push_together(self, paths: Sequence[str], *, verify: bool) -> list[PushResult]:
        """Push a few paths when each one's turn has come."""
        async with AsyncExitStack() as turns:
            # In one order for all, or two batches could wait for each other.
            for path in sorted(set(paths)):
                await turns.enter_async_context(self._turns[path])
            return await self._push_in_turn(paths, verify=verify)

    async def _push_in_turn(
        self, paths: Sequence[str], *, verify: bool, on_sent: Callable[[], None] | None = None
    ) -> list[PushResult]:
        """Push a few paths with one look at the server and one write, tried again while nobody answers it.

        What the server never answered is ``Unsent``.
        """
        started = time.perf_counter()
        try:
            sent = await self._until_answered(lambda: self._attempt.send(paths, verify, started, on_sent))
        except XgodoError as error:
            return [Unsent(path, error) for path in paths]
        except BatchRefused:
            middle = len(paths) // 2
            results = await self._push_in_turn(paths[:middle], verify=verify)
            stopped_by = _first_error(results)
            if stopped_by is not None:
                return [*results, *(Unsent(path, stopped_by) for path in paths[middle:])]
            return [*results, *await self._push_in_turn(paths[middle:], verify=verify)]
        outdated = [each.path for each in sent if isinstance(each, Outdated)]
        again = await self._push_in_turn(outdated, verify=verify, on_sent=on_sent) if outdated else []
        results = [*(each for each in sent if not isinstance(each, Outdated)), *again]
        return await self._overwrite_all(results, started) if self._force else results

    async def _until_answered(self, push: Callable[[], Awaitable[_Result]]) -> _Result:
        """``push``, which looks before it writes, as often as there are pauses while no write is answered."""
        for pause in (*self._write_pauses, None):
            try:
                return await push()
            except WriteUnanswered as unanswered:
                reason = unanswered.reason
                wait = reason.retry_after if isinstance(reason, ServerUnavailable) else 0.0
                if pause is None or wait > _LONGEST_WAIT:
                    raise reason from unanswered
                # Many who were cut off at once should not all come back at once.
                await asyncio.sleep(max(pause * random.uniform(0.5, 1), wait))  # noqa: S311
        raise AssertionError("the last attempt returns or raises")

    async def _overwrite_all(self, results: Iterable[PushResult], started: float) -> list[PushResult]:
        """Force what was not sent for the sake of the other side."""
        settled: list[PushResult] = []
        stopped_by: XgodoError | None = None
        for result in results:
            if not isinstance(result, Conflicting | RemoteChanged | RemotelyDeleted):
                settled.append(result)
                continue
            if stopped_by is None:
                try:
                    overwriting = partial(self._attempt.overwrite, result, started)
                    settled.append(await self._until_answered(overwriting))
                    continue
                except XgodoError as error:
                    stopped_by = error
            settled.append(Unsent(result.path, stopped_by))
        return settled


def _first_error(results: Iterable[PushResult]) -> XgodoError | None:
    return next((each.error for each in results if isinstance(each, Unsent)), None)
