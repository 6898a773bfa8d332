"""A project's history: ``commit`` and ``git/*`` below ``/v2/automation-project/:id``.

The stored files are compared with a commit by their hashes, whatever a ``.gitignore`` among them
says: a commit takes every file. Files that did not change are not listed, so the documented status
``unchanged`` never occurs. Compiled JavaScript is listed like any other file. A hash in an address
may be shortened to four digits; ``diff-working`` takes any commit, not only the last.
"""

from __future__ import annotations

from collections.abc import Mapping

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.services.automation_files import commit
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint, own_projects

# What git can count to, and more than it can have.
_LONGEST_HISTORY = 10**9


async def status(emulator: Emulator, call: Call) -> Document:
    """What differs from the last commit."""
    project_id, own = call.path["id"], own_projects(emulator, call)
    committed = await own.repository(project_id).committed()
    stored = {file.path: file.hash for file in await own.files(project_id)}
    changes = [
        {"path": path, "status": _status(path, committed, stored, "new")}
        for path in _changed(committed, stored)
    ]
    return {"success": True, "hasChanges": bool(changes), "changes": changes}


async def history(emulator: Emulator, call: Call) -> Document:
    """The last commits, newest first."""
    limit = min(call.arguments["limit"], _LONGEST_HISTORY)
    entries = await own_projects(emulator, call).repository(call.path["id"]).history(limit)
    commits = [
        {
            "hash": entry.hash,
            "message": entry.message,
            "author": entry.author,
            "authorEmail": entry.author_email,
            "timestamp": entry.timestamp,
        }
        for entry in entries
    ]
    return {"success": True, "commits": commits}


async def diff_working(emulator: Emulator, call: Call) -> Document:
    """What differs from a commit, with both texts; the text of a file that is not there is empty."""
    project_id, own = call.path["id"], own_projects(emulator, call)
    repository = own.repository(project_id)
    commit_hash = await repository.find(call.path["hash"])
    committed = await repository.committed(commit_hash)
    stored = {file.path: file.hash for file in await own.files(project_id)}
    changed = _changed(committed, stored)
    known = [path for path in changed if path in committed]
    originals = dict(zip(known, await repository.blobs([committed[path] for path in known]), strict=True))
    files = [
        {
            "path": path,
            "status": _status(path, committed, stored, "added"),
            "original": originals.get(path, b"").decode(errors="replace"),
            "modified": own.read(project_id, path) if path in stored else "",
        }
        for path in changed
    ]
    return {"success": True, "commitHash": commit_hash, "files": files}


def _changed(committed: Mapping[str, str], stored: Mapping[str, str]) -> list[str]:
    paths = sorted(committed.keys() | stored.keys())
    return [path for path in paths if committed.get(path) != stored.get(path)]


def _status(path: str, committed: Mapping[str, str], stored: Mapping[str, str], new: str) -> str:
    if path not in committed:
        return new
    return "modified" if path in stored else "deleted"


ENDPOINTS = (
    endpoint("projects.commit", commit),
    endpoint("projects.git_status", status),
    endpoint("projects.history", history),
    endpoint("projects.diff_working", diff_working),
)
