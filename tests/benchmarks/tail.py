"""Measures how late the lines of one device are shown: while it prints, and after it was quiet."""

from __future__ import annotations

from itertools import pairwise

from tests.benchmarks.command import say
from tests.benchmarks.followed_run import follow, say_latencies, say_requests, say_verdict
from tests.benchmarks.simulated_run import Schedule

_RATE = 20.0
_SECONDS = 10.0
# No multiples of one another or of a pause between two polls; the last is longer than any habit.
_QUIETS = (6.1, 10.7, 11.6, 12.4, 13.3, 19.9)
# Seconds without a line that count as quiet.
_QUIET = 1.0
_MOST_MS, _MOST_MS_AFTER_QUIET = 250.0, 2000.0


def measure(*, text: bool = False) -> None:
    """Follow one device.

    Args:
        text: with the output for a person instead of JSON Lines.

    Raises:
        SystemExit: a line was lost, repeated or out of order, or the run did not end well.
    """
    schedule = Schedule(_RATE, _SECONDS, _QUIETS)
    say(
        f"\nrun on one device, {_RATE:g} lines a second for {_SECONDS:g} s, then"
        f" {len(_QUIETS)} times for a little after {min(_QUIETS):.0f} to {max(_QUIETS):.0f} s of quiet"
    )
    followed = follow(schedule, 1, text=text)
    active: list[float] = []
    first: list[float] = []
    quiet_until = float("-inf")
    for number, (before, moment) in enumerate(pairwise((0.0, *schedule.moments)), 1):
        latencies = followed.judgement.latencies.get(number, ())
        if moment - before > _QUIET:
            quiet_until = moment
            first.extend(latencies)
        # What comes before the first had to be noticed is shown together with it.
        elif moment - quiet_until > _MOST_MS_AFTER_QUIET / 1000:
            active.extend(latencies)
    say_latencies(
        {"while it prints": (active, _MOST_MS), "the first line after quiet": (first, _MOST_MS_AFTER_QUIET)}
    )
    say_requests(followed)
    say_verdict(followed)
