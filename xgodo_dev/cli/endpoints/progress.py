"""How far a file has come, in a line of the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

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


@contextmanager
def of_file(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """Shows how many bytes of ``what`` have moved, as the function that it gives is told; nothing off a
    terminal.
    """
    moved: tuple[int, int | None] = (0, None)

    with StatusLine(lambda _room: text(what, *moved)) as line:

        def told(now: int, total: int | None) -> None:
            nonlocal moved
            moved = now, total
            line.redraw()

        yield told
