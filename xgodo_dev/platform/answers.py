"""What a server's answer means: a result, or a typed error with the server's own words. No network here."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NoReturn, overload

from xgodo_dev import known_tokens
from xgodo_dev.errors import (
    ApiError,
    AuthenticationError,
    CompileRefused,
    NotFound,
    PermissionDenied,
    ServerUnavailable,
    TooManyRequests,
)
from xgodo_dev.platform.backoff import asked_pause
from xgodo_dev.platform.credentials import Server

# Characters of a server's own words.
_LONGEST_MESSAGE = 300
_MOST_ERRORS = 20


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


class Redirected(ServerUnavailable):
    """A redirect, which says nothing of what was asked: some networks want to be signed in to first."""


# Signing in would change nothing.
_OF_ENVIRONMENT = "Set XGODO_TOKEN to another token; or unset it, and sign in with `xgodo-dev login`."


@dataclass(frozen=True)
class Refusals:
    """Which errors certain refusals become, where the endpoint gives them a meaning of its own."""

    not_found: type[NotFound] = NotFound
    """A JSON 404."""
    forbidden: type[AuthenticationError | PermissionDenied] = AuthenticationError
    """A JSON 403."""
    credential: str | None = None
    """What a 401 refuses, where that is not the account's token."""
    compiles: bool = True
    """Whether a list of ``errors`` is the lines of the server's compiler: CompileRefused."""


@dataclass(frozen=True)
class Answer:
    """What came back for a request, whole."""

    server: Server
    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def endpoint(self) -> str:
        """What was asked: method and path."""
        return f"{self.method} {self.path}"

    @overload
    def without_token(self, text: str) -> str: ...
    @overload
    def without_token(self, text: None) -> None: ...
    def without_token(self, text: str | None) -> str | None:
        """The text without the tokens that the request had: some gateways tell the whole of it again."""
        return known_tokens.masked(text) if text else text

    def result(self, refusals: Refusals) -> Any:
        """The decoded JSON of a success; None where it has no content.

        Raises:
            AuthenticationError, ApiError, ServerUnavailable: as `Transport.request` says.
        """
        try:
            content = json.loads(self.content, parse_constant=_no_constant) if self.content else None
            is_json = True
        except (ValueError, RecursionError):
            content, is_json = None, False
        message = self.without_token(words(content))
        own_words = self.without_token(_own_words(content))
        status = self.status
        if status >= 500 or status == HTTPStatus.TOO_MANY_REQUESTS:
            raise self._failure(message)
        # A 403 without a word in JSON is a gateway's or a proxy's, which has not looked at the token.
        is_a_gateways = status == 403 and not isinstance(content, dict)
        if status in (401, 403) and not is_a_gateways:
            raise self._unauthorized(message, refusals)
        if status == 405 or (status == 404 and not _is_the_platforms_own(content, self.method)):
            raise RouteMissing(
                f"{self.server.api_url} has no {self.endpoint}.",
                status=status,
                endpoint=self.endpoint,
                hint=self.server.address_hint,
                server_message=message,
            )
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise BodyTooLarge(
                own_words or f"{self.endpoint} was refused: the request is too large.",
                status=status,
                endpoint=self.endpoint,
                server_message=message,
            )
        if 300 <= status < 400:
            target = _shortened(self.without_token(self.headers.get("location", "elsewhere")))
            raise Redirected(
                f"{self.endpoint} is answered with a redirect to {target}.",
                status=status,
                endpoint=self.endpoint,
                hint="The token is not sent on to another address: sign in to the network if it asks for "
                "that, or give the new address with --api-url.",
            )
        if not is_json or is_a_gateways:
            without_json = PageInstead if status < 300 else ServerUnavailable
            raise without_json(
                f"{self.endpoint} was answered with status {status} and no JSON.",
                status=status,
                endpoint=self.endpoint,
            )
        if status < 400 and not (isinstance(content, dict) and content.get("success") is False):
            return content
        raise self._refusal(content, message, refusals)

    def _unauthorized(
        self, message: str | None, refusals: Refusals
    ) -> AuthenticationError | PermissionDenied:
        kind = AuthenticationError if self.status == 401 else refusals.forbidden
        told = f": {message}" if message else "."
        if issubclass(kind, AuthenticationError):
            credential = refusals.credential or self.server.credential_source
            return kind(
                f"{self.server.api_url} refused {credential}{told}",
                hint=_OF_ENVIRONMENT if credential == "XGODO_TOKEN" else self.server.sign_in_hint,
                status=self.status,
                endpoint=self.endpoint,
                server_message=message,
            )
        return kind(
            message or f"{self.endpoint} is not allowed to whose token this is.",
            status=self.status,
            endpoint=self.endpoint,
            server_message=message,
        )

    def _refusal(self, content: Any, message: str | None, refusals: Refusals) -> ApiError:
        errors = content.get("errors") if isinstance(content, dict) else None
        if refusals.compiles and self.status != 404 and isinstance(errors, list) and errors:
            own = self.without_token(_own_words(content))
            return CompileRefused(
                own or "Refused",
                status=self.status,
                endpoint=self.endpoint,
                errors=[self.without_token(readable(str(line))) for line in errors],
                server_message=own,
            )
        kind = refusals.not_found if self.status == 404 else ApiError
        return kind(
            message or f"{self.endpoint} was refused with status {self.status}.",
            status=self.status,
            endpoint=self.endpoint,
            server_message=message,
        )

    def _failure(self, message: str | None) -> ServerUnavailable:
        slow_down = self.status == HTTPStatus.TOO_MANY_REQUESTS
        wait = 0.0
        if slow_down or "retry-after" in self.headers:
            wait = asked_pause(self.headers.get("retry-after"), self.headers.get("date"), time.time())
        if slow_down:
            said = f"{self.server.api_url} asks to slow down"
            said += f" for {wait:.0f} s ({self.endpoint})." if wait >= 1 else f" ({self.endpoint})."
            hint = "Try again after that time." if wait >= 1 else "Try again in a moment."
        else:
            said = f"The server failed on {self.endpoint} (status {self.status})."
            hint = "Nothing was lost here. Try again in a moment."
            if wait >= 1:
                hint = f"It asks to be left alone for {wait:.0f} s; nothing was lost here."
        failure = (TooManyRequests if slow_down else ServerUnavailable)(
            f"{said[:-1]}: {message}" if message else said,
            hint=hint,
            status=self.status,
            endpoint=self.endpoint,
            server_message=message,
        )
        failure.retry_after = wait
        return failure


