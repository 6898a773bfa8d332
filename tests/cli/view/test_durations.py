from __future__ import annotations

import pytest

from xgodo_dev.cli.view.durations import duration_text


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0 ms"),
        (43.2, "43 ms"),
        (999.4, "999 ms"),
        (999.6, "1.0 s"),
        (12_340, "12.3 s"),
        (59_940, "59.9 s"),
        (59_960, "1 min 0 s"),
        (202_000, "3 min 22 s"),
        (3_599_400, "59 min 59 s"),
        (3_599_600, "1 h 0 min"),
        (7_500_000, "2 h 5 min"),
        (90_000_000, "25 h 0 min"),
    ],
)
def test_a_duration_is_as_exact_as_anybody_wants_it(ms: float, text: str) -> None:
    assert duration_text(ms) == text
