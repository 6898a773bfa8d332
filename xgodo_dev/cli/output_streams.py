"""stdout and stderr that hold up nobody who prints while an event loop runs."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import io
import os
import re
import select
import stat
import sys
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, TextIO

from xgodo_dev.cli.terminal import foreground
from xgodo_dev.cli.view.line_stream import running_loop

# Written together.
_MOST_AT_ONCE = 64 * 1024
# What is printed on stderr is there when it is printed, so that a question stands before what is typed, and
# a terminal is as it was when it is given back; but for nobody who reads at all, so long is enough.
_MOMENT_S = 0.05
# For a terminal that is let go on at the end.
_LAST_MOMENT_S = 0.5
_MODE = re.compile(rb"\x1b\[\?(\d+)[hl]")


class OutputStreams:
    """Within it, pipes and terminals that are printed to are written by threads of their own.

    One that nobody reads, or that Ctrl-S has stopped, would hold up the whole loop: also the signals and
    the deadlines that end runs on phones. What goes to the same place is written in the order it is printed.
    Files need no thread.
    """

    def __init__(self) -> None:
        self._writers: dict[object, _Writer] = {}
        self._replaced: list[tuple[str, TextIO, _Writer]] = []

    def __enter__(self) -> OutputStreams:
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            place = _place(stream)
            if place is not None:
                writer = self._writers.setdefault(place, _Writer(stream.fileno()))
                self._replaced.append((name, stream, writer))
                setattr(sys, name, _standing_in_for(stream, writer, at_once=name == "stderr"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name, stream, writer in self._replaced:
            # Where nobody reads, whatever is still said would hold up the program's end.
            if not writer.unread:
                setattr(sys, name, stream)
        for writer in self._writers.values():
            writer.leave()

    async def written(self) -> None:
        """Wait until all is written that was printed. To be called when nothing more comes.

        Raises:
            OSError: some of it could not be written.
        """
        failures: list[BaseException | None] = []
        for name, _, _ in self._replaced:
            try:
                getattr(sys, name).flush()
            except OSError as error:
                failures.append(error)
        ends = [writer.end() for writer in self._writers.values()]
        failures += await asyncio.gather(*ends, return_exceptions=True)
        for failure in failures:
            if failure:
                raise failure


def unread(stream: TextIO | None) -> int:
    """How many bytes printed to a stream are not written yet, since nobody reads what stands before them."""
    raw = getattr(getattr(stream, "buffer", None), "raw", None)
    return raw.writer.unread if isinstance(raw, _Queued) else 0


class _Writer:
    """A thread that writes to one place, for as long as that takes."""

    def __init__(self, file: int) -> None:
        self._file = file
        # Guards what is below.
        self._changed = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self.unread = 0
        self._late = False
        self._ending = False
        self._is_left = False
        self._is_told = False
        self._failure: OSError | None = None
        self._thread: threading.Thread | None = None
        self._when_ended: Callable[[], None] | None = None

    def put(self, content: bytes, *, at_once: bool) -> None:
        """Write this after all else. ``at_once``: wait a moment for that, unless others wait longer already.

        Raises:
            OSError: this, or what was put before, can't be written. A task is told once: what it then does to
                end well is not broken off by what it says meanwhile.
        """
        with self._changed:
            if self._is_left or self._is_told:
                return
            self._raise_failure()
            self._waiting.append(content)
            self.unread += len(content)
            self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="output", daemon=True)
                self._thread.start()
            if at_once and not self._late:
                self._late = not self._changed.wait_for(lambda: not self.unread, _MOMENT_S)
                self._raise_failure()

    async def end(self) -> None:
        """Wait until all is written, and end the thread.

        Raises:
            OSError: it can't be written.
        """
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def tell() -> None:
            # Nobody may wait for it any more.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(ended.set)

        with self._changed:
            self._ending = True
            self._when_ended = tell
            self._changed.notify_all()
            thread = self._thread
        if thread:
            await ended.wait()
            thread.join()
        self._raise_failure()

    def leave(self) -> None:
        """Nobody reads here any more, or prints: whatever is not written yet, or comes, is dropped.

        But not what sets the modes of a terminal: it is given back as it was, though Ctrl-S has stopped it.
        """
        with self._changed:
            modes = {found[1]: found[0] for found in _MODE.finditer(b"".join(self._waiting))}
            self._ending = True
            self._waiting.clear()
            if modes and self._thread and os.isatty(self._file) and _let_go_on(self._file):
                self._waiting.append(b"".join(modes.values()))
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._thread is None, _LAST_MOMENT_S)
                self._waiting.clear()
            self._is_left = True
            self._changed.notify_all()

    def _raise_failure(self) -> None:
        if self._failure:
            # What a callback raises only the loop hears.
            self._is_told = running_loop() is None or asyncio.current_task() is not None
            raise OSError(self._failure.errno, self._failure.strerror) from self._failure.__cause__

    def _work(self) -> None:
        try:
            while content := self._next():
                self._write(content)
                with self._changed:
                    self.unread -= len(content)
                    if not self.unread:
                        self._late = False
                        self._changed.notify_all()
        except Exception as error:  # noqa: BLE001
            # Whatever it is: nobody hears what a thread raises, and all who print wait for this one.
            if not isinstance(error, OSError):
                unexpected, error = error, OSError(errno.EIO, repr(error))
                error.__cause__ = unexpected
            with self._changed:
                self._failure, self._thread = error, None
                self._waiting.clear()
                self.unread = 0
                self._changed.notify_all()
        if self._when_ended:
            self._when_ended()

    def _next(self) -> bytes:
        """What is to be written now; waits for it. Nothing: the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ending)
            if not self._waiting:
                # Whatever is put from now on begins another thread.
                self._thread = None
                self._changed.notify_all()
            parts, size = [], 0
            while self._waiting and size < _MOST_AT_ONCE:
                parts.append(self._waiting.popleft())
                size += len(parts[-1])
            return b"".join(parts)

    def _write(self, content: bytes) -> None:
        rest = memoryview(content)
        while rest and not self._is_left:
            try:
                rest = rest[os.write(self._file, rest) :]
            except BlockingIOError:
                # Another program on the same terminal or pipe has made it one that never waits.
                select.select([], [self._file], [])


