"""Kept connections to one server, each lent to one request at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import httpx

_AT_ONCE = 32
_AT_ONCE_IN_BACKGROUND = 20
_KEPT_FOR_S = 30
# Proxies are for other machines, whatever the environment says.
_NEVER_THROUGH_A_PROXY = ("all://localhost", "all://127.0.0.1", "all://[::1]")


class Connections:
    """Up to 32 connections; who wants a further one waits for its turn.

    Each belongs to a client of its own. In a pool that many share, httpx gives requests that begin
    together the same connection, looks through all of them several times a request, and closes some
    that are about to be needed: 3,000 requests, 32 at once, took 1,700 connections, and 6 s of the
    processor's time instead of 4 (httpcore 1.0.9).
    """

    def __init__(self, base_url: httpx.URL, headers: dict[str, str], timeout: httpx.Timeout) -> None:
        """Connects to nothing yet.

        Raises:
            ImportError, ValueError, httpx.InvalidURL: the environment's proxy settings can't be used.
            OSError: the environment's certificates can't be read.
        """
        self._options: dict[str, Any] = {
            "base_url": base_url,
            "headers": headers,
            "timeout": timeout,
            # Reading the certificates takes tens of milliseconds, and plain HTTP needs none: no
            # redirect is followed to an address that would, and httpx checks a proxy's own apart.
            "verify": httpx.create_ssl_context() if base_url.scheme != "http" else False,
            "limits": httpx.Limits(
                max_connections=1, max_keepalive_connections=1, keepalive_expiry=_KEPT_FOR_S
            ),
            "mounts": dict.fromkeys(_NEVER_THROUGH_A_PROXY),
        }
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._background_turns = asyncio.Semaphore(_AT_ONCE_IN_BACKGROUND)
        self._clients: set[httpx.AsyncClient] = set()
        # With the moment of their last use, by the loop's clock; the one used last at the end.
        self._idle: list[tuple[float, httpx.AsyncClient]] = []
        # Where the environment can't be used, it is said now.
        self._idle.append((0.0, self._another()))

    def _another(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(**self._options)
        self._clients.add(client)
        return client

    @asynccontextmanager
    async def one(self, *, in_background: bool = False) -> AsyncIterator[httpx.AsyncClient]:
        """A client with a connection that nobody else uses meanwhile, the one used last where it is free.

        Whoever asks ``in_background`` leaves some to the others, who then need not wait for them.
        """
        async with self._background_turns if in_background else nullcontext(), self._turns:
            client = self._idle.pop()[1] if self._idle else self._another()
            try:
                yield client
            except BaseException:
                # A request that is cancelled between its connection and its first byte leaves httpcore
                # with a connection that it neither uses nor closes; the next request would wait for it.
                await self._close(client)
                raise
            if client not in self._clients:
                # Retired meanwhile.
                await self._close(client)
                return
            now = asyncio.get_running_loop().time()
            self._idle.append((now, client))
            while self._idle and self._idle[0][0] < now - _KEPT_FOR_S:
                await self._close(self._idle.pop(0)[1])

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[httpx.AsyncClient]:
        """A client for what may last: it takes nobody's turn, and there may be any number."""
        client = self._another()
        try:
            yield client
        finally:
            await self._close(client)

    async def renew(self) -> None:
        """Use none of those any more that there are; what is under way on one fails."""
        retired = list(self._clients)
        # At once: a request may come to its end while they are closed, and give back what it was lent.
        self._clients.clear()
        self._idle.clear()
        for client in retired:
            await self._close(client)

    async def close(self) -> None:
        """Close all of them, also those that are lent."""
        for client in list(self._clients):
            await self._close(client)

    async def _close(self, client: httpx.AsyncClient) -> None:
        self._clients.discard(client)
        await client.aclose()
