"""A reader that takes its time, or none, holds up nobody who prints while a loop runs."""

from __future__ import annotations

import asyncio
import io
import os
import pty
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field

import click
import pytest

from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.invocation import Invocation
from xgodo_dev.errors import UsageError

# More than a pipe holds.
MUCH = 300_000
DEADLINE = 60.0


@dataclass
class Pipe:
    """A pipe that is written to as Python's own stdout is."""

    reading: int
    writing: int
    late: threading.Event = field(default_factory=threading.Event)
    """Set when it is time for a reader who comes late."""

    def stream(self) -> io.TextIOWrapper:
        return io.TextIOWrapper(
            io.BufferedWriter(io.FileIO(self.writing, "w", closefd=False)), encoding="utf-8"
        )

    def read_later(self) -> Callable[[], bytes]:
        """Have it read by somebody who comes late; returns what waits for all of it."""
        found: list[bytes] = []

        def read() -> None:
            self.late.wait(DEADLINE)
            while content := os.read(self.reading, 65536):
                found.append(content)

        reader = threading.Thread(target=read)
        reader.start()

        def everything() -> bytes:
            os.close(self.writing)
            self.writing = -1
            reader.join(DEADLINE)
            return b"".join(found)

        return everything


@pytest.fixture
def pipes() -> Iterator[Callable[[], Pipe]]:
    made: list[Pipe] = []

    def make() -> Pipe:
        made.append(Pipe(*os.pipe()))
        return made[-1]

    yield make
    for pipe in made:
        for end in (pipe.reading, pipe.writing):
            if end >= 0:
                os.close(end)


@pytest.fixture
def printing() -> Iterator[Callable[..., None]]:
    """Print within a command's context, to these pipes."""
    with ExitStack() as stack:
        # Not before the test: pytest replaces stdout once more.
        def enter(stdout: Pipe, stderr: Pipe | None = None, *, json: bool = False) -> None:
            stack.enter_context(redirect_stdout(stdout.stream()))
            stack.enter_context(redirect_stderr((stderr or stdout).stream()))
            context = click.Context(click.Command("test"), obj=Invocation(json=json))
            stack.enter_context(context.scope(cleanup=False))

        yield enter


def lines(count: int = MUCH // 10) -> str:
    return "".join(f"line {number:04}\n" for number in range(count))


def output_threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name == "output" and each.is_alive()]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_where_nobody_reads_the_loop_goes_on_and_an_interrupt_ends_it(
    pipes: Callable[[], Pipe],
    printing: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
) -> None:
    monkeypatch.setattr(interrupts, "_READING_DEADLINE_S", 0.05)
    did = []

    async def runs() -> None:
        try:
            output.log_lines(lines())
            await asyncio.sleep(0)
            output.note("running")
            did.append("went on")
            os.kill(os.getpid(), number)
            async with asyncio.timeout(DEADLINE):
                await asyncio.Event().wait()
        finally:
            output.note("stopping")
            await asyncio.sleep(0)
            did.append("stopped")

    printing(pipes())
    with pytest.raises(click.exceptions.Exit) as end:
        interrupts.run(runs())
    assert end.value.exit_code == 130
    assert did == ["went on", "stopped"]
    # What a command says when all is over holds up its end no more.
    click.echo("x" * MUCH)


def test_a_reader_that_comes_late_gets_all_in_the_order_it_was_printed(
    pipes: Callable[[], Pipe], printing: Callable[..., None]
) -> None:
    async def prints() -> None:
        output.log_lines(lines())
        output.note("a note")
        output.result("a result")
        output.log_lines("the last\n")
        pipe.late.set()

    pipe = pipes()
    printing(pipe)
    everything = pipe.read_later()
    interrupts.run(prints())
    click.echo("after it")
    assert output_threads() == []
    assert everything().decode() == lines() + "a note\na result\nthe last\nafter it\n"


def test_an_error_is_raised_when_what_was_printed_before_it_is_read(
    pipes: Callable[[], Pipe], printing: Callable[..., None]
) -> None:
    async def fails() -> None:
        output.log_lines(lines())
        pipe.late.set()
        raise UsageError("wrong")

    pipe = pipes()
    printing(pipe)
    everything = pipe.read_later()
    with pytest.raises(UsageError, match="wrong"):
        interrupts.run(fails())
    assert everything().decode() == lines()


