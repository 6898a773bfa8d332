from __future__ import annotations

from collections.abc import Iterator

import pytest

from xgodo_dev.loop.awakening import Awakening, Clocks


class Enough(Exception):
    """The clocks have told all that they had to tell."""


async def sleeps(*moments: Clocks) -> list[int]:
    """The seconds of each sleep that these looks at the wall's clock and at the other one tell of."""
    told: list[int] = []
    looks: Iterator[Clocks] = iter([each for moment in moments for each in (moment, moment)][1:-1])

    def look() -> Clocks:
        try:
            return next(looks)
        except StopIteration:
            raise Enough from None

    async def tick(_seconds: float) -> None:
        return

    async def wake_up(seconds: float) -> None:
        told.append(round(seconds))

    with pytest.raises(Enough):
        await Awakening(look, tick).watch(wake_up)
    return told


async def test_a_second_after_a_second_is_no_sleep() -> None:
    assert await sleeps((100, 5), (101, 6), (102.2, 7.2), (107, 12)) == []


async def test_a_sleep_shows_on_the_wall_where_the_other_clock_slept_too() -> None:
    assert await sleeps((100, 5), (101, 6), (702, 7), (703, 8)) == [600]


async def test_a_stopped_process_shows_on_both() -> None:
    assert await sleeps((100, 5), (131, 36), (132, 37)) == [30]


async def test_a_clock_that_is_set_back_is_none() -> None:
    assert await sleeps((100, 5), (50, 6), (51, 7)) == []
