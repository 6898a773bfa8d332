"""The clients for code that is not asynchronous: the same objects, run by a loop in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

T = TypeVar("T")
ClientT = TypeVar("ClientT", bound=AbstractAsyncContextManager[Any])
_END = object()


class Blocking(Generic[ClientT]):
    """Runs what a client's methods return, one after the other. Use as a context manager::

    with Blocking(Xgodo.connect()) as xgodo:
        balance = xgodo.run(xgodo.client.user.balance())
        for job in xgodo.each(xgodo.client.jobs.iter_list_mine()):
            print(job["title"], balance["balance"])
    """

    def __init__(self, client: ClientT) -> None:
        self.client = client
        self._open = ExitStack()
        self._portal: BlockingPortal | None = None

    def __enter__(self) -> Self:
        from anyio.from_thread import start_blocking_portal

        with ExitStack() as opening:
            self._portal = opening.enter_context(start_blocking_portal())
            opening.enter_context(self._portal.wrap_async_context_manager(self.client))
            self._open = opening.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._portal = None
        self._open.__exit__(kind, error, trace)

    def run(self, awaitable: Awaitable[T]) -> T:
        """What the awaitable comes to. Raises what it raises; an interrupt cancels it."""
        portal, question = self._running(), _Question()
        try:
            return portal.call(question.asked, awaitable)
        except BaseException:
            portal.call(question.dropped)
            raise

    def each(self, items: AsyncIterator[T]) -> Iterator[T]:
        """Each of the items, waited for as it is asked for; closed where you stop before the end."""
        portal, question = self._running(), _Question()
        try:
            while True:
                item = portal.call(question.asked, _next(items))
                if item is _END:
                    return
                yield item
        finally:
            if self._portal is portal:
                portal.call(question.dropped)
                portal.call(_closed, items)

    def _running(self) -> BlockingPortal:
        if self._portal is None:
            raise RuntimeError("Blocking is used as a context manager")
        return self._portal


class _Question:
    """What a thread waits for. A thread that is interrupted leaves it behind: then it has to be dropped."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[Any] | None = None

    async def asked(self, awaitable: Awaitable[T]) -> T:
        """What the awaitable comes to."""
        self._answer = answer = asyncio.ensure_future(awaitable)
        return await answer

    async def dropped(self) -> None:
        """Cancel it, and wait until it has cleaned up behind itself."""
        if self._answer is not None:
            self._answer.cancel()
            await asyncio.wait([self._answer])


async def _next(items: AsyncIterator[Any]) -> Any:
    return await anext(items, _END)


async def _closed(items: AsyncIterator[Any]) -> None:
    close = getattr(items, "aclose", None)
    if close is not None:
        await close()
