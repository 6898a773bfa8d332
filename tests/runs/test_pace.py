from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from xgodo_dev.runs.pace import PollPace, RequestBudget


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


def test_a_quiet_run_is_asked_hardly_more_often_than_every_two_seconds_in_the_end() -> None:
    moments = polls(120, lambda _: False)
    pauses = [after - before for before, after in pairwise(moments)]
    assert pauses[-20:] == pytest.approx([1.8] * 20)


def test_a_chatty_run_costs_five_polls_a_second_in_the_long_term() -> None:
    for answer_time in (0.0, 0.003, 0.1):
        moments = polls(600, lambda _: True, answer_time)
        assert len(moments) <= 600 * 5.3 + 17
        assert len(moments) >= 600 * 4.5, "it is not starved either"


def test_no_minute_of_a_chatty_run_costs_more_than_another() -> None:
    moments = polls(600, lambda _: True)
    for minute in range(1, 10):
        assert len([each for each in moments if minute * 60 <= each < minute * 60 + 60]) <= 317


@pytest.mark.parametrize("every", [0.05, 0.3, 1.0, 3.0, 9.0])
def test_a_line_of_an_active_run_is_found_within_a_fifth_of_a_second(every: float) -> None:
    printed: list[float] = []
    found: list[float] = []
    now, pace = 1000.0, PollPace(1000.0)
    while now < 1060:
        due = [1000 + number * every for number in range(int((now - 1000) / every) + 1)]
        fresh = due[len(printed) :]
        found += [now - each for each in fresh]
        printed = due
        now += pace.next_pause(now, had_entries=bool(fresh))
    assert max(found) <= 0.2


def test_a_run_that_begins_makes_the_polls_tight() -> None:
    pace = PollPace(0.0)
    for now in range(1, 60):
        pace.next_pause(now * 2.0, had_entries=False)
    pace.hurry(120.0)
    assert pace.next_pause(120.0, had_entries=False) < 0.02


def test_a_few_devices_never_wait_for_one_another() -> None:
    budget = RequestBudget(per_second=60)
    assert [budget.wait(10.0 + tick * 0.1) for tick in range(100) for _ in range(5)] == [0.0] * 500


def test_many_devices_share_what_the_platform_should_bear() -> None:
    budget, now = RequestBudget(per_second=60), 10.0
    asked = sorted(now + budget.wait(now) for _ in range(600))
    assert asked[-1] - asked[0] == pytest.approx(600 / 60, abs=0.5)
    assert max(after - before for before, after in pairwise(asked)) <= 1 / 60 + 1e-9


def test_a_line_after_a_long_silence_makes_the_next_polls_tight_again() -> None:
    moments = polls(70, lambda now: now >= 60)
    after = [each for each in moments if each > 60]
    assert after[4] - after[0] < 0.5


def test_a_run_that_talks_now_and_then_stays_within_its_budget() -> None:
    moments = polls(600, lambda now: int(now * 10) % 7 == 0)
    assert len(moments) <= 600 * 5.3 + 17


def test_no_pause_is_longer_than_two_seconds_or_none_at_all() -> None:
    for talks in (True, False):
        moments = polls(300, lambda _, talks=talks: talks)
        pauses = [after - before for before, after in pairwise(moments)]
        assert max(pauses) <= 2.0001
        assert min(pauses) > 0.001
