"""One HTTP connection pool to a server, and how its answers become results or typed errors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import httpx

from xgodo_dev import __version__
from xgodo_dev.errors import (
    ApiError,
    AuthenticationError,
    CompileRefused,
    ConfigurationError,
    NotFound,
    ServerUnavailable,
    UnreachableError,
    UsageError,
    XgodoError,
)
from xgodo_dev.platform.credentials import EMULATOR_PROFILE, Server

_PREFIX = "/api/v2"
_LONGEST_WAIT_FOR_QUOTA = 30.0


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for, and how often it is asked again. Times are seconds."""

    connect: float = 10
    silence: float = 60
    """Without a byte of an answer. Compiling a large project may take the server a while."""
    answer: float = 300
    """For a whole answer: a server that sends a byte now and then is never silent."""
    retry_pauses: tuple[float, ...] = (0.2, 0.8)


_PATIENCE = Patience()
_NEVER_THROUGH_A_PROXY = ("all://localhost", "all://127.0.0.1", "all://[::1]")


class RouteMissing(ApiError):
    """The server does not know this method and path at all.

    Told from a missing project by the answer's body: an unknown route is answered by the web
    framework, not in the platform's JSON ("Cannot PUT /…"). A 405 is about the method, whatever its body.
    """

    code = "route-missing"


class Transport:
    """JSON requests to one server, with its token, deadlines and retries. Use as an async context manager."""

    def __init__(self, server: Server, *, patience: Patience = _PATIENCE) -> None:
        self._server = server
        self._patience = patience
        headers = {
            "Authorization": f"Bearer {server.required_token()}",
            "User-Agent": f"xgodo-dev/{__version__}",
        }
        try:
            base_url = httpx.URL(server.api_url + _PREFIX)
        except httpx.InvalidURL as error:
            raise UsageError(f"{server.api_url!r} is not the address of a server: {error}.") from error
        try:
            self._client = httpx.AsyncClient(
                base_url=base_url,
                headers=headers,
                timeout=httpx.Timeout(patience.silence, connect=patience.connect),
                limits=httpx.Limits(max_connections=32, max_keepalive_connections=16, keepalive_expiry=30),
                # Proxies are for other machines, whatever the environment says.
                mounts=dict.fromkeys(_NEVER_THROUGH_A_PROXY),
            )
        except (ImportError, ValueError, httpx.InvalidURL) as error:
            # httpx reads the proxy settings of the environment here, and leaves out SOCKS by default.
            raise ConfigurationError(
                f"The proxy settings of this environment can't be used: {error}",
                hint="Look at HTTP_PROXY, HTTPS_PROXY and ALL_PROXY; http:// proxies work.",
            ) from error

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        repeatable: bool,
        pausable: bool = True,
        on_sent: Callable[[], None] | None = None,
    ) -> Any:
        """The decoded JSON answer of ``method path`` (``path`` below ``/api/v2``).

        Args:
            repeatable: sending the request twice does no more than sending it once; only then is
                it sent again after it may have reached the server.
            pausable: the request means the same after a pause; else it is sent now or not at all.
            on_sent: called when the whole request has left, long before it is answered.

        Raises:
            AuthenticationError: 401 or 403.
            NotFound: a JSON 404.
            RouteMissing: a 404 or 405 that no handler of the platform wrote.
            CompileRefused: a TypeScript file did not compile there.
            ApiError: any other refusal, also ``success: false`` under status 200.
            ServerUnavailable: 5xx, or an answer that is no JSON, after retries.
            UnreachableError: no answer, after retries.
        """
        content = None if body is None else _encoded(body)
        for pause in (*(self._patience.retry_pauses if pausable else ()), None):
            try:
                async with asyncio.timeout(self._patience.answer):
                    answer = await self._client.request(
                        method,
                        path,
                        params=query,
                        content=content,
                        headers=None if content is None else {"Content-Type": "application/json"},
                        extensions=_tracing(on_sent),
                    )
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure: XgodoError = UnreachableError(
                    f"Can't reach {self._server.api_url}: {_reason(error)}.",
                    hint="Start it again with `xgodo-dev emulator start`."
                    if self._server.profile == EMULATOR_PROFILE
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
                if answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
                    wait = _quota_wait(answer)
                    failure = ServerUnavailable(
                        f"{self._server.api_url} asks to slow down ({method} {path}).", retry_after=wait
                    )
                    pause = pause and max(pause, wait)
                else:
                    try:
                        return self._result(method, path, answer)
                    except ServerUnavailable as error:
                        if not repeatable:
                            raise
                        failure = error
            if pause is None:
                raise failure
            await asyncio.sleep(pause)
        raise AssertionError("unreachable: the last pause is None")

    def _result(self, method: str, path: str, answer: httpx.Response) -> Any:
        endpoint = f"{method} {_PREFIX}{path}"
        status = answer.status_code
        if status >= 500:
            raise _server_failure(method, path, answer)
        try:
            content = answer.json() if answer.content else None
            is_json = True
        except (ValueError, RecursionError):
            content, is_json = None, False
        message = _message(content)
        if status in (401, 403):
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
        if 300 <= status < 400:
            target = answer.headers.get("location", "elsewhere")
            raise ApiError(
                f"{endpoint} is answered with a redirect to {target}.",
                status=status,
                endpoint=endpoint,
                hint="The token is not sent on to another address: give that one with --api-url.",
            )
        if not is_json:
            raise ServerUnavailable(f"{endpoint} was answered with status {status} and no JSON.")
        refused = status >= 400 or (isinstance(content, dict) and content.get("success") is False)
        if not refused:
            return content
        errors = content.get("errors") if isinstance(content, dict) else None
        if status != 404 and isinstance(errors, list) and errors:
            lines = [readable(str(line)) for line in errors]
            raise CompileRefused(message or "Refused", status=status, endpoint=endpoint, errors=lines)
        kind = NotFound if status == 404 else ApiError
        raise kind(
            message or f"{endpoint} was refused with status {status}.", status=status, endpoint=endpoint
        )


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
            return readable(content[field])
    return None


def _server_failure(method: str, path: str, answer: httpx.Response) -> ServerUnavailable:
    return ServerUnavailable(
        f"The server failed on {method} {_PREFIX}{path} (status {answer.status_code}).",
        hint="Nothing was lost here. Try again in a moment.",
    )


def _quota_wait(answer: httpx.Response) -> float:
    try:
        return min(float(answer.headers.get("retry-after", "1")), _LONGEST_WAIT_FOR_QUOTA)
    except ValueError:
        return 1.0


def _reason(error: httpx.RequestError | TimeoutError) -> str:
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return "it took too long"
    return str(error) or type(error).__name__
