"""What is given is held against the documented schema as the standard's own validator holds it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from xgodo_dev.emulator.request_check import registry_of, with_whole_references
from xgodo_dev.platform.clients.limits import problems
from xgodo_dev.platform.spec import reading
from xgodo_dev.platform.spec.reading import Schema, Spec

SPECS = (reading.xgodo(), reading.mobilerun())
PARAMETERS = [
    (spec, parameter.schema)
    for spec in SPECS
    for operation in spec.operations.values()
    for parameter in operation.parameters
    if parameter.place != "file"
]


def fitting(spec: Spec, schema: Schema) -> st.SearchStrategy[Any]:
    """Values that are near to what a schema wants."""
    schema = spec.resolved(schema)
    if "anyOf" in schema:
        return st.one_of(*(fitting(spec, each) for each in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from([*schema["enum"], "other"])
    if schema.get("type") == "array" and "items" in schema:
        return st.lists(fitting(spec, schema["items"]), max_size=2)
    if schema.get("type") == "object" and "properties" in schema:
        members = {
            name: st.deferred(lambda each=member: fitting(spec, each))  # type: ignore[misc]
            for name, member in schema["properties"].items()
        }
        return st.fixed_dictionaries({}, optional=members)
    bounds = [schema[name] for name in ("minimum", "maximum") if name in schema]
    lengths = [schema[name] for name in ("minLength", "maxLength") if name in schema]
    near = [bound + step for bound in bounds for step in (-1, 0, 1)]
    texts = ["x" * max(length + step, 0) for length in lengths for step in (-1, 0, 1)]
    return st.sampled_from([*near, *texts]) if near or texts else ANYTHING


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=300)
@given(st.data())
def test_a_value_is_refused_exactly_where_the_standard_refuses_it(data: st.DataObject) -> None:
    spec, schema = data.draw(st.sampled_from(PARAMETERS))
    value = data.draw(fitting(spec, schema) | ANYTHING)
    validator = Draft202012Validator(with_whole_references(schema), registry=registry_of(spec))
    assert (not list(problems(spec, schema, value, "it"))) is validator.is_valid(value)


@pytest.mark.parametrize(
    ("schema", "value", "told"),
    [
        ({"type": "integer", "minimum": 1}, 0, "it has to be at least 1"),
        ({"type": "string", "minLength": 3}, "ab", "it has to have at least 3 characters"),
        ({"type": "array", "maxItems": 1}, (1, 2), "it may have at most 1 items"),
        ({"type": ["string", "null"]}, 3, "it has to be text or null"),
        ({"type": "object", "required": ["a"]}, {}, "it lacks a"),
        ({"type": "array", "items": {"enum": ["a", None]}}, ["b"], "it[0] has to be one of a"),
        ({"type": "string", "x-max-bytes": 2}, "üü", "it may have up to 2 bytes, and has 4 bytes"),
        (
            {"type": "string", "contentEncoding": "base64", "x-max-bytes": 2},
            "QUJD",
            "up to 2 bytes, and has 3",
        ),
    ],
)
def test_a_problem_names_what_and_why(schema: dict[str, Any], value: object, told: str) -> None:
    (problem,) = problems(SPECS[0], schema, value, "it")
    assert told in problem


def test_what_fits_base64_that_is_just_small_enough_is_sent() -> None:
    schema = {"type": "string", "contentEncoding": "base64", "x-max-bytes": 2}
    assert list(problems(SPECS[0], schema, "QUI=", "it")) == []
