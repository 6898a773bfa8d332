"""The remote project as a sync sees it: two kinds of server behind one protocol.

Every server has the *documented* file API: read one file, write one file. Newer ones also have the
*project API*: list all files with their hashes, write many at once, history. Neither can delete a
file or compare-and-swap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from xgodo_dev.errors import ApiError, CompileRefused, NotFound, XgodoError
from xgodo_dev.platform import project_api
from xgodo_dev.platform.answers import RouteMissing
from xgodo_dev.platform.automation import AutomationApi, ServerMemory
from xgodo_dev.platform.commits import Commit
from xgodo_dev.platform.project_api import HistoryEntry, ProjectApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project.files import blob_hash
from xgodo_dev.sync.backup import encoded

# The connections that one person's tool may keep busy; the platform states no limit.
AT_ONCE = 16
FAILURES_OF_ONE_FILE = 3
"""A failure of the server's own may be about one file; more of them than this are not."""
# A batch is one request to a server that may compile every file in it before it answers.
_BATCH_FILES = 200
_BATCH_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Written:
    """The server holds what was sent."""

    path: str


@dataclass(frozen=True)
class NotCompiled:
    """The server's compiler refused the file. Some servers store it all the same."""

    path: str
    errors: tuple[str, ...]


@dataclass(frozen=True)
class Denied:
    """The server does not take this file."""

    path: str
    reason: str


@dataclass(frozen=True)
class StoredOtherwise:
    """The server stored other content than was sent, with this hash."""

    path: str
    hash: str


WriteOutcome = Written | NotCompiled | Denied | StoredOtherwise


class Unfetchable(XgodoError):
    """A remote file can't be had as it is: the platform's file API carries text only."""

    code = "unfetchable"


class BatchRefused(Exception):
    """The server took none of several files: together they are too large, or one of them is bad."""


class RemoteProject(Protocol):
    """One project on one server. Every method may raise what a request raises (see ``Transport``)."""

    lists_files: bool
    """Whether it can say which files there are."""
    batch_files: int
    """How many files one write takes at most."""
    batch_bytes: int
    """About how many bytes one write takes; a single file may be larger."""
    batches_at_once: int

    async def read(self, path: str) -> bytes | None:
        """The content of a file; None when there is no such file (or project, where that can't be told).

        Raises:
            Unfetchable: it is there, but is no text.
        """

    async def hashes(
        self, paths: Collection[str], refused: dict[str, ApiError] | None = None
    ) -> dict[str, str]:
        """The blob hashes of those of ``paths`` that exist, in as few requests as there can be.

        Paths that the server does not let be read are put into ``refused``, with what it said.

        Raises:
            NotFound: no such project, where that can be told.
        """

    async def all_hashes(self) -> dict[str, str] | None:
        """The blob hash of every file but compiled JavaScript; None when the server can't list."""

    async def write(
        self, files: Sequence[tuple[str, bytes]], *, on_sent: Callable[[], None] | None = None
    ) -> list[WriteOutcome]:
        """Create or replace files of UTF-8 text, in one request that is sent once.

        Raises:
            UnreachableError: no answer that confirms it: each file may or may not be written.
            BatchRefused: nothing of several files was written; each has to be tried with fewer others.
        """

    async def commit(self, message: str) -> Commit:
        """Commit everything that is on the server.

        Raises:
            NothingToCommit: nothing changed there since the last commit.
        """

    async def history(self, limit: int) -> list[HistoryEntry] | None:
        """The newest commits, newest first; None when the server does not tell."""


