"""The operations of a platform, as its spec has them.

The specs are written in ``xgodo.yaml`` and ``mobilerun.yaml``. What is read here are their twins in JSON,
which load in a hundredth of the time; ``make generate`` makes them, and a test holds them equal.
"""

from __future__ import annotations

import functools
import json
import keyword
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal

Place = Literal["path", "query", "header", "body", "file"]
Schema = Mapping[str, Any]

_METHODS = ("get", "put", "post", "patch", "delete")
_JSON = "application/json"
_FORM = "multipart/form-data"
EVENT_STREAM = "text/event-stream"


@dataclass(frozen=True)
class Parameter:
    """One thing that an operation is given."""

    name: str
    """As the platform spells it."""
    python_name: str
    """As Python and, with dashes, the command line spell it."""
    place: Place
    """``file``: the part of a form whose content is streamed."""
    required: bool
    schema: Schema
    description: str
    max_bytes: int | None = None
    """The documented limit of its size."""
    example: Any = None
    """What its source gives as an example; None where it gives none."""
    uncertain: str | None = None
    """What the sources leave open about it."""

    @property
    def option(self) -> str:
        """The option of a command: ``--job-id``."""
        return "--" + self.python_name.strip("_").replace("_", "-")

    @property
    def has_default(self) -> bool:
        """Whether the platform documents what it takes where nothing is given."""
        return "default" in self.schema


@dataclass(frozen=True)
class Pages:
    """How an operation's result is read page by page."""

    items: str
    """JSON pointer of a page's list."""
    total: str | None
    """JSON pointer of how many there are in all; None where the platform doesn't say."""
    position: Parameter
    """The parameter that names the page, from 1, or with ``by_offset`` the first item, from 0."""
    size: Parameter
    by_offset: bool


@dataclass(frozen=True)
class Reply:
    """One documented answer."""

    status: int
    content_type: str | None
    """None: no body."""
    schema: Schema
    description: str


@dataclass(frozen=True)
class Operation:
    """One endpoint: a method and a path."""

    id: str
    """``section.name``."""
    method: str
    """In capitals."""
    path: str
    """Below the server's address, with ``{name}`` where a parameter stands."""
    summary: str
    description: str
    source: str
    """The document that it comes from."""
    uncertain: str | None
    """What the sources leave open about it."""
    parameters: tuple[Parameter, ...]
    replies: Mapping[int, Reply]
    command: tuple[str, ...]
    """The words that name it on the command line."""
    hidden: bool
    """A second reading of another operation: it has no command and no method of its own."""
    confirm: str | None
    """What it costs or destroys, as a sentence to ask about."""
    needs_body: bool
    """Whether a request without a body is none."""
    credential: Literal["account", "agent", "admin"]
    """Whose token it needs."""
    pages: Pages | None
    rows: str | None
    """JSON pointer of the list in a result without pages."""
    columns: tuple[str, ...]
    """The members of a list's items that a person wants to see."""
    extensions: Mapping[str, Any]

    @property
    def section(self) -> str:
        """The part of the platform it belongs to."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """Its name within the section."""
        return self.id.partition(".")[2]

    @property
    def success(self) -> Reply:
        """The answer to a request that worked."""
        return min((reply for status, reply in self.replies.items() if status < 300), key=lambda r: r.status)

    @property
    def streams(self) -> bool:
        """Whether it is answered with events that go on."""
        return self.success.content_type == EVENT_STREAM

    @property
    def downloads(self) -> bool:
        """Whether it is answered with a file."""
        return self.success.content_type not in (None, _JSON, EVENT_STREAM)

    @property
    def uploads(self) -> bool:
        """Whether a file is sent with it."""
        return any(parameter.place == "file" for parameter in self.parameters)

    @property
    def repeatable(self) -> bool:
        """Whether sending it twice does no more than sending it once."""
        return bool(self.extensions.get("x-repeatable", self.method in ("GET", "PUT", "DELETE")))

    def needs_confirmation(self, values: Mapping[str, Any]) -> bool:
        """Whether it costs or destroys something with these values, by the platform's names.

        ``x-confirm-if`` says for which values of a member, ``x-confirm-without`` which one has to be missing.
        """
        if self.confirm is None:
            return False
        only_if = self.extensions.get("x-confirm-if")
        if only_if is not None:
            return any(values.get(name) in members for name, members in only_if.items())
        without = self.extensions.get("x-confirm-without")
        return without is None or values.get(without) is None

    def cost(self, values: Mapping[str, Any]) -> float | None:
        """What it takes from the balance with these values, in US dollars; None where they don't tell.

        ``x-cost`` names the members of which it is the product.
        """
        names = self.extensions.get("x-cost", ())
        factors = [float(values[name]) for name in names if isinstance(values.get(name), int | float)]
        return math.prod(factors) if factors and len(factors) == len(names) else None

    @property
    def confirmed_when(self) -> str | None:
        """With which values it has to be confirmed, in words; None where that is with any."""
        only_if: Mapping[str, list[str]] | None = self.extensions.get("x-confirm-if")
        if only_if is not None:
            told = (f"{self._in_words(name)} {' or '.join(members)}" for name, members in only_if.items())
            return f"with {' or '.join(told)}"
        without = self.extensions.get("x-confirm-without")
        return f"without {self._in_words(without)}" if without else None

    def _in_words(self, name: str) -> str:
        return self.parameter(name).python_name.strip("_").replace("_", " ")

    def parameter(self, name: str) -> Parameter:
        """The parameter that the platform spells so. Raises KeyError."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)


