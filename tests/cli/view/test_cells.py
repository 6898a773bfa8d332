from __future__ import annotations

import click
import pytest

from xgodo_dev.cli.view import cells

GREEN, END = "\x1b[32m", "\x1b[0m"


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("plain", 5),
        ("✓ types…", 8),
        (click.style("green", fg="green", bold=True), 5),
        ("手机", 4),
        ("e\u0301", 1),
        ("❤", 1),
        ("❤\ufe0f", 2),
        ("📱", 2),
        ("a\x07\x1bb", 2),
    ],
)
def test_a_text_is_as_wide_as_a_terminal_shows_it(text: str, width: int) -> None:
    assert cells.width(text) == width


@pytest.mark.parametrize(
    ("text", "room", "cut"),
    [
        ("plain", 5, "plain"),
        ("plain", 4, "pla…"),
        ("plain", 1, "…"),
        ("plain", 0, ""),
        ("plain", -1, ""),
        ("手机手机", 8, "手机手机"),
        ("手机手机", 7, "手机手…"),
        ("手机手机", 6, "手机…"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        ("one\ntwo\x07", 20, "onetwo"),
        (f"{GREEN}green{END}", 5, f"{GREEN}green{END}"),
        (f"{GREEN}green{END}", 3, f"{GREEN}gr…{END}"),
    ],
)
def test_what_does_not_fit_is_cut_and_says_so(text: str, room: int, cut: str) -> None:
    assert cells.cut(text, room) == cut


@pytest.mark.parametrize(
    ("text", "middle", "beginning"),
    [
        ("Phone 1", "Phone 1", "Phone 1"),
        ("Galaxy (1)", "Gala…1)", "…xy (1)"),
        ("手机手机", "手机…机", "…机手机"),
        ("e\u0301" * 9, "e\u0301" * 4 + "…" + "e\u0301" * 2, "…" + "e\u0301" * 6),
        ("x" * 20_000, "xxxx…xx", "…xxxxxx"),
    ],
)
def test_a_name_is_cut_in_its_middle_and_a_path_at_its_beginning(
    text: str, middle: str, beginning: str
) -> None:
    assert cells.without_middle(text, 7) == middle
    assert cells.without_beginning(text, 7) == beginning


def test_a_terminal_without_the_ellipsis_gets_dots() -> None:
    assert cells.cut("plain text", 8, "...") == "plain..."
    assert cells.cut("plain text", 2, "...") == ".."


def test_columns_of_wide_characters_stand_below_one_another() -> None:
    assert [cells.padded(text, 6) for text in ("手机", "phone", "a telephone")] == [
        "手机  ",
        "phone ",
        "a tel…",
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", [""]),
        ("twenty cells of room", ["twenty cells of room"]),
        ("twenty cells of room or more", ["twenty cells of room", "or more"]),
        ("two  spaces at the  end of it", ["two  spaces at the", "end of it"]),
        ("x" * 45, ["x" * 20, "x" * 20, "x" * 5]),
        ("手机" * 8, ["手机" * 5, "手机" * 3]),
        (
            f"so {GREEN}green words that go on{END} here",
            [f"so {GREEN}green words that{END}", f"{GREEN}go on{END} here"],
        ),
    ],
)
def test_a_line_is_broken_between_words_and_keeps_its_styles(text: str, parts: list[str]) -> None:
    assert cells.wrapped(text, 20) == parts


def test_a_broken_line_keeps_its_indent() -> None:
    assert cells.wrapped("    at a place of some length", 24) == ["    at a place of some", "    length"]
