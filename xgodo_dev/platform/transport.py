"""Requests to a server: sent, waited for, and sent again where that does no harm."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Required, Self, TypedDict, TypeVar, Unpack

import httpx

from xgodo_dev import __version__
from xgodo_dev.errors import (
    ConfigurationError,
    NoConnection,
    NotFound,
    ServerUnavailable,
    TooManyRequests,
    UnreachableError,
    UsageError,
)
from xgodo_dev.platform.answers import Answer, AnswerTooLarge, PageInstead, Refusals
from xgodo_dev.platform.backoff import pauses
from xgodo_dev.platform.connections import Connections
from xgodo_dev.platform.content import whole
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.request import LARGEST_ANSWER, Patience, Request

if TYPE_CHECKING:
    from httpx_sse import ServerSentEvent

    from xgodo_dev.platform.downloads import Downloaded
    from xgodo_dev.platform.uploads import Progress

T = TypeVar("T")

_PREFIX = "/api/v2"
# Before the prefix, where a server has what no document describes.
_UNDER = "/server"
_SILENCE_TOLD_AFTER = 3.0
_PATIENCE = Patience()


@dataclass
class _Clock:
    """How long one request is still waited for, all its repetitions included."""

    last_moment: float
    timer: asyncio.Timeout | None = None


class _Asked(TypedDict, total=False):
    """The members of `Request` that `Transport.request` takes; see there."""

    repeatable: Required[bool]
    query: Mapping[str, str | Sequence[str]] | None
    body: Mapping[str, Any] | None
    pausable: bool
    on_sent: Callable[[], None] | None
    silence: float | None
    within: float | None
    in_background: bool
    largest: int


class Transport:
    """Requests to one server, with its token, deadlines and retries. Use as an async context manager.

    ``random`` gives numbers from 0 up to 1; they spread the pauses of requests that failed together.
    ``on_silence`` is called where the first answer of all takes longer than a person waits without a word.
    ``user_agent`` is who asks, as the server is told.
    """

    def __init__(
        self,
        server: Server,
        *,
        patience: Patience = _PATIENCE,
        random: Callable[[], float] = random.random,
        on_silence: Callable[[], None] | None = None,
        user_agent: str = f"xgodo-dev/{__version__}",
    ) -> None:
        self._server = server
        self._patience = patience
        self._random = random
        self._on_silence = on_silence
        self._first_answer: asyncio.TimerHandle | None = None
        headers = {
            "Authorization": f"Bearer {server.required_token()}",
            "User-Agent": user_agent,
            # What is unpacked here.
            "Accept-Encoding": "gzip",
        }
        try:
            base_url = httpx.URL(server.api_url)
        except httpx.InvalidURL as error:
            raise UsageError(f"{server.api_url!r} is not the address of a server: {error}.") from error
        try:
            self._connections = Connections(base_url, headers, self._timeout(patience.silence))
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            # httpx reads the proxy settings of the environment here, and leaves out SOCKS by default.
            raise ConfigurationError(
                f"The proxy settings of this environment can't be used: {error}",
                hint="Look at HTTP_PROXY, HTTPS_PROXY and ALL_PROXY; http:// proxies work.",
            ) from error
        except OSError as error:
            raise ConfigurationError(
                f"The certificates of this environment can't be read: {error}.",
                hint="Look at SSL_CERT_FILE and SSL_CERT_DIR.",
            ) from error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def reconnect(self) -> None:
        """Break off what is under way, which is asked again as after any failure of the network.

        For when connections are dead without having been closed, as after a sleep: who waits for an answer
        on one would wait for a minute.
        """
        await self._connections.renew()

    async def close(self) -> None:
        """Break off what is under way, and close every connection."""
        self._heard()
        await self._connections.close()

    async def request(
        self,
        method: str,
        path: str,
        *,
        under: str = "",
        not_found: type[NotFound] = NotFound,
        **asked: Unpack[_Asked],
    ) -> Any:
        """The decoded JSON answer of ``method path``, where ``path`` is below ``/api/v2``.

        Args:
            method: of HTTP.
            path: below ``/api/v2``.
            under: what stands before ``/api/v2``: ``/server`` or nothing.
            not_found: the error of a JSON 404, where it is known what is missing then.
            asked: further members of `Request`.

        Raises what `send` raises; AuthenticationError also for a 403 in JSON.
        """
        return await self.send(
            Request(method, f"{under}{_PREFIX}{path}", refusals=Refusals(not_found=not_found), **asked)
        )

    async def send(self, request: Request) -> Any:
        """The decoded JSON answer.

        Raises:
            AuthenticationError: 401, or 403 in JSON where ``request.refusals`` don't say otherwise.
            NotFound: a JSON 404.
            RouteMissing: a 404 or 405 that no handler of the platform wrote.
            BodyTooLarge: 413.
            AnswerTooLarge: the answer goes on behind ``request.largest`` bytes.
            CompileRefused: a TypeScript file did not compile there.
            ApiError: any other refusal, also ``success: false`` under status 200.
            TooManyRequests: 429, after retries.
            ServerUnavailable: 5xx, or any other answer that is no JSON, after retries.
            UnreachableError: no answer, after retries.
        """
        request = self._placed(request)
        longest = self._patience.answer if request.upload is None else self._patience.transfer

        async def attempt(clock: _Clock) -> Any:
            async with self._answered(request, clock, longest) as answer:
                content = await whole(answer, request.largest)
            return self._result(request, answer, content)

        return await self._insisting(request, attempt, longest)

    async def download(
        self, request: Request, target: Path, *, progress: Progress | None = None
    ) -> Downloaded:
        """Write the answer's content to ``target``, in place of what is there; ``request.largest`` bounds it.

        Raises what `send` raises, and UsageError where the file can't be written.
        """
        from xgodo_dev.platform.downloads import save

        request = self._placed(request)
        longest = self._patience.transfer

        async def attempt(clock: _Clock) -> Downloaded:
            async with self._answered(request, clock, longest) as answer:
                if answer.is_success:
                    if written := await save(answer, target, request.largest, progress):
                        return written
                    raise self._too_large(request, answer.status_code)
                content = await whole(answer, LARGEST_ANSWER)
            self._result(request, answer, content)
            raise AssertionError("what is no success is an error")

        return await self._insisting(request, attempt, longest)

    async def events(self, request: Request) -> AsyncGenerator[ServerSentEvent, None]:
        """The server-sent events of the answer as they come; only silence ends it before the server does.

        A stream that has begun is not asked for again. Close the generator where it is not read to its end.

        Raises what `send` raises; UnreachableError also where the stream breaks off.
        """
        from xgodo_dev.platform.event_stream import LARGEST_EVENT, EventTooLarge, events

        request = self._placed(request)

        async def attempt(clock: _Clock) -> httpx.Response:
            async with AsyncExitStack() as opening:
                answer = await opening.enter_async_context(
                    self._answered(request, clock, self._patience.answer, streams=True)
                )
                if not _is_event_stream(answer):
                    self._result(request, answer, await whole(answer, request.largest))
                    raise PageInstead(
                        f"{request.endpoint} was answered with no stream of events.",
                        status=answer.status_code,
                        endpoint=request.endpoint,
                    )
                assert clock.timer
                clock.timer.reschedule(None)
                stack.push_async_exit(opening.pop_all())
                return answer

        async with AsyncExitStack() as stack:
            answer = await self._insisting(request, attempt, self._patience.answer)
            try:
                async with aclosing(events(answer)) as stream:
                    async for event in stream:
                        yield event
            except EventTooLarge:
                raise self._too_large(request, answer.status_code, LARGEST_EVENT) from None
            except httpx.RequestError as error:
                raise UnreachableError(
                    f"{self._server.api_url} broke off its answer to {request.endpoint}: {_reason(error)}.",
                    hint="Check the network, then try again.",
                ) from error

    def base(self, under: str) -> str:
        """``under`` as this server needs it: nothing where its address ends with it already."""
        return "" if self._server.api_url.endswith(under) else under

    def _placed(self, request: Request) -> Request:
        if not request.path.startswith(f"{_UNDER}/"):
            return request
        return replace(request, path=self.base(_UNDER) + request.path.removeprefix(_UNDER))

    async def _insisting(
        self, request: Request, attempt: Callable[[_Clock], Awaitable[T]], longest: float
    ) -> T:
        """What ``attempt`` returns, made again after a pause where that does no harm."""
        patience, loop = self._patience, asyncio.get_running_loop()
        within = longest + patience.budget if request.within is None else request.within
        clock = _Clock(loop.time() + within)
        backoff = None
        if self._on_silence and self._first_answer is None:
            self._first_answer = loop.call_later(_SILENCE_TOLD_AFTER, self._on_silence)
        while True:
            asked = 0.0
            try:
                return await attempt(clock)
            except UnreachableError as error:
                # A server that asks to slow down did not act on the request, nor one that has not heard it.
                if not (request.repeatable or isinstance(error, TooManyRequests | NoConnection)):
                    raise
                failure = error
                if isinstance(error, ServerUnavailable):
                    asked = error.retry_after
            if not request.pausable:
                raise failure
            if backoff is None:
                backoff = pauses(patience.retry_pauses, patience.budget, self._random)
                next(backoff)
            pause = backoff.send(asked)
            if pause is None or loop.time() + pause >= clock.last_moment:
                raise failure
            await asyncio.sleep(pause)

    @asynccontextmanager
    async def _answered(
        self, request: Request, clock: _Clock, longest: float, *, streams: bool = False
    ) -> AsyncIterator[httpx.Response]:
        """The answer to one attempt, its content still to be read."""
        connections = self._connections
        lent = connections.apart() if streams else connections.one(in_background=request.in_background)
        now = asyncio.get_running_loop().time
        usual = self._patience.stream if streams else self._patience.silence
        silence = min(request.silence or inf, usual)
        sent = request.sent()
        waiting_since = now()
        try:
            async with lent as connection:
                clock.last_moment += now() - waiting_since
                async with asyncio.timeout_at(min(now() + longest, clock.last_moment)) as clock.timer:
                    async with connection.stream(
                        request.method, request.path, timeout=self._timeout(silence), **sent
                    ) as answer:
                        self._heard()
                        yield answer
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NoConnection(
                f"Can't reach {self._server.api_url}: {_reason(error)}.",
                hint="Start it again with `xgodo-dev emulator start --detach`."
                if self._server.is_emulator
                else "Check the address and the network, then try again.",
            ) from error
        except (httpx.RequestError, TimeoutError) as error:
            raise UnreachableError(
                f"{self._server.api_url} did not answer {request.endpoint}: {_reason(error)}.",
                hint="Check the network, then try again.",
            ) from error

    def _result(self, request: Request, answer: httpx.Response, content: bytes | None) -> Any:
        if content is None:
            raise self._too_large(request, answer.status_code)
        answered = Answer(
            self._server, request.method, request.path, answer.status_code, answer.headers, content
        )
        if request.on_answer:
            request.on_answer(answered)
        return answered.result(request.refusals)

    def _too_large(self, request: Request, status: int, bound: int | None = None) -> AnswerTooLarge:
        what = " in one event" if bound else ""
        return AnswerTooLarge(
            f"{self._server.api_url} answered {request.endpoint} with more than "
            f"{(bound or request.largest) // 1024**2} MiB{what}, which is not read.",
            status=status,
            endpoint=request.endpoint,
        )

    def _heard(self) -> None:
        if self._first_answer:
            self._first_answer.cancel()

    def _timeout(self, silence: float) -> httpx.Timeout:
        return httpx.Timeout(silence, connect=self._patience.connect)


def _is_event_stream(answer: httpx.Response) -> bool:
    kind: str = answer.headers.get("content-type", "").partition(";")[0]
    return answer.is_success and kind.strip().lower() == "text/event-stream"


def _reason(error: httpx.RequestError | TimeoutError) -> str:
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "it took too long"
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, ConnectionRefusedError):
            # The library above it says only that it tried.
            return "nothing listens there"
        cause = cause.__cause__ or cause.__context__
    # The system's number of an error tells nobody anything.
    return re.sub(r"^\[Errno -?\d+\] ", "", str(error)) or type(error).__name__
