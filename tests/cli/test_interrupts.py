from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator

import pytest

from xgodo_dev.cli import interrupts


@pytest.fixture
def not_collecting() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.mark.usefixtures("not_collecting")
def test_a_command_that_lasts_collects_the_garbage_that_was_put_off_while_it_loaded() -> None:
    async def until_collecting() -> None:
        async with asyncio.timeout(10):
            while not gc.isenabled():  # noqa: ASYNC110 — nothing tells of it
                await asyncio.sleep(0.01)

    interrupts.run(until_collecting())
    assert gc.isenabled()
