"""Running a command's coroutine so that Ctrl-C and a polite kill end it cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

import click

from xgodo_dev.cli.app import INTERRUPTED

_Result = TypeVar("_Result")
# By then a command has loaded what it needs, so that garbage is worth looking for (see `__main__`).
_LOADED_AFTER_S = 0.25


def run(coroutine: Coroutine[Any, Any, _Result]) -> _Result:
    """Run to the end, or until SIGINT, SIGTERM or SIGHUP cancels it.

    Raises:
        click.exceptions.Exit: it was interrupted and has cleaned up; with the contract's code.
    """

    async def supervised() -> _Result:
        loop = asyncio.get_running_loop()
        loop.call_later(_LOADED_AFTER_S, _collect_garbage)
        task = asyncio.current_task()
        assert task is not None
        terminated = False

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
            return await coroutine
        except asyncio.CancelledError:
            if terminated:
                raise KeyboardInterrupt from None
            raise

    try:
        return asyncio.run(supervised())
    except KeyboardInterrupt:
        # Not click's Abort, which prints an empty line even where nobody sees a prompt.
        raise click.exceptions.Exit(INTERRUPTED) from None


def _collect_garbage() -> None:
    # What is there by now stays to the end, and need not be looked through again and again.
    gc.freeze()
    gc.enable()
