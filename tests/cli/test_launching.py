"""What is said of the ends of many runs."""

from __future__ import annotations

import pytest

from xgodo_dev.cli.launching import summary
from xgodo_dev.runs.events import RunStatus


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ({"success": "ABC"}, "3 of 3 ended well."),
        ({"stopped": "ABC"}, "3 of 3 stopped."),
        ({"success": "A", "failed": "CB"}, "1 of 3 ended well, 2 failed (B, C)."),
        (
            {"stopped": "A", "lost": "BC", None: "D", "timeout": "E"},
            "1 of 5 stopped (A), 1 took too long (E), 2 lost sight of (B, C), 1 not launched (D).",
        ),
    ],
)
def test_of_many_runs_it_is_told_in_one_line_how_many_ended_how_and_which_not_well(
    ends: dict[RunStatus | None, str], told: str
) -> None:
    assert summary([(name, end) for end, names in ends.items() for name in names]) == told
