"""The project API of newer servers: a list of files with their hashes, batch sync, commits, history.

The platform's own client uses it and no document describes it; shapes are those seen there. It was
seen under ``/server`` only, so servers are asked where they have it, if at all.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from typing import Any
from urllib.parse import quote

from xgodo_dev.errors import ApiError, NotFound, ProjectNotFound, ServerUnavailable
from xgodo_dev.platform.answers import PageInstead, Redirected, RouteMissing, readable
from xgodo_dev.platform.automation import ServerMemory
from xgodo_dev.platform.commits import Commit, commit
from xgodo_dev.platform.request import LARGEST_ANSWER, LARGEST_ANSWER_WITH_FILE
from xgodo_dev.platform.shapes import blob_hash, count, malformed, member, records, schemas, text
from xgodo_dev.platform.transport import Transport

_FACT = "project-api"
_BASES = ("/server", "")
_NONE = "none@"
_NOT_KNOWN = "unknown"
# Servers are updated: one that had no project API is asked again after a day.
_NONE_HOLDS = 86_400.0
# Unix seconds reach this number in the year 5138; Unix milliseconds passed it in 1973.
_SMALLEST_MILLISECONDS = 1e11


@dataclass(frozen=True)
class RemoteFile:
    """A file of the remote project, as its list has it."""

    path: str
    """As the server says it: hostile until checked."""
    hash: str
    """Git's blob id of the bytes."""
    size: int
    """Bytes."""


@dataclass(frozen=True)
class StoredFile:
    """What the server says about a file it was sent."""

    path: str
    hash: str
    """Git's blob id of what is stored now; the server may have stored other bytes than were sent."""
    compiled: bool | None
    """Whether JavaScript was made from it; None where the server does not say."""
    errors: tuple[str, ...]
    """The compiler's own lines. The file is stored all the same."""


@dataclass(frozen=True)
class ProjectDetails:
    """What a project is called, and started with."""

    id: str
    name: str
    description: str
    schemas: Mapping[str, Any] = field(default_factory=dict)
    """By the platform's names of them, as it answers them: hostile until checked. Some tell not all three."""


@dataclass(frozen=True)
class HistoryEntry:
    """A commit of the remote project."""

    hash: str
    message: str
    author: str
    time: float
    """Unix seconds."""


