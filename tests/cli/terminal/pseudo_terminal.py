"""A small program in a pseudo-terminal, and what a person sees of it."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pexpect
import psutil
import pyte

DEADLINE_S = 60.0
# Runs `main()` of a program as a command does.
FRAME = """
import asyncio, sys
import click
from xgodo_dev.cli import interrupts
from xgodo_dev.cli.invocation import Invocation
{program}
with click.Context(click.Command("program"), obj=Invocation()):
    try:
        interrupts.run(main())
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
"""
# What would change how a program behaves in a terminal.
_OF_A_PERSON = {"NO_COLOR", "COLUMNS", "LINES", "PYTHONUNBUFFERED"}
COLOR = re.compile(r"\x1b\[[0-9;]*(?:3[0-8]|9[0-7])[0-9;]*m")


class Terminal:
    """What runs in a pseudo-terminal, and its screen."""

    def __init__(self, process: pexpect.spawn[str], columns: int, lines: int) -> None:
        self.process = process
        self.screen = pyte.Screen(columns, lines)
        self._codes = pyte.Stream(self.screen)
        self.output = ""
        """All that was written, with its control codes."""

    @property
    def shown(self) -> list[str]:
        """The lines on the screen, without empty ones at its end."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip().split("\n")

    @property
    def cursor(self) -> tuple[int, int, bool]:
        """Column and line of the cursor from 0, and whether it is seen."""
        cursor = self.screen.cursor
        return cursor.x, cursor.y, not cursor.hidden

    def send(self, keys: str) -> None:
        """Press keys."""
        self.process.send(keys)

    def wait(self, expected: Callable[[], bool]) -> None:
        """Read on until the screen is as expected; fails with the screen where it never is."""
        until = time.monotonic() + DEADLINE_S
        while not expected():
            assert time.monotonic() < until, self.shown
            self._read()

    def wait_for(self, text: str) -> None:
        """Read on until a line begins with that text."""
        self.wait(lambda: any(line.startswith(text) for line in self.shown))

    def wait_for_question(self, text: str) -> None:
        """Read on until a last line of that text is there, and the program reads what is typed behind it.

        The space that parts them is written by itself; and a Ctrl-C that comes between that and the reading
        is heard only with the next line.
        """
        self.wait(lambda: self.shown[-1] == text and self.cursor[0] == len(text) + 1)
        until = time.monotonic() + DEADLINE_S
        # Other systems do not tell who waits.
        while sys.platform == "linux" and psutil.Process(self.process.pid).status() != psutil.STATUS_SLEEPING:
            assert time.monotonic() < until, self.shown
            time.sleep(0.001)

    def end(self) -> int:
        """Read to the end of the program; its exit code."""
        try:
            while True:
                self._read()
        except EOFError:
            pass
        self.process.wait()
        assert self.process.exitstatus is not None, self.shown
        return self.process.exitstatus

    def resize(self, columns: int, *, breaks_lines: bool) -> None:
        """Change the window's width, as a terminal does that breaks its lines anew, or that cuts them off."""
        lines = self.screen.lines
        if breaks_lines:
            self._break_lines(columns)
        else:
            self.screen.resize(columns=columns)
        self.process.setwinsize(lines, columns)

    def _break_lines(self, columns: int) -> None:
        old = self.screen
        rows, at = [], 0
        for number, line in enumerate(self.shown):
            if number == old.cursor.y:
                at = len(rows) + old.cursor.x // columns
            rows += [line[start : start + columns] for start in range(0, max(1, len(line)), columns)]
        assert max(len(rows), at) < old.lines, "nothing scrolls away"
        self.screen = pyte.Screen(columns, old.lines)
        self.screen.cursor.hidden = old.cursor.hidden
        self._codes.detach(old)
        self._codes.attach(self.screen)
        self._codes.feed("\r\n".join(rows) + f"\x1b[{at + 1};{old.cursor.x % columns + 1}H")

    def _read(self) -> None:
        try:
            new = self.process.read_nonblocking(size=65536, timeout=DEADLINE_S)
        except pexpect.EOF:
            raise EOFError from None
        except pexpect.TIMEOUT:
            raise AssertionError(f"nothing more came: {self.shown}, {self.output[-200:]!r}") from None
        self.output += new
        self._codes.feed(new)


@contextmanager
def terminal(
    program: str,
    *,
    shell: str | None = None,
    columns: int = 80,
    lines: int = 24,
    environment: dict[str, str] | None = None,
) -> Iterator[Terminal]:
    """A program that has an asynchronous `main()`; ended afterwards.

    ``shell`` is a command line in which `"$PYTHON" -c "$PROGRAM"` runs it, in place of just that; with an
    empty one, a person's shell that can stop programs and continue them.
    """
    whole = FRAME.format(program=program)
    command = [sys.executable, "-c", whole]
    if shell is not None:
        command = ["bash", "--norc", "--noprofile", *(["-c", shell] if shell else ["-i"])]
    kept = {name: value for name, value in os.environ.items() if name not in _OF_A_PERSON}
    process = pexpect.spawn(
        command[0],
        command[1:],
        dimensions=(lines, columns),
        encoding="utf-8",
        env={
            **kept,
            "TERM": "xterm-256color",
            "PYTHONUTF8": "1",
            "PYTHON": sys.executable,
            "PROGRAM": whole,
            "PS1": "$ ",
            # Or the shell would add to the history of whoever runs the tests.
            "HISTFILE": os.devnull,
            **(environment or {}),
        },
    )
    # Each key is its own moment anyway.
    process.delaybeforesend = None
    try:
        yield Terminal(process, columns, lines)
    finally:
        process.close(force=True)