def test_notes_come_at_once_where_only_the_result_is_not_read(
    pipes: Callable[[], Pipe], printing: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interrupts, "_READING_DEADLINE_S", 0.0)
    stdout, stderr = pipes(), pipes()

    async def prints() -> None:
        output.log_lines(lines())
        output.note("a note")
        assert os.read(stderr.reading, 100) == b"a note\n"
        raise asyncio.CancelledError

    printing(stdout, stderr)
    with pytest.raises(asyncio.CancelledError):
        interrupts.run(prints())
    output.note("after it")
    assert os.read(stderr.reading, 100) == b"after it\n"


def test_a_reader_that_left_is_an_error_of_what_is_printed_next_or_of_the_end(
    pipes: Callable[[], Pipe], printing: Callable[..., None]
) -> None:
    async def endless() -> None:
        while True:
            output.log_lines("line\n")
            await asyncio.sleep(0)

    async def ends() -> None:
        output.log_lines("line\n")

    pipe = pipes()
    os.close(pipe.reading)
    pipe.reading = -1
    printing(pipe)
    for prints in (endless, ends):
        with pytest.raises(BrokenPipeError):
            interrupts.run(prints())
    assert output_threads() == []


def test_whatever_else_keeps_it_from_being_written_is_an_error_too_and_not_waited_for(
    pipes: Callable[[], Pipe], printing: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def prints() -> None:
        output.log_lines("line\n")

    def no_memory(_file: int, _content: bytes) -> int:
        raise MemoryError

    printing(pipes())
    with monkeypatch.context() as patched, pytest.raises(OSError, match="MemoryError") as failed:
        patched.setattr(os, "write", no_memory)
        interrupts.run(prints())
    assert isinstance(failed.value.__cause__, MemoryError)
    assert output_threads() == []


def test_a_reader_that_left_breaks_off_what_goes_on_and_not_what_is_done_to_end_it(
    pipes: Callable[[], Pipe], printing: Callable[..., None]
) -> None:
    did = []

    async def ends_well() -> None:
        try:
            while True:
                output.log_lines("line\n")
                await asyncio.sleep(0)
        finally:
            for _ in range(3):
                output.log_lines("last words\n")
                output.note("stopped")
                await asyncio.sleep(0)
            did.append("ended")

    pipe = pipes()
    os.close(pipe.reading)
    pipe.reading = -1
    printing(pipe)
    with pytest.raises(BrokenPipeError):
        interrupts.run(ends_well())
    assert did == ["ended"]


@pytest.mark.parametrize(("json", "logs_only"), [(False, True), (True, False), (True, True)])
def test_lines_that_nobody_reads_for_long_are_left_out_and_counted(
    pipes: Callable[[], Pipe],
    printing: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    json: bool,
    logs_only: bool,
) -> None:
    monkeypatch.setattr(output, "_MOST_UNREAD", MUCH)

    def log(number: int) -> None:
        if json:
            record = {"event": "log", "message": "x" * 1000, "number": number}
            output.json_line(record, logs_only=logs_only)
        else:
            output.log_lines(f"{number} {'x' * 1000}\n")

    async def prints() -> None:
        for number in range(1000):
            log(number)
            await asyncio.sleep(0)
        if json:
            output.json_line({"event": "exit"})
        pipe.late.set()

    pipe = pipes()
    printing(pipe, json=json)
    everything = pipe.read_later()
    interrupts.run(prints())
    *shown, last = everything().decode().splitlines()
    if json:
        # Everything but logs comes all the same.
        assert shown.pop() == '{"event":"exit"}'
    left_out = 1000 - len(shown)
    assert left_out > 500
    assert f"{left_out} lines are left out" in last
    # A stream of logs gets no other event: this was said on stderr.
    assert last.startswith("{") is not logs_only


def test_a_terminal_that_was_stopped_gets_its_modes_back_at_an_interrupt(
    printing: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interrupts, "_READING_DEADLINE_S", 0.05)

    async def prints() -> None:
        output.log_lines(lines())
        await asyncio.sleep(0)
        click.echo("\x1b[?25l", err=True, color=True)
        click.echo("\x1b[?25h", err=True, color=True)
        raise asyncio.CancelledError

    terminal = Pipe(*pty.openpty())
    os.write(terminal.reading, b"\x13")
    printing(terminal)
    found: list[bytes] = []

    def read() -> None:
        with suppress(OSError):
            while content := os.read(terminal.reading, 65536):
                found.append(content)

    reader = threading.Thread(target=read)
    reader.start()
    with pytest.raises(asyncio.CancelledError):
        interrupts.run(prints())
    os.close(terminal.writing)
    reader.join(DEADLINE)
    os.close(terminal.reading)
    assert b"".join(found).endswith(b"\x1b[?25h")
