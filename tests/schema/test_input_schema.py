"""How a schema is read: what of it is used, and everything that is said of the rest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xgodo_dev.schema.input_schema import Field, InputSchema
from xgodo_dev.schema.reading import Reading, loads, read_schema


def read(*fields: object) -> Reading:
    return read_schema({"fields": list(fields)}, "schema")


def test_every_documented_member_of_a_field_is_read() -> None:
    reading = read(
        {
            "name": "mode",
            "type": "string",
            "required": True,
            "description": "How fast",
            "defaultValue": "slow",
            "minLength": 1,
            "maxLength": 9,
            "pattern": "^s",
            "enum": ["slow", "swift", 3],
        },
        {"name": "tries", "type": "number", "min": 1, "max": 9.5, "integer": True},
        {
            "name": "grid",
            "type": "array",
            "minItems": 1,
            "maxItems": 2,
            "items": {
                "name": "",
                "type": "array",
                "items": {
                    "name": "",
                    "type": "object",
                    "properties": [{"name": "x", "type": "any"}],
                },
            },
        },
    )

    point = Field("", "object", properties=(Field("x", "any"),))
    assert reading == Reading(
        InputSchema(
            (
                Field(
                    "mode",
                    "string",
                    required=True,
                    description="How fast",
                    default="slow",
                    choices=("slow", "swift", 3),
                    pattern="^s",
                    min_length=1,
                    max_length=9,
                ),
                Field("tries", "number", minimum=1, maximum=9.5, integer=True),
                Field("grid", "array", min_items=1, max_items=2, items=Field("", "array", items=point)),
            )
        ),
        (),
        (),
    )


@pytest.mark.parametrize("nothing", [None, {"fields": []}])
def test_no_field_is_no_schema_as_the_platform_has_it(nothing: object) -> None:
    assert read_schema(nothing, "schema") == Reading(None, (), ())


def test_members_that_are_null_or_not_known_are_kept_out_of_the_way() -> None:
    reading = read(
        {"name": "a", "type": "string", "pattern": None, "enum": None, "defaultValue": None, "label": "A"},
    )

    assert reading == Reading(InputSchema((Field("a", "string"),)), (), ())


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        (1, ["schema must be an object with `fields`."]),
        ({}, ["schema.fields must be a list of fields."]),
        (
            {"fields": [1, {"type": "string"}, {"name": 1, "type": "string"}]},
            [
                "schema.fields[0] must be an object with `name` and `type`.",
                "schema.fields[1] needs a `name`.",
                "schema.fields[2] needs a `name`.",
            ],
        ),
        (
            {"fields": [{"name": "a", "type": "array", "items": 1}]},
            ['schema.fields[0] ("a").items must be an object with `name` and `type`.'],
        ),
        (
            {"fields": [{"name": "a", "type": "object", "properties": {}}]},
            ['schema.fields[0] ("a").properties must be a list of fields.'],
        ),
    ],
)
def test_what_has_not_the_form_of_a_schema_is_a_fault_and_all_of_them_are_told(
    value: object, faults: list[str]
) -> None:
    assert list(read_schema(value, "schema").faults) == faults


# A field, what is said of it, and what is made of it.
DOUBTFUL: list[tuple[dict[str, Any], str, Field]] = [
    (
        {"type": "string", "pattern": "a|" * 50_000},
        f'the `pattern` "{"a|" * 29}… is no regular expression of JavaScript, or too long; '
        "it is not checked.",
        Field("a", "string"),
    ),
    (
        {"type": "string", "minlength": 3},
        "nothing reads `minlength`. Did you mean `minLength`?",
        Field("a", "string"),
    ),
    (
        {"type": "string", "options": ["a"]},
        "nothing reads `options`. Did you mean `enum`?",
        Field("a", "string"),
    ),
    (
        {"type": "object", "fields": []},
        "nothing reads `fields`. Did you mean `properties`?",
        Field("a", "object"),
    ),
    (
        {"type": "array", "fields": []},
        "nothing reads `fields`. Did you mean `properties` of its `items`?",
        Field("a", "array"),
    ),
    (
        {"type": "any", "defaultValue": 16**9000},
        "the default is no value of JSON; it is ignored.",
        Field("a", "any"),
    ),
    (
        {"type": 16**9000},
        f"there is no type 0x1{'0' * 56}…; there are string, number, boolean, array, object and any. "
        "It is taken for any.",
        Field("a", "any"),
    ),
    (
        {"type": "sting"},
        'there is no type "sting"; there are string, number, boolean, array, object and any. '
        "It is taken for any.",
        Field("a", "any"),
    ),
    (
        {},
        "it needs a `type`; there are string, number, boolean, array, object and any. It is taken for any.",
        Field("a", "any"),
    ),
    (
        {"type": "number", "min": 3, "max": 2},
        "`min` is more than `max`, so no value fits.",
        Field("a", "number", minimum=3, maximum=2),
    ),
    (
        {"type": "string", "minLength": 3, "maxLength": 2},
        "`minLength` is more than `maxLength`, so no value fits.",
        Field("a", "string", min_length=3, max_length=2),
    ),
    (
        {"type": "array", "minItems": 3, "maxItems": 2},
        "`minItems` is more than `maxItems`, so no value fits.",
        Field("a", "array", min_items=3, max_items=2),
    ),
    (
        {"type": "string", "pattern": "(a"},
        'the `pattern` "(a" is no regular expression of JavaScript, or too long; it is not checked.',
        Field("a", "string"),
    ),
    (
        {"type": "string", "enum": []},
        "`enum` is empty, so no value would fit; it is ignored.",
        Field("a", "string"),
    ),
    (
        {"type": "string", "enum": "b"},
        "`enum` must be a list of texts and numbers; it is ignored.",
        Field("a", "string"),
    ),
    (
        {"type": "number", "enum": [1, "b", True]},
        "`enum` must hold numbers only; the rest of it is ignored.",
        Field("a", "number", choices=(1,)),
    ),
    (
        {"type": "boolean", "enum": [1]},
        "`enum` is for string and number, not for boolean.",
        Field("a", "boolean"),
    ),
    (
        {"type": "string", "items": {"type": "string"}},
        "`items` is for array, not for string.",
        Field("a", "string"),
    ),
    ({"type": "array", "properties": []}, "`properties` is for object, not for array.", Field("a", "array")),
    ({"type": "number", "minLength": 1}, "`minLength` is for string, not for number.", Field("a", "number")),
    (
        {"type": "string", "required": "yes"},
        "`required` must be true or false; it is ignored.",
        Field("a", "string"),
    ),
    (
        {"type": "string", "minLength": 1.5},
        "`minLength` must be a whole number from 0; it is ignored.",
        Field("a", "string"),
    ),
    ({"type": "number", "min": True}, "`min` must be a number; it is ignored.", Field("a", "number")),
    (
        {"type": "string", "description": 1},
        "`description` must be text; it is ignored.",
        Field("a", "string"),
    ),
]


@pytest.mark.parametrize(
    ("members", "doubt", "field"), DOUBTFUL, ids=[doubt[:60] for _, doubt, _ in DOUBTFUL]
)
def test_what_is_odd_in_a_field_is_told_and_the_rest_of_it_is_used(
    members: dict[str, Any], doubt: str, field: Field
) -> None:
    reading = read({"name": "a", **members})

    assert reading.doubts == (f'schema.fields[0] ("a"): {doubt}',)
    assert reading.schema == InputSchema((field,))
    assert not reading.faults


def test_everything_odd_in_a_schema_is_told_at_once() -> None:
    assert len(read(*({"name": f"f{number}", **each[0]} for number, each in enumerate(DOUBTFUL))).doubts) == (
        len(DOUBTFUL)
    )


def test_a_default_that_its_own_field_refuses_is_told_and_not_used() -> None:
    reading = read(
        {"name": "a", "type": "number", "max": 3, "defaultValue": 4},
        {
            "name": "b",
            "type": "array",
            "items": {"type": "object", "properties": [{"name": "x", "type": "string"}]},
            "defaultValue": [{"x": "1"}, {"x": 2}],
        },
    )

    assert reading.doubts == (
        'schema.fields[0] ("a").defaultValue must be at most 3, not 4.',
        'schema.fields[1] ("b").defaultValue[1].x must be text, not 2.',
    )
    assert reading.schema is not None
    assert [field.default for field in reading.schema.fields] == [None, None]


def test_a_pattern_is_not_matched_while_a_schema_is_read_because_that_may_take_for_ever() -> None:
    field = {"name": "a", "type": "string", "pattern": "^(a+)+$", "defaultValue": "a" * 40 + "!"}

    assert read(field) == Reading(
        InputSchema((Field("a", "string", pattern="^(a+)+$", default="a" * 40 + "!"),)), (), ()
    )


def test_other_names_that_are_not_known_are_somebody_elses() -> None:
    assert (
        read(
            {"name": "a", "type": "boolean", "options": [1], "label": "A", "ui": {}},
            {"name": "b", "type": "string", "enum": ["x"], "options": ["x"]},
        ).doubts
        == ()
    )


@pytest.mark.parametrize("nested", [False, True])
def test_there_are_not_more_fields_than_anybody_needs(nested: bool) -> None:
    fields = [{"name": f"f{number}", "type": "any"} for number in range(1001)]
    reading = read({"name": "a", "type": "object", "properties": fields}) if nested else read(*fields)

    assert len(reading.faults) == 1
    assert "there are more than 1000 fields" in reading.faults[0]
    assert read(*fields[:1000]).faults == ()


def test_an_odd_name_is_told_and_the_field_is_used_under_it() -> None:
    reading = read({"name": "max retries", "type": "number"}, {"name": "1", "type": "number"})

    assert reading.schema == InputSchema((Field("max retries", "number"), Field("1", "number")))
    assert [doubt.partition(":")[0] for doubt in reading.doubts] == [
        'schema.fields[0] ("max retries")',
        'schema.fields[1] ("1")',
    ]


def test_of_two_fields_of_one_name_the_first_is_used() -> None:
    reading = read({"name": "a", "type": "number"}, {"name": "a", "type": "string"})

    assert reading.schema == InputSchema((Field("a", "number"),))
    assert reading.doubts == (
        'schema.fields[1] ("a"): another field has that name already; this one is ignored.',
    )


def test_a_schema_may_be_nested_but_not_without_end() -> None:
    def nested(depth: int) -> dict[str, Any]:
        return {"name": "a", "type": "array", **({"items": nested(depth - 1)} if depth else {})}

    assert not read(nested(16)).faults
    assert ["nested more than 16 deep" in fault for fault in read(nested(300)).faults] == [True]


def test_names_and_choices_that_are_no_unicode_are_left_out() -> None:
    reading = read(
        {"name": "\ud800", "type": "string"}, {"name": "a", "type": "string", "enum": ["\ud800", "b"]}
    )

    assert reading.schema == InputSchema((Field("a", "string", choices=("b",)),))
    assert len(reading.doubts) == 2


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    ["fields", "name", "type", "items", "properties", "enum", "min", "max", "defaultValue"]
                ),
                inner | st.sampled_from(["string", "array", "object", "number"]),
                max_size=6,
            )
        ),
        max_leaves=30,
    )
)
def test_whatever_a_server_answers_is_read_or_refused_and_never_breaks(value: object) -> None:
    read_schema(value, "schema")
    read({"name": "a", "type": "object", "properties": value, "defaultValue": value, "enum": value})


@pytest.mark.parametrize(
    "text",
    ["NaN", "-Infinity", "1e999", "1" * 400, "1" * 6000, "[" * 5000, "{", ""],
    ids=lambda text: text[:9],
)
def test_what_is_no_json_of_the_standard_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        loads(text)
