"""Requests to a server, and how its answers become results or typed errors."""

from __future__ import annotations

import asyncio
import json
import random
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import httpx
from httpx import USE_CLIENT_DEFAULT

from xgodo_dev import __version__
from xgodo_dev.errors import (
    ApiError,
    AuthenticationError,
    CompileRefused,
    ConfigurationError,
    NoConnection,
    NotFound,
    ServerUnavailable,
    UnreachableError,
    UsageError,
    XgodoError,
)
from xgodo_dev.platform.backoff import asked_pause, pauses
from xgodo_dev.platform.connections import Connections
from xgodo_dev.platform.credentials import Server

_PREFIX = "/api/v2"
_SILENCE_TOLD_AFTER = 3.0
# Characters of a server's own words.
_LONGEST_MESSAGE = 300
LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes of an answer, unpacked."""
LARGEST_ANSWER_WITH_FILE = 320 * 1024 * 1024
"""Of one with a file in it: 50 MB, each byte of which may take six as JSON."""


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for, and how often it is asked again. Times are seconds."""

    connect: float = 10
    silence: float = 60
    """Without a byte of an answer. Compiling a large project may take the server a while."""
    answer: float = 300
    """For a whole answer: a server that sends a byte now and then is never silent."""
    retry_pauses: tuple[float, ...] = (0.2, 0.4, 0.8, 1.6)
    """Pauses of our own before the same request is sent again, each cut by up to its half at random."""
    budget: float = 20
    """For all pauses of one request together, those included that the server asks for.

    A request with all its repetitions ends after ``answer`` and ``budget`` at the latest.
    """


_PATIENCE = Patience()


class RouteMissing(ApiError):
    """The server does not know this method and path at all.

    Told from a missing project by the answer's body: an unknown route is answered by the web
    framework, not in the platform's JSON ("Cannot PUT /…"). A 405 is about the method, whatever its body.
    """

    code = "route-missing"


class BodyTooLarge(ApiError):
    """The request has more bytes than the server, or a gateway before it, takes at once."""

    code = "too-large"


class AnswerTooLarge(ApiError):
    """The answer has more bytes than an honest one can have; it was not read to its end."""

    code = "answer-too-large"


class PageInstead(ServerUnavailable):
    """A success whose content is no JSON, as of a site that shows its start page wherever nothing else is."""


