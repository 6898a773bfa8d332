"""Carries out operations of a spec: checks what is given, sends it, and looks at what comes back."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from enum import Enum
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from xgodo_dev.errors import (
    ArgumentsInvalid,
    AuthenticationError,
    NotFound,
    PermissionDenied,
    ServerUnavailable,
    UsageError,
)
from xgodo_dev.platform.answers import Refusals, RouteMissing
from xgodo_dev.platform.clients.limits import problems
from xgodo_dev.platform.request import LARGEST_ANSWER_WITH_FILE, Request
from xgodo_dev.platform.spec.reading import Operation, Parameter, Spec, pointed
from xgodo_dev.platform.transport import Transport

if TYPE_CHECKING:
    from xgodo_dev.platform.clients.events import Events
    from xgodo_dev.platform.downloads import Downloaded
    from xgodo_dev.platform.uploads import Progress, Upload


class Unset(Enum):
    """Tells an argument that was not given from one that is None, where the platform takes null."""

    UNSET = "unset"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET

Arguments = Mapping[str, Any]
"""By the platform's names of them. What is `UNSET`, or None where the platform takes no null, is left out."""

# Of one list. A server may answer with ever other pages.
_MOST_PAGES = 20_000

_KINDS: Mapping[str, type] = {"object": dict, "array": list}


class Calls:
    """The operations of one spec on one server.

    Its methods raise what `Transport.send` raises, PermissionDenied for a 403 in JSON, ServerUnavailable also
    for an answer of another kind than is documented, and ArgumentsInvalid before anything is sent.
    """

    def __init__(
        self, spec: Spec, transport: Transport, address: str, admin_token: str | None = None
    ) -> None:
        self.spec = spec
        self._transport = transport
        self._address = address
        self._admin_token = admin_token
        # Which method and path the server was seen to have, of what the documentation may mean.
        self._readings: dict[str, tuple[str, str]] = {}

    async def call(self, operation: str, arguments: Arguments, *, progress: Progress | None = None) -> Any:
        """The decoded answer of an operation, by its id; None where it has no content.

        ``progress`` is told how much of an upload has been sent.
        """
        called = self._operation(operation)
        given = self._given(called, arguments)
        async with AsyncExitStack() as files:
            upload = await self._upload(called, given, files, progress)
            result = await self._answered(called, given, upload)
        return _checked(self.spec, called, result)

    async def download(
        self,
        operation: str,
        arguments: Arguments,
        to: str | PathLike[str],
        *,
        progress: Progress | None = None,
    ) -> Downloaded:
        """Write the file that an operation is answered with to ``to``, in place of what is there."""
        from xgodo_dev.platform.downloads import LARGEST_FILE

        called = self._operation(operation)
        request = self._request(called, self._given(called, arguments), largest=LARGEST_FILE)
        return await self._transport.download(request, Path(to), progress=progress)

    def events(self, operation: str, arguments: Arguments) -> Events[Any]:
        """What an operation streams, as it comes."""
        from xgodo_dev.platform.clients.events import Events

        called = self._operation(operation)
        request = self._request(
            called, self._given(called, arguments), headers={"Accept": "text/event-stream"}
        )
        return Events(self._transport.events(request), called.id)

    async def pages(self, operation: str, arguments: Arguments) -> AsyncGenerator[Any, None]:
        """Each item of each page, asked for as they are needed; raises what `documents` raises."""
        pages = self._operation(operation).pages
        assert pages, f"{operation} has no pages"
        async with aclosing(self.documents(operation, arguments)) as documents:
            async for document in documents:
                for item in pointed(document, pages.items):
                    yield item

    async def documents(self, operation: str, arguments: Arguments) -> AsyncGenerator[Any, None]:
        """Each page whole, asked for as they are needed.

        Raises:
            ServerUnavailable: a page equals the one before, or there are more than a list can honestly have,
                so that the end would never come.
        """
        called = self._operation(operation)
        pages = called.pages
        assert pages, f"{operation} has no pages"
        asked = arguments.get(pages.size.name) or None
        usual = asked or pages.size.schema.get("default")
        # Where no limit is documented, a server may have one: its first page shows what a full one is.
        full = None if asked and "maximum" not in pages.size.schema else usual
        position, seen = (0 if pages.by_offset else 1), 0
        before: list[Any] | None = None
        for _ in range(_MOST_PAGES):
            result = await self.call(operation, {**arguments, pages.position.name: position})
            items, total = _page(called, result, pages.items, pages.total)
            if items and items == before:
                raise ServerUnavailable(
                    f"{called.method} {called.path} was answered with the same page again and again."
                )
            yield result
            seen += len(items)
            full = full or len(items)
            if not items or (len(items) < full if total is None else seen >= total):
                return
            before = items
            position += (usual or full) if pages.by_offset else 1
        raise ServerUnavailable(f"{called.method} {called.path} has no end: {_MOST_PAGES:,} pages were read.")

    def _operation(self, identifier: str) -> Operation:
        return self.spec.operations[identifier]

    def _given(self, operation: Operation, arguments: Arguments) -> dict[str, Any]:
        """The arguments that are sent, if they are as the documentation wants them.

        Raises:
            ArgumentsInvalid: they are not; all that is wrong with them is told.
        """
        parameters = {parameter.name: parameter for parameter in operation.parameters}
        found = [f"{operation.id} has no {name}" for name in arguments if name not in parameters]
        given = {}
        for name, parameter in parameters.items():
            value = arguments.get(name, UNSET)
            if value is UNSET or (value is None and not _takes_null(parameter)):
                if parameter.required:
                    found.append(f"{parameter.python_name} is required")
                continue
            if parameter.place != "file":
                found += problems(self.spec, parameter.schema, value, parameter.python_name)
            if parameter.place == "path" and value in ("", ".", ".."):
                found.append(f"{parameter.python_name} can't be {value!r}")
            given[name] = value
        if found:
            raise ArgumentsInvalid(problems=found)
        return given

    async def _upload(
        self, operation: Operation, given: dict[str, Any], files: AsyncExitStack, progress: Progress | None
    ) -> Upload | None:
        for parameter in operation.parameters:
            if parameter.place == "file" and parameter.name in given:
                from xgodo_dev.platform.uploads import opened

                return await files.enter_async_context(
                    opened(
                        parameter.name,
                        given[parameter.name],
                        largest=parameter.max_bytes,
                        progress=progress,
                    )
                )
        return None

    async def _answered(self, operation: Operation, given: dict[str, Any], upload: Upload | None) -> Any:
        """What the server answers to the reading of the operation that it has."""
        known = self._readings.get(operation.id)
        # Servers change: what was seen comes first, and the other is one request away.
        readings = sorted(self._possible(operation), key=lambda each: (each.method, each.path) != known)
        missing: RouteMissing | NotFound | None = None
        for reading in readings:
            try:
                result = await self._transport.send(self._request(reading, given, upload=upload))
            except (RouteMissing, NotFound) as error:
                # What nobody documents a 404 of can only be missing as a whole.
                if isinstance(error, NotFound) and 404 in reading.replies:
                    raise
                missing = missing or error
            else:
                self._readings[operation.id] = (reading.method, reading.path)
                return result
        assert missing
        raise missing

    def _possible(self, operation: Operation) -> Iterator[Operation]:
        """The operation, and what else its documentation may mean."""
        yield operation
        if other := operation.extensions.get("x-or"):
            yield self.spec.operations[other]
        if operation.extensions.get("x-or-beside-base") and urlsplit(self._address).path:
            yield replace(operation, path=self._address.rpartition("/")[0] + operation.path)

    def _request(
        self,
        operation: Operation,
        given: dict[str, Any],
        *,
        upload: Upload | None = None,
        headers: Mapping[str, str] | None = None,
        largest: int = LARGEST_ANSWER_WITH_FILE,
    ) -> Request:
        placed: dict[str, dict[str, Any]] = {place: {} for place in ("path", "query", "body", "file")}
        for parameter in operation.parameters:
            if parameter.name in given:
                placed[parameter.place][parameter.name] = given[parameter.name]
        path = operation.path
        for name, value in placed["path"].items():
            # Whatever an id holds, it stays one part of the path.
            path = path.replace(f"{{{name}}}", quote(_text(value), safe=""))
        has_body = any(parameter.place == "body" for parameter in operation.parameters)
        body = {name: _plain(value) for name, value in placed["body"].items()} if has_body else None
        if upload is not None:
            body = {name: _text(value) for name, value in (body or {}).items()}
        return Request(
            operation.method,
            path,
            repeatable=operation.repeatable,
            query={name: _query(value) for name, value in placed["query"].items()},
            headers={**(headers or {}), **self._admin(operation)},
            body=body,
            upload=upload,
            refusals=Refusals(
                forbidden=PermissionDenied,
                credential="the token or the admin token" if operation.credential == "admin" else None,
                compiles=operation.extensions.get("x-compiles", False),
            ),
            largest=largest,
        )

    def _admin(self, operation: Operation) -> dict[str, str]:
        if operation.credential != "admin":
            return {}
        token = self._admin_token
        if not token:
            raise AuthenticationError(
                f"{operation.id} needs the platform's admin token.", hint="Set XGODO_ADMIN_TOKEN."
            )
        if not token.isascii() or not token.isprintable():
            raise AuthenticationError("The admin token holds characters that no token has.")
        return {"X-Admin-Token": token}


