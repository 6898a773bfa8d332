"""Inputs of planned tasks, made of the rows of a table and checked before anything is sent."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from xgodo_dev.errors import ArgumentsInvalid
from xgodo_dev.schema.field_values import Problem, filled, problems_of_members
from xgodo_dev.schema.input_schema import InputSchema
from xgodo_dev.schema.patterns import matches
from xgodo_dev.schema.reading import loads
from xgodo_dev.schema.text_values import read_text

LONGEST_INPUT = 10_000
"""Characters of one input, as the platform documents it."""
_DELIMITERS = ",;\t"
_KIND = "job variable"


@dataclass(frozen=True)
class Row:
    """One input, and the line of the table that it begins on."""

    line: int
    input: str


def of_csv(text: str, schema: InputSchema | None) -> list[Row]:
    """The inputs of a table with a line of names above it: an object each.

    A cell is what its variable's schema says, and text where there is none; an empty one gives nothing.
    Cells are parted by commas, semicolons or tabs, whichever the first line has.

    Raises:
        ArgumentsInvalid: it is no such table, or values in it can't be used; names all such lines.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    made = _Rows(schema)
    names: list[str] = []
    line = 1
    try:
        for cells in reader:
            if not names:
                names = [each.strip() for each in cells]
                _require_names(names)
                made.take_names(names)
            elif any(cells):
                made.take_cells(line, names, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        made.found(line, f"{error}.")
    return made.complete()


def of_jsonl(text: str, schema: InputSchema | None) -> list[Row]:
    """The inputs of a file with JSON in each line: an object, or a text that is the input as it stands.

    Raises:
        ArgumentsInvalid: lines can't be used; names all of them.
    """
    made = _Rows(schema)
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = loads(line)
        except ValueError as error:
            made.found(number, f"no JSON: {error}.")
            continue
        if isinstance(value, Mapping):
            made.take(number, value)
        elif isinstance(value, str):
            made.rows.append(Row(number, value))
        else:
            made.found(number, "must be an object or a text.")
    return made.complete()


class _Rows:
    def __init__(self, schema: InputSchema | None) -> None:
        self.rows: list[Row] = []
        self._schema = schema
        self._problems: list[tuple[int, str]] = []
        self._questions: list[tuple[int, Problem]] = []
        self._unknown: set[str] = set()

    def found(self, line: int, problem: str) -> None:
        self._problems.append((line, problem))

    def take_names(self, names: list[str]) -> None:
        """What the first line of a table says that the columns are."""
        if self._schema is None:
            return
        for problem in problems_of_members(self._schema.fields, dict.fromkeys(names), (), _KIND):
            name = problem.path[0]
            if problem.reason == "unknown" and isinstance(name, str):
                self._unknown.add(name)
                self.found(1, f"{problem.place}: {problem.message}")

    def take_cells(self, line: int, names: list[str], cells: list[str]) -> None:
        if len(cells) != len(names):
            many = "cell" if len(cells) == 1 else "cells"
            self.found(line, f"has {len(cells)} {many} under {len(names)} names.")
            return
        values: dict[str, Any] = {}
        unread = set()
        for name, text in zip(names, cells, strict=True):
            if text == "":
                continue
            field = self._schema.field(name) if self._schema else None
            if field is None:
                values[name] = text
                continue
            values[name], why_not = read_text(text, field)
            if why_not:
                unread.add(name)
                self.found(line, f"{name}: {why_not}")
        self.take(line, values, told=unread | self._unknown)

    def take(self, line: int, values: Mapping[str, Any], told: set[str] | None = None) -> None:
        if self._schema:
            values = filled(self._schema.fields, values)
            for problem in problems_of_members(self._schema.fields, values, (), _KIND):
                if str(problem.path[0]) in (told or ()):
                    continue
                if problem.unless:
                    self._questions.append((line, problem))
                else:
                    self.found(line, f"{problem.place}: {problem.message}")
        self.rows.append(Row(line, json.dumps(values, ensure_ascii=False, separators=(",", ":"))))

    def complete(self) -> list[Row]:
        matching = matches([problem.unless for _, problem in self._questions if problem.unless])
        for line, problem in self._questions:
            # One that can't be found out in time is the platform's to judge.
            if problem.unless and matching[problem.unless] is False:
                self.found(line, f"{problem.place}: {problem.message}")
        self._problems += self._unsendable()
        if not self.rows and not self._problems:
            raise ArgumentsInvalid(problems=["The table has no rows."])
        if self._problems:
            raise ArgumentsInvalid(
                problems=[f"line {line}: {problem}" for line, problem in sorted(self._problems)],
                hint="Nothing was sent.",
                called="things in the table",
            )
        return self.rows

    def _unsendable(self) -> Iterator[tuple[int, str]]:
        for row in self.rows:
            # As JavaScript counts, which the platform is written in: what lies beyond 16 bits is two.
            length = len(row.input.encode("utf-16-le", "surrogatepass")) // 2
            if length > LONGEST_INPUT:
                yield row.line, f"has {length:,} characters as JSON; {LONGEST_INPUT:,} are the most."
            elif not row.input:
                yield row.line, "is empty."
            elif not row.input.isascii() and _has_half_a_character(row.input):
                yield row.line, "holds half of a character (a lone surrogate)."


def _has_half_a_character(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _require_names(names: list[str]) -> None:
    if "" in names or len(set(names)) < len(names):
        raise ArgumentsInvalid(
            problems=["line 1: each column needs a name of its own."],
            hint="The first line names the job variables.",
        )
