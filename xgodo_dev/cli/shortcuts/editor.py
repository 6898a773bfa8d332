"""A person's own editor, waited for."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from xgodo_dev.errors import XgodoError


def edited(file: Path) -> float:
    """Open a file in $VISUAL or $EDITOR until that ends; how many seconds that took.

    Raises:
        XgodoError: there is no such editor, or it failed.
        KeyboardInterrupt: this process is to end. The editor may go on.
    """
    begun = time.monotonic()
    try:
        with _ctrl_c_is_the_editors():
            click.edit(filename=str(file))
    except click.ClickException as error:
        raise XgodoError(
            f"{error.format_message()}.", hint="$VISUAL or $EDITOR has to name an editor that runs here."
        ) from error
    return time.monotonic() - begun


@contextmanager
def _ctrl_c_is_the_editors() -> Iterator[None]:
    def ignore(*_: Any) -> None:
        # Not SIG_IGN, which the editor would inherit.
        pass

    def end(*_: Any) -> None:
        raise KeyboardInterrupt

    before = {signal.SIGINT: signal.signal(signal.SIGINT, ignore)}
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # `nohup` ignores it on purpose.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
