"""`run` and `launch` at a terminal: what their runs report, above a line that tells how they stand."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.terminal.keys import keys
from xgodo_dev.cli.terminal.standing import KEYS_OF_RUN, Standing
from xgodo_dev.cli.terminal.status_line import StatusLine
from xgodo_dev.cli.view import event_view
from xgodo_dev.cli.view.screen import is_unicode
from xgodo_dev.project.config import Project
from xgodo_dev.runs.events import Event


class RunTerminal:
    """Shows the events of runs on devices of these names, wherever they go; the line only at a terminal."""

    def __init__(self, project: Project, names: Sequence[str]) -> None:
        self._standing = Standing(
            project.name, names, keys=KEYS_OF_RUN, before="starting", unicode=is_unicode(sys.stderr)
        )
        self._line = StatusLine(self._text)
        self._command: asyncio.Task[object] | None = None
        self._view = event_view.view(devices=names, root=project.root, around=self._line.hidden)

    def show(self, event: Event) -> None:
        """Show an event."""
        self._standing.take(event)
        with self._line.hidden():
            self._view.show(event)

    def tell_held(self) -> None:
        """Show what is held back for a moment: something else is to be said."""
        with self._line.hidden():
            self._view.tell_held()

    @asynccontextmanager
    async def line(self) -> AsyncIterator[None]:
        """Keep the line at the bottom meanwhile, unless only results are wanted, or nobody sees it."""
        options = invocation()
        if options.quiet or options.json or not sys.stderr.isatty():
            yield
            return
        self._command = asyncio.current_task()
        with self._line:
            # No key does anything: none is echoed into the line, nor kept from the shell.
            async with keys({}):
                yield

    def _text(self, columns: int) -> str:
        # Ctrl-C cancels the command, which then stops its runs.
        self._standing.is_ending = bool(self._command and self._command.cancelling())
        return self._standing.line(columns, time.time())
