"""The line of a terminal into which it has written `^C`."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType


def end() -> None:
    """Begin a new line, if the terminal shows what is typed: a shell's prompt would stand behind the `^C`."""
    if sys.platform == "win32":
        return
    import termios

    with contextlib.suppress(OSError, ValueError, termios.error):
        terminal = sys.stderr.fileno()
        if termios.tcgetattr(terminal)[3] & termios.ECHO:
            # Not by the stream, which may be in the middle of writing.
            os.write(terminal, b"\n")


@contextlib.contextmanager
def ended(then: Callable[[], None]) -> Iterator[None]:
    """Have each Ctrl-C within it begin a new line, before anything of what it does is said.

    ``then`` is called after what it did before, which may raise.
    """
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler):
        # It is ignored, or ends the process here and now.
        yield
        return

    def interrupt(number: int, frame: FrameType | None) -> None:
        end()
        handler(number, frame)
        then()

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        # Whoever set the handler takes it back by asking for its own.
        if signal.getsignal(signal.SIGINT) is interrupt:
            signal.signal(signal.SIGINT, handler)