class DocumentedProject:
    """A project behind the documented API: one file a request, and no list."""

    lists_files = False
    batch_files = 1
    batch_bytes = 1
    batches_at_once = AT_ONCE

    def __init__(self, api: AutomationApi, project_id: str) -> None:
        self._api = api
        self._project_id = project_id

    async def read(self, path: str) -> bytes | None:
        content = await self._api.read_file(self._project_id, path)
        return None if content is None else encoded(content)

    async def hashes(
        self, paths: Collection[str], refused: dict[str, ApiError] | None = None
    ) -> dict[str, str]:
        """One request a path."""
        free = asyncio.Semaphore(AT_ONCE)
        found: dict[str, str] = {}
        refusals: list[ApiError] = []

        async def look(path: str) -> None:
            async with free:
                try:
                    content = await self.read(path)
                except RouteMissing:
                    raise
                except ApiError as refusal:
                    refusals.append(refusal)
                    if refused is not None:
                        refused[path] = refusal
                    return
            if content is not None:
                found[path] = blob_hash(content)

        looks = [asyncio.ensure_future(look(path)) for path in paths]
        try:
            await asyncio.gather(*looks)
        finally:
            # The first failure is every caller's answer; the others need not be waited for.
            for each in looks:
                each.cancel()
            await asyncio.gather(*looks, return_exceptions=True)
        # Not every name that a disk can hold is one the server takes: of such a name there is no file.
        # But where it takes none, it is not about the names.
        if refusals and len(refusals) == len(looks):
            raise refusals[0]
        return found

    async def all_hashes(self) -> None:
        """The documented API has no list."""

    async def write(
        self, files: Sequence[tuple[str, bytes]], *, on_sent: Callable[[], None] | None = None
    ) -> list[WriteOutcome]:
        """Exactly one file."""
        ((path, content),) = files
        try:
            await self._api.write_file(self._project_id, path, content.decode("utf-8"), on_sent=on_sent)
        except CompileRefused as refusal:
            return [NotCompiled(path, refusal.errors)]
        except (NotFound, RouteMissing):
            # About the project or the server, not about this file.
            raise
        except ApiError as refusal:
            return [Denied(path, str(refusal))]
        return [Written(path)]

    async def commit(self, message: str) -> Commit:
        return await self._api.commit(self._project_id, message)

    async def history(self, limit: int) -> None:
        """The documented API has no history."""


class ListedProject:
    """A project behind the project API: a list with hashes, and many files a request."""

    lists_files = True
    batch_files = _BATCH_FILES
    batch_bytes = _BATCH_BYTES
    batches_at_once = 1

    def __init__(self, api: ProjectApi) -> None:
        self._api = api

    async def read(self, path: str) -> bytes | None:
        content = await self._api.read(path)
        if content is None:
            return None
        if "\ufffd" in content:
            # What a server puts in the place of bytes that are no text. Only the list knows the truth.
            listed = {each.path: each.hash for each in await self._api.files()}
            if listed.get(path) != blob_hash(encoded(content)):
                raise Unfetchable(f"{path} on the server is no text, which is all that it can hand out.")
        return encoded(content)

    async def hashes(
        self,
        paths: Collection[str],
        refused: dict[str, ApiError] | None = None,  # noqa: ARG002 - the list has them all
    ) -> dict[str, str]:
        """One request: of a single file its content, else the list of all."""
        if len(paths) == 1:
            (path,) = paths
            content = await self.read(path)
            return {} if content is None else {path: blob_hash(content)}
        wanted = set(paths)
        return {each.path: each.hash for each in await self._api.files() if each.path in wanted}

    async def all_hashes(self) -> dict[str, str]:
        files = {each.path: each.hash for each in await self._api.files()}
        return {
            path: content_hash
            for path, content_hash in files.items()
            if not (path.endswith(".js") and path[:-3] + ".ts" in files)
        }

    async def write(
        self, files: Sequence[tuple[str, bytes]], *, on_sent: Callable[[], None] | None = None
    ) -> list[WriteOutcome]:
        """As many as there are, in one request."""
        try:
            stored = {each.path: each for each in await self._api.sync(files, on_sent=on_sent)}
        except (NotFound, RouteMissing):
            raise
        except ApiError as refusal:
            if len(files) > 1:
                raise BatchRefused from refusal
            return [Denied(files[0][0], str(refusal))]
        outcomes: list[WriteOutcome] = []
        for path, content in files:
            answer = stored[path]
            if answer.errors:
                outcomes.append(NotCompiled(path, answer.errors))
            elif answer.hash != blob_hash(content):
                outcomes.append(StoredOtherwise(path, answer.hash))
            else:
                outcomes.append(Written(path))
        return outcomes

    async def commit(self, message: str) -> Commit:
        return await self._api.commit(message)

    async def history(self, limit: int) -> list[HistoryEntry] | None:
        try:
            return await self._api.history(limit)
        except RouteMissing:
            return None


async def find_remote(
    transport: Transport, api: AutomationApi, project_id: str, memory: ServerMemory, *, now: float
) -> RemoteProject:
    """The project by the best kind of access that its server has: asked once, then remembered.

    Raises:
        XgodoError: the server can't be reached, or refuses the token.
    """
    listed = await project_api.find(transport, project_id, memory, now=now)
    return ListedProject(listed) if listed else DocumentedProject(api, project_id)
