"""stdin, stdout and stderr as whoever starts the program leaves them, made fit to use."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import Any, TextIO

# Of a disk, or of what somebody may write to it.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def prepare() -> None:
    """Make all three streams usable.

    One that is closed leads nowhere. What stdout can't take raises an OSError that names it; for what stderr
    can't take for want of room there is no better place, and the results are not to be missed for it. A
    character that an encoding lacks is written escaped.
    """
    for name in ("stdin", "stdout", "stderr"):
        # A stream that was closed before we started is None, whatever its type says.
        if getattr(sys, name) is None:
            # This gets the number that is missing, the lowest one. Else a file that is opened later would,
            # and in it, such as in the record of runs, would land what any part of this process prints.
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(nowhere, True)
            setattr(sys, name, os.fdopen(nowhere, "r" if name == "stdin" else "w", closefd=False))
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            # Unbuffered, as PYTHONUNBUFFERED has it, a stream has the file itself for a buffer.
            if type(getattr(stream.buffer, "raw", stream.buffer)) is io.FileIO:
                stream = _over_file(stream, name)
                setattr(sys, name, stream)
            stream.reconfigure(errors="backslashreplace")


class _File(io.FileIO):
    """The file of stdout or stderr, which knows its name."""

    def __init__(self, file: int, name: str) -> None:
        super().__init__(file, "w", closefd=False)
        self._called = name

    def write(self, content: Any) -> int:
        try:
            return super().write(content)
        except OSError as error:
            if self._called == "stderr" and error.errno in _FULL:
                return memoryview(content).nbytes
            error.filename = self._called
            raise


def _over_file(stream: io.TextIOWrapper, name: str) -> TextIO:
    return io.TextIOWrapper(
        io.BufferedWriter(_File(stream.fileno(), name)),
        encoding=stream.encoding,
        line_buffering=stream.line_buffering or stream.write_through,
    )
