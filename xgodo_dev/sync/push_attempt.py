"""One attempt to push a few files: read them, look at the server, decide, write."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from xgodo_dev.errors import ApiError, NotFound, UnreachableError, XgodoError
from xgodo_dev.platform.answers import RouteMissing
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.local_copy import FileUnwritable, LocalCopy
from xgodo_dev.project.state import Known, State
from xgodo_dev.sync import sendable
from xgodo_dev.sync.backup import Backups
from xgodo_dev.sync.plan import LEFT_OUT, Verdict, decide
from xgodo_dev.sync.push_results import (
    Conflicting,
    LocallyDeleted,
    PushResult,
    Refused,
    RemoteChanged,
    RemotelyDeleted,
    Synced,
    Unchanged,
)
from xgodo_dev.sync.remote import (
    BatchRefused,
    Denied,
    NotCompiled,
    RemoteProject,
    StoredOtherwise,
    Unfetchable,
    WriteOutcome,
    Written,
)
from xgodo_dev.sync.sendable import Sendable

_TIME_OF_A_PULL_TO_RECORD = 0.1


class WriteUnanswered(Exception):
    """A write may or may not have been done."""

    def __init__(self, reason: UnreachableError) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class Outdated:
    """What was known of the file changed meanwhile: it has to be looked at once more."""

    path: str


class PushAttempt:
    """Pushes a few files once. Whoever calls sees to it that no two attempts at a path overlap."""

    def __init__(
        self,
        copy: LocalCopy,
        remote: RemoteProject,
        state: State,
        backups: Backups,
        on_read: Callable[[str, str | None], None],
        before_write: Callable[[Collection[str]], None],
        is_kept_elsewhere: Callable[[str], bool] = lambda _hash: False,
    ) -> None:
        self._is_kept_elsewhere = is_kept_elsewhere
        self._copy = copy
        self._remote = remote
        self._state = state
        self._backups = backups
        self._on_read = on_read
        self._before_write = before_write

    async def send(
        self, paths: Sequence[str], verify: bool, started: float, on_sent: Callable[[], None] | None
    ) -> list[PushResult | Outdated]:
        """Make the server hold what these files hold now, with one look at it and one write.

        Args:
            verify: ask the server even about files whose content equals the base.
            started: when the push began, by ``time.perf_counter``.
            on_sent: called when the content has left.

        Raises:
            WriteUnanswered: the write may or may not have been done.
            BatchRefused: nothing was written, and fewer files have to be tried at once.
            XgodoError: what the requests raise.
        """
        results: dict[str, PushResult] = {}
        candidates: dict[str, Sendable] = {}
        known = {path: self._state.known(path) for path in paths}
        for path in paths:
            file = self._read(path)
            if file.problem:
                results[path] = Refused(path, file.problem)
            elif file.hash == known[path].base and not known[path].attempts and not verify:
                results[path] = Unchanged(path)
            else:
                candidates[path] = file
        sending: dict[str, Sendable] = {}
        conflicts: dict[str, Verdict] = {}
        theirs: dict[str, str] = {}
        there = await self._look(list(candidates), known, results)
        for path, remote in ((path, there[path]) for path in candidates if path in there):
            base = known[path].base
            if remote not in (None, base) and self._is_kept_elsewhere(remote):
                base = theirs[path] = remote
            verdict = decide(base, candidates[path].hash, remote, known[path].attempts.keys())
            if verdict is Verdict.CHANGED_HERE and remote is None and self._would_bury(path, there):
                results[path] = Conflicting(path, buries=made_from(path))
            elif verdict is Verdict.CHANGED_HERE:
                sending[path] = candidates[path]
            elif verdict.is_conflict:
                conflicts[path] = verdict
            else:
                results[path] = self._without_write(path, verdict, candidates[path], remote)
        for path, result in (await self._write(sending, started, on_sent)).items():
            results[path] = (
                replace(result, replaced=theirs.get(path)) if isinstance(result, Synced) else result
            )
        outdated = await self._outdated(conflicts, known)
        for path, verdict in conflicts.items():
            if path not in outdated:
                results[path] = self._without_write(path, verdict, candidates[path], there[path])
        return [results.get(path) or Outdated(path) for path in paths]

    async def _look(
        self, paths: Collection[str], known: dict[str, Known], results: dict[str, PushResult]
    ) -> dict[str, str | None]:
        """What the server holds for each path; a path it does not take gets its result instead.

        Also for the JavaScript of the same name beside new TypeScript: its compiler will replace that.
        """
        if not paths:
            return {}
        beside = {made_from(path) for path in paths if known[path].base is None} - {None, *paths}
        asked = [*paths, *(path for path in beside if path)]
        refused: dict[str, ApiError] = {}
        try:
            there = await self._remote.hashes(asked, refused)
        except RouteMissing:
            raise
        except NotFound:
            # A project that nobody wrote to yet; else it is gone, and with it what we know of it.
            if any(known[path].base for path in paths):
                raise
            there = {}
        except (ApiError, Unfetchable) as refusal:
            if len(paths) > 1:
                raise
            # About this path: not every name that a disk can hold is one the server takes.
            (path,) = paths
            results[path] = Refused(path, str(refusal))
            return {}
        results |= {path: Refused(path, str(refused[path])) for path in paths if path in refused}
        return {path: there.get(path) for path in asked if path not in refused}

    async def _outdated(self, conflicts: Collection[str], known: Mapping[str, Known]) -> list[str]:
        """Those of which a pull in another process was about to record what it had just written here.

        Between its two steps, a few milliseconds apart, a merged file looks like a conflict.
        """
        if not conflicts:
            return []
        await asyncio.sleep(_TIME_OF_A_PULL_TO_RECORD)
        return [path for path in conflicts if self._state.known(path).base != known[path].base]

    def _would_bury(self, path: str, there: Mapping[str, str | None]) -> bool:
        """Whether compiling new TypeScript would replace JavaScript that nobody here has seen."""
        javascript = made_from(path)
        held = there.get(javascript) if javascript else None
        if not javascript or held is None:
            return False
        known = self._state.known(javascript)
        return held != known.base and held not in known.attempts

    def _without_write(self, path: str, verdict: Verdict, file: Sendable, remote: str | None) -> PushResult:
        match verdict:
            case Verdict.NOTHING | Verdict.ADOPT:
                if file.hash is not None:
                    self._state.record_base(path, file.hash, file.content)
                return Unchanged(path)
            case Verdict.FORGET:
                self._state.forget(path)
                return Unchanged(path)
            case Verdict.DELETED_HERE:
                self._state.record_deletion_told(path)
                return LocallyDeleted(path)
        self._state.record_sighting(path, remote)
        if verdict.is_conflict:
            return Conflicting(path, deleted_here=file.hash is None)
        if verdict is Verdict.CHANGED_THERE:
            return RemoteChanged(path)
        if verdict is Verdict.DELETED_THERE:
            return RemotelyDeleted(path)
        return Unchanged(path)

    async def overwrite(self, result: PushResult, started: float) -> PushResult:
        """Send the file over the other side's content, which is kept first; a deletion only decides."""
        path = result.path
        file = self._read(path)
        if file.problem:
            return Refused(path, file.problem)
        if file.hash == LEFT_OUT:
            return result
        try:
            there = await self._remote.read(path)
        except Unfetchable as error:
            return Refused(path, f"{error} It can't be kept, so it is not replaced.")
        except RouteMissing:
            raise
        except ApiError as refusal:
            return Refused(path, str(refusal))
        remote = None if there is None else blob_hash(there)
        known = self._state.known(path)
        verdict = decide(known.base, file.hash, remote, known.attempts.keys())
        if verdict in (Verdict.NOTHING, Verdict.ADOPT):
            return self._without_write(path, verdict, file, remote)
        try:
            if file.content is None:
                return self._leave_deleted(path, there)
            if there is not None and verdict is not Verdict.CHANGED_HERE:
                self._backups.keep(path, there, "remote")
            javascript = made_from(path) if there is None else None
            compiled_over = await self._remote.read(javascript) if javascript else None
            if javascript and compiled_over is not None:
                self._backups.keep(javascript, compiled_over, "remote")
        except (FileUnwritable, Unfetchable) as error:
            return Refused(path, str(error))
        return (await self._write({path: file}, started, None))[path]

    def _leave_deleted(self, path: str, there: bytes | None) -> PushResult:
        """What was changed on the server after it was deleted here stays there: no API deletes it.

        Should the file come back here, the next push replaces theirs: this is the moment to keep it.

        Raises:
            FileUnwritable: it can't be kept.
        """
        if there is None:
            self._state.forget(path)
            return Unchanged(path)
        self._backups.keep(path, there, "remote")
        self._state.record_base(path, blob_hash(there), there)
        self._state.record_deletion_told(path)
        return LocallyDeleted(path)

    async def _write(
        self, files: dict[str, Sendable], started: float, on_sent: Callable[[], None] | None
    ) -> dict[str, PushResult]:
        if not files:
            return {}
        self._before_write(files.keys())
        contents = [(path, file.content or b"") for path, file in files.items()]
        attempts = self._state.record_attempts({path: file.hash or "" for path, file in files.items()})
        try:
            outcomes = await self._remote.write(contents, on_sent=on_sent)
        except UnreachableError as error:
            raise WriteUnanswered(error) from error
        except (BatchRefused, XgodoError):
            # An answer, and it says no: none of it arrived.
            self._state.withdraw_attempts(attempts)
            raise
        denied = {outcome.path for outcome in outcomes if isinstance(outcome, Denied)}
        self._state.withdraw_attempts({path: each for path, each in attempts.items() if path in denied})
        ms = (time.perf_counter() - started) * 1000
        with self._state.at_once():
            return {outcome.path: self._result(outcome, files[outcome.path], ms) for outcome in outcomes}

    def _result(self, outcome: WriteOutcome, file: Sendable, ms: float) -> PushResult:
        assert file.hash is not None and file.content is not None, "only files that are here are sent"
        match outcome:
            case Written(path):
                self._state.record_base(path, file.hash, file.content)
                return Synced(path, bytes=len(file.content), ms=ms)
            case NotCompiled(path, errors):
                self._state.record_refusal(path, file.hash, errors)
                return Refused(path, "compile", errors)
            case Denied(path, reason):
                return Refused(path, reason)
            case StoredOtherwise(path, stored):
                # What it made of ours is ours.
                self._state.record_refusal(path, stored, ())
                return Refused(path, "the server stored other content than was sent")

    def _read(self, path: str) -> Sendable:
        file = sendable.read(self._copy, path)
        if file.hash is None and file.problem:
            return file
        self._on_read(path, None if file.hash == LEFT_OUT else file.hash)
        if file.hash not in (None, LEFT_OUT):
            self._state.note_present(path)
        return file


def made_from(path: str) -> str | None:
    """The JavaScript that the server's compiler makes of a TypeScript file."""
    return path[:-3] + ".js" if path.endswith(".ts") and not path.endswith(".d.ts") else None
