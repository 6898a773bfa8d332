"""The commits of the platform and those of git, side by side as lines of a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from xgodo_dev.cli.output import plain
from xgodo_dev.cli.view import cells

_HASH = 10
_NONE = "-"
_TIME_FORMAT = "%Y-%m-%d %H:%M"
_TIME = 16


@dataclass(frozen=True)
class OfGit:
    """A commit of git: its hash as short as git has it, and the first line of its message."""

    short: str
    subject: str


@dataclass(frozen=True)
class Row:
    """A commit on the platform with the commits of git that are recorded with it, or one of git alone."""

    time: float
    hash: str | None
    """Of the platform's commit; None where the one of git is not on the platform."""
    message: str
    git: tuple[OfGit, ...] = ()


def lines(rows: Sequence[Row], *, columns: int | None, with_git: bool) -> Iterator[str]:
    """The rows, newest first, each line cut to ``columns`` where those are given.

    Args:
        rows: in any order.
        columns: of the terminal; None where nothing has to be cut.
        with_git: whether there is a repository, and so a column for it.
    """
    width = max([3, *(len(each.short) for row in rows for each in row.git)]) if with_git else None
    if with_git and rows:
        heading = f"{'platform':{_HASH}}  {'time':{_TIME}}  {'git':{width}}  message"
        yield click.style(heading, dim=True)
    # Git counts whole seconds, and what is not on the platform yet was made after what is.
    for row in sorted(rows, key=lambda row: (int(row.time), row.hash is None), reverse=True):
        for line in _row(row, width):
            yield line if columns is None else cells.cut(line, columns)


def _row(row: Row, width: int | None) -> Iterator[str]:
    first, *others = plain(row.message.rstrip("\r\n")).split("\n")
    when = click.style(time.strftime(_TIME_FORMAT, time.localtime(row.time)), dim=True)
    if row.hash:
        shown = click.style(f"{row.hash[:_HASH]:{_HASH}}", fg="yellow")
    else:
        shown = click.style(f"{_NONE:{_HASH}}", dim=True)
    newest = row.git[0] if row.git else None
    yield f"{shown}  {when}  {_git(newest, width)}{first}"
    margin = " " * (_HASH + 2 + _TIME + 2)
    for line in others:
        yield f"{margin}{_git(None, width, none='')}{line}"
    for number, each in enumerate(row.git):
        if number:
            yield f"{margin}{_git(each, width)}{plain(each.subject)}"
        elif row.hash and plain(each.subject) != first:
            said = click.style(f"in git: {plain(each.subject)}", dim=True)
            yield f"{margin}{_git(None, width, none='')}{said}"


def _git(commit: OfGit | None, width: int | None, *, none: str = _NONE) -> str:
    if width is None:
        return ""
    if commit is None:
        return click.style(f"{none:{width}}", dim=True) + "  "
    return click.style(f"{commit.short:{width}}", fg="cyan") + "  "
