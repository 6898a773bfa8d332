from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from tests.cli.terminal.pseudo_terminal import terminal
from xgodo_dev.cli import interrupts
from xgodo_dev.cli.app import INTERRUPTED

DEADLINE = 20.0


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


NEVER_ENDING = """
import os
import re
import sys
from tests.cli.terminal.pseudo_terminal import terminal
from xgodo_dev.cli import interrupts
from xgodo_dev.cli.recorded_logs import Wanted
from xgodo_dev.runs.events import Log

async def main():
    line = Log(run="1", device="Owl", id="1", level="log", message="x" * 60, source=None, timestamp=0)
    # A thread writes what is printed, and would not get to it.
    os.write(1, b"matching\\n")
    Wanted(pattern=re.compile("(x+x+)+y")).fits(line)

try:
    interrupts.run(main())
except BaseException as end:
    sys.exit(end.exit_code)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_expression_that_never_ends_is_broken_off(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", NEVER_ENDING], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"matching\n"
            deadline = time.monotonic() + DEADLINE
            # The first may come before the match has begun, and then waits for it. Another one that comes
            # while it ends would end it in its own way.
            while process.poll() is None and time.monotonic() < deadline:
                process.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(2)
        finally:
            process.kill()
    assert process.returncode == INTERRUPTED


WAITING = """
import asyncio

async def main():
    print("waiting", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("cleaned up")
"""


def test_what_comes_after_ctrl_c_begins_a_line_of_its_own() -> None:
    with terminal(WAITING, shell='"$PYTHON" -c "$PROGRAM"; echo "ended with $?"') as screen:
        screen.wait_for("waiting")
        screen.send("\x03")
        screen.wait_for("ended with 130")
        assert screen.shown == ["waiting", "^C", "cleaned up", "ended with 130"]


LASTING = """
import asyncio
from xgodo_dev.cli.terminal.status_line import StatusLine

async def main():
    with StatusLine(lambda columns: "waiting, in a line that is longer than what is printed above it"):
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(600)
"""


def test_an_end_that_takes_long_is_told_and_another_ctrl_c_ends_at_once() -> None:
    with terminal(LASTING) as screen:
        screen.wait_for("waiting")
        screen.send("\x03")
        screen.wait(lambda: "Ending what was begun. Ctrl-C again leaves it as it is." in screen.shown)
        screen.send("\x03")
        assert screen.end() == 130
