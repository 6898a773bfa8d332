"""Reads a schema from JSON or TOML, and finds everything that is wrong with it in one go."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from xgodo_dev.schema.field_values import cut, is_number, is_text, problems, shown
from xgodo_dev.schema.input_schema import Field, FieldType, InputSchema
from xgodo_dev.schema.patterns import is_pattern

_NEW_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_TYPES: tuple[FieldType, ...] = ("string", "number", "boolean", "array", "object", "any")
_DEPTH = 16
_MOST_FIELDS = 1000
_DEEPEST_DEFAULT = 100
# Members that limit values of these types only.
_BELONGS_TO = {
    **dict.fromkeys(("minLength", "maxLength", "pattern"), ("string",)),
    **dict.fromkeys(("min", "max", "integer"), ("number",)),
    **dict.fromkeys(("minItems", "maxItems", "items"), ("array",)),
    "properties": ("object",),
    "enum": ("string", "number"),
}
_MEMBERS = ("name", "type", "required", "description", "defaultValue", *_BELONGS_TO)
# What the members are called elsewhere. Other names that are not known here are somebody else's.
_OTHER_NAMES = {
    "options": "enum",
    "choices": "enum",
    "default": "defaultValue",
    "fields": "properties",
    "minimum": "min",
    "maximum": "max",
}


@dataclass(frozen=True)
class Reading:
    """What was made of a schema."""

    schema: InputSchema | None
    """None where there is none, or it has no field, which the platform takes for the same."""
    faults: tuple[str, ...]
    """Why it can't be used at all. Each begins with its place."""
    doubts: tuple[str, ...]
    """What contradicts itself or is not known here; read as if that part were not there."""


def read_schema(value: object, place: str) -> Reading:
    """The schema that ``value``, of JSON or TOML, is; ``place`` is what to call it."""
    reader = _Reader()
    fields: tuple[Field, ...] = ()
    if value is not None:
        if isinstance(value, Mapping):
            fields = reader.fields(value.get("fields"), f"{place}.fields", 0)
        else:
            reader.faults.append(f"{place} must be an object with `fields`.")
    schema = InputSchema(fields) if fields else None
    return Reading(schema, tuple(reader.faults), tuple(reader.doubts))


class _Reader:
    def __init__(self) -> None:
        self.faults: list[str] = []
        self.doubts: list[str] = []
        self._count = 0

    def fields(self, value: object, place: str, depth: int) -> tuple[Field, ...]:
        if not isinstance(value, list):
            self.faults.append(f"{place} must be a list of fields.")
            return ()
        found: dict[str, Field] = {}
        self._count += len(value)
        if self._count > _MOST_FIELDS:
            self.faults.append(f"{place}: there are more than {_MOST_FIELDS} fields.")
            return ()
        for number, each in enumerate(value):
            here = f"{place}[{number}]"
            field = self.field(each, here, depth)
            if field is None:
                continue
            name = each.get("name")
            if not isinstance(name, str) or not name:
                self.faults.append(f"{here} needs a `name`.")
                continue
            here = f"{here} ({shown(name)})"
            if not is_text(name):
                self.doubts.append(f"{here}: the name holds half of a character; the field is ignored.")
            elif name in found:
                self.doubts.append(f"{here}: another field has that name already; this one is ignored.")
            else:
                if not _NEW_NAME.fullmatch(name):
                    self.doubts.append(
                        f"{here}: a name is made of letters (a-z), digits and underscores, no digit first."
                    )
                found[name] = replace(field, name=name)
        return tuple(found.values())

    def field(self, value: object, place: str, depth: int) -> Field | None:
        if not isinstance(value, Mapping):
            self.faults.append(f"{place} must be an object with `name` and `type`.")
            return None
        if depth > _DEPTH:
            self.faults.append(f"{place} is nested more than {_DEPTH} deep.")
            return None
        name = value.get("name")
        if isinstance(name, str) and name:
            place = f"{place} ({shown(name)})"
        field_type = self._type(value, place)
        members = _Members(value, field_type, place, self.doubts)
        field = Field(
            name="",
            type=field_type,
            required=members.flag("required"),
            description=members.text("description") or "",
            choices=members.choices(),
            pattern=members.pattern(),
            min_length=members.count("minLength"),
            max_length=members.count("maxLength"),
            minimum=members.number("min"),
            maximum=members.number("max"),
            integer=members.flag("integer"),
            min_items=members.count("minItems"),
            max_items=members.count("maxItems"),
            items=self._items(members, place, depth),
            properties=self._properties(members, place, depth),
        )
        for least, most in (("minLength", "maxLength"), ("min", "max"), ("minItems", "maxItems")):
            low, high = members.number(least), members.number(most)
            if low is not None and high is not None and low > high:
                self.doubts.append(f"{place}: `{least}` is more than `{most}`, so no value fits.")
        return replace(field, default=self._default(members, field, place))

    def _type(self, value: Mapping[str, Any], place: str) -> FieldType:
        given = value.get("type")
        if given in _TYPES:
            return cast("FieldType", given)
        said = "it needs a `type`" if given is None else f"there is no type {shown(given)}"
        self.doubts.append(
            f"{place}: {said}; there are {', '.join(_TYPES[:-1])} and {_TYPES[-1]}. It is taken for any."
        )
        return "any"

    def _items(self, members: _Members, place: str, depth: int) -> Field | None:
        value = members.take("items")
        return None if value is None else self.field(value, f"{place}.items", depth + 1)

    def _properties(self, members: _Members, place: str, depth: int) -> tuple[Field, ...]:
        value = members.take("properties")
        return () if value is None else self.fields(value, f"{place}.properties", depth + 1)

    def _default(self, members: _Members, field: Field, place: str) -> object:
        value = members.take("defaultValue")
        if value is None:
            return None
        if not _is_json(value):
            self.doubts.append(f"{place}: the default is no value of JSON; it is ignored.")
            return None
        # Its pattern is left to the runs that it starts: to match one may take for ever.
        wrong = [each for each in problems(field, value, ("defaultValue",)) if each.unless is None]
        self.doubts.extend(f"{place}.{each.place} {each.message}" for each in wrong)
        return None if wrong else value


