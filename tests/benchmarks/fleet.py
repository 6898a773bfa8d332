"""Measures what it costs to follow many devices that print a lot, and that no line of theirs is lost."""

from __future__ import annotations

from itertools import pairwise

from tests.benchmarks.command import say
from tests.benchmarks.followed_run import (
    NO_PAGES,
    Cost,
    Followed,
    follow,
    say_latencies,
    say_requests,
    say_verdict,
)
from tests.benchmarks.simulated_run import Schedule

# A processor for a minute, for 100 devices that print 100 lines a second.
_PROCESSOR_S_A_LINE = 60 / (100 * 100 * 60)
# Megabytes between a sixth of the time and the end: more is not flat.
_MOST_GROWTH = 10.0
_QUARTERS = 4


def measure(devices: int, rate: float, seconds: float, *, page: int | None, text: bool) -> None:
    """Follow ``devices`` that print ``rate`` lines a second each.

    Args:
        page: how many lines an answer of the server has at most; None: as many as there are.
        text: with the output for a person instead of JSON Lines.

    Raises:
        SystemExit: a line was lost, repeated or out of order, or a run did not end well.
    """
    form = "text" if text else "JSON Lines"
    pages = "" if page is None else f", {page} lines a page"
    say(f"\nrun on {devices} devices, {rate:g} lines a second each for {seconds:g} s, {form}{pages}")
    followed = follow(Schedule(rate, seconds), devices, page=page or NO_PAGES, text=text)
    _say_processor(followed)
    _say_memory(followed.cost)
    say_latencies(
        {"every line": ([late for lates in followed.judgement.latencies.values() for late in lates], None)}
    )
    say_requests(followed)
    say_verdict(followed)


def _say_processor(followed: Followed) -> None:
    cost = followed.cost
    used = cost.processor - cost.processor_before
    bound = followed.lines * _PROCESSOR_S_A_LINE
    say(
        f"  processor: {cost.processor_before:.1f} s up to the first line, then {used:.1f} s"
        f" ({used / followed.lines * 1e6:.0f} µs a line); bound {bound:.1f} s"
        f"  {'kept' if used <= bound else 'MISSED'}"
    )
    shares = ", ".join(f"{share:.0%}" for share in _shares(cost))
    say(f"  of one processor, in each quarter of the time: {shares}")
    began = min(followed.figures["began"].values())
    say(f"  from the first launch to the last word: {followed.last_word - began:.1f} s")


def _shares(cost: Cost) -> list[float]:
    """How much of one processor was used, part by part of the time."""
    last = len(cost.samples) - 1
    borders = [cost.samples[round(part * last / _QUARTERS)] for part in range(_QUARTERS + 1)]
    return [
        (end.processor - begin.processor) / (end.since_first_line - begin.since_first_line)
        for begin, end in pairwise(borders)
        if end is not begin
    ]


def _say_memory(cost: Cost) -> None:
    length = cost.samples[-1].since_first_line
    moments = [length / 6, length / 2, length]
    memory = [cost.memory_at(moment) for moment in moments]
    told = ", ".join(f"{each:.0f} MB at {moment:.0f} s" for each, moment in zip(memory, moments, strict=True))
    growth = memory[-1] - memory[0]
    say(f"  memory: {told}, {max(sample.memory for sample in cost.samples):.0f} MB at most")
    verdict = "kept" if growth <= _MOST_GROWTH else "MISSED"
    say(
        f"  memory grew by {growth:.1f} MB from the first of these on; bound {_MOST_GROWTH:.0f} MB  {verdict}"
    )
