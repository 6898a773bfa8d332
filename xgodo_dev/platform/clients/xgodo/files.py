"""Files kept for 15 minutes. Made from the spec by `make generate`."""

from __future__ import annotations

from os import PathLike
from typing import Literal, TypedDict

from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.downloads import Downloaded
from xgodo_dev.platform.uploads import FileToSend, Progress


class FilesUploadResult(TypedDict):
    """File uploaded successfully."""

    success: Literal[True]
    message: str
    data: UploadedFile


class UploadedFile(TypedDict):
    """A file that is kept for 15 minutes."""

    filename: str
    """The name to download it by."""
    originalName: str
    size: int
    """Bytes."""
    url: str
    """A URL."""
    expiresAt: str
    """In ISO 8601."""


class Files:
    """Files kept for 15 minutes."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def upload(self, *, file: FileToSend, progress: Progress | None = None) -> FilesUploadResult:
        """Upload a file that is kept for 15 minutes.

        At most 50 MB.

        Args:
            file: The file. At most 52,428,800 bytes.
            progress: Told how many bytes have passed, and of how many.

        Returns:
            File uploaded successfully.

        Raises:
            ApiError: No file uploaded.
            ServerUnavailable: (500) The server failed during the upload.

        Source: the platform's client API documentation.
        """
        result: FilesUploadResult = await self._calls.call("files.upload", {"file": file}, progress=progress)
        return result

    async def download(
        self, *, filename: str, to: str | PathLike[str], progress: Progress | None = None
    ) -> Downloaded:
        """Download a file that was uploaded in the last 15 minutes.

        Args:
            filename: The name that the upload gave it.
            to: Where to write it, in place of what is there.
            progress: Told how many bytes have passed, and of how many.

        Returns:
            The file.

        Raises:
            ApiError: Filename is required.
            NotFound: File not found or expired.

        Source: the platform's client API documentation.
        """
        return await self._calls.download("files.download", {"filename": filename}, to, progress=progress)
