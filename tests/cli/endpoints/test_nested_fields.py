"""Fields with brackets, as `api` takes them."""

from __future__ import annotations

import pytest

from xgodo_dev.cli.endpoints.fields import FieldsUnusable
from xgodo_dev.cli.endpoints.nested_fields import nested, parted, typed


def made(*fields: str) -> dict[str, object]:
    return nested((key, typed(value)) for key, value in map(parted, fields))


def test_brackets_make_objects_and_lists() -> None:
    assert made("a=1", "b[c]=x", "b[d][e]=true", "l[]=1", "l[]=two", "empty=") == {
        "a": 1,
        "b": {"c": "x", "d": {"e": True}},
        "l": [1, "two"],
        "empty": "",
    }


def test_an_item_goes_on_until_a_member_comes_again() -> None:
    assert made("f[][p]=a", "f[][q]=b", "f[][p]=c", "f[][t][]=1", "f[][t][]=2") == {
        "f": [{"p": "a", "q": "b"}, {"p": "c", "t": [1, 2]}]
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [("-1.5e3", -1500.0), ("007", "007"), ("null", None), ("True", "True"), ("1_000", "1_000"), ("0", 0)],
)
def test_a_typed_value_is_what_json_would_have_it_be(text: str, value: object) -> None:
    assert typed(text) == value


@pytest.mark.parametrize(
    "fields",
    [["=x"], ["a"], ["a[=x"], ["a=1", "a[b]=2"], ["a[]=1", "a[b]=2"], ["a[b]=1", "a=2"], ["a[][]=1"]],
)
def test_what_is_no_field_or_two_kinds_at_once_is_refused(fields: list[str]) -> None:
    with pytest.raises(FieldsUnusable):
        made(*fields)
