"""Messages that are too long for a line of a terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from xgodo_dev.cli.view.message_layout import layout

NO_LIMIT = 10**6
WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12)
JSON = st.recursive(
    # A number that is longer than a line is broken, as any such word is.
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | WORDS,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(WORDS, inner, max_size=6),
    max_leaves=40,
).filter(lambda value: isinstance(value, (dict, list)))


def test_a_message_is_broken_between_words() -> None:
    text = "the list is empty, and nobody knows why it should be so"
    assert layout(text, 22).lines == ["the list is empty, and", "nobody knows why it", "should be so"]


def test_the_first_line_has_the_room_that_a_level_leaves() -> None:
    assert layout("twenty columns of it are few", 25, beside=5).lines == ["twenty columns of it", "are few"]


def test_a_word_that_is_longer_than_a_line_is_broken_where_it_stands() -> None:
    assert layout("see " + "x" * 50 + " there", 22).lines == [
        "see " + "x" * 18,
        "x" * 22,
        "x" * 10 + " there",
    ]


def test_what_is_continued_stands_below_its_own_beginning() -> None:
    assert layout("Error: no\n    at aFunctionOfSome (length.ts:1:1)", 26).lines == [
        "Error: no",
        "    at aFunctionOfSome",
        "    (length.ts:1:1)",
    ]


def test_wide_characters_take_two_columns() -> None:
    assert layout("日本語" * 8, 21).lines == ["日本語" * 3 + "日", "本語" + "日本語" * 2 + "日本", "語日本語"]


def test_what_is_one_character_on_the_screen_is_not_broken() -> None:
    accented = "e\u0301"
    assert layout(accented * 30, 20).lines == [accented * 20, accented * 10]
    family = "👩\u200d👩\u200d👧"
    assert "".join(layout(family * 9, 20).lines) == family * 9
    assert all(line.startswith("👩") for line in layout(family * 9, 20).lines)


def test_tabs_become_spaces() -> None:
    assert layout("a\tb", 40).lines == ["a       b"]


@given(
    st.text(st.sampled_from("ab  \n\t日é{[,\u0301\x1b\x9b\u202e❤\ufe0f"), max_size=300),
    st.integers(20, 60),
    st.data(),
)
def test_no_line_is_wider_than_its_room_nor_is_anything_lost(text: str, room: int, data: Any) -> None:
    beside = data.draw(st.integers(0, room - 20))
    laid = layout(text, room, beside=beside, most=NO_LIMIT)
    widths = [wcswidth(line) for line in laid.lines]
    # Less than nothing: a control character.
    assert min(widths, default=0) >= 0
    assert max(widths, default=0) <= room
    assert max(widths[:1], default=0) <= room - beside
    whole = layout(text, NO_LIMIT, most=NO_LIMIT)
    assert "".join("".join(laid.lines).split()) == "".join("".join(whole.lines).split())


def test_an_object_that_does_not_fit_is_indented_and_keeps_together_what_fits() -> None:
    value = {"id": 7, "name": "a shop", "items": [1, 2, 3], "at": {"x": 1, "y": 2}, "no": {}}
    assert layout(json.dumps(value), 30).lines == [
        "{",
        '  "id": 7,',
        '  "name": "a shop",',
        '  "items": [1, 2, 3],',
        '  "at": {"x": 1, "y": 2},',
        '  "no": {}',
        "}",
    ]
    assert layout(json.dumps(value), 200).lines == [json.dumps(value)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            'order { id: 7, at: Point { x: 1, y: 2 }, of: [{ sku: "A, 1" }, { sku: "B]" }], no: {} }',
            [
                "order {",
                "  id: 7,",
                "  at: Point {x: 1, y: 2},",
                "  of: [",
                '    {sku: "A, 1"},',
                '    {sku: "B]"}',
                "  ],",
                "  no: {}",
                "}",
            ],
        ),
        (
            "Map(2) {\"first\" => [1, 2], 'second' => [3, 4]} and then some more",
            ["Map(2) {", '  "first" => [1, 2],', "  'second' => [3, 4]", "} and then some more"],
        ),
        (
            "the list [a, b] is empty, and nobody's [c] knows why {d}",
            ["the list [a, b] is empty, and", "nobody's [c] knows why {d}"],
        ),
        (
            "[shop] tapped: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]",
            ["[shop] tapped: [", "  1, 2, 3, 4, 5, 6, 7, 8, 9,", "  10, 11, 12, 13, 14, 15", "]"],
        ),
        (
            'step 4 { id: 4, name: "row", tags: ["a", "b"] }',
            ['step 4 { id: 4, name: "row",', 'tags: ["a", "b"] }'],
        ),
    ],
)
def test_what_an_engine_prints_for_an_object_is_laid_out_within_a_message(
    text: str, lines: list[str]
) -> None:
    assert layout(text, 31).lines == lines


def test_an_object_that_stands_in_lines_already_keeps_them() -> None:
    text = json.dumps({"id": 7, "items": [1, 2, 3], "at": {"x": 1}}, indent=4)
    assert layout(text, 30).lines == text.split("\n")


def test_a_list_of_numbers_is_no_column_of_numbers() -> None:
    assert layout(json.dumps(list(range(10, 24))), 24).lines == [
        "[",
        "  10, 11, 12, 13, 14,",
        "  15, 16, 17, 18, 19,",
        "  20, 21, 22, 23",
        "]",
    ]


def test_numbers_and_repeated_names_stay_as_they_were_written() -> None:
    text = '{"price":1.10,"id":12345678901234567890,"price":1e400,"nothing":NaN}'
    assert " ".join(layout(text, 30).lines).split() == [
        *("{", '"price":', "1.10,", '"id":', "12345678901234567890,"),
        *('"price":', "1e400,", '"nothing":', "NaN", "}"),
    ]


@given(JSON, st.integers(40, 120))
def test_an_object_over_several_lines_is_the_same_object(value: Any, room: int) -> None:
    laid = layout(json.dumps(value), room, most=NO_LIMIT)
    assert json.loads(" ".join(laid.lines)) == value
    assert max(map(len, laid.lines)) <= room


@pytest.mark.parametrize(
    "text", ["[" * 50_000, "{" + "x" * 100 + "}", "[" * 900 + "]" * 900, "[1, 2" + ", 3" * 30]
)
def test_what_only_looks_like_an_object_or_is_too_deep_is_shown_all_the_same(text: str) -> None:
    lines = layout(text, 40, most=NO_LIMIT).lines
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_an_object_has_no_power_over_the_terminal() -> None:
    text = '{"name": "\\u009b31m\\u001b[31m", "other": "\u202eraw and long enough to be wrapped"}'
    shown = "\n".join(layout(text, 30).lines)
    assert r"\u009b31m\u001b[31m" in shown
    assert r"\u202eraw" in shown
    assert not {"\x9b", "\x1b", "\u202e"} & set(shown)


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("\n".join("abcdef"), ""),
        ("\n".join("abcdefg"), "1 more character"),
        ("\n".join("abcdefgh"), "2 more lines"),
        ("x" * 120, ""),
        ("x" * 100_000, "99,880 more characters"),
        (json.dumps({"list": ["y" * 10] * 1000}), "998 more lines"),
    ],
)
def test_what_would_fill_the_screen_is_cut_off_and_it_says_how_much(text: str, left_out: str) -> None:
    laid = layout(text, 20, most=6)
    assert len(laid.lines) == 6
    assert laid.left_out == left_out
