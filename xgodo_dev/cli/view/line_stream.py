"""Many lines a second on stdout, each at once."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


class LineStream:
    """Lines on stdout, in order with everything else that is written there.

    Without an event loop each line is out when :meth:`write` returns. With one, it is out as soon as the loop
    has done what it is at: a page of a hundred log lines is one write to the terminal.
    """

    def __init__(self) -> None:
        self._flushing_in: AbstractEventLoop | None = None
        self._failed = False

    def write(self, text: str) -> None:
        """Write lines, their ends included.

        Raises:
            OSError: they could not be written, or those before could not: whoever reads has left, or the disk
                is full.
        """
        if self._failed:
            self.flush()
        stream = sys.stdout
        buffer = stream.buffer if stream.line_buffering else None
        if isinstance(buffer, io.BufferedWriter):
            # On a terminal, the stream itself would write out each line. It holds nothing back that belongs
            # before this, so that the order is kept.
            buffer.write(text.encode(stream.encoding, stream.errors or "strict"))
        else:
            stream.write(text)
        loop = running_loop()
        if loop is None:
            stream.flush()
        elif loop is not self._flushing_in:
            self._flushing_in = loop
            loop.call_soon(self._flush_in_loop)

    def flush(self) -> None:
        """Have everything out now. Raises as :meth:`write` does."""
        self._flushing_in, self._failed = None, False
        sys.stdout.flush()

    @property
    def waiting(self) -> bool:
        """Whether lines may be held back, or could not be written."""
        return self._flushing_in is not None or self._failed

    def _flush_in_loop(self) -> None:
        try:
            self.flush()
        except OSError:
            # Here only the loop would hear of it. The next write tries again, or the program's last flush.
            self._failed = True


def running_loop() -> AbstractEventLoop | None:
    """The event loop that runs now."""
    # Where nobody has imported it, none runs; a command that needs none need not wait for the import.
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return None
    try:
        loop: AbstractEventLoop = asyncio.get_running_loop()
        return loop
    except RuntimeError:
        return None
