"""`watch --run` at a terminal: the line at its bottom, and what its keys do."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager

import click

from xgodo_dev.cli import device_choice, output
from xgodo_dev.cli.invocation import interactive, invocation
from xgodo_dev.cli.terminal.keys import Keys, keys
from xgodo_dev.cli.terminal.standing import KEYS_OF_WATCH, Standing
from xgodo_dev.cli.terminal.status_line import StatusLine
from xgodo_dev.cli.terminal.unshown_events import UnshownEvents
from xgodo_dev.cli.view import event_view
from xgodo_dev.cli.view.levels import LEVELS, is_at_least
from xgodo_dev.cli.view.screen import is_unicode
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import XgodoError
from xgodo_dev.loop.launches import Launches
from xgodo_dev.platform.automation import Device
from xgodo_dev.runs.events import Event, Log, Notice

_HINT = f"Keys: {', '.join(f'{key} {does}' for key, does in KEYS_OF_WATCH.items())}"


def is_wanted() -> bool:
    """Whether somebody sits there who can see the line and press keys."""
    return interactive() and not invocation().quiet


class WatchTerminal:
    """Shows a loop's events above the line, and lets the keys act on its runs."""

    def __init__(self, opened: Workspace, devices: Sequence[Device]) -> None:
        self._opened = opened
        self._devices = list(devices)
        names = [each.name for each in devices]
        self._standing = Standing(opened.project.name, names, unicode=is_unicode(sys.stderr))
        self._line = StatusLine(lambda columns: self._standing.line(columns, time.time()))
        self._view = event_view.view(devices=names, root=opened.project.root, around=self._line.hidden)
        self._level = LEVELS[0]
        # What happens while a question is on the screen.
        self._unshown: UnshownEvents | None = None

    def show(self, event: Event) -> None:
        """Show an event, unless its level is not wanted now."""
        self._standing.take(event)
        if self._unshown is not None:
            self._unshown.add(event)
        else:
            self._write(event)

    def _write(self, event: Event) -> None:
        if isinstance(event, Log) and not is_at_least(event.level, self._level):
            return
        with self._line.hidden():
            self._view.show(event)

    @asynccontextmanager
    async def listening(self, launches: Launches, end: Callable[[], object]) -> AsyncIterator[None]:
        """Draw the line, and do what the keys say meanwhile; ``end`` ends the loop."""
        reading: Keys | None = None
        choosing: asyncio.Task[None] | None = None

        def choose() -> None:
            nonlocal choosing
            if reading and (choosing is None or choosing.done()):
                choosing = asyncio.create_task(self._choose(reading, launches))

        def stop() -> None:
            if not launches.stop_running():
                self.show(Notice(message="Nothing runs."))

        def quit_loop() -> None:
            self._standing.is_ending = True
            self._line.redraw()
            end()

        def rerun() -> None:
            if not launches.again():
                self.show(Notice(message="Nothing to run yet: the check or the bundle has not passed."))
            else:
                self._tell_what_runs()

        with ExitStack() as stack:
            stack.enter_context(self._line)
            handlers: dict[str, Callable[[], object]] = {
                "r": rerun,
                "s": stop,
                "d": choose,
                "l": self._next_level,
                "c": self._clear,
                "?": self._tell_keys,
                "q": quit_loop,
            }
            async with keys(handlers) as reading:
                self._tell_keys()
                try:
                    yield
                finally:
                    if choosing:
                        choosing.cancel()
                        await asyncio.wait([choosing])

    def _next_level(self) -> None:
        self._level = LEVELS[(LEVELS.index(self._level) + 1) % len(LEVELS)]
        self._standing.level = None if self._level == LEVELS[0] else self._level
        self._line.redraw()

    def _tell_what_runs(self) -> None:
        if self._standing.check_failed:
            self.show(Notice(message="The newest save has errors: what runs is the one before it."))

    def _tell_keys(self) -> None:
        with self._line.hidden():
            output.note(click.style(_HINT, dim=True))

    def _clear(self) -> None:
        with self._line.hidden():
            click.clear()

    async def _choose(self, reading: Keys, launches: Launches) -> None:
        try:
            known = await self._opened.api.devices()
            chosen = await self._ask(known, reading)
        except XgodoError as error:
            self.show(Notice(message=f"The device stays as it was: {error.with_hint()}"))
            return
        if chosen and {each.id for each in chosen} != {each.id for each in self._devices}:
            self._devices = chosen
            names = [each.name for each in chosen]
            self._standing.devices = names
            self._view.use_devices(names)
            launches.use(chosen)
            self._tell_what_runs()

    async def _ask(self, known: Sequence[Device], reading: Keys) -> list[Device] | None:
        self._unshown = unshown = UnshownEvents()
        try:
            with self._line.hidden(), reading.paused():
                # Else its moment ends while the question is there, and it is written over that.
                self._view.tell_held()
                chosen = {each.id for each in self._devices}
                return await device_choice.ask(self._opened, known, chosen=chosen)
        finally:
            self._unshown = None
            for event in unshown:
                self._write(event)
