"""Sending local changes to the remote project, one path at a time, never over an unseen edit."""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.errors import ApiError, CompileRefused, NotFound, ServerUnavailable, UnreachableError
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.transport import RouteMissing
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.state import State
from xgodo_dev.sync import backup
from xgodo_dev.sync.plan import Action, decide

# As many files on the wire at once as one person's browser would have; the platform states no limit.
_CONCURRENT_WRITES = 6
# Documented as "max ~50MB"; the server counts the content, so this does too.
LARGEST_CONTENT = 50 * 1024 * 1024
_WRITE_PAUSES = (0.2, 0.8)


@dataclass(frozen=True)
class Synced:
    """The server holds this content now."""

    path: str
    bytes: int
    ms: float


@dataclass(frozen=True)
class Unchanged:
    """There was nothing to send."""

    path: str


@dataclass(frozen=True)
class Refused:
    """The server, its compiler or a limit refused the file. Nothing is lost: it is still here."""

    path: str
    reason: str
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conflicting:
    """The other side changed the file too; nothing was sent."""

    path: str


@dataclass(frozen=True)
class RemoteChanged:
    """Only the other side changed the file."""

    path: str


@dataclass(frozen=True)
class LocallyDeleted:
    """The file is gone here and stays on the server, whose API has no delete."""

    path: str


PushResult = Synced | Unchanged | Refused | Conflicting | RemoteChanged | LocallyDeleted