def readable(text: str) -> str:
    """``text`` as a terminal can print it: JSON from JavaScript may hold half of a character's two codes."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _no_constant(name: str) -> NoReturn:
    # Python reads NaN and Infinity, which JSON does not have, and which nobody could be told in it.
    raise ValueError(name)


def words(content: Any) -> str | None:
    """The server's own words, in whichever member the endpoint puts them, and its list of errors."""
    own = _own_words(content)
    if not isinstance(content, dict):
        return own
    listed = [content[name] for name in ("errors", "detail") if isinstance(content.get(name), list)]
    told = list(filter(None, _errors(listed[0]))) if listed else []
    if not told:
        return own
    errors = "; ".join([*(each.rstrip(".") for each in told[:-1]), told[-1]])
    # Some say the first of them twice.
    return _shortened(readable(errors if own in (None, told[0]) else f"{own}: {errors}"))


def _own_words(content: Any) -> str | None:
    if not isinstance(content, dict):
        return None
    for field in ("message", "error", "detail", "msg"):
        value = content.get(field)
        # Some frameworks wrap it: {"error": {"message": …}}.
        if isinstance(value, dict) and field != "msg":
            value = value.get("message")
        if isinstance(value, str) and value:
            return _shortened(readable(value))
    return None


def _errors(listed: list[Any]) -> Iterator[str | None]:
    """Texts, or objects as FastAPI (``loc``, ``msg``) and Express (``path``, ``msg``) have them."""
    for each in listed[:_MOST_ERRORS]:
        if not isinstance(each, dict):
            yield each if isinstance(each, str) else None
            continue
        told = next((each[name] for name in ("msg", "message") if isinstance(each.get(name), str)), None)
        place = each.get("loc", each.get("path", each.get("field")))
        if isinstance(place, list):
            place = ".".join(str(part) for part in place if part not in ("body", "query", "path"))
        yield f"{place}: {told}" if told and isinstance(place, str) and place else told


def _is_the_platforms_own(content: Any, method: str) -> bool:
    """Whether a handler of the platform wrote a 404's body, rather than the web framework before it."""
    return isinstance(content, dict) and not (_own_words(content) or "").startswith(f"Cannot {method} /")


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST_MESSAGE:
        return text
    cut = text[:_LONGEST_MESSAGE]
    # Between words: half of a secret would be found by nobody who takes it out.
    return f"{cut.rpartition(' ')[0] or cut}…"
