"""What an endpoint is given, and how it says what it needs."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from starlette.requests import Request
from starlette.responses import Response

from xgodo_dev.emulator.accounts import Caller
from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.projects import ProjectStore
from xgodo_dev.emulator.refusals import InvalidRequest
from xgodo_dev.platform.spec import reading
from xgodo_dev.platform.spec.reading import Operation

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SURROGATE = re.compile(r"[\ud800-\udfff]")

Document: TypeAlias = "dict[str, object] | list[dict[str, object]]"


@dataclass(frozen=True)
class Fields:
    """The members of a JSON object, or of a query, of which no spec says anything.

    Each getter raises InvalidRequest naming the field. Types are exact: ``null`` is not a missing field, a
    number is not a string.
    """

    values: Mapping[str, object]

    def text(self, name: str) -> str:
        """A required string, possibly empty."""
        if name not in self.values:
            raise InvalidRequest(f"{name} is required")
        value = self.values[name]
        if not isinstance(value, str):
            raise InvalidRequest(f"{name} must be a string")
        if _SURROGATE.search(value):
            raise InvalidRequest(f"{name} is not well-formed Unicode")
        return value

    def filled_text(self, name: str) -> str:
        """A required string with something in it."""
        value = self.text(name)
        if not value:
            raise InvalidRequest(f"{name} must not be empty")
        return value

    def optional_text(self, name: str) -> str | None:
        """A string, or None when the field is absent."""
        return self.text(name) if name in self.values else None

    def uuid(self, name: str) -> str:
        """A required UUID in its usual form, as it was given."""
        value = self.text(name)
        if _UUID.fullmatch(value) is None:
            raise InvalidRequest(f"{name} must be a UUID")
        return value

    def choice(self, name: str, allowed: Sequence[str]) -> str:
        """A required string out of a few."""
        value = self.text(name)
        if value not in allowed:
            raise InvalidRequest(f"{name} must be {' or '.join(allowed)}")
        return value


@dataclass(frozen=True)
class Call:
    """One request: whose it is, and what it says."""

    request: Request
    """For uploads, which are read as they come."""
    caller: Caller
    path: Mapping[str, str]
    query: Fields
    body: Fields
    """The members of its JSON body; none for GET and where there is no body."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """What the spec documents of path, query and body, checked, with defaults, by the platform's spelling."""


def own_projects(emulator: Emulator, call: Call) -> ProjectStore:
    """The projects of the account that the call is for."""
    return emulator.projects.of(call.caller.account_id)


@dataclass(frozen=True)
class Answer:
    """A JSON document under another status than 200."""

    document: Document | None
    """None: no body."""
    status: int


Handler: TypeAlias = "Callable[[Emulator, Call], Awaitable[Document | Answer | Response]]"

XGODO_BASES = ("/api", "/server/api")
"""The platform answers under both."""
MOBILERUN_BASES = ("/mobilerun/v1",)
CONTROL_BASES = ("/_emulator",)


Permitted: TypeAlias = Literal["everybody", "accounts", "owner"]
"""Who of those with a token may ask: running automations too, the two accounts, or the emulator's owner."""


@dataclass(frozen=True)
class Endpoint:
    """``path`` is below each of ``bases``; ``answer`` returns the answer, or raises Refusal."""

    methods: tuple[str, ...]
    path: str
    answer: Handler
    operation: Operation | None = None
    """What the spec says of it, which requests are held against."""
    bases: tuple[str, ...] = XGODO_BASES
    needs_token: bool = True
    permitted: Permitted = "everybody"

    @property
    def may_lack_body(self) -> bool:
        """Whether no body is as good as an empty object."""
        return not self.operation.needs_body if self.operation else self.bases == CONTROL_BASES

    @property
    def is_mobilerun(self) -> bool:
        """Which of the two platforms it belongs to."""
        return self.bases[0].startswith("/mobilerun")


def endpoint(operation_id: str, answer: Handler) -> Endpoint:
    """The endpoint of an operation of Xgodo's spec."""
    operation = reading.xgodo().operations[operation_id]
    path = operation.path.removeprefix("/server").removeprefix("/api")
    return Endpoint((operation.method,), path, answer, operation)


def mobilerun_endpoint(
    operation_id: str, answer: Handler, bases: tuple[str, ...] = MOBILERUN_BASES
) -> Endpoint:
    """The endpoint of an operation of Mobilerun's spec."""
    operation = reading.mobilerun().operations[operation_id]
    return Endpoint((operation.method,), operation.path, answer, operation, bases)


def control(method: str, path: str, answer: Handler, *, permitted: Permitted = "owner") -> Endpoint:
    """What only the emulator has, below ``/_emulator``: makes happen what no endpoint of a platform can."""
    return Endpoint((method,), path, answer, bases=CONTROL_BASES, permitted=permitted)