class Pusher:
    """Pushes paths of one project to one remote.

    Two pushes of the same path never overlap; the later one reads the file only when its turn has
    come, so it sends the newest content, once.
    """

    def __init__(
        self,
        root: Path,
        api: AutomationApi,
        project_id: str,
        state: State,
        *,
        force: bool = False,
        write_pauses: Sequence[float] = _WRITE_PAUSES,
    ) -> None:
        self._root = root
        self._api = api
        self._project_id = project_id
        self._state = state
        self._force = force
        self._write_pauses = write_pauses
        self.on_read: Callable[[str, str | None], None] = lambda _path, _hash: None
        """Called with a path and the hash of its content (None: gone) at the moment a push reads it."""
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._wire = asyncio.Semaphore(_CONCURRENT_WRITES)

    def changed(self, paths: Iterable[str]) -> list[str]:
        """Those of ``paths`` whose content here is not the base, and deleted files the base still names.

        Also those with a write of ours that may have reached the server: it may hold that content,
        even where the change was undone here since. A file that is still here, but not among
        ``paths``, is left alone: it was excluded. So is a deleted one of which the person knows.
        """
        base, attempted = self._state.base(), self._state.attempted()
        here = list(paths)
        changed = [path for path in here if path in attempted or self._local_hash(path) != base.get(path)]
        missing = set(base) - set(here) - self._state.deleted()
        gone = (path for path in missing if not os.path.lexists(self._root / path))
        return changed + sorted(gone)

    async def push(
        self, path: str, *, verify: bool = False, on_sent: Callable[[], None] | None = None
    ) -> PushResult:
        """Make the server hold what the file holds now.

        The server's copy is read right before it is replaced: its API has no compare-and-swap, so
        an edit made there within that one request would still be lost. (It can't be made smaller.)
        For that reason a failed write is tried again only after another look at both sides.

        Args:
            verify: ask the server even when the content here equals the base.
            on_sent: called when the content has left, if it is sent at all.

        Raises:
            XgodoError: whatever the server or the network says, except a refusal of this file.
        """
        started = time.perf_counter()
        if not _is_unicode(path):
            return Refused(path, "its name is not Unicode text")
        async with self._turns[path], self._wire:
            for pause in self._write_pauses:
                try:
                    return await self._push_once(path, verify, started, on_sent)
                except _WriteUnanswered as unanswered:
                    reason = unanswered.reason
                    wait = reason.retry_after if isinstance(reason, ServerUnavailable) else 0.0
                    await asyncio.sleep(max(pause, wait))
            try:
                return await self._push_once(path, verify, started, on_sent)
            except _WriteUnanswered as unanswered:
                raise unanswered.reason from unanswered

    async def push_all(self, paths: Iterable[str], *, verify: bool = False) -> AsyncIterator[PushResult]:
        """Push many paths at once; yields each path's final result as it is known.

        A file may import one that the server gets only after it, so refusals of its compiler are
        tried again for as long as that makes fewer of them.
        """
        waiting = list(paths)
        refusals: list[Refused] = []
        while waiting:
            refusals_before, refusals = len(waiting), []
            tasks = [asyncio.ensure_future(self.push(path, verify=verify)) for path in waiting]
            try:
                for finished in asyncio.as_completed(tasks):
                    result = await finished
                    if isinstance(result, Refused) and result.errors:
                        refusals.append(result)
                    else:
                        yield result
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            if len(refusals) == refusals_before:
                break
            waiting = [refusal.path for refusal in refusals]
        for refusal in refusals:
            yield refusal

    async def _push_once(
        self, path: str, verify: bool, started: float, on_sent: Callable[[], None] | None
    ) -> PushResult:
        try:
            content = self._read(path)
        except OSError as error:
            return Refused(path, f"can't be read here: {error.strerror}")
        local = None if content is None else blob_hash(content)
        self.on_read(path, local)
        if local is not None:
            self._state.note_present(path)
        base, attempts = self._state.base_of(path), self._state.attempts(path)
        if local == base and not attempts and not verify:
            return Unchanged(path)
        text, problem = _as_text(content)
        if problem:
            return Refused(path, problem)
        try:
            there = await self._api.read_file(self._project_id, path)
        except RouteMissing:
            raise
        except ApiError as refusal:
            # About this path: not every name that a disk can hold is one the server takes.
            return Refused(path, str(refusal))
        remote = None if there is None else blob_hash(backup.encoded(there))
        action = decide(base, local, remote, attempts)
        if action is Action.CONFLICT and self._force:
            assert there is not None, "a conflict needs content on both sides"
            backup.keep(self._root, path, there)
            action = Action.SEND
        if action is Action.SEND:
            assert text is not None and local is not None, "only existing files are sent"
            return await self._write(path, text, local, started, on_sent)
        if action is Action.ADOPT or (action is Action.NOTHING and attempts):
            self._settle(path, local)
        if action is Action.LOCALLY_DELETED:
            self._state.record_deleted(path)
        return _RESULT_WITHOUT_WRITE[action](path)

    def _settle(self, path: str, local: str | None) -> None:
        """Both sides were seen to be equal, whatever became of earlier attempts."""
        if local is None:
            self._state.forget(path)
        else:
            self._state.record_equal(path, local)

    async def _write(
        self, path: str, text: str, content_hash: str, started: float, on_sent: Callable[[], None] | None
    ) -> PushResult:
        self._state.record_attempt(path, content_hash)
        try:
            await self._api.write_file(self._project_id, path, text, on_sent=on_sent)
        except UnreachableError as error:
            raise _WriteUnanswered(error) from error
        except CompileRefused as refusal:
            return Refused(path, "compile", refusal.errors)
        except (NotFound, RouteMissing):
            # About the project or the server, not about this file.
            raise
        except ApiError as refusal:
            return Refused(path, str(refusal))
        self._state.record_equal(path, content_hash)
        return Synced(path, bytes=len(text.encode("utf-8")), ms=(time.perf_counter() - started) * 1000)

    def _read(self, path: str) -> bytes | None:
        try:
            return (self._root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def _local_hash(self, path: str) -> str | None:
        try:
            content = self._read(path)
        except OSError:
            # Like no hash: its push says what is wrong with it.
            return ""
        return None if content is None else blob_hash(content)


class _WriteUnanswered(Exception):
    """A write may or may not have been done."""

    def __init__(self, reason: UnreachableError) -> None:
        super().__init__(str(reason))
        self.reason = reason


_RESULT_WITHOUT_WRITE: dict[Action, Callable[[str], PushResult]] = {
    Action.NOTHING: Unchanged,
    Action.ADOPT: Unchanged,
    Action.REMOTE_CHANGED: RemoteChanged,
    Action.LOCALLY_DELETED: LocallyDeleted,
    Action.CONFLICT: Conflicting,
}


def _is_unicode(path: str) -> bool:
    # On Linux a file's name is bytes; those that are no UTF-8 arrive as lone surrogates.
    return not any("\ud800" <= character <= "\udfff" for character in path)


def _as_text(content: bytes | None) -> tuple[str | None, str | None]:
    """The text to send, or why the documented API can't carry this content."""
    if content is None:
        return None, None
    if len(content) > LARGEST_CONTENT:
        return None, f"larger than the platform's {LARGEST_CONTENT // 1024**2} MB"
    try:
        return content.decode("utf-8"), None
    except UnicodeDecodeError:
        return None, "not UTF-8 text, which is all the platform's file API can carry"
