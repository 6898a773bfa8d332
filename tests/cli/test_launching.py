"""What is said of the ends of many runs."""

from __future__ import annotations

import pytest

from xgodo_dev.cli.launching import summary


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ({"ended well": "ABC"}, "3 runs: 3 ended well."),
        ({"stopped": "ABC"}, "3 runs: 3 stopped."),
        ({"failed": "CB", "ended well": "A"}, "3 runs: 1 ended well, 2 failed (B, C)."),
        (
            {"stopped": "A", "lost sight of": "BC", "not launched": "D"},
            "4 runs: 1 stopped (A), 2 lost sight of (B, C), 1 not launched (D).",
        ),
    ],
)
def test_of_many_runs_it_is_told_in_one_line_how_many_ended_how_and_which_not_well(
    ends: dict[str, str], told: str
) -> None:
    assert summary([(name, words) for words, names in ends.items() for name in names]) == told
