"""What a run is started with: how it is read, completed, and held against the schemas."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from xgodo_dev.errors import ArgumentsInvalid
from xgodo_dev.project.arguments import Arguments, Pairs, Values, of_document, resolve
from xgodo_dev.project.config import Project
from xgodo_dev.schema import patterns
from xgodo_dev.schema.field_values import filled
from xgodo_dev.schema.input_schema import Field, InputSchema, Schemas
from xgodo_dev.schema.reading import read_schema

PROXY = {
    "type": "object",
    "properties": [
        {"name": "host", "type": "string", "required": True},
        {"name": "port", "type": "number", "integer": True, "min": 1, "max": 65535, "defaultValue": 80},
    ],
}


def schema(*fields: dict[str, Any]) -> InputSchema:
    reading = read_schema({"fields": list(fields)}, "schema")
    assert not reading.faults and not reading.doubts
    assert reading.schema
    return reading.schema


def project(
    parameters: dict[str, object] | None = None, variables: dict[str, object] | None = None
) -> Project:
    return Project(Path("/app"), "app", parameters=parameters or {}, variables=variables or {})


def read(pairs: list[str], *fields: dict[str, Any]) -> dict[str, object]:
    schemas = Schemas(automation_parameters=schema(*fields) if fields else None)
    return dict(resolve(project(), schemas, [Pairs("--param", pairs)]).parameters)


def problems(*fields: dict[str, Any], **values: object) -> list[str]:
    with pytest.raises(ArgumentsInvalid) as caught:
        resolve(project(values), Schemas(automation_parameters=schema(*fields)))
    # The source of each is a test of its own.
    return [each.replace(" ([run.parameters] in xgodo.toml)", "") for each in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("true", True),
        ("null", None),
        ('"3"', "3"),
        ("[1]", [1]),
        ("abc", "abc"),
        ("", ""),
        ("a=b", "a=b"),
        ("NaN", "NaN"),
        ("1e999", "1e999"),
        ("[" * 5000, "[" * 5000),
    ],
)
def test_without_a_schema_a_value_is_json_where_it_is_that_and_else_text(text: str, value: object) -> None:
    assert read([f"a={text}"]) == {"a": value}


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ({"type": "string"}, "3", "3"),
        ({"type": "string"}, "true", "true"),
        ({"type": "string"}, '"quoted"', '"quoted"'),
        ({"type": "string", "enum": ["1", 2]}, "1", "1"),
        ({"type": "string", "enum": ["1", 2]}, "2", 2),
        ({"type": "number"}, "-2.5e1", -25.0),
        ({"type": "boolean"}, "false", False),
        ({"type": "array"}, '["a", 1]', ["a", 1]),
        ({"type": "object"}, '{"a": 1}', {"a": 1}),
        ({"type": "any"}, "3", 3),
        ({"type": "any"}, "abc", "abc"),
    ],
)
def test_with_a_schema_a_value_is_read_as_its_type_has_it(
    field: dict[str, Any], text: str, value: object
) -> None:
    found = read([f"a={text}"], {"name": "a", **field})["a"]

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("number", "abc", 'must be a number, not "abc".'),
        ("number", "", 'must be a number, not "".'),
        ("number", "true", 'must be a number, not "true".'),
        ("number", "NaN", 'must be a number, not "NaN".'),
        ("number", "1" * 400, f'must be a number, not "{"1" * 58}….'),
        ("number", "1" * 6000, f'must be a number, not "{"1" * 58}….'),
        ("boolean", "yes", 'must be true or false, not "yes".'),
        ("boolean", "1", 'must be true or false, not "1".'),
        ("boolean", "TRUE", 'must be true or false, not "TRUE": write true.'),
        ("boolean", "False", 'must be true or false, not "False": write false.'),
        ("array", "a,b", 'must be a list in JSON, such as ["a","b"], not "a,b".'),
        ("object", "[]", 'must be an object in JSON, such as {"name":"value"}, not "[]".'),
    ],
)
def test_a_text_that_is_not_of_its_fields_type_is_said_once_with_what_is_expected(
    kind: str, text: str, said: str
) -> None:
    with pytest.raises(ArgumentsInvalid) as caught:
        read([f"a={text}"], {"name": "a", "type": kind, "required": True})

    assert caught.value.problems == (f"a (--param): {said}",)


def test_a_later_source_wins_name_by_name() -> None:
    found = resolve(
        project({"a": 1, "b": 1, "c": 1}, {"v": 1}),
        Schemas(),
        [Values("file", {"b": 2, "c": 2}), Pairs("--param", ["c=3"])],
    )

    assert found == Arguments({"a": 1, "b": 2, "c": 3}, {"v": 1})


def test_of_a_name_given_twice_with_one_option_the_last_counts_which_is_told() -> None:
    found = resolve(project(), Schemas(), [Pairs("--param", ["c=3", "a=1", "c=4"])])

    assert found == Arguments({"c": 4, "a": 1}, {}, ("--param gives c more than once: the last one counts.",))


@pytest.mark.parametrize(
    "schemas", [Schemas(), Schemas(automation_parameters=schema({"name": "a", "type": "string"}))]
)
def test_a_pair_without_an_equals_sign_is_an_error_beside_the_others(schemas: Schemas) -> None:
    with pytest.raises(ArgumentsInvalid) as caught:
        resolve(project(), schemas, [Pairs("--param", ["a", "=1"])], [Pairs("--var", ["b"])])

    assert caught.value.problems == (
        "--param 'a' is not of the form NAME=VALUE, such as retries=3.",
        "--param '=1' is not of the form NAME=VALUE, such as retries=3.",
        "--var 'b' is not of the form NAME=VALUE, such as retries=3.",
    )
    assert caught.value.hint is None


def test_what_is_missing_gets_its_default_also_in_what_is_given() -> None:
    fields = (
        {"name": "tries", "type": "number", "defaultValue": 3},
        {"name": "proxies", "type": "array", "items": PROXY},
        {"name": "proxy", **PROXY},
        {"name": "other", **PROXY},
        {"name": "note", "type": "string", "required": True, "defaultValue": "none"},
    )

    assert read(['proxies=[{"host":"a"},{"host":"b","port":1}]', 'proxy={"host":"c"}'], *fields) == {
        "tries": 3,
        "proxies": [{"host": "a", "port": 80}, {"host": "b", "port": 1}],
        "proxy": {"host": "c", "port": 80},
        "note": "none",
    }


def test_a_default_is_not_shared_between_runs() -> None:
    field = {"name": "a", "type": "array", "defaultValue": [1]}
    schemas = Schemas(automation_parameters=schema(field))
    first = resolve(project(), schemas).parameters["a"]
    assert isinstance(first, list)

    first.append(2)

    assert resolve(project(), schemas).parameters == {"a": [1]}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ({"type": "string"}, 1, "must be text, not 1."),
        ({"type": "string"}, None, "must be text, not null."),
        ({"type": "number"}, "3", 'must be a number, not the text "3": write it without quotes.'),
        ({"type": "number"}, "abc", 'must be a number, not the text "abc".'),
        ({"type": "number"}, True, "must be a number, not true."),
        ({"type": "number"}, 10**400, None),
        ({"type": "boolean"}, 1, "must be true or false, not 1."),
        (
            {"type": "boolean"},
            "true",
            'must be true or false, not the text "true": write it without quotes.',
        ),
        (
            {"type": "boolean"},
            "TRUE",
            'must be true or false, not the text "TRUE": write true without quotes.',
        ),
        ({"type": "array"}, {"0": 1}, "must be a list, not an object."),
        ({"type": "object"}, [1], "must be an object, not a list."),
        ({"type": "number", "integer": True}, 2.5, "must be a whole number, not 2.5."),
        ({"type": "number", "min": 1}, 0.5, "must be at least 1, not 0.5."),
        ({"type": "number", "max": 10}, 11, "must be at most 10, not 11."),
        ({"type": "string", "minLength": 2}, "a", "must have a length of at least 2, not 1."),
        ({"type": "string", "maxLength": 1}, "😀", "must have a length of at most 1, not 2."),
        ({"type": "string", "pattern": "^[a-z]+$"}, "A1", "must match the pattern /^[a-z]+$/"),
        ({"type": "string"}, "\ud800", "holds half of a character, which is no text."),
        ({"type": "array", "minItems": 1}, [], "must have a length of at least 1, not 0."),
        ({"type": "array", "maxItems": 1}, [1, 2], "must have a length of at most 1, not 2."),
        (
            {"type": "string", "enum": ["fast", "slow"]},
            "slwo",
            'must be one of "fast", "slow", not "slwo". Did you mean `slow`?',
        ),
        ({"type": "string", "enum": ["1", 2]}, 1, 'must be one of "1", 2, not 1.'),
        ({"type": "number", "enum": [0, 1]}, False, "must be one of 0, 1, not false."),
        ({"type": "number", "enum": [0, 1]}, [0], "must be one of 0, 1, not [0]."),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_what_is(
    field: dict[str, Any], value: object, said: str | None
) -> None:
    (found,) = problems({"name": "a", **field}, a=value)

    assert found == f"a: {said}" if said else "must be a number" in found


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ({"type": "number", "integer": True}, 3.0),
        ({"type": "number", "min": 1, "max": 1}, 1),
        ({"type": "string", "pattern": "b"}, "abc"),
        # Python would take the Thai digit for one, and has no such class of characters.
        ({"type": "string", "pattern": "^[^\\d]$"}, "\u0e53"),
        ({"type": "string", "pattern": "^[^]$"}, "\n"),
        ({"type": "string", "pattern": "\\cJ"}, "\n"),
        ({"type": "string", "minLength": 2, "maxLength": 2}, "😀"),
        ({"type": "number", "enum": [1]}, 1.0),
        ({"type": "array"}, [1, None, "a"]),
        ({"type": "object"}, {"anything": None}),
        ({"type": "any"}, None),
    ],
)
def test_what_is_allowed_is_taken_as_it_is(field: dict[str, Any], value: object) -> None:
    found = resolve(
        project({"a": value}), Schemas(automation_parameters=schema({"name": "a", **field}))
    ).parameters

    assert found == {"a": value}


def test_every_problem_is_told_at_once_with_its_place_and_where_it_was_given() -> None:
    parameters = schema(
        {"name": "maxRetries", "type": "number", "max": 10},
        {"name": "mode", "type": "string", "enum": ["fast", "slow"]},
        {"name": "proxies", "type": "array", "items": PROXY},
    )
    variables = schema(
        {"name": "email", "type": "string", "required": True}, {"name": "age", "type": "number"}
    )

    with pytest.raises(ArgumentsInvalid) as caught:
        resolve(
            project({"maxRetries": 12}, {"age": "7"}),
            Schemas(automation_parameters=parameters, job_variables=variables),
            [
                Values("`automationParameters` in args.json", {"proxies": [{"host": "a"}, {"port": 0.5}]}),
                Pairs("--param", ["mode=fats", "retries=1"]),
            ],
            [Pairs("--var", ["e mail=x"])],
        )

    assert list(caught.value.problems) == [
        "maxRetries ([run.parameters] in xgodo.toml): must be at most 10, not 12.",
        'mode (--param): must be one of "fast", "slow", not "fats". Did you mean `fast`?',
        "proxies[1].host (`automationParameters` in args.json): is required, and not given.",
        "proxies[1].port (`automationParameters` in args.json): must be a whole number, not 0.5.",
        "proxies[1].port (`automationParameters` in args.json): must be at least 1, not 0.5.",
        "retries (--param): there is no such parameter. Did you mean `maxRetries`?",
        "email (job variable): is required, and not given.",
        'age ([run.variables] in xgodo.toml): must be a number, not the text "7": write it without quotes.',
        '["e mail"] (--var): there is no such job variable. Did you mean `email`?',
    ]
    assert str(caught.value).splitlines() == [
        "9 arguments can't be used:",
        *(f"  {problem}" for problem in caught.value.problems),
    ]
    assert caught.value.hint == (
        "Give what is missing with `--var NAME=VALUE` or in [run.variables] of xgodo.toml."
    )
    assert (caught.value.exit_code, caught.value.code) == (2, "arguments-invalid")


def test_where_there_are_no_options_the_way_out_is_the_settings() -> None:
    with pytest.raises(ArgumentsInvalid) as caught:
        resolve(project(), Schemas(job_variables=schema({"name": "a", "type": "string", "required": True})))

    assert str(caught.value) == "a (job variable): is required, and not given."
    assert caught.value.hint == "Give what is missing in [run.variables] of xgodo.toml."


def test_the_bucket_is_nothing_a_run_is_started_with() -> None:
    bucket = schema({"name": "a", "type": "string", "required": True})

    assert resolve(project(), Schemas(bucket=bucket)) == Arguments({}, {})


def test_a_number_of_thousands_of_digits_is_named_as_far_as_it_can_be() -> None:
    # More than Python writes out.
    number = 16**9000

    (as_text,) = problems({"name": "a", "type": "string"}, a=number)
    (among,) = problems({"name": "a", "type": "string", "enum": ["b"]}, a=[number])

    assert as_text == f"a: must be text, not 0x1{'0' * 56}…."
    assert among == 'a: must be one of "b", not what is too large to be shown.'


def test_problems_are_told_in_the_order_of_the_schema_and_then_of_what_was_given() -> None:
    fields = ({"name": name, "type": "number", "required": name == "c"} for name in "abcd")

    with pytest.raises(ArgumentsInvalid) as caught:
        read(["y=1", "d=x", "x=1", "b=x", "a=true"], *fields)

    assert [problem.partition(" ")[0] for problem in caught.value.problems] == list("abcdyx")


NEVER = "^(a+)+$"
ENDLESS = "a" * 40 + "!"


def test_a_pattern_that_takes_for_ever_is_given_up_and_told_and_the_run_starts() -> None:
    schemas = Schemas(
        automation_parameters=schema(
            {"name": "fine", "type": "string", "pattern": "^b"},
            {"name": "slow", "type": "string", "pattern": NEVER, "defaultValue": ENDLESS},
        )
    )
    found = resolve(project({"fine": "b"}), schemas)

    assert found == Arguments(
        {"fine": "b", "slow": ENDLESS},
        {},
        (
            f"slow (the default of this parameter) must match the pattern /{NEVER}/, "
            "which takes too long to find out: it is not checked.",
        ),
    )
    # Once is enough of the same text, as in a watch that starts a run with each save.
    asked = patterns._answers.cache_info().misses
    assert resolve(project({"fine": "b"}), schemas) == found
    assert patterns._answers.cache_info().misses == asked


def test_what_does_not_match_is_told_though_another_pattern_takes_for_ever() -> None:
    assert problems(
        {"name": "fine", "type": "string", "pattern": "^b"},
        {"name": "slow", "type": "string", "pattern": NEVER},
        fine="c",
        slow=ENDLESS,
    ) == ["fine: must match the pattern /^b/"]


def test_a_default_that_its_own_pattern_refuses_is_told_as_what_it_is() -> None:
    (found,) = problems({"name": "a", "type": "string", "pattern": "^b", "defaultValue": "c"})

    assert found == "a (the default of this parameter): must match the pattern /^b/"


def test_patterns_are_held_against_texts_within_lists_and_objects_too() -> None:
    item = {"type": "object", "properties": [{"name": "b", "type": "string", "pattern": "^[0-9]$"}]}

    assert problems({"name": "a", "type": "array", "items": item}, a=[{"b": "1"}, {"b": "x"}]) == [
        "a[1].b: must match the pattern /^[0-9]$/"
    ]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([1], "args.json must be an object, not [1]. {known}"),
        (
            {"automationParameter": {"a": 1}},
            'args.json: there is no "automationParameter". Did you mean `automationParameters`? {known}',
        ),
        ({"x": 1}, 'args.json: there is no "x". {known}'),
        ({"automationParameters": "a"}, '`automationParameters` in args.json must be an object, not "a".'),
    ],
)
def test_a_document_of_another_form_is_told_beside_the_other_problems(document: object, said: str) -> None:
    known = "There are `automationParameters` and `jobVariables`, and each may be left out."
    sources = of_document(document, "args.json")
    needed = schema({"name": "a", "type": "number", "required": True}, {"name": "b", "type": "number"})

    with pytest.raises(ArgumentsInvalid) as caught:
        resolve(
            project(),
            Schemas(automation_parameters=needed),
            [*sources.parameters, Pairs("--param", ["b=x"])],
            sources.variables,
        )

    # What the document was meant to give is not called missing.
    assert list(caught.value.problems) == [
        said.format(known=known),
        'b (--param): must be a number, not "x".',
    ]


def test_a_document_may_leave_out_either_kind() -> None:
    sources = of_document({"jobVariables": {"a": 1}}, "args.json")

    assert resolve(project(), Schemas(), sources.parameters, sources.variables) == Arguments({}, {"a": 1})


def test_many_values_are_completed_quickly() -> None:
    fields = tuple(Field(f"f{number}", "number") for number in range(20_000))
    # Of its own time, and not of that for which others keep the machine busy.
    started = time.thread_time()

    filled(fields, {field.name: 1 for field in fields})

    assert time.thread_time() - started < 2


def test_the_value_of_a_secret_is_not_told_when_it_is_not_allowed() -> None:
    fields = schema(
        {"name": "pin", "type": "string", "enum": ["a", "b"]},
        {"name": "age", "type": "number"},
        {"name": "hosts", "type": "array", "items": {"type": "number"}},
        {"name": "missing", "type": "string", "required": True},
    )
    secrets = ("pin", "age", "hosts", "missing")
    with pytest.raises(ArgumentsInvalid) as raised:
        resolve(
            Project(Path("/p"), "p", secrets=secrets),
            Schemas(automation_parameters=fields),
            [Pairs("--param", ["pin=hunter2", "age=hunter3"]), Values("--args", {"hosts": ["hunter4"]})],
        )
    assert "hunter" not in str(raised.value)
    assert len(raised.value.problems) == 4
    assert any("pin" in each and "secret" in each for each in raised.value.problems)


def test_a_secret_that_nothing_is_given_for_is_a_doubt_since_it_may_be_a_slip() -> None:
    settings = Project(Path("/p"), "p", parameters={"pin": 1}, secrets=("pin", "user", "pim"))
    found = resolve(settings, Schemas(), variables=[Pairs("--var", ["user=ada"])])
    assert found.doubts == (
        '`secrets` in xgodo.toml names "pim", and no parameter or job variable of that name is given.',
    )