class _Queued(io.RawIOBase):
    """Stands for a file that a writer writes to."""

    def __init__(self, file: int, writer: _Writer, *, at_once: bool) -> None:
        super().__init__()
        self.writer = writer
        self._file = file
        self._at_once = at_once

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file

    def isatty(self) -> bool:
        return os.isatty(self._file)

    def write(self, content: Any) -> int:
        # The caller uses its memory again.
        copied = bytes(content)
        self.writer.put(copied, at_once=self._at_once)
        return len(copied)


def _let_go_on(terminal: int) -> bool:
    """Undo Ctrl-S; whether the terminal is ours to do so."""
    if sys.platform == "win32" or not foreground.in_front():
        return False
    import termios

    with contextlib.suppress(termios.error):
        # Linux starts only what was stopped in the same way.
        termios.tcflow(terminal, termios.TCOOFF)
        termios.tcflow(terminal, termios.TCOON)
    return True


def _standing_in_for(stream: TextIO, writer: _Writer, *, at_once: bool) -> TextIO:
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Queued(stream.fileno(), writer, at_once=at_once), _MOST_AT_ONCE),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=getattr(stream, "line_buffering", False) or getattr(stream, "write_through", False),
    )


def _place(stream: TextIO | None) -> object:
    """Where a stream leads that may have to wait for a reader; None: to a file, or nowhere."""
    if not isinstance(stream, io.TextIOWrapper):
        return None
    # Unbuffered, as PYTHONUNBUFFERED has it, a stream has the file itself for a buffer.
    if not isinstance(getattr(stream.buffer, "raw", stream.buffer), io.FileIO):
        return None
    status = os.fstat(stream.fileno())
    waits = stat.S_ISFIFO(status.st_mode) or stat.S_ISSOCK(status.st_mode) or stream.isatty()
    if not waits:
        return None
    if sys.platform == "win32":
        # It numbers neither pipes nor terminals: a stream shares its place with itself only.
        return stream.fileno()
    return (status.st_dev, status.st_ino, status.st_rdev)
