"""Which of several things a person means."""

from __future__ import annotations

import pytest

from xgodo_dev.runs.naming import fitting

_THINGS = [("a1f2", "Pixel"), ("a1f3", "Pixel 8"), ("b7", "A1")]


@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ("pixel", [0]),
        ("PIXEL  8 ", [1]),
        ("pix", [0, 1]),
        ("a1f3", [1]),
        ("a1", [2]),
        ("a1f", [0, 1]),
        ("ixel", []),
        (" ", []),
    ],
)
def test_a_whole_id_or_name_goes_before_how_one_begins(asked: str, places: list[int]) -> None:
    assert fitting(_THINGS, asked) == places
