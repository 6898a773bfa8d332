"""The table of the device API beside this file, and the program that compares types with it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("reference.toml")
MARKS = frozenset({"founding", "docs", "docs-old", "types-old", "cli", "code", "android", "standard"})
ENUM = "ScreenshotRecord"

# Two types are identical to the compiler when it can't tell apart two conditional types made of them:
# `any` is no `unknown`, an optional property is none that may be undefined, overloads have an order.
# What a project is started with gets members, or the three would be the same type, and the same as their
# Partial.
_COMPARISON = """\
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Related<A, B> = [A] extends [B] ? true : [B] extends [A] ? true : false;
type Yes<Answer extends true> = Answer;
declare global {
  interface AutomationParameters { parameter: string }
  interface JobVariables { variable: string }
  interface Bucket { kept: string }
}
"""


@dataclass(frozen=True)
class Row:
    """One member. ``owner`` is a section of the table; the other fields are the table's columns."""

    owner: str
    name: str
    stated: tuple[str, ...]
    declared: tuple[str, ...]
    marks: tuple[str, ...]
    because: str
    doubt: str
    withheld: str
    sdk: int | None
    assignable: bool

    @property
    def path(self) -> str:
        return self.name if self.owner == "globals" else f"{self.owner}.{self.name}"


@dataclass(frozen=True)
class Reference:
    """The whole table. ``types`` maps its names of types to the names in the declarations."""

    rows: tuple[Row, ...]
    types: dict[str, str]

    @property
    def members(self) -> tuple[Row, ...]:
        """The rows that are to be declared."""
        return tuple(row for row in self.rows if row.owner != "types" and not row.withheld)

    def declared_owner(self, row: Row) -> str:
        """What the interface or enum of a member is called in the declarations; ``""`` for a global."""
        if row.owner == "globals":
            return ""
        if not _is_below_agent(row.owner):
            return self.types[row.owner]
        above = "globals" if row.owner == "agent" else row.owner.rpartition(".")[0]
        name = row.owner.rpartition(".")[2]
        (owner,) = (row for row in self.rows if (row.owner, row.name) == (above, name))
        return self.types[owner.stated[0].partition(": ")[2]]


@cache
def load() -> Reference:
    """Read the table. An unknown column is an error."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    rows = tuple(
        _row(owner, name, columns) for owner, section in table.items() for name, columns in section.items()
    )
    types = {
        row.name: table["types"][row.name]["declared"]
        for row in rows
        if row.owner == "types" and not row.withheld
    }
    return Reference(rows, types)


def _row(owner: str, name: str, columns: dict[str, object]) -> Row:
    left = dict(columns)
    row = Row(
        owner=owner,
        name=name,
        stated=_texts(left.pop("is", ())),
        declared=_texts(left.pop("declared", ())),
        marks=tuple(str(left.pop("from", "")).split()),
        because=str(left.pop("because", "")),
        doubt=str(left.pop("doubt", "")),
        withheld=str(left.pop("withheld", "")),
        sdk=sdk if isinstance(sdk := left.pop("sdk", None), int) else None,
        assignable=left.pop("assignable", False) is True,
    )
    assert not left, f"{row.path} has unknown columns: {sorted(left)}"
    return row


def _texts(column: object) -> tuple[str, ...]:
    if isinstance(column, str):
        return (column,)
    assert isinstance(column, list | tuple)
    return tuple(map(str, column))


def comparison(reference: Reference) -> tuple[str, dict[int, str]]:
    """A module that compiles when the declarations have the types of the table.

    And what each of its lines compares.
    """
    lines = [*_COMPARISON.splitlines(), *_names_of_types(reference)]
    compared: dict[int, str] = {}
    for row, condition in _comparisons(reference):
        lines.append(f"{{ type _ = Yes<{condition}>; }}")
        compared[len(lines)] = row.path
    return "\n".join([*lines, "export {};", ""]), compared


def _names_of_types(reference: Reference) -> Iterator[str]:
    for row in reference.rows:
        if row.owner == "types":
            meant = reference.types.get(row.name) or row.stated[0]
            if meant != row.name:
                yield f"type {row.name} = {meant};"


def _comparisons(reference: Reference) -> Iterator[tuple[Row, str]]:
    for row in reference.rows:
        if row.owner == "types" and row.stated and not row.withheld:
            yield row, f"Same<{reference.types[row.name]}, {row.stated[0]}>"
    for row in reference.members:
        actual = _declared_alone(row, reference.declared_owner(row))
        yield row, f"Same<{actual}, {_stated_alone(row, row.declared or row.stated)}>"
        if row.declared:
            yield row, f"Related<{actual}, {_stated_alone(row, row.stated)}>"


def _declared_alone(row: Row, owner: str) -> str:
    """The declared type of an object that has the member, and nothing else."""
    if not owner:
        return f"{{ {row.name}: typeof {row.name} }}"
    if row.name.startswith("["):
        key = row.name[1:-1]
        return f"Pick<{owner}, {key if key == 'string' else f'typeof {key}'}>"
    return f'Pick<{"typeof " * (owner == ENUM)}{owner}, "{row.name}">'


def _stated_alone(row: Row, signatures: tuple[str, ...]) -> str:
    fixed = (row.owner == ENUM or _is_below_agent(row.owner)) and not row.assignable
    is_property = signatures[0].startswith((f"{row.name}:", f"{row.name}?:"))
    return f"{{ {'readonly ' if fixed and is_property else ''}{'; '.join(signatures)} }}"


def _is_below_agent(owner: str) -> bool:
    return owner.partition(".")[0] == "agent"
