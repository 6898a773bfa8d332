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
from xgodo_dev.emulator.services.endpoint import Call, Document, Endpoint, Handler, own_projects
from xgodo_dev.emulator.services.project_files import read_file
from xgodo_dev.emulator.services.project_git import status
from xgodo_dev.platform.spec import reading


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
    path = call.arguments["path"]
    await own_projects(emulator, call).delete(call.path["id"], path)
    return {"success": True, "path": path}


def _like(operation_id: str, method: str, path: str, answer: Handler) -> Endpoint:
    """An endpoint that is asked for the same as one that is documented."""
    operation = reading.xgodo().operations[operation_id]
    return Endpoint((method,), f"/v1/automation-project/{{id}}{path}", answer, operation)


ENDPOINTS = (
    _like("projects.files", "GET", "/files", list_files),
    _like("projects.read_file", "GET", "/file", read_file),
    _like("automation.write_file", "PUT", "/file", write_file),
    _like("projects.read_file", "DELETE", "/file", delete_file),
    _like("projects.git_status", "GET", "/git/status", status),
    _like("automation.commit", "POST", "/git/commit", commit),
)
