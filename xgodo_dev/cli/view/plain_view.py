"""How the loop's events look to an editor that reads them line by line: whole lines, in a fixed form."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.view import diagnostic_view
from xgodo_dev.cli.view.durations import duration_text
from xgodo_dev.cli.view.event_view import EventView
from xgodo_dev.cli.view.screen import Screen, is_unicode
from xgodo_dev.editor.matching import BEGINS, ENDS
from xgodo_dev.loop.checks import NOT_CHECKED
from xgodo_dev.loop.events import Check
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.toolchain import diagnostics


class PlainView(EventView):
    """As the view for people off a terminal, wherever it is shown: no line is broken or coloured.

    What a check found stands without the time of day, as `check` prints it, between a line that begins it and
    one that ends it.
    """

    def __init__(self, devices: Sequence[str], *, root: Path | None = None) -> None:
        ellipsis = "…" if is_unicode(sys.stdout) else "..."
        super().__init__(devices=devices, root=root, note=_note, screen=Screen(ellipsis=ellipsis))
        click.get_current_context().call_on_close(self.tell_held)

    def show(self, event: Event) -> None:
        """Write one event."""
        if isinstance(event, Check):
            self.tell_held()
            self._remember_shown(event.errors)
            for line in _of_check(event):
                _note(line)
            return
        super().show(event)
        if isinstance(event, Notice) and event.message.startswith(NOT_CHECKED):
            # An editor that waits for what a check finds waits no more.
            _note(f"{ENDS}not at all")

    def _wrapped(self, line: str, indent: int) -> list[str]:  # noqa: ARG002
        return [line]


def _of_check(check: Check) -> list[str]:
    lines = [BEGINS]
    for severity, found in (("error", check.errors), ("warning", check.warnings or ())):
        for each in map(diagnostics.from_json, found):
            lines += diagnostic_view.lines(each, columns=None, severity=severity)
    count = len(check.errors)
    told = "no errors" if check.ok else f"{count} error{'' if count == 1 else 's'}"
    return [*lines, f"{ENDS}{told} ({duration_text(check.ms)})"]


def _note(text: str) -> None:
    output.remark(click.unstyle(text))
