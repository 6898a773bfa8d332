"""Running a command's coroutine so that Ctrl-C and a polite kill end it cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.app import INTERRUPTED
from xgodo_dev.cli.output_streams import OutputStreams
from xgodo_dev.cli.terminal import interrupted_line
from xgodo_dev.cli.view.line_stream import running_loop

_Result = TypeVar("_Result")
# By then a command has loaded what it needs, so that garbage is worth looking for (see `__main__`).
_LOADED_AFTER_S = 0.25
# Whoever interrupts a program may have stopped reading it.
_READING_DEADLINE_S = 2.0
# What was begun is ended by asking the server, which may take its time.
_ENDING_TOLD_AFTER_S = 1.0


def run(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """Run to the end, or until SIGINT, SIGTERM or SIGHUP cancels it.

    Output that nobody reads holds up nothing of it: only its end, where it is interrupted not for long.

    Raises:
        click.exceptions.Exit: it was interrupted and has cleaned up; with the contract's code.
    """

    async def supervised() -> _Result:
        loop = asyncio.get_running_loop()
        loop.call_later(_LOADED_AFTER_S, _collect_garbage)
        task = asyncio.current_task()
        assert task is not None
        terminated = False

        def tell_if_it_lasts() -> None:
            loop.call_soon_threadsafe(loop.call_later, _ENDING_TOLD_AFTER_S, _tell_of_ending)

        def terminate() -> None:
            nonlocal terminated
            terminated = True
            task.cancel()

        # SIGHUP is a closed terminal window. Windows has no such handlers: a terminated process ends
        # there without a word anyway.
        for name in ("SIGTERM", "SIGHUP"):
            with contextlib.suppress(NotImplementedError, AttributeError):
                number = getattr(signal, name)
                # `nohup` ignores it on purpose.
                if signal.getsignal(number) is not signal.SIG_IGN:
                    loop.add_signal_handler(number, terminate)
        try:
            with interrupted_line.ended(tell_if_it_lasts), OutputStreams() as streams:
                return await _with_all_written(coroutine, streams)
        except asyncio.CancelledError:
            if terminated:
                raise KeyboardInterrupt from None
            raise

    try:
        return asyncio.run(supervised())
    except KeyboardInterrupt:
        # Not click's Abort, which prints an empty line even where nobody sees a prompt.
        raise click.exceptions.Exit(INTERRUPTED) from None


async def _with_all_written(coroutine: Coroutine[Any, Any, _Result], streams: OutputStreams) -> _Result:
    """What comes of the coroutine, when all that it printed is written.

    Raises:
        OSError: that could not be written, and nothing else is wrong.
    """
    try:
        result = await coroutine
    except BaseException as error:
        interrupted = isinstance(error, asyncio.CancelledError)
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_READING_DEADLINE_S if interrupted else None):
                output.finish()
                await streams.written()
        raise
    output.finish()
    await streams.written()
    return result


@contextlib.contextmanager
def breaking_in() -> Iterator[None]:
    """Within it, what ends a command breaks off even what never comes back to the loop.

    Raises:
        KeyboardInterrupt: it was interrupted there.
    """
    if running_loop() is None:
        # Nobody has changed what they do.
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, signal.default_int_handler)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell_of_ending() -> None:
    from xgodo_dev.cli.terminal import status_line

    with status_line.all_hidden():
        output.note("Ending what was begun. Ctrl-C again leaves it as it is.")


def _collect_garbage() -> None:
    # What is there by now stays to the end, and need not be looked through again and again.
    gc.freeze()
    gc.enable()
