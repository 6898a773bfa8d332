"""One answer for many who ask."""

from __future__ import annotations

import asyncio

from xgodo_dev.errors import UnreachableError
from xgodo_dev.platform.shared_answer import SharedAnswer


class Asked:
    """A question that is answered with how often it was asked, once the test lets it be."""

    def __init__(self) -> None:
        self.times = 0
        self.now = 10.0
        self.may_answer = asyncio.Event()
        self.fails = False
        self.shared = SharedAnswer(self._answer, lambda: self.now)

    async def _answer(self) -> int:
        self.times += 1
        await self.may_answer.wait()
        if self.fails:
            raise UnreachableError("Nobody is there.")
        return self.times


async def test_who_asks_while_an_answer_is_awaited_gets_the_next_one_together() -> None:
    asked = Asked()
    first = asyncio.create_task(asked.shared.since(asked.now))
    await asyncio.sleep(0)
    asked.now += 1
    others = [asyncio.create_task(asked.shared.since(asked.now)) for _ in range(50)]
    await asyncio.sleep(0)
    asked.may_answer.set()
    assert await first == 1
    assert await asyncio.gather(*others) == [2] * 50


async def test_an_answer_is_good_for_who_needs_none_newer() -> None:
    asked = Asked()
    asked.may_answer.set()
    assert [await asked.shared.since(moment) for moment in (10.0, 9.0, 10.0)] == [1, 1, 1]
    asked.now = 11.0
    assert await asked.shared.since(10.5) == 2


async def test_a_failure_is_shared_too_and_forgotten_by_the_next_question() -> None:
    asked = Asked()
    asked.fails = True
    asked.may_answer.set()
    results = await asyncio.gather(*(asked.shared.since(10.0) for _ in range(50)), return_exceptions=True)
    assert {type(each) for each in results} == {UnreachableError}
    assert asked.times == 1
    asked.now, asked.fails = 11.0, False
    assert await asked.shared.since(11.0) == 2


async def test_of_who_asks_together_the_first_may_give_up_and_the_others_are_answered() -> None:
    asked = Asked()
    first = asyncio.create_task(asked.shared.since(asked.now))
    await asyncio.sleep(0)
    others = [asyncio.create_task(asked.shared.since(asked.now)) for _ in range(50)]
    await asyncio.sleep(0)
    first.cancel()
    asked.may_answer.set()
    assert await asyncio.gather(*others) == [2] * 50
    assert first.cancelled()
