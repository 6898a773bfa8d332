"""Changing a value in JSON with comments leaves every other byte as somebody wrote it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.editor.jsonc_texts import DOCUMENTS, LISTS, VALUES, is_within, without_space
from xgodo_dev.editor.errors import Unreadable
from xgodo_dev.editor.jsonc import Document


@given(DOCUMENTS)
def test_comments_and_trailing_commas_are_read_over(document: tuple[Any, str]) -> None:
    value, text = document
    read = Document(text.encode())
    assert (read.value, read.content) == (value, text.encode())


@given(DOCUMENTS, VALUES)
def test_a_new_member_comes_in_and_goes_without_a_trace(document: tuple[Any, str], new: Any) -> None:
    value, text = document
    edited = Document(text.encode())

    edited.set(["new"], new)
    assert edited.value == {**value, "new": new}
    assert list(edited.value) == [*value, "new"]
    assert is_within(without_space(text.encode()), edited.content)
    edited.remove(["new"])
    assert edited.value == value
    assert without_space(edited.content) == without_space(text.encode())


@given(LISTS, VALUES)
def test_a_new_item_comes_in_with_its_comment_and_goes_with_it(document: tuple[Any, str], new: Any) -> None:
    value, text = document
    edited = Document(text.encode())

    edited.append([], new, "ours")
    assert edited.value == [*value, new]
    assert edited.comment([len(value)]) == "ours"
    assert is_within(without_space(text.encode()), edited.content)
    edited.remove([len(value)], with_comment=True)
    assert edited.value == value
    assert without_space(edited.content) == without_space(text.encode())


@given(DOCUMENTS, st.data())
def test_a_value_is_changed_in_its_place_and_what_is_removed_takes_nothing_along(
    document: tuple[Any, str], data: st.DataObject
) -> None:
    value, text = document
    if not value:
        return
    name = data.draw(st.sampled_from(list(value)))
    edited = Document(text.encode())
    edited.set([name], ["other"])
    assert edited.value == {**value, name: ["other"]}
    edited.remove([name])
    assert edited.value == {key: each for key, each in value.items() if key != name}
    comments = re.findall(rb"// [xy}]|/\* , \] \*/", text.encode())
    inside = re.findall(rb"// [xy}]|/\* , \] \*/", edited.content)
    assert is_within(b"".join(inside), b"".join(comments))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{}", '{\n  "k": [\n    1\n  ]\n}'),
        ('{"a": 1}', '{"a": 1, "k": [1]}'),
        ('{\n\t"a": 1 // one\n}\n', '{\n\t"a": 1, // one\n\t"k": [\n\t\t1\n\t]\n}\n'),
        (
            '{\r\n    "a": 1,\r\n    // end\r\n}\r\n',
            '{\r\n    "a": 1,\r\n    "k": [\r\n        1\r\n    ],\r\n    // end\r\n}\r\n',
        ),
        ("{ // why\n}", '{ // why\n  "k": [\n    1\n  ]\n}'),
    ],
)
def test_what_is_added_is_laid_out_as_what_is_there(before: str, after: str) -> None:
    edited = Document(before.encode())
    edited.set(["k"], [1])
    assert edited.content.decode() == after
    edited.remove(["k"])
    assert edited.content.decode() == before


def test_a_remark_behind_what_is_removed_keeps_its_line() -> None:
    edited = Document(b'{\n  "a": 1, // mine\n  "b": 2\n}')
    edited.remove(["a"])
    assert edited.content == b'{\n  // mine\n  "b": 2\n}'


def test_a_byte_order_mark_stays() -> None:
    edited = Document(b'\xef\xbb\xbf{"a": 1}')
    edited.set(["a"], 2)
    assert edited.content == b'\xef\xbb\xbf{"a": 2}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"a": 1', "line 1"),
        (b'{\n  "a" 1\n}', "line 2"),
        (b"[1,,2]", "line 1, column 4"),
        (b"{,}", "line 1, column 2"),
        (b"{a: 1}", "line 1, column 2"),
        (b"{'a': 1}", "line 1, column 2"),
        (b"[`a`]", "line 1, column 2"),
        (b"[1, ...[2]]", "line 1, column 5"),
        (b'{"a": undefined}', "line 1, column 7"),
        (b"[01]", "line 1, column 2"),
        (b"1) + (2", "line 1"),
        (b'{"a": 1};', "line 1, column 9"),
        (b"", "line 1"),
        (b'"\xff"', "is not UTF-8"),
        (b'{"a": 1, "a": 2}', "has `a` twice"),
        (b"[" * 4000 + b"]" * 4000, "nested too deep"),
    ],
)
def test_what_is_no_json_with_comments_is_refused_with_its_place(text: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        Document(text)
