"""A line at the bottom of the terminal, below everything that is printed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import TracebackType
from typing import TextIO

import click

from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.output_streams import unread
from xgodo_dev.cli.terminal import foreground
from xgodo_dev.cli.view import cells
from xgodo_dev.cli.view.screen import is_unicode

_TICK_S = 1.0
_MOST_UNREAD = 64 * 1024
_USUAL_COLUMNS = 80
# The cursor waits, unseen, at the line's first cell. A terminal that breaks its lines anew when its window
# gets narrower keeps the cursor at the character it stands on: so whatever the line has become then is
# behind the cursor, and erased from there.
_BEGIN = "\r\x1b[?25l\x1b[?7l"
_END = "\x1b[J\x1b[?7h\r"
_ERASE = "\r\x1b[J"
_SHOW_CURSOR = "\x1b[?25h"
# In between, a terminal that knows these shows what it showed before: so the line does not flicker while
# much is printed. Others ignore them.
_HOLD_PICTURE, _SHOW_PICTURE = "\x1b[?2026h", "\x1b[?2026l"


_entered: list[StatusLine] = []


@contextmanager
def all_hidden() -> Iterator[None]:
    """Take away whatever line there is, for whoever prints without knowing of one."""
    with ExitStack() as hidden:
        for line in _entered:
            hidden.enter_context(line.hidden())
        yield


class StatusLine:
    """Keeps one line of text below what is printed, as long as it is entered; inert off a terminal.

    ``text`` makes the line of at most so many cells, with styles and no other control characters. It is
    asked again every second, and whenever something was printed.

    Whatever goes to the terminal meanwhile, on stdout or stderr, has to be printed within :meth:`hidden`,
    in whole lines.
    """

    def __init__(self, text: Callable[[int], str], stream: TextIO | None = None) -> None:
        self._text = text
        # Not a default of the argument: while a loop runs, another one may stand in for it.
        self._stream = stream = stream or sys.stderr
        self._color = invocation().color
        encoding = (stream.encoding or "ascii").lower()
        self._encoding = encoding
        self._ellipsis = "…" if is_unicode(stream) else "..."
        self._opened = ExitStack()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._drawing: asyncio.Handle | None = None
        self._tick: asyncio.TimerHandle | None = None
        self._ours = False
        self._hidings = 0
        # What stands on the screen: None when nothing does, "" when nobody knows what.
        self._shown: str | None = None
        self._holds_picture = False

    def __enter__(self) -> StatusLine:
        # A terminal without a name for what it can do has no line to come back to.
        if self._stream.isatty() and os.environ.get("TERM") != "dumb":
            self._loop = asyncio.get_running_loop()
            if sys.platform != "win32":
                self._loop.add_signal_handler(signal.SIGWINCH, self._resized)
                self._opened.callback(self._loop.remove_signal_handler, signal.SIGWINCH)
            self._opened.enter_context(foreground.holding(self._take, self._give_back))
            self._tick = self._loop.call_later(_TICK_S, self._ticked)
            _entered.append(self)
            self._opened.callback(_entered.remove, self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tick:
            self._tick.cancel()
        self._opened.close()
        self._loop = None

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Take the line away for what is printed within; it comes back when the loop has nothing else to do.

        However much is printed until then, it is erased once and drawn once.
        """
        self._hidings += 1
        if self._shown is not None:
            self._write(_HOLD_PICTURE + _ERASE)
            self._shown, self._holds_picture = None, True
            # Not only afterwards: whatever is within may wait for something, and is to be seen then.
            self.redraw()
        try:
            yield
        finally:
            self._hidings -= 1
            self.redraw()

    def redraw(self) -> None:
        """Show the line as it is now, as soon as the loop has nothing else to do."""
        if self._loop and not self._drawing:
            self._drawing = self._loop.call_soon(self._draw)

    def _take(self) -> None:
        self._ours = True
        self._shown = ""
        self.redraw()

    def _give_back(self) -> None:
        if self._shown is not None:
            self._write(_ERASE + _SHOW_CURSOR)
        elif self._holds_picture:
            self._write(_SHOW_CURSOR + _SHOW_PICTURE)
        self._shown, self._holds_picture, self._ours = None, False, False
        if self._drawing:
            self._drawing.cancel()
            self._drawing = None

    def _ticked(self) -> None:
        assert self._loop and self._tick
        self._tick = self._loop.call_at(max(self._tick.when() + _TICK_S, self._loop.time()), self._ticked)
        self.redraw()

    def _resized(self) -> None:
        if self._shown is not None:
            # It may lie there in pieces now.
            self._shown = ""
        self.redraw()

    def _draw(self) -> None:
        self._drawing = None
        # Where nobody looks at the terminal, such as while Ctrl-S has stopped it, there is no end of seconds.
        if not self._ours or unread(self._stream) > _MOST_UNREAD:
            return
        end = _SHOW_PICTURE if self._holds_picture else ""
        self._holds_picture = False
        if self._hidings:
            if end:
                self._write(_SHOW_CURSOR + end)
            return
        # The last cell stays free: some terminals begin the next line as soon as it is filled.
        room = self._columns() - 1
        text = self._fitting(self._text(room), room)
        if text != self._shown:
            # Lines of a result must stand above, even those that a buffer of stdout still keeps.
            # Where these can't be written, such as where their reader has left, what is printed next fails.
            with suppress(OSError):
                sys.stdout.flush()
            self._write(f"{_BEGIN}{text}{_END}{end}")
            self._shown = text

    def _columns(self) -> int:
        try:
            columns = os.get_terminal_size(self._stream.fileno()).columns
        except OSError:
            columns = 0
        # Serial lines and some programs that run others have a terminal of no size.
        return columns or _USUAL_COLUMNS

    def _fitting(self, text: str, room: int) -> str:
        if not self._color:
            text = click.unstyle(text)
        writable = text.encode(self._encoding, "replace").decode(self._encoding)
        return cells.cut(writable, room, self._ellipsis)

    def _write(self, codes: str) -> None:
        try:
            self._stream.write(codes)
            self._stream.flush()
        except OSError:
            # Its window was closed, which SIGHUP tells those who end the program.
            self._ours = False
