from __future__ import annotations

import asyncio

from xgodo_dev.loop.vanishing import Vanishing

PAUSE = 0.1
DEADLINE = 15.0


async def test_with_nothing_vanishing_there_is_nothing_to_wait_for() -> None:
    waiting = asyncio.create_task(Vanishing(PAUSE).over())
    await asyncio.sleep(0)
    assert waiting.done()


async def test_it_is_over_only_when_the_last_one_has_gone() -> None:
    vanishing = Vanishing(PAUSE)
    vanishing.seen()
    waiting = asyncio.create_task(vanishing.over())
    for _ in range(8):
        # Both timers are this loop's, so that the shorter one is always served first.
        await asyncio.sleep(PAUSE / 2)
        assert not waiting.done()
        vanishing.seen()
    async with asyncio.timeout(DEADLINE):
        await waiting


async def test_what_never_ends_is_not_waited_for_for_ever() -> None:
    vanishing = Vanishing(PAUSE / 100)

    async def vanish_on() -> None:
        while True:
            vanishing.seen()
            await asyncio.sleep(0)

    endless = asyncio.create_task(vanish_on())
    async with asyncio.timeout(DEADLINE):
        await vanishing.over()
    endless.cancel()
