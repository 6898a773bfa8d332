"""What a run is started with: read from where it was given, completed, and held against the schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xgodo_dev.errors import ArgumentsInvalid
from xgodo_dev.project.config import SETTINGS_FILE, Project
from xgodo_dev.project.schemas import SCHEMAS_FILE
from xgodo_dev.schema.field_values import (
    Problem,
    filled,
    nearest,
    problems_of_members,
    shown,
)
from xgodo_dev.schema.input_schema import InputSchema, Schemas
from xgodo_dev.schema.patterns import Question, matches
from xgodo_dev.schema.text_values import read_text


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


@dataclass(frozen=True)
class Unusable:
    """A place whose values can't be told, so that what seems to be missing may be there."""

    problem: str | None
    """None: it is told of the other kind of arguments."""


Source = Values | Pairs | Unusable


@dataclass(frozen=True)
class Sources:
    """What one place gives of both kinds of arguments."""

    parameters: Sequence[Source]
    variables: Sequence[Source]


@dataclass(frozen=True)
class Arguments:
    """What a run is started with."""

    parameters: Mapping[str, object]
    variables: Mapping[str, object]
    doubts: tuple[str, ...] = ()
    """What is odd and no reason not to start; for a person to read."""


@dataclass(frozen=True)
class _Kind:
    """One kind of arguments, in words."""

    name: str
    option: str
    table: str


_PARAMETER = _Kind("parameter", "--param", "[run.parameters]")
_VARIABLE = _Kind("job variable", "--var", "[run.variables]")


# In place of what tells the value of a secret.
_UNTOLD = "is not what its schema allows. It is secret, so that more is not told."

_TABLES = ("automationParameters", "jobVariables")


def of_document(document: object, place: str) -> Sources:
    """What a document of JSON gives, which is built like ``agent.arguments``; ``place`` names it."""
    known = f"There are `{_TABLES[0]}` and `{_TABLES[1]}`, and each may be left out."
    if not isinstance(document, Mapping):
        problem = f"{place} must be an object, not {shown(document)}. {known}"
        return Sources([Unusable(problem)], [Unusable(None)])
    found: dict[str, list[Source]] = {name: [] for name in _TABLES}
    for name, values in document.items():
        if name not in _TABLES:
            problem = f"{place}: there is no {shown(name)}.{nearest(name, _TABLES)} {known}"
            # Whatever was meant by it, either kind may be in it.
            found[_TABLES[0]].append(Unusable(problem))
            found[_TABLES[1]].append(Unusable(None))
        elif isinstance(values, Mapping):
            found[name].append(Values(f"`{name}` in {place}", values))
        else:
            found[name].append(Unusable(f"`{name}` in {place} must be an object, not {shown(values)}."))
    return Sources(found[_TABLES[0]], found[_TABLES[1]])


def resolve(
    project: Project, schemas: Schemas, parameters: Sequence[Source] = (), variables: Sequence[Source] = ()
) -> Arguments:
    """What the sources say, over what the project's settings say, with the defaults of the schemas.

    A later source wins over one before it, name by name. The value of a pair is read as its field's
    type has it; without a schema, as JSON where it is that, and else as text. Blocks for as long as
    ``patterns.matches`` where a text has to match a pattern.

    Raises:
        ArgumentsInvalid: something is missing, unknown or not allowed; names all of it.
    """
    parts = []
    for kind, schema, settings, sources in (
        (_PARAMETER, schemas.automation_parameters, project.parameters, parameters),
        (_VARIABLE, schemas.job_variables, project.variables, variables),
    ):
        table = Values(f"{kind.table} in {SETTINGS_FILE}", settings)
        gathered = _Gathered(kind, schema, frozenset(project.secrets))
        for source in (table, *sources):
            gathered.take(source)
        gathered.complete()
        parts.append(gathered)
    matching = matches([question for part in parts for question in part.questions])
    for part in parts:
        part.judge(matching)
    found = [problem for part in parts for problem in part.problems]
    if found:
        with_options = any(isinstance(source, Pairs) for source in (*parameters, *variables))
        raise ArgumentsInvalid(problems=found, hint=_way_out(parts, with_options=with_options))
    given, told = parts
    # A slip in a secret's name would show it.
    unknown = sorted({*project.secrets} - {*given.values, *told.values})
    slips = [
        f"`secrets` in {SETTINGS_FILE} names {shown(name)}, and no parameter or job variable of that name "
        "is given."
        for name in unknown
    ]
    return Arguments(given.values, told.values, (*given.doubts, *told.doubts, *slips))


