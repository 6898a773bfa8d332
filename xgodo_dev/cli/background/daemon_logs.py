"""`daemon logs`: what the daemon has told, as `watch` shows it."""

from __future__ import annotations

import asyncio

from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.view import event_view
from xgodo_dev.loop.event_log import LogReader
from xgodo_dev.project.config import Project
from xgodo_dev.project.watch_lock import is_watched
from xgodo_dev.runs.events import Launch, Log

_LOOK_INTERVAL = 0.2


def show(project: Project, count: int, *, follow: bool) -> int:
    """Show the newest events, and with ``follow`` those that come, until interrupted."""
    reader = LogReader(project.root)
    try:
        events = reader.last(count)
        devices = {event.device for event in events if isinstance(event, Launch | Log)}
        # All of it is what was asked for: `daemon logs | tail` is to have it in one order.
        view = event_view.view(several_devices=len(devices) > 1, root=project.root, note=output.result)
        for event in events:
            view.show(event)
        view.tell_held()
        if not events and count:
            output.note("Nothing is logged yet: `xgodo-dev daemon start` starts a daemon.")
        if follow:
            if not is_watched(project.root):
                output.note("No daemon runs now.")
            interrupts.run(_follow(reader, view))
        return 0
    finally:
        reader.close()


async def _follow(reader: LogReader, view: event_view.View) -> None:
    while True:
        for event in reader.fresh():
            view.show(event)
        await asyncio.sleep(_LOOK_INTERVAL)
