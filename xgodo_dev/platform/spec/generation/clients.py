"""The typed Python clients: a module of a section's methods and records each, out of the specs.

A section stays one module however much the specs say of it: most of a long one are the docstrings of its
methods, so that it would stay long without its records, and they would be one module further away.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from xgodo_dev.platform.spec.generation.prose import commented, docstring, paragraphs, sentence, wrapped
from xgodo_dev.platform.spec.generation.python_types import RECORDS, Types, camel, components, form, union
from xgodo_dev.platform.spec.generation.twins import FOLDER as SPECS
from xgodo_dev.platform.spec.reading import Operation, Parameter, Reply, Spec

FOLDER = SPECS.parent / "clients"
_CONFIGURATION = SPECS.parents[2] / "pyproject.toml"
_PACKAGE = "xgodo_dev.platform.clients"
_INDENT = " " * 8
_MADE = "Made from the spec by `make generate`."
_NAMES = {"xgodo": "Xgodo", "mobilerun": "Mobilerun"}
_SOURCES = {
    "client-api": "the platform's client API documentation",
    "automation-api": "the platform's automation control API documentation",
    "mobilerun-api": "Mobilerun's documentation",
    "platform-cli": "the platform's own command-line client; no document describes it",
    "inferred": "inferred; no document describes it",
}
_IMPORTS = {
    "Any": "typing",
    "Literal": "typing",
    "NotRequired": "typing",
    "TypeAlias": "typing",
    "TypedDict": "typing",
    "AsyncGenerator": "collections.abc",
    "Mapping": "collections.abc",
    "Sequence": "collections.abc",
    "PathLike": "os",
    "cached_property": "functools",
    "TYPE_CHECKING": "typing",
    "Calls": f"{_PACKAGE}.calling",
    "UNSET": f"{_PACKAGE}.calling",
    "Unset": f"{_PACKAGE}.calling",
    "Events": f"{_PACKAGE}.events",
    "Downloaded": "xgodo_dev.platform.downloads",
    "FileToSend": "xgodo_dev.platform.uploads",
    "Progress": "xgodo_dev.platform.uploads",
}
_ERRORS = {
    400: "ApiError",
    401: "AuthenticationError",
    403: "PermissionDenied",
    404: "NotFound",
    413: "BodyTooLarge",
    429: "TooManyRequests",
}


def modules(name: str, spec: Spec) -> dict[Path, str]:
    """The text of every module of a platform's client, by its path within the package of clients."""
    reached = {section: _reached(spec, section) for section in spec.sections}
    every = sorted({component for names in reached.values() for component in names})
    shared = frozenset(each for each in every if sum(each in names for names in reached.values()) > 1)
    written = {Path(name) / "__init__.py": _sections(name, spec)}
    if shared:
        types = Types(spec, shared, is_records=True)
        for component in sorted(shared):
            types.component(component)
        written[Path(name) / f"{RECORDS}.py"] = _module(
            f"Records that several sections of {_NAMES[name]} have. {_MADE}", types.text(), name
        )
    for section in spec.sections:
        written[Path(name) / f"{section}.py"] = _section(name, spec, section, shared)
    return written