class _Members:
    """The members of one field, which complain by its place, and are as if not there then."""

    def __init__(
        self, members: Mapping[str, Any], field_type: FieldType, place: str, doubts: list[str]
    ) -> None:
        self._doubts = doubts
        self._place = place
        self._members: dict[str, Any] = {}
        for name, value in members.items():
            types = _BELONGS_TO.get(name)
            if value is None:
                continue
            if name not in _MEMBERS:
                self._point_out_slip(name, members, field_type)
            # The type `any` of a type that is not known here has whatever limits it has.
            if types and field_type not in types:
                if members.get("type") in _TYPES:
                    doubts.append(f"{place}: `{name}` is for {' and '.join(types)}, not for {field_type}.")
            else:
                self._members[name] = value

    def take(self, name: str) -> Any:
        return self._members.get(name)

    def flag(self, name: str) -> bool:
        return self._checked(name, isinstance(self.take(name), bool), "true or false") or False

    def text(self, name: str) -> str | None:
        return cast("str | None", self._checked(name, isinstance(self.take(name), str), "text"))

    def number(self, name: str) -> float | None:
        return cast("float | None", self._checked(name, is_number(self.take(name)), "a number"))

    def count(self, name: str) -> int | None:
        value = self.take(name)
        whole = is_number(value) and value >= 0 and value == int(value)
        counted = self._checked(name, whole, "a whole number from 0")
        return None if counted is None else int(counted)

    def pattern(self) -> str | None:
        pattern = self.text("pattern")
        if pattern and not is_pattern(pattern):
            self._doubt(
                f"the `pattern` {shown(pattern)} is no regular expression of JavaScript, or too long; "
                "it is not checked."
            )
            return None
        return pattern or None

    def choices(self) -> tuple[str | float, ...]:
        value = self.take("enum")
        if value is None:
            return ()
        if not isinstance(value, list):
            self._doubt("`enum` must be a list of texts and numbers; it is ignored.")
            return ()
        texts_fit = self.take("type") == "string"
        fitting = [each for each in value if (texts_fit and _is_unicode(each)) or is_number(each)]
        if not value:
            self._doubt("`enum` is empty, so no value would fit; it is ignored.")
        elif len(fitting) < len(value):
            what = "texts and numbers" if texts_fit else "numbers"
            self._doubt(f"`enum` must hold {what} only; the rest of it is ignored.")
        return tuple(dict.fromkeys(fitting))

    def _point_out_slip(self, name: str, members: Mapping[str, Any], field_type: FieldType) -> None:
        # Here, because most fields have members of ours only.
        import difflib

        near = difflib.get_close_matches(name, _MEMBERS, n=1, cutoff=0.8)
        meant = _OTHER_NAMES.get(name, near[0] if near else None)
        if meant is None or members.get(meant) is not None:
            return
        where = ""
        if meant == "properties" and field_type == "array":
            where = " of its `items`"
        elif field_type not in _BELONGS_TO.get(meant, (field_type,)):
            return
        self._doubt(f"nothing reads `{cut(name)}`. Did you mean `{meant}`{where}?")

    def _checked(self, name: str, fits: bool, kind: str) -> Any:
        value = self.take(name)
        if value is None or fits:
            return value
        self._doubt(f"`{name}` must be {kind}; it is ignored.")
        del self._members[name]
        return None

    def _doubt(self, what: str) -> None:
        self._doubts.append(f"{self._place}: {what}")


def _is_unicode(value: object) -> bool:
    return isinstance(value, str) and is_text(value)


def _is_json(value: object, depth: int = 0) -> bool:
    match value:
        case bool():
            return True
        case float() | int():
            return is_number(value)
        case Mapping():
            return depth < _DEEPEST_DEFAULT and all(_is_json(each, depth + 1) for each in value.values())
        case list():
            return depth < _DEEPEST_DEFAULT and all(_is_json(each, depth + 1) for each in value)
    return value is None or isinstance(value, str)


def loads(text: str | bytes, *, unique: bool = False) -> Any:
    """JSON as the standard has it: no ``NaN``, no number that is too large, no nesting beyond sense.

    Args:
        unique: refuse an object that has a member twice, of which the last would be taken otherwise.

    Raises:
        ValueError: it is none.
    """

    def refuse(word: str) -> Any:
        raise ValueError(f"{cut(word)} is no number of JSON")

    def finite(digits: str) -> float:
        number = float(digits)
        return number if math.isfinite(number) else refuse(digits)

    def whole(digits: str) -> int:
        # The float first: Python makes no integer of thousands of digits.
        finite(digits)
        return int(digits)

    def once_each(members: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, value in members:
            if name in made:
                raise ValueError(f"{cut(name)} is there twice")
            made[name] = value
        return made

    pairs = once_each if unique else None
    try:
        return json.loads(
            text, parse_constant=refuse, parse_float=finite, parse_int=whole, object_pairs_hook=pairs
        )
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
