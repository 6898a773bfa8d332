"""`xgodo-dev watch`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

import click

from xgodo_dev.cli import interrupts, local_project, watch_options, watching
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.terminal import watch_terminal
from xgodo_dev.cli.terminal.watch_terminal import WatchTerminal
from xgodo_dev.cli.view import event_view
from xgodo_dev.cli.view.event_view import View
from xgodo_dev.cli.view.plain_view import PlainView
from xgodo_dev.cli.watching import Face, Wanted
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.loop.launches import Launches
from xgodo_dev.platform.automation import Device
from xgodo_dev.project.watch_lock import holder_of, watch_lock
from xgodo_dev.runs.events import Event


@click.command(cls=Command, short_help="Check, push and run on every save.")
@watch_options.options
@click.option("--plain", is_flag=True, help="Print whole lines without colour or keys, for an editor.")
def watch(plain: bool, **options: Any) -> int:
    """Watch the project: every save is type-checked and sent to the platform, side by side.

    With --run, the project runs at once, and again on every save that type-checks; its logs come
    back with the file and line of your TypeScript. At a terminal, keys then rerun, stop, choose the device
    and the level of what is shown, and q ends it. So does Ctrl-C always; what it started is stopped.

    Where a daemon watches the project already (`daemon start`), this shows what that does, and ending it
    leaves the daemon as it is.

    \b
    Examples:
      xgodo-dev watch --run --emulator
      xgodo-dev watch --run -d "Atomic Mammal" --param maxRetries=5
      xgodo-dev watch --poll 30s --json
    """
    interrupts.run(_watch(watch_options.wanted(**options), plain=plain))
    return 0


async def _watch(wanted: Wanted, *, plain: bool) -> None:
    project = local_project.project()
    holder = holder_of(project.root)
    if holder and holder.kind == "daemon":
        from xgodo_dev.cli.background import attached_watch

        await attached_watch.watch(project, holder, wanted, plain=plain)
        return
    watch_options.require_usable_arguments(project, wanted)
    # Before an emulator is started for nothing.
    with watch_lock(project.root) as held:
        async with watching.server_of(wanted):
            await watching.watch_project(wanted, held, _face_of(wanted, plain=plain))


def _face_of(wanted: Wanted, *, plain: bool) -> Callable[[Workspace, Sequence[Device]], Face]:
    def face(opened: Workspace, devices: Sequence[Device]) -> Face:
        if plain and not invocation().json:
            return _Lines(PlainView([each.name for each in devices]))
        if wanted.options.run and watch_terminal.is_wanted():
            return WatchTerminal(opened, devices)
        return _Lines(event_view.view(devices=[each.name for each in devices]))

    return face


class _Lines:
    """Prints what happens."""

    def __init__(self, view: View) -> None:
        self._view = view

    def show(self, event: Event) -> None:
        self._view.show(event)

    def listening(
        self, _launches: Launches, _end: Callable[[str], object]
    ) -> AbstractAsyncContextManager[object]:
        return nullcontext()
