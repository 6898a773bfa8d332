"""How far something has come, in a line of the terminal."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.terminal.status_line import StatusLine

_BAR = 24
_MEGABYTE = 1024 * 1024


def text(what: str, moved: int, total: int | None) -> str:
    """Such as ``clip.mp4  ━━━━━━──────  12.3 of 50.0 MB``."""
    if not total:
        return f"{what}  {moved / _MEGABYTE:.1f} MB"
    filled = min(_BAR, _BAR * moved // total)
    bar = "━" * filled + "─" * (_BAR - filled)
    return f"{what}  {bar}  {moved / _MEGABYTE:.1f} of {total / _MEGABYTE:.1f} MB"


def line(text: Callable[[int], str]) -> StatusLine:
    """A line at the bottom of the terminal, as :class:`StatusLine` has it; not for programs."""
    options = invocation()
    return StatusLine(text, stream=io.StringIO() if options.json or options.quiet else None)


@contextmanager
def of_file(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """Shows how many bytes of ``what`` have moved, as the function that it gives is told; nothing off a
    terminal.
    """
    moved: tuple[int, int | None] = (0, None)

    with line(lambda _room: text(what, *moved)) as shown:

        def told(now: int, total: int | None) -> None:
            nonlocal moved
            moved = now, total
            shown.redraw()

        yield told
