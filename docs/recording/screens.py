"""A shell in a terminal of its own, typed into, and what its screen showed at which moment."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pyte
from pyte.screens import Char

# Seconds, as they are played: how long a key takes, and how long an unchanged screen is looked at.
_PER_KEY = 0.045
_LONGEST_PAUSE = 1.6
# Changes that come closer together than this are one picture.
_BLINK = 0.06
_DEADLINE = 60.0
_PROMPT = "\x1b[36m$ \x1b[0m"
# pyte knows no dim text.
_DIM = re.compile(r"\x1b\[2m")
_GREY = "\x1b[90m"
# Nothing to be published, not even of an emulator that is gone.
_TOKEN = re.compile(r"^Token: (\S+)")


@dataclass(frozen=True)
class Run:
    """Characters of a line that look the same, from a column on."""

    column: int
    text: str
    color: str
    bold: bool


Line = tuple[Run, ...]


@dataclass(frozen=True)
class Frame:
    """What the screen shows from a moment on, in seconds of the recording."""

    at: float
    lines: tuple[Line, ...]
    caption: str = ""
    """What happens outside of the terminal."""


class Screens:
    """Records a shell. Time runs as it does, but for pauses that nobody wants to watch."""

    def __init__(self, folder: Path, environment: Mapping[str, str], columns: int, rows: int) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self._screen)
        self._played = 0.0
        self._caption = ""
        self._frames: list[Frame] = []
        self._shell: pexpect.spawn[str] = pexpect.spawn(
            "/bin/bash",
            ["--norc", "--noprofile"],
            cwd=str(folder),
            env={**environment, "HISTFILE": os.devnull, "PS1": r"\[\e[36m\]$ \[\e[0m\]"},
            encoding="utf-8",
            dimensions=(rows, columns),
            timeout=_DEADLINE,
        )
        # Pexpect waits before each key, for programs that turn an echo off.
        self._shell.delaybeforesend = None
        self.wait_for(re.escape(_PROMPT))

    @property
    def frames(self) -> list[Frame]:
        """What was recorded so far."""
        return list(self._frames)

    def type(self, text: str) -> None:
        """Type a command line, key by key, and Enter."""
        for key in text:
            self._shell.send(key)
            self._shell.expect_exact(key)
            self._show(_PER_KEY)
        self.press("\r")

    def press(self, key: str) -> None:
        """Press one key."""
        self._shell.send(key)

    def wait_for(self, *patterns: str) -> None:
        """Record until the screen gets text for each regular expression, in whatever order.

        Raises:
            TimeoutError: that does not come.
        """
        seen = ""
        deadline = time.monotonic() + _DEADLINE
        while not all(re.search(pattern, seen) for pattern in patterns):
            if time.monotonic() > deadline:
                raise TimeoutError(f"Not all of {patterns} came: {seen[-500:]!r}")
            seen += self._read()

    def wait_for_prompt(self, *patterns: str) -> None:
        """Record until the shell takes the next command, and all that is to come besides has come."""
        self.wait_for(re.escape(_PROMPT), *patterns)

    def caption(self, text: str) -> None:
        """Say what happens outside of the terminal, until something else is said."""
        self._caption = text
        self._show(_BLINK)

    def rest(self, seconds: float) -> None:
        """Let the screen be read for so long."""
        self._played += seconds

    def close(self) -> None:
        """End the shell."""
        self._shell.close(force=True)

    def _read(self) -> str:
        started = time.monotonic()
        try:
            text: str = self._shell.read_nonblocking(65536, timeout=0.1)
        except pexpect.TIMEOUT:
            text = ""
        self._stream.feed(_DIM.sub(_GREY, text))
        self._show(min(time.monotonic() - started, _LONGEST_PAUSE))
        return text

    def _show(self, passed: float) -> None:
        if text := self._unread():
            self._stream.feed(_DIM.sub(_GREY, text))
        self._played += passed
        lines = tuple(
            _line(self._screen.buffer[row], self._screen.columns) for row in range(self._screen.lines)
        )
        last = self._frames[-1] if self._frames else None
        if last and (last.lines, last.caption) == (lines, self._caption):
            return
        if last and self._played - last.at < _BLINK:
            self._frames[-1] = Frame(last.at, lines, self._caption)
        else:
            self._frames.append(Frame(self._played, lines, self._caption))

    def _unread(self) -> str:
        """What `expect` has taken from the terminal, which the screen has not seen."""
        before, match = self._shell.before, self._shell.after
        self._shell.before = self._shell.after = None
        return (before if isinstance(before, str) else "") + (match if isinstance(match, str) else "")


def _line(cells: Mapping[int, Char], columns: int) -> Line:
    text = "".join(cells[column].data for column in range(columns))
    token = _TOKEN.search(text)
    hidden = range(*token.span(1)) if token else range(0)
    runs: list[Run] = []
    for column in range(columns):
        cell = cells[column]
        if column in hidden:
            cell = cell._replace(data="•")
        color = "inverse" if cell.reverse else cell.fg
        last = runs[-1] if runs else None
        if last and (last.color, last.bold) == (color, cell.bold):
            runs[-1] = Run(last.column, last.text + cell.data, color, cell.bold)
        else:
            runs.append(Run(column, cell.data, color, cell.bold))
    return tuple(Run(run.column, run.text.rstrip(), run.color, run.bold) for run in runs if run.text.strip())
