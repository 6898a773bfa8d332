"""Project files and commits: ``/automation/file/:id`` and ``/automation/commit/:id``.

No document states the method of a write, so PUT and POST are both taken. A file that is not compiled
is answered with ``"compiled": false`` and no ``compiledPath``; the documentation only shows a compiled one.
"""

from __future__ import annotations

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.refusals import InvalidRequest
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint, own_projects

CONTENT_BYTES = 50 * 1024 * 1024
"""The documented "max ~50MB", taken as mebibytes of UTF-8."""

_MESSAGE_CHARACTERS = 1000


async def write_file(emulator: Emulator, call: Call) -> Document:
    """Stores a file, and compiles it if it is TypeScript."""
    content = call.arguments["content"].encode()
    if len(content) > CONTENT_BYTES:
        raise InvalidRequest(f"content is larger than {CONTENT_BYTES // (1024 * 1024)} MB")
    written = await own_projects(emulator, call).write(call.path["id"], call.arguments["path"], content)
    if written.compiled_path is None:
        return {"success": True, "path": written.path, "compiled": False}
    return {"success": True, "path": written.path, "compiledPath": written.compiled_path, "compiled": True}


async def read_file(emulator: Emulator, call: Call) -> Document:
    """The text of a file, compiled JavaScript included."""
    path = call.arguments["path"]
    content = own_projects(emulator, call).read(call.path["id"], path)
    return {"success": True, "content": content, "path": path}


async def commit(emulator: Emulator, call: Call) -> Document:
    """Commits what was written. White space alone is no message; the length counts code points."""
    message = call.arguments["message"]
    if not message.strip() or "\0" in message:
        raise InvalidRequest(f"message must have 1 to {_MESSAGE_CHARACTERS} characters")
    made = await own_projects(emulator, call).commit(call.path["id"], message)
    return {"success": True, "commit": {"hash": made.hash, "message": made.message}}


ENDPOINTS = (
    endpoint("automation.write_file", write_file),
    endpoint("automation.write_file_by_post", write_file),
    endpoint("automation.read_file", read_file),
    endpoint("automation.commit", commit),
)