class Spec:
    """One platform's operations, by their ids."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.operations: Mapping[str, Operation] = {each.id: each for each in self._read()}

    @property
    def sections(self) -> Mapping[str, str]:
        """What each section is about, by its name, in the order of the spec."""
        return {tag["name"]: tag.get("description", "") for tag in self.document.get("tags", ())}

    def resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """The node itself, or what it refers to, with what stands beside the reference on top."""
        if "$ref" not in node:
            return node
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return {**self.resolved(pointed(self.document, node["$ref"].removeprefix("#"))), **beside}

    def _read(self) -> Iterator[Operation]:
        for path, item in self.document["paths"].items():
            for method in _METHODS:
                if method in item:
                    yield self._operation(method, path, item[method], item.get("parameters", ()))

    def _operation(self, method: str, path: str, node: Mapping[str, Any], shared: Any) -> Operation:
        identifier = node["operationId"]
        parameters = (
            *(self._parameter(self.resolved(each)) for each in (*shared, *node.get("parameters", ()))),
            *self._body(node),
        )
        section, _, name = identifier.partition(".")
        words = node.get("x-command") or f"{section} {name}".replace("_", "-")
        return Operation(
            id=identifier,
            method=method.upper(),
            path=path,
            summary=node["summary"],
            description=node.get("description", ""),
            source=node.get("x-source", ""),
            uncertain=node.get("x-uncertain"),
            parameters=parameters,
            replies={
                int(status): self._reply(int(status), reply) for status, reply in node["responses"].items()
            },
            command=tuple(words.split()),
            hidden=bool(node.get("x-hidden")),
            confirm=node.get("x-confirm"),
            needs_body=bool(self.resolved(node.get("requestBody", {})).get("required")),
            credential=node.get("x-token", "account"),
            pages=_pages(node.get("x-pages"), parameters),
            rows=node.get("x-rows"),
            columns=tuple(node.get("x-columns", ())),
            extensions={key: value for key, value in node.items() if key.startswith("x-")},
        )

    def _parameter(self, node: Mapping[str, Any]) -> Parameter:
        schema = self.resolved(node["schema"])
        return Parameter(
            name=node["name"],
            python_name=node.get("x-name") or python_name(node["name"]),
            place=node["in"],
            required=bool(node.get("required")),
            schema=schema,
            description=node.get("description") or schema.get("description", ""),
            example=_example({**schema, **node}),
            uncertain=node.get("x-uncertain") or schema.get("x-uncertain"),
        )

    def _body(self, node: Mapping[str, Any]) -> Iterator[Parameter]:
        content = self.resolved(node.get("requestBody", {})).get("content", {})
        for content_type in (_JSON, _FORM):
            if content_type not in content:
                continue
            schema = self.resolved(content[content_type]["schema"])
            whole = _example(content[content_type]) or {}
            for name, member in schema.get("properties", {}).items():
                resolved = self.resolved(member)
                is_file = content_type == _FORM and resolved.get("format") == "binary"
                yield Parameter(
                    name=name,
                    python_name=member.get("x-name") or python_name(name),
                    place="file" if is_file else "body",
                    required=name in schema.get("required", ()),
                    schema=resolved,
                    description=resolved.get("description", ""),
                    max_bytes=resolved.get("x-max-bytes"),
                    example=_example(resolved) if _example(resolved) is not None else whole.get(name),
                    uncertain=resolved.get("x-uncertain"),
                )

    def _reply(self, status: int, node: Mapping[str, Any]) -> Reply:
        reply = self.resolved(node)
        content = reply.get("content") or {}
        content_type = next(iter(content), None)
        schema = content[content_type].get("schema", {}) if content_type else {}
        return Reply(status, content_type, schema, reply.get("description", ""))


@functools.cache
def xgodo() -> Spec:
    """The spec of Xgodo."""
    return _load("xgodo.json")


@functools.cache
def mobilerun() -> Spec:
    """The spec of Mobilerun."""
    return _load("mobilerun.json")


def python_name(name: str) -> str:
    """A name of the platform as one of Python: ``JobTasks_Ids`` is ``job_tasks_ids``, ``from`` ``from_``."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.replace("-", "_"))
    lowered = re.sub("_+", "_", parted).lower()
    return f"{lowered}_" if keyword.iskeyword(lowered) else lowered


def pointed(document: Any, pointer: str) -> Any:
    """What a JSON pointer (RFC 6901) names in a document. Raises KeyError where nothing is there."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(document, list):
            if not key.isdecimal() or int(key) >= len(document):
                raise KeyError(pointer)
            document = document[int(key)]
        elif isinstance(document, Mapping) and key in document:
            document = document[key]
        else:
            raise KeyError(pointer)
    return document


def _example(node: Mapping[str, Any]) -> Any:
    """The first example beside or in a schema, in whichever of OpenAPI's ways it is written."""
    if "example" in node:
        return node["example"]
    given = node.get("examples") or ()
    first = next(iter(given.values() if isinstance(given, Mapping) else given), None)
    return first.get("value") if isinstance(given, Mapping) and first else first


def _pages(node: Mapping[str, str] | None, parameters: tuple[Parameter, ...]) -> Pages | None:
    if node is None:
        return None
    by_name = {parameter.name: parameter for parameter in parameters}
    by_offset = "page" not in by_name
    return Pages(
        items=node["items"],
        total=node.get("total"),
        position=by_name["offset" if by_offset else "page"],
        size=by_name.get("pageSize") or by_name["limit"],
        by_offset=by_offset,
    )


def _load(name: str) -> Spec:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return Spec(json.loads(text))
