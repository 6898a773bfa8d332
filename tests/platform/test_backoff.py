from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xgodo_dev.platform.backoff import asked_pause, pauses

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT

seconds = st.floats(0, 100, allow_nan=False)
steps_given = st.lists(seconds, max_size=6)
chances = st.floats(0, 1, exclude_max=True)


@given(
    steps=steps_given,
    budget=seconds,
    asked=st.lists(seconds | st.just(0.0), max_size=30),
    chance=st.lists(chances, min_size=1),
)
def test_the_pauses_never_add_up_to_more_than_the_budget_and_the_servers_own_is_kept_or_given_up(
    steps: list[float], budget: float, asked: list[float], chance: list[float]
) -> None:
    turn = iter(chance * 30)
    backoff = pauses(steps, budget, lambda: next(turn))
    next(backoff)
    left = budget
    for seconds_asked in asked:
        pause = backoff.send(seconds_asked)
        if pause is None:
            continue
        assert pause >= seconds_asked
        assert 0 <= pause <= left
        left -= pause


@given(steps=steps_given, chance=chances)
def test_without_a_word_from_the_server_every_step_is_taken_once_and_cut_by_at_most_its_half(
    steps: list[float], chance: float
) -> None:
    backoff = pauses(steps, 1_000.0, lambda: chance)
    next(backoff)
    for step in steps:
        pause = backoff.send(0.0)
        assert pause is not None
        assert step / 2 <= pause <= step
    assert backoff.send(0.0) is None
    assert backoff.send(0.0) is None


@given(budget=seconds, over=st.floats(0.001, 1e6), steps=steps_given)
def test_a_server_that_wants_longer_than_the_budget_is_refused_at_once(
    budget: float, over: float, steps: list[float]
) -> None:
    backoff = pauses(steps, budget, lambda: 0.0)
    next(backoff)
    assert backoff.send(budget + over) is None


def test_what_was_paused_already_counts() -> None:
    backoff = pauses((2.0, 2.0), 10.0, lambda: 0.0)
    next(backoff)
    assert [backoff.send(asked) for asked in (4.0, 6.0, 5.0)] == [5.0, None, 5.0]


def test_a_server_that_names_its_pause_is_asked_for_as_long_as_the_budget_lasts() -> None:
    backoff = pauses((0.2,), 5.0, lambda: 0.0)
    next(backoff)
    given_pauses = [backoff.send(1.0) for _ in range(6)]
    assert given_pauses == [pytest.approx(1.1)] * 4 + [None, None]


@given(asked=seconds)
def test_without_steps_nothing_is_tried_again(asked: float) -> None:
    backoff = pauses((), 1_000.0, lambda: 0.0)
    next(backoff)
    assert backoff.send(asked) is None


@pytest.mark.parametrize(
    ("retry_after", "date", "expected"),
    [
        ("7", None, 7.0),
        (" 7 ", None, 7.0),
        ("0.25", None, 0.25),
        ("0", None, 0.0),
        ("-5", None, 0.0),
        ("86401", None, 86_400.0),
        ("1e308", None, 86_400.0),
        ("Tue, 14 Nov 2023 22:13:30 GMT", None, 10.0),
        ("Tue, 14 Nov 2023 22:13:30 -0000", None, 10.0),
        ("Tue, 14 Nov 2023 23:13:30 +0100", None, 10.0),
        ("Tue, 14 Nov 2023 22:13:10 GMT", None, 0.0),
        # By the server's own clock, which is an hour behind ours.
        ("Tue, 14 Nov 2023 21:13:30 GMT", "Tue, 14 Nov 2023 21:13:20 GMT", 10.0),
        ("Tue, 14 Nov 2023 22:13:30 GMT", "no date", 10.0),
        (None, None, 1.0),
        ("", None, 1.0),
        ("soon", None, 1.0),
        ("nan", None, 1.0),
        ("inf", None, 1.0),
        ("Tue, 99 Nov 2023 22:13:30 GMT", None, 1.0),
        ("Tue, 14 Nov 99999999999 22:13:30 GMT", None, 1.0),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(
    retry_after: str | None, date: str | None, expected: float
) -> None:
    assert asked_pause(retry_after, date, NOW) == expected


@given(retry_after=st.text(max_size=40), date=st.text(max_size=40) | st.none())
def test_no_header_breaks_the_reading(retry_after: str, date: str | None) -> None:
    assert 0 <= asked_pause(retry_after, date, NOW) <= 86_400