class Transport:
    """JSON requests to one server, with its token, deadlines and retries. Use as an async context manager.

    ``random`` gives numbers from 0 up to 1; they spread the pauses of requests that failed together.
    ``on_silence`` is called where the first answer of all takes longer than a person waits without a word.
    """

    def __init__(
        self,
        server: Server,
        *,
        patience: Patience = _PATIENCE,
        random: Callable[[], float] = random.random,
        on_silence: Callable[[], None] | None = None,
    ) -> None:
        self._server = server
        self._patience = patience
        self._random = random
        self._on_silence = on_silence
        self._first_answer: asyncio.TimerHandle | None = None
        headers = {
            "Authorization": f"Bearer {server.required_token()}",
            "User-Agent": f"xgodo-dev/{__version__}",
            # What `_content` unpacks.
            "Accept-Encoding": "gzip",
        }
        try:
            base_url = httpx.URL(server.api_url)
        except httpx.InvalidURL as error:
            raise UsageError(f"{server.api_url!r} is not the address of a server: {error}.") from error
        try:
            self._connections = Connections(
                base_url, headers, httpx.Timeout(patience.silence, connect=patience.connect)
            )
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

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._heard()
        await self._connections.close()

    def base(self, under: str) -> str:
        """``under`` as this server needs it: nothing where its address ends with it already."""
        return "" if self._server.api_url.endswith(under) else under

    async def request(
        self,
        method: str,
        path: str,
        *,
        under: str = "",
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool,
        pausable: bool = True,
        on_sent: Callable[[], None] | None = None,
        not_found: type[NotFound] = NotFound,
        silence: float | None = None,
        within: float | None = None,
        in_background: bool = False,
        largest: int = LARGEST_ANSWER,
    ) -> Any:
        """The decoded JSON answer of ``method path`` (``path`` below ``/api/v2``).

        Args:
            under: what stands before ``/api/v2``, such as ``/server``; not repeated where the
                server's address ends with it.
            repeatable: sending the request twice does no more than sending it once; only then is
                it sent again after it may have reached the server.
            pausable: the request means the same after a pause; else it is sent now or not at all.
            on_sent: called when the whole request has left, long before it is answered.
            not_found: the error of a JSON 404, where it is known what is missing then.
            silence: seconds without a byte of an answer, where less than usual is to be waited for it.
            within: seconds for all of it, where less than usual is to be waited; what it takes until a
                connection is free does not count.
            in_background: others are not to wait for it: it leaves some connections to them.
            largest: how many bytes of an answer are taken, unpacked.

        Raises:
            AuthenticationError: 401, or 403 in JSON.
            NotFound: a JSON 404.
            RouteMissing: a 404 or 405 that no handler of the platform wrote.
            BodyTooLarge: 413.
            AnswerTooLarge: the answer goes on behind ``largest`` bytes.
            CompileRefused: a TypeScript file did not compile there.
            ApiError: any other refusal, also ``success: false`` under status 200.
            ServerUnavailable: 5xx, 429, or any other answer that is no JSON, after retries.
            UnreachableError: no answer, after retries.
        """
        content = None if body is None else _encoded(body)
        path = f"{self.base(under)}{_PREFIX}{path}"
        patience, now = self._patience, asyncio.get_running_loop().time
        last_moment = now() + (patience.answer + patience.budget if within is None else within)
        backoff = None
        if self._on_silence and self._first_answer is None:
            self._first_answer = asyncio.get_running_loop().call_later(_SILENCE_TOLD_AFTER, self._on_silence)
        while True:
            asked = 0.0
            waiting_since = now()
            try:
                async with self._connections.one(in_background=in_background) as connection:
                    last_moment += now() - waiting_since
                    async with asyncio.timeout_at(min(now() + patience.answer, last_moment)):
                        async with connection.stream(
                            method,
                            path,
                            params=query,
                            content=content,
                            headers=None if content is None else {"Content-Type": "application/json"},
                            extensions=_tracing(on_sent),
                            timeout=USE_CLIENT_DEFAULT if silence is None else self._timeout(silence),
                        ) as answer:
                            self._heard()
                            answered = await _content(answer, largest)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure: XgodoError = NoConnection(
                    f"Can't reach {self._server.api_url}: {_reason(error)}.",
                    hint="Start it again with `xgodo-dev emulator start`."
                    if self._server.is_emulator
                    else "Check the address and the network, then try again.",
                )
            except (httpx.RequestError, TimeoutError) as error:
                failure = UnreachableError(
                    f"{self._server.api_url} did not answer {method} {path}: {_reason(error)}.",
                    hint="Check the network, then try again.",
                )
                if not repeatable:
                    raise failure from error
            else:
                if answered is None:
                    raise AnswerTooLarge(
                        f"{self._server.api_url} answered {method} {path} with more than "
                        f"{largest // 1024**2} MiB, which is not read.",
                        status=answer.status_code,
                        endpoint=f"{method} {path}",
                    )
                try:
                    return self._result(method, path, answer, answered, not_found)
                except ServerUnavailable as error:
                    # A server that asks to slow down did not act on the request.
                    if not repeatable and answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                        raise
                    failure, asked = error, error.retry_after
            if not pausable:
                raise failure
            if backoff is None:
                backoff = pauses(patience.retry_pauses, patience.budget, self._random)
                next(backoff)
            pause = backoff.send(asked)
            if pause is None or now() + pause >= last_moment:
                raise failure
            await asyncio.sleep(pause)

    def _heard(self) -> None:
        if self._first_answer:
            self._first_answer.cancel()

    def _timeout(self, silence: float) -> httpx.Timeout:
        return httpx.Timeout(min(silence, self._patience.silence), connect=self._patience.connect)

    def _result(
        self, method: str, path: str, answer: httpx.Response, answered: bytes, not_found: type[NotFound]
    ) -> Any:
        endpoint = f"{method} {path}"
        status = answer.status_code
        if status >= 500 or status == httpx.codes.TOO_MANY_REQUESTS:
            raise self._server_failure(endpoint, answer)
        try:
            content = json.loads(answered) if answered else None
            is_json = True
        except (ValueError, RecursionError):
            content, is_json = None, False
        message = _message(content)
        # A 403 without a word in JSON is a gateway's or a proxy's, which has not looked at the token.
        is_a_gateways = status == 403 and not isinstance(content, dict)
        if status in (401, 403) and not is_a_gateways:
            raise AuthenticationError(
                f"{self._server.api_url} refused {self._server.credential_source}"
                + (f": {message}" if message else ".")
            )
        if status == 405 or (status == 404 and not _is_the_platforms_own(content, method)):
            raise RouteMissing(
                f"{self._server.api_url} has no {endpoint}.",
                status=status,
                endpoint=endpoint,
                hint="Check --api-url: it is the part before /api/v2.",
            )
        if status == httpx.codes.REQUEST_ENTITY_TOO_LARGE:
            raise BodyTooLarge(
                message or f"{endpoint} was refused: the request is too large.",
                status=status,
                endpoint=endpoint,
            )
        if 300 <= status < 400:
            target = _shortened(answer.headers.get("location", "elsewhere"))
            raise ApiError(
                f"{endpoint} is answered with a redirect to {target}.",
                status=status,
                endpoint=endpoint,
                hint="The token is not sent on to another address: give that one with --api-url.",
            )
        if not is_json or is_a_gateways:
            without_json = PageInstead if status < 300 else ServerUnavailable
            raise without_json(f"{endpoint} was answered with status {status} and no JSON.")
        refused = status >= 400 or (isinstance(content, dict) and content.get("success") is False)
        if not refused:
            return content
        errors = content.get("errors") if isinstance(content, dict) else None
        if status != 404 and isinstance(errors, list) and errors:
            lines = [readable(str(line)) for line in errors]
            raise CompileRefused(message or "Refused", status=status, endpoint=endpoint, errors=lines)
        kind = not_found if status == 404 else ApiError
        raise kind(
            message or f"{endpoint} was refused with status {status}.", status=status, endpoint=endpoint
        )

    def _server_failure(self, endpoint: str, answer: httpx.Response) -> ServerUnavailable:
        headers = answer.headers
        slow_down = answer.status_code == httpx.codes.TOO_MANY_REQUESTS
        wait = 0.0
        if slow_down or "retry-after" in headers:
            wait = asked_pause(headers.get("retry-after"), headers.get("date"), time.time())
        if slow_down:
            message = f"{self._server.api_url} asks to slow down"
            message += f" for {wait:.0f} s ({endpoint})." if wait >= 1 else f" ({endpoint})."
            hint = "Try again after that time." if wait >= 1 else "Try again in a moment."
            return ServerUnavailable(message, hint=hint, retry_after=wait)
        return ServerUnavailable(
            f"The server failed on {endpoint} (status {answer.status_code}).",
            hint=f"It asks to be left alone for {wait:.0f} s; nothing was lost here."
            if wait >= 1
            else "Nothing was lost here. Try again in a moment.",
            retry_after=wait,
        )


