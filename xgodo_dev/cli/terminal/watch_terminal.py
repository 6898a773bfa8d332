"""`watch --run` at a terminal: the line at its bottom, and what its keys do."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager

import click

from xgodo_dev.cli import device_choice, known_names, output
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
from xgodo_dev.project.config import Project
from xgodo_dev.runs.events import Event, Log, Notice

NOTHING_RUNS = "Nothing runs."
NOTHING_TO_RUN = "Nothing to run yet: the check or the bundle has not passed."


def is_wanted() -> bool:
    """Whether somebody sits there who can see the line and press keys."""
    return interactive() and not invocation().quiet


class LoopTerminal:
    """Shows a loop's events above the line, with the keys that change what is shown."""

    def __init__(self, project: Project, names: Sequence[str], keys: Mapping[str, str]) -> None:
        self._hint = f"Keys: {', '.join(f'{key} {does}' for key, does in keys.items())}"
        self._standing = Standing(project.name, names, keys=keys, unicode=is_unicode(sys.stderr))
        self._line = StatusLine(lambda columns: self._standing.line(columns, time.time()))
        self._view = event_view.view(devices=names, root=project.root, around=self._line.hidden)
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
    async def drawn(self, handlers: Mapping[str, Callable[[], object]]) -> AsyncIterator[Keys]:
        """Draw the line, and do what the keys say meanwhile: these, and those for what is shown."""
        with ExitStack() as stack:
            stack.enter_context(self._line)
            shown = {"l": self._next_level, "c": self._clear, "?": self._tell_keys}
            async with keys({**handlers, **shown}) as reading:
                self._tell_keys()
                yield reading

    def _next_level(self) -> None:
        self._level = LEVELS[(LEVELS.index(self._level) + 1) % len(LEVELS)]
        self._standing.level = None if self._level == LEVELS[0] else self._level
        self._line.redraw()

    def _tell_keys(self) -> None:
        with self._line.hidden():
            output.note(click.style(self._hint, dim=True))

    def _clear(self) -> None:
        with self._line.hidden():
            click.clear()

    def _tell_what_runs(self) -> None:
        if self._standing.check_failed:
            self.show(Notice(message="The newest save has errors: what runs is the one before it."))

    def _tell_end(self) -> None:
        self._standing.is_ending = True
        self._line.redraw()


class WatchTerminal(LoopTerminal):
    """Lets the keys act on the runs of a loop of this process."""

    def __init__(self, opened: Workspace, devices: Sequence[Device]) -> None:
        super().__init__(opened.project, [each.name for each in devices], KEYS_OF_WATCH)
        self._opened = opened
        self._devices = list(devices)

    @asynccontextmanager
    async def listening(self, launches: Launches, end: Callable[[str], object]) -> AsyncIterator[None]:
        """Draw the line, and do what the keys say meanwhile; ``end`` ends the loop."""
        choosing: asyncio.Task[None] | None = None

        def choose() -> None:
            nonlocal choosing
            if choosing is None or choosing.done():
                choosing = asyncio.create_task(self._choose(reading, launches))

        def stop() -> None:
            if not launches.stop_running():
                self.show(Notice(message=NOTHING_RUNS))

        def quit_loop() -> None:
            self._tell_end()
            end("quit")

        def rerun() -> None:
            if not launches.again():
                self.show(Notice(message=NOTHING_TO_RUN))
            else:
                self._tell_what_runs()

        async with self.drawn({"r": rerun, "s": stop, "d": choose, "q": quit_loop}) as reading:
            try:
                yield
            finally:
                if choosing:
                    choosing.cancel()
                    await asyncio.wait([choosing])

    async def _choose(self, reading: Keys, launches: Launches) -> None:
        try:
            known = await self._opened.api.devices()
            known_names.remember_devices(self._opened.server, known)
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
