"""One confined Node.js process and its pipes."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self, cast

from xgodo_dev.emulator.phone.confinement import (
    Confinement,
    close_the_box,
    creation_flags,
    environment,
)
from xgodo_dev.emulator.phone.wire import LONGEST_LINE, Message, Ready, WireError, decode
from xgodo_dev.errors import ToolchainError

_BOOT_DEADLINE = 30.0
_EXIT_DEADLINE = 5.0
_WILLING_EXIT_DEADLINE = 0.5

# Beyond this many bytes not yet handled the pipe is left to fill, and then the process waits.
_MOST_UNHANDLED = 256 * 1024
# Room for the answers to all calls that a runtime has under way at once, so that logs are read meanwhile.
_MOST_UNSENT = 16 * 1024 * 1024
_MOST_COMPLAINTS = 8 * 1024
_MESSAGES_BEFORE_OTHERS = 50


class RuntimeProcess(asyncio.SubprocessProtocol):
    """Speaks with a runtime over its standard input and output. Made by `boot`, ended by `end`."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._transport: asyncio.SubprocessTransport | None = None
        self._exited: asyncio.Future[None] = loop.create_future()
        self._lines: deque[bytes] = deque()
        self._unhandled = 0
        self._partial = bytearray()
        self._too_long = False
        self._output_ended = False
        self._reading_paused = False
        self._arrived = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()
        self._complaints = b""

    @classmethod
    async def boot(cls, confinement: Confinement, folder: Path) -> Self:
        """Start a process in `folder` and wait until it can take a program.

        :raises ToolchainError: it does not come up.
        """
        loop = asyncio.get_running_loop()
        transport, process = await loop.subprocess_exec(
            cls,
            *confinement.runtime_command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment(),
            close_fds=True,
            start_new_session=True,
            creationflags=creation_flags(),
        )
        try:
            async with asyncio.timeout(_BOOT_DEADLINE):
                first = await anext(process.messages(), None)
            if not isinstance(first, Ready):
                raise ToolchainError(f"Node.js did not start a simulated device: {process.complaints()}")
            close_the_box(transport.get_pid())
        except (TimeoutError, WireError, OSError) as error:
            await process.end()
            raise ToolchainError(
                f"Node.js did not start a simulated device: {process.complaints() or error}"
            ) from error
        except BaseException:
            await process.end()
            raise
        return process

    @property
    def alive(self) -> bool:
        """Whether the process can still be spoken to."""
        return not (self._exited.done() or self._output_ended)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._running().get_pid()

    def complaints(self) -> str:
        """Return the end of what the process wrote to standard error."""
        return self._complaints.decode(errors="replace").strip()

    async def send(self, line: bytes) -> None:
        """Write `line`, waiting while the pipe is full. A process that is gone takes anything."""
        stdin = self._running().get_pipe_transport(0)
        if stdin is not None and not stdin.is_closing():
            cast(asyncio.WriteTransport, stdin).write(line)
        await self._writable.wait()

    async def messages(self) -> AsyncIterator[Message]:
        """Yield what the process says, until it closes its output.

        :raises WireError: what it says is no message, or has no end.
        """
        handled = 0
        while True:
            while self._lines:
                line = self._lines.popleft()
                self._unhandled -= len(line)
                self._resume_reading()
                yield decode(line)
                handled += 1
                if handled % _MESSAGES_BEFORE_OTHERS == 0:
                    # A flood of messages never leaves this loop otherwise.
                    await asyncio.sleep(0)
            if self._too_long:
                raise WireError(f"a message of more than {LONGEST_LINE} bytes")
            if self._output_ended:
                return
            self._arrived.clear()
            await self._arrived.wait()

    async def end(self, *, willing: bool = False) -> None:
        """Make sure that the process is gone. A `willing` one is about to exit and gets the time to.

        Cancelling this does not undo the kill.
        """
        if willing:
            await asyncio.wait([self._exited], timeout=_WILLING_EXIT_DEADLINE)
        transport = self._running()
        if not self._exited.done():
            with contextlib.suppress(ProcessLookupError):  # It went by itself meanwhile.
                transport.kill()
        await asyncio.wait([self._exited], timeout=_EXIT_DEADLINE)
        transport.close()

    # What asyncio calls:

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.SubprocessTransport, transport)
        stdin = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))
        stdin.set_write_buffer_limits(high=_MOST_UNSENT)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Split output into lines, and keep the end of what goes to standard error."""
        if fd == 2:
            self._complaints = (self._complaints + data)[-_MOST_COMPLAINTS:]
            return
        *whole, rest = data.split(b"\n")
        for part in whole:
            self._partial += part
            self._unhandled += len(self._partial)
            self._lines.append(bytes(self._partial))
            self._partial.clear()
        self._partial += rest
        if len(self._partial) > LONGEST_LINE:
            self._too_long = True
            self._partial.clear()
            self._pause_reading()
        if self._unhandled > _MOST_UNHANDLED:
            self._pause_reading()
        self._arrived.set()

    def pipe_connection_lost(self, fd: int, _error: Exception | None) -> None:
        """Notice the end of output, and that input is of no use any more."""
        if fd == 1:
            self._output_ended = True
            self._arrived.set()
        elif fd == 0:
            self._writable.set()

    def process_exited(self) -> None:
        """Notice the exit."""
        if not self._exited.done():
            self._exited.set_result(None)
        self._writable.set()

    def connection_lost(self, _error: Exception | None) -> None:
        """Let nobody wait for what can't come any more."""
        self._output_ended = True
        self._arrived.set()

    def pause_writing(self) -> None:
        """Have senders wait."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Let senders go on."""
        self._writable.set()

    def _running(self) -> asyncio.SubprocessTransport:
        assert self._transport is not None  # asyncio sets it before `boot` gets the object
        return self._transport

    def _pause_reading(self) -> None:
        stdout = self._running().get_pipe_transport(1)
        if stdout is not None and not self._reading_paused:
            self._reading_paused = True
            cast(asyncio.ReadTransport, stdout).pause_reading()

    def _resume_reading(self) -> None:
        if self._reading_paused and self._unhandled <= _MOST_UNHANDLED // 2 and not self._too_long:
            stdout = self._running().get_pipe_transport(1)
            self._reading_paused = False
            if stdout is not None and not stdout.is_closing():
                cast(asyncio.ReadTransport, stdout).resume_reading()