class ProjectApi:
    """One project of a server that has the project API below ``under``.

    Every method raises what ``Transport.request`` raises; ServerUnavailable also for an answer that has
    not the shape it should have. ``on_missing`` is called when the server turns out not to have the API.
    """

    def __init__(
        self,
        transport: Transport,
        project_id: str,
        under: str,
        *,
        on_missing: Callable[[], None] | None = None,
    ) -> None:
        self._transport = transport
        self._under = under
        # An id comes from a settings file: whatever it holds, it stays one part of the path.
        self._endpoint = f"/automation-project/{quote(project_id, safe='')}"
        self._on_missing = on_missing

    async def files(self) -> list[RemoteFile]:
        """Every file, compiled JavaScript included.

        Raises:
            ProjectNotFound: no such project, or it is not ours.
        """
        return _listed(await self._request("GET", "/files", repeatable=True))

    async def read(self, path: str) -> str | None:
        """A file's text, or None when there is no such file (or project: the server doesn't say which).

        Bytes that are no text arrive damaged: only their hash in the list tells.
        """
        try:
            answer = await self._request("GET", "/file", query={"path": path}, repeatable=True)
        except NotFound:
            return None
        if isinstance(answer, dict) and answer.get("path", path) != path:
            raise ServerUnavailable(f"The server answered for another file than {readable(path)}.")
        return text(answer, "content", "a file")

    async def sync(
        self, files: Sequence[tuple[str, bytes]], *, on_sent: Callable[[], None] | None = None
    ) -> list[StoredFile]:
        """Create or replace files, each path once; what the server stored of each, in the same order.

        It is sent once: a batch that is repeated after a pause would replace what somebody else
        wrote in between, so whoever wants to try again has to look at the files first.

        ``on_sent`` is called when the content has left; the answer comes only after the compilation.

        Raises:
            BodyTooLarge: the files are too many bytes for one request.
            ProjectNotFound: no such project, or it is not ours.
            UnreachableError: no answer that confirms every file, so that each may or may not be written.
        """
        paths = dict.fromkeys(path for path, _ in files)
        assert len(paths) == len(files), "a path can't hold two contents"
        if not files:
            return []
        body = {
            "files": [
                {"path": path, "content": b64encode(content).decode("ascii")} for path, content in files
            ]
        }
        answer = await self._request(
            "POST", "/sync", body=body, repeatable=False, pausable=False, on_sent=on_sent
        )
        if member(answer, "success", "a sync") is not True:
            raise malformed("success", "a sync")
        stored: dict[str, StoredFile] = {}
        for record in records(answer, "updated", "a sync"):
            file = _stored_file(record)
            # The answer to another sync, out of step on its connection, names other paths.
            if file.path in stored or file.path not in paths:
                raise ServerUnavailable(
                    f"The server answered a sync for {readable(file.path)}, which is not what it was sent."
                )
            stored[file.path] = file
        for path in paths:
            if path not in stored:
                raise ServerUnavailable(f"The server did not confirm that it wrote {readable(path)}.")
        return [stored[path] for path in paths]

    async def commit(self, message: str) -> Commit:
        """Commit all changes of the remote project; ``message`` has 1 to 1000 characters.

        Raises:
            NothingToCommit: there is no change.
            ProjectNotFound: no such project, or it is not ours.
        """
        return await commit(self._transport, f"{self._endpoint}/commit", message, under=self._under)

    async def details(self) -> ProjectDetails:
        """The project's name, description and schemas.

        Raises:
            ProjectNotFound: no such project, or it is not ours.
        """
        what = "a project"
        project = member(await self._request("GET", "", repeatable=True), "project", what)
        description = member(project, "description", what)
        return ProjectDetails(
            id=text(project, "id", what),
            name=readable(text(project, "name", what)),
            # Never written is not the same as of another shape.
            description="" if description is None else readable(text(project, "description", what)),
            schemas=schemas(project),
        )

    async def history(self, limit: int) -> list[HistoryEntry]:
        """The last ``limit`` commits, newest first.

        Raises:
            RouteMissing: the server tells no history.
        """
        answer = await self._request("GET", "/git/history", query={"limit": str(limit)}, repeatable=True)
        return [_history_entry(record) for record in records(answer, "commits", "the history")[:limit]]

    async def uncommitted(self) -> list[str] | None:
        """Paths that differ from the server's last commit; None when the server does not tell."""
        try:
            answer = await self._request("GET", "/git/status", repeatable=True)
        except RouteMissing:
            return None
        changes = [
            (text(record, "path", "a change"), text(record, "status", "a change"))
            for record in records(answer, "changes", "the status")
        ]
        return [path for path, status in changes if status != "unchanged"]

    async def _request(
        self,
        method: str,
        service: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool,
        pausable: bool = True,
        on_sent: Callable[[], None] | None = None,
    ) -> Any:
        try:
            return await self._transport.request(
                method,
                self._endpoint + service,
                under=self._under,
                query=query,
                body=body,
                repeatable=repeatable,
                pausable=pausable,
                on_sent=on_sent,
                not_found=ProjectNotFound,
                largest=LARGEST_ANSWER_WITH_FILE if service == "/file" else LARGEST_ANSWER,
            )
        except RouteMissing as error:
            # Without these three there is no project API, whatever was learned of the server before.
            if self._on_missing and service in ("/files", "/file", "/sync"):
                self._on_missing()
                error.hint = "The server had a project API before. Try again: it is asked anew what it has."
            raise


