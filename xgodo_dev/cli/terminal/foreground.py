"""The terminal as something one has for a while: not when Ctrl-Z has stopped us, nor in the background."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# A shell that brings a running job back to the foreground sends no signal that would tell of it.
_LOOK_INTERVAL_S = 0.5


class _Holders:
    """Everything in this process that changes the terminal, told together when it goes and comes back."""

    def __init__(self) -> None:
        self._holders: list[tuple[Callable[[], None], Callable[[], None]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._look: asyncio.TimerHandle | None = None

    @contextmanager
    def holding(self, take: Callable[[], None], give_back: Callable[[], None]) -> Iterator[None]:
        holder = take, give_back
        if not self._holders:
            self._listen()
        self._holders.append(holder)
        try:
            if in_front():
                take()
            else:
                self._look_later()
            yield
        finally:
            self._holders.remove(holder)
            if not self._holders:
                self._unlisten()
            give_back()

    def suspend(self) -> None:
        """Stop this process as Ctrl-Z does, with the terminal as it was; returns when it goes on."""
        if sys.platform == "win32":
            return
        for _, give_back in reversed(self._holders):
            give_back()
        if self._loop:
            self._loop.remove_signal_handler(signal.SIGTSTP)
        # The default action is to stand still right here. SIGSTOP would stop us even where no shell is
        # left that could let us go on.
        signal.raise_signal(signal.SIGTSTP)
        if self._loop:
            self._loop.add_signal_handler(signal.SIGTSTP, self.suspend)
        self._return()

    def _return(self) -> None:
        if not in_front():
            self._look_later()
            return
        for take, _ in list(self._holders):
            take()

    def _look_later(self) -> None:
        if self._look:
            self._look.cancel()
        self._look = self._loop.call_later(_LOOK_INTERVAL_S, self._return) if self._loop else None

    def _listen(self) -> None:
        self._loop = asyncio.get_running_loop()
        if sys.platform != "win32" and signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN:
            self._loop.add_signal_handler(signal.SIGTSTP, self.suspend)
            # SIGSTOP, which nobody hears, ends with this one too: the shell has set the terminal its way.
            self._loop.add_signal_handler(signal.SIGCONT, self._return)

    def _unlisten(self) -> None:
        if self._look:
            self._look.cancel()
        if self._loop and sys.platform != "win32":
            self._loop.remove_signal_handler(signal.SIGTSTP)
            self._loop.remove_signal_handler(signal.SIGCONT)
        self._loop = self._look = None


# Signals belong to the process, and so does this.
_HOLDERS = _Holders()


def holding(
    take: Callable[[], None], give_back: Callable[[], None]
) -> contextlib.AbstractContextManager[None]:
    """Have ``take`` called when the terminal is ours, and ``give_back`` before we lose it and at the end.

    Either may be called when there is nothing to do, and after ``take`` it may be called again. Needs a
    running loop.
    """
    return _HOLDERS.holding(take, give_back)


def suspend() -> None:
    """Do what Ctrl-Z does, for who reads it as a key."""
    _HOLDERS.suspend()


def in_front() -> bool:
    """Whether the terminal listens to this process, and not to a shell that runs it in the background."""
    if sys.platform == "win32":
        return True
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        # No terminal controls this process, so that no shell competes for one.
        return True
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)