def formatted(texts: Mapping[Path, str]) -> dict[Path, str]:
    """The modules as the project's formatter leaves them."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in texts.items():
            file = Path(folder) / path
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        ruff = [sys.executable, "-m", "ruff"]
        settings = ["--quiet", "--no-cache", "--config", str(_CONFIGURATION), folder]
        subprocess.run([*ruff, "check", "--select", "I", "--fix", *settings], check=True)
        subprocess.run([*ruff, "format", *settings], check=True)
        return {path: (Path(folder) / path).read_text(encoding="utf-8") for path in texts}


def _sections(name: str, spec: Spec) -> str:
    """The class that has each section as an attribute, imported when it is asked for."""
    lines = [
        f"class {_NAMES[name]}Sections:",
        commented(f"The sections of {_NAMES[name]}, each as an attribute.", None, "    "),
        "",
        "    def __init__(self, calls: Calls) -> None:",
        "        self.calls = calls",
        '        """Every operation by its id, for who finds it at run time."""',
    ]
    typed = []
    for section, description in spec.sections.items():
        source = f"from {_PACKAGE}.{name}.{section} import {camel(section)}"
        typed.append(f"    {source}")
        lines += [
            "",
            "    @cached_property",
            f"    def {section}(self) -> {camel(section)}:",
            commented(description, None, _INDENT),
            f"        {source}",
            "",
            f"        return {camel(section)}(self.calls)",
        ]
    text = "\n".join(["if TYPE_CHECKING:", *typed, "", "", *lines, ""])
    return _module(f"What {_NAMES[name]} can do, section by section. {_MADE}", text, name)


def _section(name: str, spec: Spec, section: str, shared: frozenset[str]) -> str:
    types = Types(spec, shared)
    methods = [
        _Method(spec, operation, types).text()
        for operation in spec.operations.values()
        if operation.section == section and not operation.hidden
    ]
    description = spec.sections[section]
    body = "\n".join(
        [
            types.text(),
            f"class {camel(section)}:",
            commented(description, None, "    "),
            "",
            "    def __init__(self, calls: Calls) -> None:",
            "        self._calls = calls",
            "",
            *methods,
        ]
    )
    return _module(f"{description} {_MADE}", body, name)


def _module(text: str, body: str, name: str) -> str:
    used = {word: source for word, source in _IMPORTS.items() if re.search(rf"\b{word}\b", body)}
    imports = [f"from {source} import {word}" for word, source in used.items()]
    if f"{RECORDS}." in body:
        imports.append(f"from {_PACKAGE}.{name} import {RECORDS}")
    return "\n".join(
        [commented(text, None, ""), "", "from __future__ import annotations", "", *imports, "", "", body]
    )


def _reached(spec: Spec, section: str) -> set[str]:
    """The components of what a section is given and answers."""
    reached: set[str] = set()
    for operation in spec.operations.values():
        if operation.section == section and not operation.hidden:
            reached.update(components(spec, [dict(each.schema) for each in operation.parameters]))
            reached.update(components(spec, dict(operation.success.schema)))
            reached.update(components(spec, _events(spec, operation)))
    return reached


def _events(spec: Spec, operation: Operation) -> dict[str, Any]:
    """The schema of what an operation streams."""
    node = _reply_node(spec, operation, operation.success)
    return {"$ref": node["x-events"]} if "x-events" in node else {}


def _reply_node(spec: Spec, operation: Operation, reply: Reply) -> Mapping[str, Any]:
    node = spec.document["paths"][operation.path][operation.method.lower()]
    return spec.resolved(node["responses"][str(reply.status)])


class _Method:
    """The text of one operation's methods."""

    def __init__(self, spec: Spec, operation: Operation, types: Types) -> None:
        self._spec = spec
        self._operation = operation
        self._types = types
        self._prefix = camel(operation.section) + camel(operation.name)

    def text(self) -> str:
        operation = self._operation
        every = operation.parameters
        if operation.streams:
            event = self._types.of(_events(self._spec, operation), f"{self._prefix}Event")
            return self._method(every, f"Events[{event}]", "events")
        if operation.downloads:
            return self._method(every, "Downloaded", "download")
        success = operation.success
        if success.content_type is None:
            return self._method(every, "None", "call")
        name = f"{self._prefix}Result"
        result = self._types.of(success.schema, name, described=sentence(success.description))
        if "list[" in result:
            # Within a class with a method called `list`, that is what the word means.
            result = self._types.named(result, name)
        text = self._method(every, result, "call")
        if operation.pages:
            item = self._types.of(self._item(), f"{self._prefix}Item")
            given = [each for each in every if each is not operation.pages.position]
            text += self._method(given, f"AsyncGenerator[{item}, None]", "pages")
        return text

    def _item(self) -> Mapping[str, Any]:
        """The schema of one item of a page."""
        assert self._operation.pages
        schema = self._spec.resolved(self._operation.success.schema)
        for alternative in schema.get("anyOf", [schema]):
            found: Any = self._spec.resolved(alternative)
            for part in self._operation.pages.items.split("/")[1:]:
                found = self._spec.resolved(found.get("properties", {}).get(part, {}))
            if "items" in found:
                return dict(found["items"])
        raise KeyError(f"{self._operation.id} has no list at {self._operation.pages.items}")

    def _method(self, given: Sequence[Parameter], result: str, how: str) -> str:
        operation = self._operation
        name = f"iter_{operation.name}" if how == "pages" else operation.name
        waits = "" if how in ("pages", "events") else "async "
        signature = [f"{each.python_name}: {self._argument(each)}" for each in given]
        further = ""
        if how == "download":
            signature.append("to: str | PathLike[str]")
            further = ", to"
        if how == "download" or operation.uploads:
            signature.append("progress: Progress | None = None")
            further += ", progress=progress"
        star = ["*", *signature] if signature else []
        arguments = ", ".join(f"{each.name!r}: {each.python_name}" for each in given)
        call = f'self._calls.{how}("{operation.id}", {{{arguments}}}{further})'
        lines = [
            f"    {waits}def {name}({', '.join(['self', *star])}) -> {result}:",
            self._described(given, how),
        ]
        if not waits:
            lines.append(f"        return {call}")
        elif result == "None":
            lines.append(f"        await {call}")
        elif result == "Downloaded":
            lines.append(f"        return await {call}")
        else:
            lines += [f"        result: {result} = await {call}", "        return result"]
        return "\n".join([*lines, "", ""])

    def _argument(self, parameter: Parameter) -> str:
        if parameter.place == "file":
            kind = "FileToSend"
        else:
            kind = self._types.of(
                _as_written(self._spec, self._operation, parameter),
                f"{self._prefix}{camel(parameter.name)}",
                given=True,
                described=f"`{parameter.python_name}` of `{camel(self._operation.section)}"
                f".{self._operation.name}`.",
            )
        if parameter.required:
            return kind
        kinds = kind.split(" | ")
        if "None" in kinds:
            return f"{union([*kinds, 'Unset'])} = UNSET"
        return f"{kind} | None = None"

    def _described(self, given: Sequence[Parameter], how: str) -> str:
        operation = self._operation
        if how == "pages":
            told = f"Each of what `{operation.name}` lists, asked for page by page as they are needed."
            parts = [wrapped(told, _INDENT), *self._arguments(given, how)]
            return docstring([part for part in parts if part], _INDENT)
        parts = [wrapped(operation.summary, _INDENT), *paragraphs(operation.description, _INDENT)]
        success = operation.success.description
        if how == "events":
            parts.append(wrapped("Close what is returned where you stop before its end.", _INDENT))
        parts += self._arguments(given, how)
        if success and operation.success.content_type:
            parts.append(f"{_INDENT}Returns:\n" + wrapped(sentence(success), _INDENT + "    "))
        raises = list(self._raised())
        if raises:
            parts.append(f"{_INDENT}Raises:\n" + "\n".join(raises))
        parts.append(wrapped(f"Source: {_SOURCES[operation.source]}.", _INDENT))
        answered = _reply_node(self._spec, operation, operation.success)
        parts += [
            wrapped(f"Uncertain: {sentence(uncertain)}", _INDENT)
            for uncertain in (operation.uncertain, answered.get("x-uncertain"))
            if uncertain
        ]
        return docstring(parts, _INDENT)

    def _arguments(self, given: Sequence[Parameter], how: str) -> list[str]:
        lines = [wrapped(f"{each.python_name}: {_told(each)}", _INDENT + "    ", "    ") for each in given]
        if how == "download":
            lines.append(f"{_INDENT}    to: Where to write it, in place of what is there.")
        if how == "download" or self._operation.uploads:
            lines.append(f"{_INDENT}    progress: Told how many bytes have passed, and of how many.")
        return [f"{_INDENT}Args:\n" + "\n".join(lines)] if lines else []

    def _raised(self) -> Iterator[str]:
        told: dict[str, list[str]] = {}
        for status, reply in sorted(self._operation.replies.items()):
            node = _reply_node(self._spec, self._operation, reply)
            if status < 400 or node.get("x-source") == "inferred":
                continue
            error = "ServerUnavailable" if status >= 500 else _ERRORS.get(status, "ApiError")
            text = sentence(reply.description)
            told.setdefault(error, []).append(f"({status}) {text}" if error == "ServerUnavailable" else text)
        for error, texts in told.items():
            yield wrapped(f"{error}: {' '.join(texts)}", _INDENT + "    ", "    ")


