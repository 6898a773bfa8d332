from __future__ import annotations

import asyncio
import gc
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.cli.terminal.pseudo_terminal import terminal
from xgodo_dev.cli import interrupts
from xgodo_dev.cli.app import INTERRUPTED

DEADLINE = 60.0


@pytest.fixture
def not_collecting() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.mark.usefixtures("not_collecting")
def test_a_command_that_lasts_collects_the_garbage_that_was_put_off_while_it_loaded() -> None:
    async def until_collecting() -> None:
        async with asyncio.timeout(DEADLINE):
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

class Telling:
    def search(self, text):
        # What comes sooner is heard after the match. A thread that writes would not get to it meanwhile.
        os.write(1, b"matching\\n")
        return re.search("(x+x+)+y", text)

async def main():
    line = Log(run="1", device="Owl", id="1", level="log", message="x" * 60, source=None, timestamp=0)
    Wanted(pattern=Telling()).fits(line)

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
            process.send_signal(number)
            assert process.wait(DEADLINE) == INTERRUPTED
        finally:
            process.kill()


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
