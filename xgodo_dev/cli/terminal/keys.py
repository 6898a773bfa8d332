"""Single keys, read while everything else goes on: no Enter, and nothing of them on the screen.

Ctrl-C and Ctrl-Z stay signals. What is pasted is no key, nor is what an arrow or a function key sends.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Protocol

from xgodo_dev.cli.terminal import foreground

_READ_BYTES = 1024
# What belongs together comes at once, or a network's hiccup later; a person's next key takes longer.
_TOGETHER_S = 0.2
_PASTE, _END_OF_PASTE = "\x1b[200~", "\x1b[201~"
_UNITS = re.compile(
    r"""
    (?P<unfinished> \x1b (?: \[200~ (?:(?!\x1b\[201~).)* | \[ [0-?]* [ -/]* | O )? \Z )
    | \x1b\[200~ .*? \x1b\[201~         # a paste
    | \x1b\[ [0-?]* [ -/]* [@-~]        # arrows, function keys
    | \x1bO .                           # the same, of other terminals
    | \x1b .                            # with Alt
    | (?P<key> . )
    """,
    re.VERBOSE | re.DOTALL,
)
# Pastes then come in brackets, and can't stop or start anything. Terminals that don't know this ignore it.
_MARK_PASTES, _PLAIN_PASTES = "\x1b[?2004h", "\x1b[?2004l"


class Keys(Protocol):
    """The keys being read."""

    def paused(self) -> contextlib.AbstractContextManager[None]:
        """Leave the terminal to somebody else meanwhile, such as a question."""


@asynccontextmanager
async def keys(handlers: Mapping[str, Callable[[], object]]) -> AsyncIterator[Keys]:
    """Call the handler of each key that is pressed; other keys do nothing.

    The terminal is as it was afterwards, however this ends, and while Ctrl-Z has stopped the process.
    Where stdin is no terminal, nothing is read; nor without handlers: what is typed is then the shell's.
    """
    with contextlib.nullcontext(_NoKeys()) if not sys.stdin.isatty() else _reading(handlers) as reading:
        yield reading


class KeyParser:
    """Finds the keys in what a terminal sends."""

    def __init__(self) -> None:
        self._unfinished = ""
        self._since = 0.0

    def feed(self, text: str, now: float) -> list[str]:
        """The plain keys in this text and what came shortly before it; ``now`` in seconds."""
        if now - self._since > _TOGETHER_S and not self._unfinished.startswith(_PASTE):
            # An Esc of its own.
            self._unfinished = ""
        pressed = []
        text, self._unfinished, self._since = self._unfinished + text, "", now
        for unit in _UNITS.finditer(text):
            if unit["key"]:
                pressed.append(unit["key"])
            elif unit["unfinished"]:
                self._unfinished = _needed(unit["unfinished"])
        return pressed


def _needed(unfinished: str) -> str:
    if not unfinished.startswith(_PASTE):
        return unfinished
    # Of a long paste only what may be the beginning of its end is looked at again.
    return _PASTE + unfinished[len(_PASTE) :][1 - len(_END_OF_PASTE) :]


class _NoKeys:
    @contextmanager
    def paused(self) -> Iterator[None]:
        yield


if sys.platform == "win32":

    class _WindowsKeys:
        def __init__(self, handlers: Mapping[str, Callable[[], object]]) -> None:
            from prompt_toolkit.input import create_input

            self._handlers = handlers
            self._input = create_input()
            self._taken = ExitStack()

        def take(self) -> None:
            self._taken.enter_context(self._input.raw_mode())
            self._taken.enter_context(self._input.attach(self._read))

        def give_back(self) -> None:
            self._taken.close()

        @contextmanager
        def paused(self) -> Iterator[None]:
            self.give_back()
            try:
                yield
            finally:
                self.take()

        def _read(self) -> None:
            for press in self._input.read_keys():
                if press.key == "c-c":
                    # This mode makes it a key.
                    signal.raise_signal(signal.SIGINT)
                elif press.data in self._handlers:
                    self._handlers[press.data]()

    @contextmanager
    def _reading(handlers: Mapping[str, Callable[[], object]]) -> Iterator[Keys]:
        keyboard = _WindowsKeys(handlers)
        keyboard.take()
        try:
            yield keyboard
        finally:
            keyboard.give_back()

else:
    import termios

    class _TerminalKeys:
        """Reads stdin in a mode of its own: prompt_toolkit's would take Ctrl-C and Ctrl-Z for keys."""

        def __init__(self, handlers: Mapping[str, Callable[[], object]]) -> None:
            self._handlers = handlers
            self._loop = asyncio.get_running_loop()
            self._terminal = sys.stdin.fileno()
            self._parser = KeyParser()
            self._before: list[int | list[bytes | int]] | None = None
            self._pauses = 0

        def take(self) -> None:
            if self._pauses:
                return
            with _gone_is_fine():
                if self._before is None:
                    self._before = termios.tcgetattr(self._terminal)
                modes = termios.tcgetattr(self._terminal)
                flags = modes[3]
                assert isinstance(flags, int)
                if not self._handlers:
                    modes[3] = flags & ~termios.ECHO
                    termios.tcsetattr(self._terminal, termios.TCSANOW, modes)
                    return
                modes[3] = flags & ~(termios.ICANON | termios.ECHO)
                special = modes[6]
                assert isinstance(special, list)
                special[termios.VMIN], special[termios.VTIME] = 1, 0
                # Not TCSADRAIN: it would wait as long as Ctrl-S holds the output.
                termios.tcsetattr(self._terminal, termios.TCSANOW, modes)
                _tell_terminal(_MARK_PASTES)
                self._loop.add_reader(self._terminal, self._read)

        def give_back(self) -> None:
            if self._before is None:
                return
            self._loop.remove_reader(self._terminal)
            before, self._before = self._before, None
            with _gone_is_fine():
                termios.tcsetattr(self._terminal, termios.TCSANOW, before)
                if self._handlers:
                    _tell_terminal(_PLAIN_PASTES)

        @contextmanager
        def paused(self) -> Iterator[None]:
            self._pauses += 1
            self.give_back()
            try:
                yield
            finally:
                self._pauses -= 1
                if foreground.in_front():
                    self.take()

        def _read(self) -> None:
            try:
                sent = os.read(self._terminal, _READ_BYTES)
            except OSError:
                # The window was closed; SIGHUP says so to who has to know.
                sent = b""
            if not sent:
                self._loop.remove_reader(self._terminal)
                return
            # Keys that do something are ASCII, and no part of another character is.
            for key in self._parser.feed(sent.decode("ascii", "ignore"), self._loop.time()):
                if key in self._handlers:
                    self._handlers[key]()

    @contextmanager
    def _reading(handlers: Mapping[str, Callable[[], object]]) -> Iterator[Keys]:
        keyboard = _TerminalKeys(handlers)
        with foreground.holding(keyboard.take, keyboard.give_back):
            yield keyboard

    @contextmanager
    def _gone_is_fine() -> Iterator[None]:
        # A terminal whose window was closed has no modes left to set, and nobody to see them.
        with contextlib.suppress(termios.error, OSError):
            yield


def _tell_terminal(code: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(code)
        sys.stderr.flush()
