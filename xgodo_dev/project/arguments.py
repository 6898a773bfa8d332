"""What a run is started with: read from where it was given, completed, and held against the schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xgodo_dev.errors import ArgumentsInvalid
from xgodo_dev.project.config import SETTINGS_FILE, Project
from xgodo_dev.project.field_values import filled, is_number, problems_of_members
from xgodo_dev.project.input_schema import Field, InputSchema, Schemas
from xgodo_dev.project.schema_reading import loads


@dataclass(frozen=True)
class Values:
    """Values of JSON or TOML, and the name of the place that a person gave them in."""

    given_in: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class Pairs:
    """Texts of the form ``NAME=VALUE``, and the option that a person gave them with."""

    given_in: str
    pairs: Sequence[str]


Source = Values | Pairs


@dataclass(frozen=True)
class Arguments:
    """What a run is started with."""

    parameters: Mapping[str, object]
    variables: Mapping[str, object]


@dataclass(frozen=True)
class _Kind:
    """One kind of arguments, in words."""

    name: str
    option: str
    table: str


_PARAMETER = _Kind("parameter", "--param", "[run.parameters]")
_VARIABLE = _Kind("job variable", "--var", "[run.variables]")


def resolve(
    project: Project, schemas: Schemas, parameters: Sequence[Source] = (), variables: Sequence[Source] = ()
) -> Arguments:
    """What the sources say, over what the project's settings say, with the defaults of the schemas.

    A later source wins over one before it, name by name. The value of a pair is read as its field's
    type has it; without a schema, as JSON where it is that, and else as text.

    Raises:
        ArgumentsInvalid: something is missing, unknown or not allowed; names all of it.
    """
    found: list[str] = []
    missing: list[_Kind] = []
    parts = []
    for kind, schema, settings, sources in (
        (_PARAMETER, schemas.automation_parameters, project.parameters, parameters),
        (_VARIABLE, schemas.job_variables, project.variables, variables),
    ):
        table = Values(f"{kind.table} in {SETTINGS_FILE}", settings)
        gathered = _Gathered(kind, schema)
        for source in (table, *sources):
            gathered.take(source)
        parts.append(gathered.complete())
        found += gathered.problems
        if gathered.is_missing_some:
            missing.append(kind)
    if found:
        with_options = any(isinstance(source, Pairs) for source in (*parameters, *variables))
        by_schema = schemas.automation_parameters or schemas.job_variables
        hint = _way_out(missing, with_options=with_options) if by_schema else None
        raise ArgumentsInvalid(problems=found, hint=hint)
    return Arguments(*parts)


class _Gathered:
    """The arguments of one kind, and what is wrong with them."""

    def __init__(self, kind: _Kind, schema: InputSchema | None) -> None:
        self._kind = kind
        self._schema = schema
        self._values: dict[str, object] = {}
        self._given_in: dict[str, str] = {}
        self._unread: dict[str, str] = {}
        self.problems: list[str] = []
        self.is_missing_some = False

    def take(self, source: Source) -> None:
        if isinstance(source, Values):
            for name, value in source.values.items():
                self._set(name, value, source.given_in)
            return
        for pair in source.pairs:
            name, equals, text = pair.partition("=")
            if not name or not equals:
                self.problems.append(f"{source.given_in} {pair!r} is not of the form NAME=VALUE.")
                continue
            value, unread = _read(text, self._schema.field(name) if self._schema else None)
            self._set(name, value, source.given_in)
            if unread:
                self._unread[name] = unread

    def complete(self) -> dict[str, object]:
        """The values with their defaults; the problems are complete then, too."""
        self.problems += [
            f"{name} ({self._given_in[name]}): {unread}" for name, unread in self._unread.items()
        ]
        if self._schema is None:
            return self._values
        values = filled(self._schema.fields, self._values)
        for problem in problems_of_members(self._schema.fields, values, (), self._kind.name):
            name = problem.path[0]
            # What could not be read is told already.
            if name not in self._unread:
                given_in = self._given_in.get(str(name), self._kind.name)
                self.problems.append(f"{problem.place} ({given_in}): {problem.message}")
                self.is_missing_some |= problem.path == (name,) and problem.reason == "missing"
        return values

    def _set(self, name: str, value: object, given_in: str) -> None:
        self._values[name] = value
        self._given_in[name] = given_in
        self._unread.pop(name, None)


def _read(text: str, field: Field | None) -> tuple[object, str | None]:
    """The value that a text of the command line stands for, and why it stands for none."""
    as_json, is_json = _json(text)
    match field.type if field else "any":
        case "string":
            # A number among the choices, as long as no text of the same look is.
            assert field is not None, "it has a type"
            return (
                as_json
                if text not in field.choices and is_number(as_json) and as_json in field.choices
                else text
            ), None
        case "number":
            return as_json, None if is_number(as_json) else "must be a number."
        case "boolean":
            return as_json, None if isinstance(as_json, bool) else "must be true or false."
        case "array":
            given = isinstance(as_json, list)
            return as_json, None if given else 'must be a list in JSON, such as ["a","b"].'
        case "object":
            given = isinstance(as_json, dict)
            return as_json, None if given else 'must be an object in JSON, such as {"name":"value"}.'
    return (as_json if is_json else text), None


def _json(text: str) -> tuple[object, bool]:
    try:
        return loads(text), True
    except ValueError:
        return None, False


def _way_out(missing: Sequence[_Kind], *, with_options: bool) -> str:
    if not missing:
        return "The schemas are in xgodo.schemas.json, or in [schemas] of xgodo.toml."
    ways = [
        f"{f'with `{kind.option} NAME=VALUE` or ' if with_options else ''}in {kind.table}" for kind in missing
    ]
    return f"Give what is missing {', '.join(ways)} of {SETTINGS_FILE}."
