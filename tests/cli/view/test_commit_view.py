"""Commits of the platform and of git stand in the same columns, however wide the terminal is."""

from __future__ import annotations

import time

import click
import pytest

from xgodo_dev.cli.view import commit_view
from xgodo_dev.cli.view.commit_view import OfGit, Row

NOON = time.mktime((2026, 11, 22, 12, 0, 0, 0, 0, -1))
ROWS = [
    Row(NOON + 0.7, "a" * 40, "Retry\n\nbecause lists are empty", (OfGit("1234567", "Retry"),)),
    Row(NOON, None, "Rename a stage", (OfGit("89abcdef", "Rename a stage"),)),
    Row(NOON - 60, "b" * 40, "Edited in the browser"),
    Row(
        NOON - 120,
        "c" * 40,
        "Three at once " + "and more " * 12,
        (OfGit("7654321", "The last\x1b[31m"), OfGit("7654320", "Before")),
    ),
]


def shown(columns: int | None, *, with_git: bool = True) -> list[str]:
    return [click.unstyle(line) for line in commit_view.lines(ROWS, columns=columns, with_git=with_git)]


@pytest.mark.parametrize("columns", [80, 200, None])
def test_both_sides_stand_in_columns_newest_first(columns: int | None) -> None:
    message = ROWS[3].message.rstrip()
    if columns == 80:
        message = message[: 80 - 40 - 1] + "…"
    assert [line.rstrip() for line in shown(columns)] == [
        "platform    time              git       message",
        "-           2026-11-22 12:00  89abcdef  Rename a stage",
        "aaaaaaaaaa  2026-11-22 12:00  1234567   Retry",
        "",
        "                                        because lists are empty",
        "bbbbbbbbbb  2026-11-22 11:59  -         Edited in the browser",
        f"cccccccccc  2026-11-22 11:58  7654321   {message}",
        "                                        in git: The last\\x1b[31m",
        "                              7654320   Before",
    ]


def test_without_a_repository_there_is_no_column_for_it() -> None:
    assert shown(None, with_git=False)[:1] == ["-           2026-11-22 12:00  Rename a stage"]
    assert list(commit_view.lines([], columns=80, with_git=True)) == []
