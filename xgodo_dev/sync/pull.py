"""Bringing remote changes to this disk, three-way, never over an edit that was not kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from xgodo_dev.errors import AuthenticationError, ServerUnavailable, UnreachableError, XgodoError
from xgodo_dev.project import names
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State
from xgodo_dev.sync.backup import Backups
from xgodo_dev.sync.merge import merge
from xgodo_dev.sync.plan import Verdict, decide
from xgodo_dev.sync.remote import AT_ONCE, FAILURES_OF_ONE_FILE, RemoteProject
from xgodo_dev.sync.survey import Survey


class Strategy(Enum):
    """What to do with a conflict."""

    ASK = "ask"
    """Touch nothing; the person decides."""
    OURS = "ours"
    """Keep what is here; the next push sends it."""
    THEIRS = "theirs"
    """Take what the server holds."""


@dataclass(frozen=True)
class Pulled:
    """The file here holds what the server holds."""

    path: str


@dataclass(frozen=True)
class Merged:
    """The file here holds both changes; a push sends them."""

    path: str


@dataclass(frozen=True)
class Removed:
    """The file was deleted on the server, and now here."""

    path: str


@dataclass(frozen=True)
class KeptOurs:
    """The conflict was decided for this side; a push replaces theirs, of which a copy is kept here."""

    path: str
    deleted_here: bool = False


@dataclass(frozen=True)
class Conflict:
    """Both sides changed the file, and no clean merge is possible; nothing was touched."""

    path: str
    deleted_here: bool = False


@dataclass(frozen=True)
class NotPulled:
    """The file could not be brought; what is here is as it was."""

    path: str
    error: XgodoError


@dataclass(frozen=True)
class AlreadyHere:
    """There was nothing to bring."""

    path: str


PullResult = Pulled | Merged | Removed | KeptOurs | Conflict | NotPulled | AlreadyHere


class HostileName(XgodoError):
    """The server names a file in a way that this disk can't, or must not, hold."""

    code = "hostile-name"
    default_hint = "Rename it on the platform."