async def find(
    transport: Transport, project_id: str, memory: ServerMemory, *, now: float
) -> ProjectApi | None:
    """The project API where the server has it; None where it has not. The answer is remembered.

    Whether the project exists is not decided here.

    Args:
        now: Unix seconds.

    Raises:
        AuthenticationError, UnreachableError: nothing was learned.
    """
    remembered = memory.fact(_FACT)
    if remembered in _BASES:
        return _project(transport, project_id, remembered, memory)
    if remembered and _still_none(remembered, now):
        return None
    sure = True
    # An address that ends with /server has one base, which is asked once.
    for under in dict.fromkeys(transport.base(base) for base in _BASES):
        found = _project(transport, project_id, under, memory)
        try:
            await found.files()
        except (RouteMissing, PageInstead):
            continue
        except (ApiError, Redirected):
            # A missing project, or a server that says in JSON that it knows no such route.
            lists = await _lists_projects(transport, under)
            if not lists:
                sure = sure and lists is False
                continue
        memory.learn(_FACT, under)
        return found
    if sure:
        memory.learn(_FACT, f"{_NONE}{now:.0f}")
    return None


def _project(transport: Transport, project_id: str, under: str, memory: ServerMemory) -> ProjectApi:
    def unlearn() -> None:
        if memory.fact(_FACT) == under:
            memory.learn(_FACT, _NOT_KNOWN)

    return ProjectApi(transport, project_id, under, on_missing=unlearn)


def _still_none(remembered: str, now: float) -> bool:
    try:
        asked_at = float(remembered.removeprefix(_NONE))
    except ValueError:
        return False
    # A moment to come was remembered by a clock that was wrong.
    return remembered.startswith(_NONE) and 0 <= now - asked_at < _NONE_HOLDS


async def _lists_projects(transport: Transport, under: str) -> bool | None:
    """Whether the server lists projects; None when that can't be told."""
    try:
        answer = await transport.request("GET", "/automation-projects", under=under, repeatable=True)
    except (NotFound, RouteMissing, PageInstead):
        # This route is about no project that could be missing.
        return False
    except (ApiError, Redirected):
        return None
    return True if isinstance(answer, dict) and isinstance(answer.get("projects"), list) else None


def _listed(answer: Any) -> list[RemoteFile]:
    what = "the list of files"
    files = [
        RemoteFile(text(record, "path", what), blob_hash(record, "hash", what), count(record, "size", what))
        for record in records(answer, "files", what)
    ]
    if len({file.path for file in files}) < len(files):
        raise ServerUnavailable("The server's list of files names a path twice.")
    return files


def _stored_file(record: dict[str, Any]) -> StoredFile:
    what = "a synced file"
    compiled, errors = record.get("compiled"), record.get("errors")
    if not isinstance(compiled, bool | None):
        raise malformed("compiled", what)
    if not isinstance(errors, list | None):
        raise malformed("errors", what)
    return StoredFile(
        path=text(record, "path", what),
        hash=blob_hash(record, "hash", what),
        compiled=compiled,
        errors=tuple(readable(str(line)) for line in errors or ()),
    )


def _history_entry(record: dict[str, Any]) -> HistoryEntry:
    what = "a commit"
    return HistoryEntry(
        hash=text(record, "hash", what),
        message=readable(text(record, "message", what)),
        author=readable(text(record, "author", what)),
        time=_unix_seconds(member(record, "timestamp", what)),
    )


def _unix_seconds(timestamp: Any) -> float:
    """No source tells the form of a commit's ``timestamp``: ISO text, seconds and milliseconds are read."""
    try:
        if isinstance(timestamp, str):
            # Git's own form has a space before the zone.
            moment = datetime.fromisoformat(timestamp.replace(" +", "+").replace(" -", "-"))
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        if isinstance(timestamp, int | float) and not isinstance(timestamp, bool) and isfinite(timestamp):
            return timestamp / 1000 if abs(timestamp) >= _SMALLEST_MILLISECONDS else float(timestamp)
    except (ValueError, OverflowError):
        pass
    raise malformed("timestamp", "a commit")