def _takes_null(parameter: Parameter) -> bool:
    schema = parameter.schema
    kinds = schema.get("type", ())
    return "null" in ([kinds] if isinstance(kinds, str) else kinds) or any(
        alternative.get("type") == "null" for alternative in schema.get("anyOf", ())
    )


def _checked(spec: Spec, operation: Operation, result: Any) -> Any:
    """The result, if it is of the documented kind."""
    if operation.success.content_type is None:
        return None
    schema = spec.resolved(operation.success.schema)
    alternatives = schema.get("anyOf") or [schema]
    kinds = [spec.resolved(each).get("type") for each in alternatives]
    if not any(isinstance(result, _KINDS.get(str(kind), object)) for kind in kinds):
        raise ServerUnavailable(
            f"{operation.method} {operation.path} was answered in an unknown shape.",
            endpoint=f"{operation.method} {operation.path}",
        )
    return result


def _page(
    operation: Operation, result: Any, items_at: str, total_at: str | None
) -> tuple[list[Any], int | None]:
    items, total = (_pointed(result, at) if at is not None else None for at in (items_at, total_at))
    if not isinstance(items, list):
        raise ServerUnavailable(
            f"{operation.method} {operation.path} was answered with no page of a list.",
            endpoint=f"{operation.method} {operation.path}",
        )
    return items, total if isinstance(total, int) and not isinstance(total, bool) else None


def _pointed(result: Any, pointer: str) -> Any:
    try:
        return pointed(result, pointer)
    except KeyError:
        return None


def _query(value: Any) -> str | list[str]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_text(each) for each in value]
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError("A value given can't be sent: it holds half of a character.") from None
    return text


def _plain(value: Any) -> Any:
    """The value as JSON's own kinds."""
    if isinstance(value, Mapping):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
