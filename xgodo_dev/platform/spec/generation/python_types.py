"""Schemas as Python types: typed dictionaries for objects, literals for enumerations."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from xgodo_dev.platform.spec.generation.prose import commented, sentence
from xgodo_dev.platform.spec.reading import Schema, Spec

RECORDS = "records"
_SIMPLE = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_FORMS = {"date-time": "In ISO 8601.", "uuid": "A UUID.", "uri": "A URL."}
_COMPONENT = "#/components/schemas/"


def camel(name: str) -> str:
    """``planned_tasks`` or ``plannedTasks`` as ``PlannedTasks``."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name))


def components(spec: Spec, node: Any) -> Iterator[str]:
    """The names of the components that a node refers to, directly or not; some of them twice."""
    pending, known = [node], set()
    while pending:
        each = pending.pop()
        if isinstance(each, list):
            pending += each
        elif isinstance(each, Mapping):
            name = _component(each)
            if name and name not in known:
                known.add(name)
                yield name
                pending.append(spec.document["components"]["schemas"][name])
            pending += [member for key, member in each.items() if not key.startswith(("x-", "example"))]


class Types:
    """The types that one module declares, collected while its text is made.

    ``shared`` are the components that the module of records declares.
    """

    def __init__(self, spec: Spec, shared: frozenset[str], *, is_records: bool = False) -> None:
        self._spec = spec
        self._shared = frozenset() if is_records else shared
        self._declared: dict[str, str] = {}

    def text(self) -> str:
        """All that was declared."""
        return "\n\n".join(self._declared.values())

    def of(self, schema: Schema, name: str, *, given: bool = False, described: str = "") -> str:
        """The type of a schema, declared as ``name`` where it needs a name.

        ``given`` is for what a caller gives, in whichever list or mapping they have it. ``described`` says
        what it is where the schema does not.
        """
        component = _component(schema)
        if component:
            return self._of_component(component, given)
        if "anyOf" in schema and not schema.get("properties"):
            kinds = [self.of(each, name, given=given, described=described) for each in schema["anyOf"]]
            return union(kinds)
        if "const" in schema:
            return f"Literal[{schema['const']!r}]"
        if "enum" in schema:
            return _literal(schema["enum"])
        kinds = schema.get("type", ())
        kinds = [kinds] if isinstance(kinds, str) else list(kinds)
        if not kinds:
            return "Any"
        return union(self._of_kind(kind, schema, name, given, described) for kind in kinds)

    def named(self, kind: str, name: str) -> str:
        """``name``, declared as what ``kind`` says."""
        self._declared[name] = f"{name}: TypeAlias = {kind!r}\n"
        return name

    def component(self, name: str) -> None:
        """Declare a component here."""
        if name in self._declared:
            return
        schema = self._spec.document["components"]["schemas"][name]
        if _is_record(schema):
            self._declare(name, schema)
        elif "enum" in schema:
            self._declared[name] = f"{name}: TypeAlias = {_literal(schema['enum'])}\n{_documented(schema)}"

    def _of_component(self, name: str, given: bool) -> str:
        schema = self._spec.document["components"]["schemas"][name]
        if not (_is_record(schema) or "enum" in schema):
            return self.of(schema, name, given=given)
        if name in self._shared:
            return f"{RECORDS}.{name}"
        self.component(name)
        return name

    def _of_kind(self, kind: str, schema: Schema, name: str, given: bool, described: str) -> str:
        if kind == "array":
            items = schema.get("items")
            inner = "Any"
            if isinstance(items, Mapping):
                inner = self.of(items, f"{name}Item", given=given, described=f"One of {described}")
            return f"{'Sequence' if given else 'list'}[{inner}]"
        if kind != "object":
            return _SIMPLE[kind]
        if _is_record(schema):
            self._declare(name, {"description": described, **schema})
            return name
        further = schema.get("additionalProperties")
        inner = "Any"
        if isinstance(further, Mapping) and not schema.get("properties"):
            inner = self.of(further, f"{name}Value", given=given)
        return f"{'Mapping' if given else 'dict'}[str, {inner}]"

    def _declare(self, name: str, schema: Schema) -> None:
        if name in self._declared:
            return
        # Taken before its members: a schema may hold itself.
        self._declared[name] = ""
        required = schema.get("required", ())
        lines, odd = [], []
        for key, member in schema["properties"].items():
            kind = self.of(member, f"{name}{camel(key)}", described=f"`{key}` of `{name}`.")
            if key not in required:
                kind = f"NotRequired[{kind}]"
            if _can_be_attribute(key):
                lines += [f"    {key}: {kind}", _documented(member, "    ")]
            else:
                odd.append(f"{key!r}: {kind!r}")
        base = "TypedDict"
        before = ""
        if odd:
            base = f"_{name}Names"
            before = (
                "# Names that no attribute can have.\n"
                f'{base} = TypedDict("{base}", {{{", ".join(odd)}}})\n\n\n'
            )
        body = "\n".join(line for line in lines if line)
        text = schema.get("description") or f"`{name}`."
        docstring = commented(text, schema.get("x-uncertain"), "    ")
        self._declared[name] = f"{before}class {name}({base}):\n{docstring}\n\n{body}\n"


def _component(schema: Mapping[str, Any]) -> str | None:
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(_COMPONENT):
        return reference.removeprefix(_COMPONENT)
    return None


def _is_record(schema: Mapping[str, Any]) -> bool:
    """Whether its members are known; else a mapping of anything says more of it."""
    return bool(schema.get("properties")) and not schema.get("additionalProperties")


def _literal(values: list[Any]) -> str:
    told = ", ".join(repr(value) for value in values if value is not None)
    return f"Literal[{told}]" + (" | None" if None in values else "")


def union(kinds: Iterable[str]) -> str:
    """One type for any of several."""
    kinds = list(kinds)
    if "Any" in kinds:
        return "Any"
    # None last, as people write it.
    return " | ".join(sorted(dict.fromkeys(kinds), key=lambda kind: kind == "None"))


def _can_be_attribute(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")


def _documented(schema: Schema, indent: str = "") -> str:
    text = " ".join(filter(None, (sentence(schema.get("description", "")), form(schema))))
    uncertain = schema.get("x-uncertain")
    return commented(text, uncertain, indent) if text or uncertain else ""


def form(schema: Schema) -> str:
    """How a text is written, as a sentence."""
    return _FORMS.get(schema.get("format", ""), "")
