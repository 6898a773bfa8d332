"""Options that take a duration."""

from __future__ import annotations

import re
from collections.abc import Callable

import click

_WRITTEN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s?([smhd])?")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def duration(
    *, most: float, least: float = 0.0
) -> Callable[[click.Context, click.Parameter, str | None], float | None]:
    """The callback of an option: makes seconds of a number of them, or of ``90s``, ``5m`` or ``1.5h``.

    It raises BadParameter for what is no duration, none at all, less than ``least`` or more than ``most``
    seconds.
    """

    def seconds_of(_context: click.Context, _parameter: click.Parameter, text: str | None) -> float | None:
        if text is None:
            return None
        written = _WRITTEN.fullmatch(text.strip().lower())
        if not written:
            raise click.BadParameter(f"{text!r} is no duration such as 90 (seconds), 90s, 5m or 1h.")
        seconds = float(written[1]) * _SECONDS[written[2] or "s"]
        if seconds == 0.0 or not least <= seconds <= most:
            asked = f"between {_in_words(least)} and" if least else "more than nothing, and at most"
            raise click.BadParameter(f"{text!r} is not {asked} {_in_words(most)}.")
        return seconds

    return seconds_of


def _in_words(seconds: float) -> str:
    unit = next(each for each in ("d", "h", "m", "s") if seconds % _SECONDS[each] == 0)
    return f"{seconds / _SECONDS[unit]:g} {unit}"