def _as_written(spec: Spec, operation: Operation, parameter: Parameter) -> Mapping[str, Any]:
    """A parameter's schema with its references, which `Parameter.schema` has resolved."""
    node = spec.document["paths"][operation.path][operation.method.lower()]
    if parameter.place == "body":
        content = spec.resolved(node["requestBody"])["content"]
        schema = spec.resolved(next(iter(content.values()))["schema"])
        return dict(schema["properties"][parameter.name])
    item = spec.document["paths"][operation.path]
    for each in (*item.get("parameters", ()), *node.get("parameters", ())):
        resolved = spec.resolved(each)
        if resolved["name"] == parameter.name and resolved["in"] == parameter.place:
            return dict(resolved["schema"])
    raise KeyError(parameter.name)


def _told(parameter: Parameter) -> str:
    """What a parameter is, with its limits."""
    schema = parameter.schema
    told = [sentence(parameter.description), form(schema)]
    for least, most, unit in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " items"),
    ):
        if least in schema and most in schema:
            told.append(f"From {schema[least]} to {schema[most]}{unit}.")
        elif least in schema and (unit or schema[least] != 0):
            told.append(f"At least {schema[least]}{unit if schema[least] != 1 else unit.rstrip('s')}.")
        elif most in schema:
            told.append(f"At most {schema[most]}{unit}.")
    if parameter.max_bytes:
        told.append(f"At most {parameter.max_bytes:,} bytes.")
    if "default" in schema:
        told.append(f"Not given, it is {schema['default']!r}.")
    uncertain = parameter.uncertain or schema.get("x-uncertain")
    if uncertain:
        told.append(f"Uncertain: {sentence(uncertain)}")
    return " ".join(each for each in told if each)
