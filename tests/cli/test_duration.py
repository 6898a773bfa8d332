"""How long an option may be told something takes."""

from __future__ import annotations

import click
import pytest

from xgodo_dev.cli.duration import duration


def seconds(written: str, *, least: float = 0.0, most: float = 30 * 86_400) -> float | None:
    option = click.Option(["--timeout"])
    return duration(least=least, most=most)(click.Context(click.Command("run")), option, written)


@pytest.mark.parametrize(
    ("written", "expected"),
    [("90", 90), ("0.5", 0.5), ("90s", 90), (" 5m", 300), ("1H", 3600), ("1.5 h", 5400), ("30d", 2_592_000)],
)
def test_a_duration_is_seconds_or_has_a_unit(written: str, expected: float) -> None:
    assert seconds(written) == expected


@pytest.mark.parametrize("written", ["", "m", "-1", "nan", "inf", "1e3", "5 minutes", "5m30s", "1_0", "5ms"])
def test_what_is_none_is_refused_with_what_is(written: str) -> None:
    with pytest.raises(click.BadParameter, match="no duration such as 90"):
        seconds(written)


def test_what_is_too_short_or_too_long_is_refused_with_the_limits() -> None:
    for written in ("0", "0h", "31d", "999999999h"):
        with pytest.raises(click.BadParameter, match="not more than nothing, and at most 30 d"):
            seconds(written)
    assert seconds("1", least=1) == 1
    for written in ("0.5", "25h"):
        with pytest.raises(click.BadParameter, match="not between 1 s and 1 d"):
            seconds(written, least=1, most=86_400)
