"""Bringing a whole remote project into an empty folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from xgodo_dev.errors import ApiError, NotFound, ServerUnavailable, UsageError
from xgodo_dev.platform.answers import RouteMissing
from xgodo_dev.project import names
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.state import State
from xgodo_dev.sync.discovery import Discovery
from xgodo_dev.sync.remote import AT_ONCE, FAILURES_OF_ONE_FILE, RemoteProject, Unfetchable

ENTRIES = ("main.ts", "main.js", "index.ts")
"""Where a project may begin, the likeliest first."""
# Ours is written in their place: theirs would not find the declarations of the device API here.
_WRITTEN_ANEW = frozenset({"tsconfig.json", ".gitignore"})


@dataclass
class Clone:
    """What a clone brought, and what it could not bring or know."""

    files: list[str] = field(default_factory=list)
    left_there: dict[str, str] = field(default_factory=dict)
    """Files that are on the server and not here, to the reason."""
    failed: dict[str, str] = field(default_factory=dict)
    """Files that could not be brought, to the reason."""
    missing: list[str] = field(default_factory=list)
    """Imports that lead to no file on the server."""
    complete: bool = True
    """Whether the server said which files there are."""
    entry: str | None = None

    def include(self) -> list[str]:
        """Patterns for the files brought that would not count by themselves."""
        others = [path for path in self.files if not path.endswith((".ts", ".js"))]
        return [
            "/" + "".join(f"\\{each}" if each in "*?[]!#\\ " else each for each in path) for path in others
        ]


async def clone(remote: RemoteProject, root: Path, state: State, entries: Sequence[str] = ENTRIES) -> Clone:
    """Fill the empty folder ``root`` with the project, and record the base of each file.

    Raises:
        NotFound: no such project, or none that begins with one of ``entries`` where files can't be listed.
        XgodoError: what the requests raise.
    """
    summary = Clone()
    found = _listed(remote, summary) if remote.lists_files else _followed(remote, summary, entries)
    async for path, content in found:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        # Nobody works in this folder before it is complete, and it is thrown away when it never is.
        target.write_bytes(content)
        state.record_base(path, blob_hash(content), content)
        summary.files.append(path)
    summary.files.sort()
    return summary


async def _listed(remote: RemoteProject, summary: Clone) -> AsyncIterator[tuple[str, bytes]]:
    listed = await remote.all_hashes()
    assert listed is not None, "the server lists"
    in_the_way = _in_the_way(listed)
    wanted = []
    for path in sorted(listed):
        problem = names.problem(path)
        if path in _WRITTEN_ANEW:
            summary.left_there[path] = "one that fits this toolkit is written here"
        elif problem:
            summary.left_there[path] = problem
        elif path in in_the_way:
            summary.left_there[path] = in_the_way[path]
        else:
            wanted.append(path)
    free = asyncio.Semaphore(AT_ONCE)

    async def fetch(path: str) -> tuple[str, bytes | None]:
        async with free:
            try:
                return path, await remote.read(path)
            except RouteMissing:
                raise
            except (ApiError, Unfetchable, ServerUnavailable) as error:
                if isinstance(error, ServerUnavailable) and len(summary.failed) >= FAILURES_OF_ONE_FILE:
                    raise
                summary.failed[path] = str(error)
                return path, None

    tasks = [asyncio.ensure_future(fetch(path)) for path in wanted]
    try:
        for finished in asyncio.as_completed(tasks):
            path, content = await finished
            if content is not None:
                yield path, content
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    summary.entry = next((entry for entry in ENTRIES if entry in listed), None)


async def _followed(
    remote: RemoteProject, summary: Clone, entries: Sequence[str]
) -> AsyncIterator[tuple[str, bytes]]:
    summary.complete = False
    for entry in entries:
        problem = names.problem(entry)
        if problem:
            raise UsageError(f"{entry!r} can't be the entry: {problem}.", hint="Name a file of the project.")
        content = await remote.read(entry)
        if content is not None:
            break
    else:
        raise NotFound(
            f"There is no such project, or it has no {' or '.join(entries)}.",
            status=404,
            endpoint="",
            hint="Say what it begins with: --entry PATH. (This server can't list files.)",
        )
    summary.entry = entry
    yield entry, content
    discovery = Discovery(remote)
    async for path, text in discovery.follow({entry: content}):
        in_the_way = _in_the_way([path], summary.files)
        if path in in_the_way:
            summary.left_there[path] = in_the_way[path]
        else:
            yield path, text
    summary.missing = sorted(discovery.missing)
    summary.failed |= discovery.unfetchable


def _in_the_way(paths: Iterable[str], here: Collection[str] = ()) -> dict[str, str]:
    """Those of ``paths`` that a disk can't hold beside the others and what is ``here``, to the reason."""
    wanted = list(paths)
    found = {
        path: f"{other} is the same name to many a disk"
        for path, other in names.collisions(wanted, here).items()
    }
    files = {*wanted, *here}
    for path in wanted:
        folder = next((str(each) for each in PurePosixPath(path).parents if str(each) in files), None)
        if folder is not None:
            found[path] = f"{folder} is a file"
        elif any(each.startswith(path + "/") for each in here):
            found[path] = "it is a folder"
    return found
