"""A file on its way to a server, read piece by piece as it is sent."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from errno import EAGAIN
from os import SEEK_END, SEEK_SET, PathLike
from pathlib import Path
from threading import Thread
from typing import BinaryIO, TypeVar, cast

from xgodo_dev.errors import UsageError

Progress = Callable[[int, int | None], None]
"""Is told how many bytes have passed, and of how many; None where nobody knows."""
FileToSend = str | PathLike[str] | BinaryIO
"""A path, or a file that is open for reading bytes."""

T = TypeVar("T")
# Bytes.
_PIECE = 256 * 1024


@dataclass(frozen=True)
class Upload:
    """A part of a form that is a file."""

    part: str
    """The form's name of it."""
    name: str
    """The file's."""
    file: BinaryIO = field(repr=False)
    """Can be wound back."""
    start: int
    """Where in it the content begins."""
    size: int
    """Bytes."""
    progress: Progress | None = None

    def content(self) -> BinaryIO:
        """A reader of the content, from its beginning."""
        return _Content(self)  # type: ignore[return-value]  # all of it that httpx reads


@asynccontextmanager
async def opened(
    part: str, file: FileToSend, *, largest: int | None = None, progress: Progress | None = None
) -> AsyncIterator[Upload]:
    """``file`` as it can be sent; closed behind it where it was given as a path.

    ``largest`` is how many bytes the server is known to take. A file that can't be wound back, such as a
    pipe, is read into memory up to its end first, for which it has to be given.

    Raises:
        UsageError: there is no such file, it can't be read, or it is larger than that.
    """
    if isinstance(file, str | PathLike):
        path = Path(file)
        try:
            # A named pipe opens when somebody writes to it. A buffer would not close before a read ends.
            handle = await _aside(lambda: path.open("rb", buffering=0))
        except OSError as error:
            raise UsageError(f"{path} can't be read: {error.strerror or error}.") from error
        with handle:
            yield await _measured(part, path.name, cast(BinaryIO, handle), largest, progress)
        return
    name = getattr(file, "name", None)
    name = Path(name).name if isinstance(name, str) else "file"
    yield await _measured(part, name, file, largest, progress)


async def _measured(
    part: str, name: str, file: BinaryIO, largest: int | None, progress: Progress | None
) -> Upload:
    if not file.seekable():
        if largest is None:
            raise UsageError(f"{name} can't be sent from a pipe: its size has to be known.")
        bound, pipe = largest + 1, file
        try:
            file = io.BytesIO(await _aside(lambda: _read(pipe, bound)))
        except OSError as error:
            raise UsageError(f"{name} can't be read: {error.strerror or error}.") from error
    start = file.tell()
    size = file.seek(0, SEEK_END) - start
    if largest is not None and size > largest:
        raise UsageError(f"{name} is too large: it takes up to {largest:,} bytes.")
    # Names on a disk may be no text.
    name = name.encode("utf-8", "replace").decode("utf-8")
    return Upload(part, name, file, start, size, progress)


def _read(pipe: BinaryIO, bound: int) -> bytes:
    """All that comes through a pipe, up to ``bound`` bytes.

    Raises:
        OSError: that can't be told.
    """
    content = bytearray()
    # An unbuffered one gives what is there, which may be any part of it.
    while piece := pipe.read(min(_PIECE, bound - len(content))):
        content += piece
    if piece is None:
        raise BlockingIOError(EAGAIN, "it was opened not to be waited for")
    return bytes(content)


async def _aside(work: Callable[[], T]) -> T:
    """What ``work`` returns, in a thread that keeps nobody from leaving, however long it takes."""
    done: Future[T] = Future()
    done.set_running_or_notify_cancel()

    def carry_out() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - handed to who waits for it
            done.set_exception(error)

    Thread(target=carry_out, daemon=True, name="upload").start()
    return await asyncio.wrap_future(done)


class _Content:
    """What httpx needs to read of a file: as many bytes as were announced, and no more should it grow."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._position = 0

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        self._position = self._upload.size + offset if whence == SEEK_END else offset
        return self._position

    def read(self, size: int) -> bytes:
        upload = self._upload
        wanted = min(size, upload.size - self._position)
        upload.file.seek(upload.start + self._position)
        piece = upload.file.read(wanted)
        if wanted and not piece:
            raise UsageError(f"{upload.name} has become shorter while it was sent.")
        self._position += len(piece)
        if upload.progress and piece:
            upload.progress(self._position, upload.size)
        return piece
