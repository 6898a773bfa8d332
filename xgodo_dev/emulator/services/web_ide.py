"""What the platform's web IDE does with a project: ``/v1/automation-project/:id`` and below.

No document describes these; their shapes are known from a third-party client. A write answers like
the documented one, errors included. Folders are listed with the type ``directory``; ``isPairedJs``
is on every file, true for JavaScript that belongs to a TypeScript file. A delete takes compiled
JavaScript along, and is refused for compiled JavaScript alone.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.project_path import compiled_path
from xgodo_dev.emulator.services.automation_files import commit, write_file
from xgodo_dev.emulator.services.endpoint import Call, Document, Endpoint, own_projects
from xgodo_dev.emulator.services.project_files import read_file
from xgodo_dev.emulator.services.project_git import status


async def list_files(emulator: Emulator, call: Call) -> Document:
    """Every folder and file, by path."""
    files = [file.path for file in await own_projects(emulator, call).files(call.path["id"])]
    paired = {compiled_path(path) for path in files}
    folders = {str(folder) for path in files for folder in PurePosixPath(path).parents[:-1]}
    entries: dict[str, dict[str, object]] = {
        **{path: {"path": path, "type": "directory"} for path in folders},
        **{path: {"path": path, "type": "file", "isPairedJs": path in paired} for path in files},
    }
    return {"success": True, "files": [entries[path] for path in sorted(entries)]}


async def delete_file(emulator: Emulator, call: Call) -> Document:
    """Deletes a file."""
    path = call.query.filled_text("path")
    await own_projects(emulator, call).delete(call.path["id"], path)
    return {"success": True, "path": path}


_PROJECT = "/v1/automation-project/{id}"

ENDPOINTS = (
    Endpoint(("GET",), f"{_PROJECT}/files", list_files),
    Endpoint(("GET",), f"{_PROJECT}/file", read_file),
    Endpoint(("PUT",), f"{_PROJECT}/file", write_file),
    Endpoint(("DELETE",), f"{_PROJECT}/file", delete_file),
    Endpoint(("GET",), f"{_PROJECT}/git/status", status),
    Endpoint(("POST",), f"{_PROJECT}/git/commit", commit),
)
