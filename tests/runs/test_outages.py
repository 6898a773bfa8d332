"""Outages of many devices, told in one sentence."""

from __future__ import annotations

import asyncio

import pytest

from xgodo_dev.errors import UnreachableError
from xgodo_dev.platform.automation import Device
from xgodo_dev.runs import outages
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.runs.outages import Outages

# Two of them have one name.
PHONES = [Device(id=str(number), name=f"Fox {number // 2}", online=True, record={}) for number in range(5)]
ERROR = UnreachableError("Nobody is there.")


class Told:
    def __init__(self) -> None:
        self.outages = Outages(self._hear)
        self._heard: list[str] = []
        self._more = asyncio.Event()

    def _hear(self, event: Event) -> None:
        assert isinstance(event, Notice)
        self._heard.append(event.message)
        self._more.set()

    async def next(self) -> str:
        async with asyncio.timeout(60):
            while not self._heard:
                self._more.clear()
                await self._more.wait()
        return self._heard.pop(0)

    def rest(self) -> list[str]:
        self.outages.close()
        return self._heard


@pytest.fixture
async def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    monkeypatch.setattr(outages, "_GATHERING", 0.01)
    return Told()


async def test_many_outages_are_one_sentence_and_so_are_their_ends(told: Told) -> None:
    for phone in PHONES:
        told.outages.began(phone, ERROR)
    assert await told.next() == (
        "Logs of Fox 0, Fox 0, Fox 1 and 2 more are interrupted: Nobody is there. Trying again."
    )
    for phone in PHONES[:2]:
        told.outages.ended(phone)
    assert await told.next() == "Logs of Fox 0, Fox 0 are back."
    assert told.rest() == []


async def test_what_is_over_at_once_or_given_up_is_not_told(told: Told) -> None:
    fox, other, *_ = PHONES
    told.outages.began(fox, ERROR)
    told.outages.ended(fox)
    told.outages.began(other, ERROR)
    told.outages.given_up(other)
    told.outages.ended(other)
    assert told.rest() == []


async def test_an_outage_that_comes_again_before_its_end_was_told_has_not_ended(told: Told) -> None:
    told.outages.began(PHONES[0], ERROR)
    assert "interrupted" in await told.next()
    told.outages.ended(PHONES[0])
    told.outages.began(PHONES[0], ERROR)
    assert told.rest() == []
    told.outages.ended(PHONES[0])
    assert "are back" in await told.next()


async def test_what_is_not_told_yet_is_told_at_the_close(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    told.outages.began(PHONES[0], ERROR)
    (said,) = told.rest()
    assert "interrupted" in said
