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


def test_a_terminal_without_the_ellipsis_gets_dots() -> None:
    assert cells.cut("plain text", 8, "...") == "plain..."
    assert cells.cut("plain text", 2, "...") == ".."


def test_columns_of_wide_characters_stand_below_one_another() -> None:
    assert [cells.padded(text, 6) for text in ("手机", "phone", "a telephone")] == [
        "手机  ",
        "phone ",
        "a tel…",
    ]