async def _content(answer: httpx.Response, largest: int) -> bytes | None:
    """What was answered, unpacked; None where that has more than ``largest`` bytes: the rest is not read.

    httpx would unpack each packet whole, and a few kilobytes of gzip can hold gigabytes.
    """
    packed = answer.headers.get("content-encoding", "").lower() in ("gzip", "x-gzip", "deflate")
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed else None
    parts, size = [], 0
    async for part in answer.aiter_raw():
        try:
            parts.append(unpacker.decompress(part, largest - size + 1) if unpacker else part)
        except zlib.error as error:
            raise httpx.DecodingError(f"what it sent is damaged ({error})", request=answer.request) from error
        size += len(parts[-1])
        if size > largest:
            return None
    return b"".join(parts)


def readable(text: str) -> str:
    """``text`` as a terminal can print it: JSON from JavaScript may hold half of a character's two codes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _tracing(on_sent: Callable[[], None] | None) -> dict[str, Any]:
    """httpx's hook into a request's progress, for one moment of it."""
    if on_sent is None:
        return {}

    async def trace(event: str, _details: dict[str, Any]) -> None:
        if event.endswith("send_request_body.complete"):
            on_sent()

    return {"trace": trace}


def _encoded(body: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"A value given can't be sent as JSON: {error}.") from error


def _is_the_platforms_own(content: Any, method: str) -> bool:
    """Whether a handler of the platform wrote a 404's body, rather than the web framework before it."""
    return isinstance(content, dict) and not (_message(content) or "").startswith(f"Cannot {method} /")


def _message(content: Any) -> str | None:
    """The server's own words, in whichever field the endpoint puts them."""
    if not isinstance(content, dict):
        return None
    for field in ("message", "error", "detail"):
        if isinstance(content.get(field), str) and content[field]:
            return _shortened(readable(content[field]))
    return None


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST_MESSAGE:
        return text
    cut = text[:_LONGEST_MESSAGE]
    # Between words: half of a secret would be found by nobody who takes it out.
    return f"{cut.rpartition(' ')[0] or cut}…"


def _reason(error: httpx.RequestError | TimeoutError) -> str:
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "it took too long"
    return str(error) or type(error).__name__
