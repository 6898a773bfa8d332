"""Many lines on stdout, each at once."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from contextlib import AbstractContextManager, redirect_stdout

import click
import pytest

from xgodo_dev.cli.view.line_stream import LineStream


class Screen(io.RawIOBase):
    """Takes what is written to it, and how often."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.is_full = False
        self.stream: io.TextIOWrapper | None = None

    def as_stdout(self) -> AbstractContextManager[object]:
        """Not a fixture's part: pytest replaces stdout once more before the test."""
        assert self.stream
        return redirect_stdout(self.stream)

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        if self.is_full:
            raise OSError(28, "No space left on device")
        written = bytes(data)  # type: ignore[call-overload]
        self.writes.append(written)
        return len(written)


@pytest.fixture(params=["terminal", "pipe"])
def screen(request: pytest.FixtureRequest) -> Screen:
    made = Screen()
    # Python makes stdout of these parts, and lets it write line by line on a terminal.
    made.stream = io.TextIOWrapper(
        io.BufferedWriter(made), encoding="utf-8", line_buffering=request.param == "terminal"
    )
    return made


def test_without_a_loop_a_line_is_there_when_it_is_written(screen: Screen) -> None:
    with screen.as_stdout():
        lines = LineStream()
        for number in range(3):
            lines.write(f"é {number}\n")
            assert screen.writes[-1] == f"é {number}\n".encode()


async def test_lines_of_one_go_of_the_loop_are_one_write(screen: Screen) -> None:
    with screen.as_stdout():
        lines = LineStream()
        for page in range(3):
            for number in range(100):
                lines.write(f"{page} {number}\n")
            await asyncio.sleep(0)
            assert screen.writes[page] == b"".join(b"%d %d\n" % (page, number) for number in range(100))
        assert len(screen.writes) == 3
        assert not lines.waiting


async def test_lines_stand_in_order_with_whatever_else_is_printed(screen: Screen) -> None:
    with screen.as_stdout():
        lines = LineStream()
        lines.write("1\n")
        click.echo("2")
        lines.write("3\n")
        print("4")  # noqa: T201
        lines.write("5\n")
        await asyncio.sleep(0)
        sys.stdout.flush()
        assert b"".join(screen.writes) == b"1\n2\n3\n4\n5\n"


def test_a_loop_that_ended_early_holds_nothing_back(screen: Screen) -> None:
    with screen.as_stdout():
        lines = LineStream()
        loop = asyncio.new_event_loop()

        async def breaks_off() -> None:
            lines.write("1\n")
            loop.stop()

        task = loop.create_task(breaks_off())
        loop.run_forever()
        loop.close()
        assert task.done()
        lines.write("2\n")
        assert b"".join(screen.writes) == b"1\n2\n"


def test_a_loop_after_one_that_ended_early_holds_nothing_back_either(screen: Screen) -> None:
    lines = LineStream()
    loop = asyncio.new_event_loop()

    async def breaks_off() -> None:
        lines.write("1\n")
        loop.stop()

    async def goes_on() -> None:
        lines.write("2\n")
        await asyncio.sleep(0)
        assert b"".join(screen.writes) == b"1\n2\n"

    with screen.as_stdout():
        task = loop.create_task(breaks_off())
        loop.run_forever()
        loop.close()
        assert task.done()
        asyncio.run(goes_on())


async def test_what_could_not_be_written_is_an_error_of_the_next_line(screen: Screen) -> None:
    with screen.as_stdout():
        lines = LineStream()
        heard: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: heard.append(context))
        screen.is_full = True
        lines.write("1\n")
        await asyncio.sleep(0)
        assert lines.waiting
        with pytest.raises(OSError, match="No space left"):
            lines.write("2\n")
        assert heard == []
        screen.is_full = False


def test_a_loop_whose_reader_has_left_ends_without_a_word() -> None:
    program = """
import asyncio, sys
from xgodo_dev.cli.view.line_stream import LineStream
async def endless():
    lines = LineStream()
    while True:
        lines.write("line\\n")
        await asyncio.sleep(0)
try:
    asyncio.run(endless())
except BrokenPipeError:
    sys.stderr.write("left")
    sys.stderr.flush()
    import os
    os._exit(1)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "line\n"
        process.stdout.close()
        assert process.wait(60) == 1
        assert process.stderr.read() == "left"
