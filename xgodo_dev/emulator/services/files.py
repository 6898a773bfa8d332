"""Files that are kept for fifteen minutes: ``/files``.

Whoever knows the address that an upload is answered with gets the file without a token.
"""

from __future__ import annotations

import asyncio

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.types import Message, Receive

from xgodo_dev.emulator import uploads
from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.refusals import BodyTooLarge, ErrorShape, InvalidRequest, Refusal
from xgodo_dev.emulator.services.endpoint import Call, Document, Endpoint, endpoint
from xgodo_dev.emulator.timestamps import written
from xgodo_dev.emulator.uploads import LARGEST_BYTES, Upload

TABLES = uploads.TABLES

# What a form has besides the file: names and boundaries.
_FORM_BYTES = 64 * 1024


class NoFile(Refusal):
    """The form has no file in it."""

    def __init__(self) -> None:
        super().__init__("No file uploaded")


class UploadFailed(Refusal):
    """The file can't be kept."""

    status = 500

    def __init__(self, reason: OSError) -> None:
        super().__init__("Error uploading file")
        self.reason = str(reason.strerror)

    def body(self, usual: ErrorShape = ErrorShape.SUCCESS_MESSAGE) -> dict[str, object]:
        """The documented body, which carries the reason beside the message."""
        return {**super().body(usual), "error": self.reason}


class FileExpired(Refusal):
    """There is no such file, or no longer."""

    status = 404

    def __init__(self) -> None:
        super().__init__("File not found or expired")


async def upload(emulator: Emulator, call: Call) -> Document:
    """Keeps the one file that the form has."""
    emulator.uploads.remove_expired()
    try:
        kept = await _keep(emulator, call.request)
    except OSError as error:
        raise UploadFailed(error) from error
    return {
        "success": True,
        "message": "File uploaded successfully",
        "data": {
            "filename": kept.name,
            "originalName": kept.original_name,
            "size": kept.size,
            "url": str(call.request.base_url.replace(path=f"/temp/{kept.name}")),
            "expiresAt": written(kept.expires),
        },
    }


async def _keep(emulator: Emulator, request: Request) -> Upload:
    limited = Request(request.scope, _limited(request, LARGEST_BYTES + _FORM_BYTES))
    try:
        form = await limited.form(max_files=1, max_fields=10)
    except HTTPException as error:
        raise InvalidRequest(error.detail) from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise NoFile
        if (file.size or 0) > LARGEST_BYTES:
            raise BodyTooLarge
        kept = emulator.uploads.reserve(file.filename or "", file.size or 0)
        try:
            await asyncio.to_thread(emulator.uploads.store, kept, file.file)
        except BaseException:
            emulator.uploads.remove(kept)
            raise
    finally:
        await form.close()
    return kept


async def download(emulator: Emulator, call: Call) -> FileResponse:
    """The bytes of a file, whatever it holds: nothing that a browser would show or run."""
    emulator.uploads.remove_expired()
    found = emulator.uploads.find(call.path["filename"])
    if found is None:
        raise FileExpired
    return FileResponse(
        emulator.uploads.file(found),
        media_type="application/octet-stream",
        headers={"x-content-type-options": "nosniff", "content-disposition": "attachment"},
    )


def _limited(request: Request, most: int) -> Receive:
    """What receives the request's body; raises BodyTooLarge as soon as it has more than ``most`` bytes."""
    received = 0

    async def receive() -> Message:
        nonlocal received
        message = await request.receive()
        received += len(message.get("body", b""))
        if received > most:
            raise BodyTooLarge
        return message

    return receive


async def _unnamed(_: Emulator, __: Call) -> Document:
    raise InvalidRequest("Filename is required")


ENDPOINTS = (
    endpoint("files.upload", upload),
    endpoint("files.download", download),
    Endpoint(("GET",), "/v2/files/temp/", _unnamed),
    Endpoint(("GET",), "/temp/{filename}", download, bases=("", "/server"), needs_token=False),
)
