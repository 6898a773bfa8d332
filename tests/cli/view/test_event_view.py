from __future__ import annotations

import re
import sys

import pytest

from xgodo_dev.cli.event_view import EventView
from xgodo_dev.loop.events import Check, Conflict
from xgodo_dev.runs.events import Event, Notice

WIDTH = 80


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    return []


def unstyled(lines: list[str]) -> list[str]:
    return [re.sub(r"\x1b\[\d+m", "", line) for line in lines]


@pytest.mark.parametrize(
    "event",
    [
        Notice(message="util.ts is gone here but stays on the platform, whose API has no delete. " * 3),
        Conflict(path="screens/some/where/deep/the-screen-of-the-shop.ts"),
        Conflict(path="screens/some/where/deep/the-screen-of-the-shop.ts", deleted_here=True),
        Conflict(path="screens/shop.ts", buries="screens/shop.js"),
    ],
)
def test_lines_that_are_too_long_for_the_terminal_break_between_words(shown: list[str], event: Event) -> None:
    EventView(note=shown.append).show(event)
    lines = unstyled(shown)
    assert len(lines) > 1
    assert max(map(len, lines)) <= WIDTH
    assert all(line.startswith(" " * 11) for line in lines[1:])
    whole: list[str] = []
    wide = EventView(note=whole.append)
    with pytest.MonkeyPatch.context() as wider:
        wider.setenv("COLUMNS", "1000")
        wide.show(event)
    assert " ".join(lines).split() == " ".join(unstyled(whole)).split()


def test_errors_that_editors_read_keep_their_lines(shown: list[str]) -> None:
    message = "Type 'string' is not assignable to type 'number'. " * 4
    error = {"file": "main.ts", "line": 1, "column": 2, "code": "TS2322", "message": message}
    EventView(note=shown.append).show(Check(ok=False, errors=[error], ms=1))
    assert unstyled(shown)[1].strip() == f"main.ts(1,2): error TS2322: {message}".strip()
