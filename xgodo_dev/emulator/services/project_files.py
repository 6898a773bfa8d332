"""Files of a project: ``files``, ``file`` and ``sync`` below ``/v2/automation-project/:id``.

A sync is refused as a whole, with nothing stored, for content that is no base64, a path that no file
may have, and a path given twice. A sync of no files changes nothing, and makes no project. ``compiled``
is there for TypeScript only, ``errors`` only if there are any: those of the compiler, or the one that says
that JavaScript made from TypeScript was not stored. Files that are no UTF-8 can be stored but are
read with replacement characters, since an answer is text.
"""

from __future__ import annotations

import base64
import binascii

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.projects import SyncedFile
from xgodo_dev.emulator.refusals import InvalidRequest
from xgodo_dev.emulator.services.automation_files import CONTENT_BYTES
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint, own_projects


async def list_files(emulator: Emulator, call: Call) -> Document:
    """Every stored file, compiled JavaScript included."""
    files = await own_projects(emulator, call).files(call.path["id"])
    return {
        "success": True,
        "files": [{"path": file.path, "hash": file.hash, "size": file.size} for file in files],
    }


async def read_file(emulator: Emulator, call: Call) -> Document:
    """The text of a file."""
    content = own_projects(emulator, call).read(call.path["id"], call.arguments["path"])
    return {"success": True, "content": content}


async def sync(emulator: Emulator, call: Call) -> Document:
    """Stores files byte for byte, and compiles those that are TypeScript."""
    contents: dict[str, bytes] = {}
    for number, given in enumerate(call.arguments["files"]):
        path = given["path"]
        if path in contents:
            raise InvalidRequest(f"{path!r} is given twice")
        contents[path] = _decoded(given["content"], f"files[{number}].content")
    stored = await own_projects(emulator, call).sync(call.path["id"], contents)
    return {"success": True, "updated": [_document(file) for file in stored]}


def _decoded(text: str, place: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidRequest(f"{place} is not base64") from error
    if len(content) > CONTENT_BYTES:
        raise InvalidRequest(f"{place} is larger than {CONTENT_BYTES // (1024 * 1024)} MB")
    return content


def _document(file: SyncedFile) -> dict[str, object]:
    document: dict[str, object] = {"path": file.path, "hash": file.hash}
    if file.compiled is not None:
        document["compiled"] = file.compiled
    if file.errors:
        document["errors"] = list(file.errors)
    return document


ENDPOINTS = (
    endpoint("projects.files", list_files),
    endpoint("projects.read_file", read_file),
    endpoint("projects.sync", sync),
)
