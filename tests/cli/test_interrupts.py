from __future__ import annotations

import asyncio
import gc
import os
import re
import signal
import subprocess
from collections.abc import Iterator

import click
import pytest

from xgodo_dev.cli import interrupts
from xgodo_dev.cli.app import INTERRUPTED
from xgodo_dev.cli.recorded_logs import Wanted
from xgodo_dev.runs.events import Log


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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_expression_that_never_ends_is_broken_off(number: signal.Signals) -> None:
    line = Log(run="1", device="Owl", id="1", level="log", message="x" * 25, source=None, timestamp=0)
    did = []

    async def matches() -> None:
        try:
            # No thread of ours would get to do it meanwhile.
            subprocess.Popen(["bash", "-c", f"sleep 0.1; kill -{number} {os.getpid()}"])  # noqa: ASYNC220 — it only starts
            Wanted(pattern=re.compile("(x+x+)+y")).fits(line)
            did.append("matched")
        finally:
            did.append("ended")

    with pytest.raises(click.exceptions.Exit) as end:
        interrupts.run(matches())
    assert end.value.exit_code == INTERRUPTED
    assert did == ["ended"]