class Puller:
    """Brings the paths of a survey to this disk. Whatever it replaces or removes is kept first."""

    def __init__(
        self,
        copy: LocalCopy,
        remote: RemoteProject,
        state: State,
        *,
        strategy: Strategy = Strategy.ASK,
        backups: Backups | None = None,
    ) -> None:
        self._copy = copy
        self._remote = remote
        self._state = state
        self._strategy = strategy
        self._backups = backups or Backups(copy.root)
        self._gone_there: frozenset[str] = frozenset()
        self._seen_there: dict[str, str | None] = {}

    def to_pull(self, survey: Survey, paths: Collection[str] | None = None) -> list[str]:
        """The paths of which a pull has something to bring or to say.

        ``paths`` are those that the person named; with ``Strategy.THEIRS`` a file deleted here that is
        named is brought back, which a pull never does by itself.
        """
        verdicts = [Verdict.ADOPT, Verdict.FORGET, Verdict.CHANGED_THERE, Verdict.DELETED_THERE]
        verdicts += [Verdict.CHANGED_ON_BOTH, Verdict.DELETED_HERE_CHANGED_THERE]
        if paths is not None and self._strategy is Strategy.THEIRS:
            verdicts.append(Verdict.DELETED_HERE)
        chosen = survey.with_verdict(*verdicts)
        self._gone_there = frozenset(survey.with_verdict(Verdict.DELETED_THERE))
        self._seen_there = {path: known.sighting for path, known in survey.known.items()}
        return chosen if paths is None else sorted(set(chosen) & set(paths))

    def is_decided(self, path: str, there: str | None) -> bool:
        """Whether the strategy decides about all of a file that both sides changed, with no merge tried.

        So it is for the one version of theirs that was known before this pull: the person knew of the
        conflict, and may have edited the file since, until it was right. What is new is merged if it can be.
        """
        return self._strategy is not Strategy.ASK and self._seen_there.get(path) == there

    async def pull_all(self, paths: Iterable[str]) -> AsyncIterator[PullResult]:
        """Bring these paths, several at once; yields each one's result as it is known.

        When the server can't be reached, or refuses the token, the rest is not tried.
        """
        free = asyncio.Semaphore(AT_ONCE)
        stopped_by: XgodoError | None = None
        failures = 0
        wanted, here = list(paths), self._copy.hashes()
        colliding = names.collisions(wanted, here=here)

        async def pull(path: str) -> PullResult:
            nonlocal stopped_by, failures
            async with free:
                if stopped_by is not None:
                    return NotPulled(path, stopped_by)
                problem = names.problem(path)
                # Deciding for this side writes nothing here.
                if not problem and path in colliding and self._strategy is not Strategy.OURS:
                    problem = f"{colliding[path]} is the same name to many a disk"
                # A file of this project that is here has a name that this disk can hold.
                if problem and path not in here:
                    return NotPulled(path, HostileName(f"{path!r} is not brought: {problem}."))
                try:
                    return await self._pull(path)
                except (UnreachableError, AuthenticationError) as error:
                    failures += 1
                    if not isinstance(error, ServerUnavailable) or failures > FAILURES_OF_ONE_FILE:
                        stopped_by = stopped_by or error
                    return NotPulled(path, error)
                except XgodoError as error:
                    return NotPulled(path, error)

        tasks = [asyncio.ensure_future(pull(path)) for path in wanted]
        try:
            for finished in asyncio.as_completed(tasks):
                yield await finished
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _pull(self, path: str) -> PullResult:
        """Decide anew, on what both sides hold now: the survey may be old by the time it is acted on."""
        theirs = await self._remote.read(path)
        there = None if theirs is None else blob_hash(theirs)
        ours = self._copy.read(path)
        here = None if ours is None else blob_hash(ours)
        known = self._state.known(path)
        verdict = decide(known.base, here, there, known.attempts.keys())
        match verdict:
            case Verdict.ADOPT:
                assert there is not None
                self._state.record_base(path, there, theirs)
                return AlreadyHere(path)
            case Verdict.FORGET:
                self._state.forget(path)
                return AlreadyHere(path)
            # A file that vanished since the survey may have gone with all others, which nobody has agreed to.
            case Verdict.DELETED_THERE if path in self._gone_there:
                assert ours is not None and here is not None
                with self._kept(path, ours):
                    self._copy.remove(path, expected=here)
                self._state.forget(path)
                return Removed(path)
            case Verdict.CHANGED_THERE:
                return self._take(path, ours, theirs)
            case Verdict.DELETED_HERE if self._strategy is Strategy.THEIRS:
                return self._take(path, ours, theirs)
            case Verdict.CHANGED_ON_BOTH | Verdict.DELETED_HERE_CHANGED_THERE:
                return await self._resolve(path, ours, theirs, known.base)
        # Whatever the survey saw there is not there any more.
        self._state.record_sighting(path, there)
        return AlreadyHere(path)

    async def _resolve(
        self, path: str, ours: bytes | None, theirs: bytes | None, base: str | None
    ) -> PullResult:
        assert theirs is not None, "a conflict has something on the server"
        there = blob_hash(theirs)
        # What is here as it was at the base, and is a conflict all the same, has no change to merge.
        basis = self._state.text(base) if base and ours is not None and blob_hash(ours) != base else None
        if ours is not None and basis is not None and not self.is_decided(path, there):
            merged = await merge(ours, basis, theirs)
            if merged == theirs:
                return self._take(path, ours, theirs)
            if merged is not None:
                self._replace(path, ours, merged)
                self._state.record_base(path, there, theirs)
                return Merged(path)
        match self._strategy:
            case Strategy.THEIRS:
                return self._take(path, ours, theirs)
            case Strategy.OURS:
                # The next push replaces it there, knowingly: this is the moment to keep it.
                self._backups.keep(path, theirs, "remote")
                self._state.record_base(path, there, theirs)
                if ours is None:
                    self._state.record_deletion_told(path)
                return KeptOurs(path, deleted_here=ours is None)
        self._state.record_sighting(path, there)
        return Conflict(path, deleted_here=ours is None)

    def _take(self, path: str, ours: bytes | None, theirs: bytes | None) -> PullResult:
        assert theirs is not None, "there is something to take"
        self._replace(path, ours, theirs)
        self._state.record_base(path, blob_hash(theirs), theirs)
        return Pulled(path)

    def _replace(self, path: str, ours: bytes | None, content: bytes) -> None:
        if ours is None:
            self._copy.replace(path, content, expected=None)
        else:
            with self._kept(path, ours):
                self._copy.replace(path, content, expected=blob_hash(ours))

    @contextmanager
    def _kept(self, path: str, ours: bytes) -> Iterator[None]:
        """The file is kept before it is replaced or removed; not if it stays after all."""
        file = self._copy.root / path
        kept = self._backups.keep_replaced(path, file, ours)
        try:
            yield
        except BaseException:
            self._backups.take_back(file, kept)
            raise
