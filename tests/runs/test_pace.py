from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from xgodo_dev.runs.pace import PollPace


def polls(seconds: float, had_entries: Callable[[float], bool], answer_time: float = 0.0) -> list[float]:
    """The moments of all polls of a run of that length."""
    now = 1000.0
    pace, moments = PollPace(now), []
    while now < 1000 + seconds:
        moments.append(now - 1000)
        now += answer_time
        now += pace.next_pause(now, had_entries=had_entries(now - 1000))
    return moments


def test_the_first_polls_are_tight() -> None:
    assert len(polls(0.1, lambda _: False)) >= 4


def test_a_quiet_run_is_asked_every_two_seconds_in_the_end() -> None:
    moments = polls(120, lambda _: False)
    pauses = [after - before for before, after in pairwise(moments)]
    assert pauses == sorted(pauses)
    assert pauses[-20:] == [2.0] * 20


def test_a_chatty_run_costs_two_polls_a_second_in_the_long_term() -> None:
    for answer_time in (0.0, 0.003, 0.1):
        moments = polls(600, lambda _: True, answer_time)
        assert len(moments) <= 600 * 2 + 17
        assert len(moments) >= 600 * 1.6, "it is not starved either"


def test_no_minute_of_a_chatty_run_costs_more_than_another() -> None:
    moments = polls(600, lambda _: True)
    for minute in range(1, 10):
        assert len([each for each in moments if minute * 60 <= each < minute * 60 + 60]) <= 121


def test_a_line_after_a_long_silence_makes_the_next_polls_tight_again() -> None:
    moments = polls(70, lambda now: now >= 60)
    after = [each for each in moments if each > 60]
    assert after[4] - after[0] < 0.5


def test_a_run_that_talks_now_and_then_stays_within_its_budget() -> None:
    moments = polls(600, lambda now: int(now * 10) % 7 == 0)
    assert len(moments) <= 600 * 2 + 17


def test_no_pause_is_longer_than_two_seconds_or_none_at_all() -> None:
    for talks in (True, False):
        moments = polls(300, lambda _, talks=talks: talks)
        pauses = [after - before for before, after in pairwise(moments)]
        assert max(pauses) <= 2.0001
        assert min(pauses) > 0.001
