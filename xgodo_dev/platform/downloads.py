"""A file that comes from a server: whole at its place, or not there."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from xgodo_dev.errors import UsageError
from xgodo_dev.platform.content import pieces

LARGEST_FILE = 1024**3
"""Bytes of a downloaded file."""


@dataclass(frozen=True)
class Downloaded:
    """A file that was written."""

    path: Path
    size: int
    """Bytes."""
    content_type: str | None
    """As the server says."""


async def save(
    answer: httpx.Response,
    target: Path,
    largest: int,
    progress: Callable[[int, int | None], None] | None,
) -> Downloaded | None:
    """Write the content to ``target``, in place of what is there; None where it is larger than ``largest``.

    It is written beside it first: whatever happens meanwhile, no half of a file has its name.

    Raises:
        UsageError: it can't be written there.
    """
    announced = answer.headers.get("content-length", "")
    # Of what is packed, the header tells the packed size.
    total = int(announced) if announced.isdecimal() and "content-encoding" not in answer.headers else None
    if total is not None and total > largest:
        return None
    unfinished = target.parent / f".{uuid.uuid4().hex}.part"
    size = 0
    try:
        with unfinished.open("xb") as file:
            try:
                async for piece in pieces(answer):
                    size += len(piece)
                    if size > largest:
                        return None
                    file.write(piece)
                    if progress:
                        progress(size, total)
                file.close()
                unfinished.replace(target)
            finally:
                unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{target} can't be written: {error.strerror or error}.") from error
    return Downloaded(target, size, answer.headers.get("content-type"))
