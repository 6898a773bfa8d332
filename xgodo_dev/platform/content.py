"""The bytes of an answer: unpacked, and never more of them than an honest answer has."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

import httpx

# Bytes that are unpacked at once.
_PIECE = 256 * 1024


async def pieces(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The content as it arrives, unpacked, in pieces of bounded size.

    httpx would unpack each packet whole, and a few kilobytes of gzip can hold gigabytes.

    Raises:
        httpx.DecodingError: it is packed otherwise than it says.
    """
    packed = answer.headers.get("content-encoding", "").lower() in ("gzip", "x-gzip", "deflate")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed else None
    async for part in answer.aiter_raw():
        if unpacker is None:
            yield part
            continue
        while part:
            try:
                piece = unpacker.decompress(part, _PIECE)
            except zlib.error as error:
                raise httpx.DecodingError(
                    f"what it sent is damaged ({error})", request=answer.request
                ) from error
            part = unpacker.unconsumed_tail
            if piece:
                yield piece


async def whole(answer: httpx.Response, largest: int) -> bytes | None:
    """All of the content; None where that has more than ``largest`` bytes: the rest is not read."""
    parts, size = [], 0
    async for part in pieces(answer):
        size += len(part)
        if size > largest:
            return None
        parts.append(part)
    return b"".join(parts)
