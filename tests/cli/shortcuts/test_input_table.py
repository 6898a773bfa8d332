"""Tables as inputs of planned tasks."""

from __future__ import annotations

import json

import pytest

from xgodo_dev.cli.shortcuts.input_table import LONGEST_INPUT, of_csv, of_jsonl
from xgodo_dev.errors import ArgumentsInvalid
from xgodo_dev.schema.reading import read_schema

SCHEMA = read_schema(
    {
        "fields": [
            {"name": "email", "type": "string", "required": True, "pattern": "@"},
            {"name": "tries", "type": "number", "integer": True, "max": 10},
            {"name": "fast", "type": "boolean", "defaultValue": False},
            {"name": "tags", "type": "array", "items": {"type": "string"}},
        ]
    },
    "job_variables_schema",
).schema


def test_cells_are_what_the_schema_says_and_lines_are_those_of_the_file() -> None:
    rows = of_csv('email;tries;tags\r\n"a@\r\nx";3;"[""p""]"\r\n\r\nb@x;;\r\n', SCHEMA)
    assert [row.line for row in rows] == [2, 5]
    assert [json.loads(row.input) for row in rows] == [
        {"email": "a@\r\nx", "tries": 3, "tags": ["p"], "fast": False},
        {"email": "b@x", "fast": False},
    ]


def test_without_a_schema_cells_are_text_and_lines_of_json_what_they_are() -> None:
    assert [row.input for row in of_csv("a,b\n1,007\n", None)] == ['{"a":"1","b":"007"}']
    assert [row.input for row in of_csv("\n\na;b\n1;2\n", None)] == ['{"a":"1","b":"2"}']
    rows = of_jsonl('{"a": 1, "ü": null}\n\n"raw text"\n', None)
    assert [(row.line, row.input) for row in rows] == [(1, '{"a":1,"ü":null}'), (3, "raw text")]


def test_all_that_is_wrong_is_told_with_its_line() -> None:
    with pytest.raises(ArgumentsInvalid) as raised:
        of_csv("email,tries,other\nno-address,many,\n,11,x\na@x,1,2,3\n", SCHEMA)
    told = raised.value.problems
    assert [each.split(":")[0] for each in told] == [
        "line 1",
        "line 2",
        "line 2",
        "line 3",
        "line 3",
        "line 4",
    ]
    assert told[0] == "line 1: other: there is no such job variable."
    assert "things in the table can't be used" in str(raised.value)
    for words in (
        "must match the pattern",
        "must be a number",
        "is required",
        "at most 10",
    ):
        assert any(words in each for each in told), words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no rows"),
        ("a,b\n", "no rows"),
        ("a,a\n1,2\n", "a name of its own"),
        ("a,\n1,2\n", "a name of its own"),
        ("a,b\n1\n", "line 2: has 1 cell under 2 names"),
        ('a\n"x\n', "line 2: unexpected end"),
        ("a\n" + "x" * LONGEST_INPUT, "line 2: has 10,008 characters as JSON; 10,000 are the most"),
    ],
)
def test_what_is_no_table_is_refused(text: str, told: str) -> None:
    with pytest.raises(ArgumentsInvalid, match=told):
        of_csv(text, None)


def test_lines_that_are_no_input_are_refused() -> None:
    with pytest.raises(ArgumentsInvalid) as raised:
        of_jsonl('{"a": 1}\n[1]\n{"a"\n""\n{"a": "\\ud800"}\n', None)
    assert [each.split(":")[0] for each in raised.value.problems] == [
        f"line {number}" for number in (2, 3, 4, 5)
    ]