class _Gathered:
    """The arguments of one kind, and what is wrong with them."""

    def __init__(self, kind: _Kind, schema: InputSchema | None, secret: frozenset[str]) -> None:
        self.kind = kind
        self._secret = secret
        self._schema = schema
        self.values: dict[str, object] = {}
        self._given_in: dict[str, str] = {}
        self._unread: dict[str, str] = {}
        self._may_hold_more = False
        self._found: list[Problem] = []
        self.problems: list[str] = []
        self.doubts: list[str] = []
        self.is_missing_some = False
        self.is_against_schema = False

    def take(self, source: Source) -> None:
        match source:
            case Values():
                for name, value in source.values.items():
                    self._set(name, value, source.given_in)
            case Unusable():
                self.problems += [source.problem] if source.problem else []
                self._may_hold_more = True
            case Pairs():
                self._take_pairs(source)

    def _take_pairs(self, source: Pairs) -> None:
        seen: set[str] = set()
        for pair in source.pairs:
            name, equals, text = pair.partition("=")
            if not name or not equals:
                self.problems.append(
                    f"{source.given_in} {pair!r} is not of the form NAME=VALUE, such as retries=3."
                )
                continue
            value, unread = read_text(text, self._schema.field(name) if self._schema else None)
            self._set(name, value, source.given_in)
            if unread:
                self._unread[name] = unread
            if name in seen:
                self.doubts.append(f"{source.given_in} gives {name} more than once: the last one counts.")
            seen.add(name)

    def complete(self) -> None:
        """Fill in the defaults, and find what is wrong unless its pattern matches it."""
        if self._schema is None:
            return
        given, self.values = self.values, filled(self._schema.fields, self.values)
        for name in self.values.keys() - given.keys():
            self._given_in[name] = f"the default of this {self.kind.name}"
        self._found = list(problems_of_members(self._schema.fields, self.values, (), self.kind.name))

    @property
    def questions(self) -> list[Question]:
        """What to ask the patterns, when all is complete."""
        return [problem.unless for problem in self._found if problem.unless]

    def judge(self, matching: Mapping[Question, bool | None]) -> None:
        """Tell what is wrong, and what may be; ``matching`` answers the questions."""
        told: set[str] = set()
        for problem in self._found:
            name = str(problem.path[0])
            is_missing = len(problem.path) == 1 and problem.reason == "missing"
            message = problem.message
            if name in self._secret and not is_missing:
                message = _UNTOLD
            elif name in self._unread:
                # One is enough of what could not even be read.
                if name in told:
                    continue
                message = self._unread[name]
            place = f"{problem.place} ({self._given_in.get(name, self.kind.name)})"
            told.add(name)
            matched = problem.unless is not None and matching[problem.unless]
            if matched is None:
                self.doubts.append(f"{place} {message}, which takes too long to find out: it is not checked.")
            elif not matched and not (is_missing and self._may_hold_more):
                self.problems.append(f"{place}: {message}")
                self.is_missing_some |= is_missing
                self.is_against_schema = True

    def _set(self, name: str, value: object, given_in: str) -> None:
        self.values[name] = value
        self._given_in[name] = given_in
        self._unread.pop(name, None)


def _way_out(parts: Sequence[_Gathered], *, with_options: bool) -> str | None:
    missing = [part.kind for part in parts if part.is_missing_some]
    if missing:
        ways = [
            f"{f'with `{kind.option} NAME=VALUE` or ' if with_options else ''}in {kind.table}"
            for kind in missing
        ]
        return f"Give what is missing {', '.join(ways)} of {SETTINGS_FILE}."
    if any(part.is_against_schema for part in parts):
        return f"The schemas are in {SCHEMAS_FILE}, or in [schemas] of {SETTINGS_FILE}."
    return None
