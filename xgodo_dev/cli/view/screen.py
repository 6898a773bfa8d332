"""What stdout can show."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TextIO

# They would print the address of a link, or say nothing of themselves.
_WITHOUT_LINKS = ("", "dumb", "linux")


@dataclass(frozen=True)
class Screen:
    """What stdout can show. The defaults are those of a pipe or a file."""

    columns: Callable[[], int] | None = None
    """Asks for the width of the terminal, which may change; None where there is no terminal."""
    styled: bool = False
    """Whether colours and attributes are wanted."""
    rich: bool = False
    """Whether there are 256 colours."""
    linked: bool = False
    """Whether text can be a link."""
    ellipsis: str = "…"


def screen_of_results(*, color: bool, environment: Mapping[str, str] | None = None) -> Screen:
    """What stdout can show now.

    Args:
        color: whether colour is wanted on a terminal.
        environment: the variables that terminals describe themselves with; the process's own by default.
    """
    ellipsis = "…" if is_unicode(sys.stdout) else "..."
    if not sys.stdout.isatty():
        return Screen(ellipsis=ellipsis)
    variables = os.environ if environment is None else environment
    return Screen(
        columns=lambda: shutil.get_terminal_size().columns,
        styled=color,
        rich=_has_256_colors(variables),
        linked=_shows_links(variables),
        ellipsis=ellipsis,
    )


def _has_256_colors(variables: Mapping[str, str]) -> bool:
    # Windows Terminal names itself by the last.
    return "256color" in variables.get("TERM", "") or any(
        variables.get(name) for name in ("COLORTERM", "WT_SESSION")
    )


def is_unicode(stream: TextIO) -> bool:
    """Whether every character can be written to a stream."""
    return (stream.encoding or "").lower().replace("-", "") == "utf8"


def _shows_links(variables: Mapping[str, str]) -> bool:
    # Who doesn't know such links is to pass over them, and nearly all do. The variable is the custom of other
    # programs, for the rest.
    known = os.name == "nt" or variables.get("TERM", "") not in _WITHOUT_LINKS
    return known and variables.get("FORCE_HYPERLINK") != "0"
