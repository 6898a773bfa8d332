"""`run` where a daemon watches the project: that does the work, and this shows it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any

from xgodo_dev.cli import collector, launching, output
from xgodo_dev.cli.background import selected_server
from xgodo_dev.cli.background.run_order import RunOrder, becoming_of
from xgodo_dev.cli.invocation import interactive
from xgodo_dev.cli.launching import Given
from xgodo_dev.cli.terminal.run_terminal import RunTerminal
from xgodo_dev.errors import UnreachableError
from xgodo_dev.loop import control_client
from xgodo_dev.loop.control_client import RequestTooLong, Talk
from xgodo_dev.loop.control_place import NoDaemon
from xgodo_dev.loop.event_lines import event_of
from xgodo_dev.project import config, watch_lock
from xgodo_dev.project.arguments import Arguments
from xgodo_dev.project.config import Project
from xgodo_dev.project.watch_lock import Holder
from xgodo_dev.runs.fleet_launch import Becoming

# Seconds for what an interrupted run still says: longer than the daemon takes to stop it.
_LAST_WORDS_DEADLINE = 20.0

_Said = AsyncIterator[Mapping[str, Any]]


class _Lost(UnreachableError):
    code = "no-daemon"
    default_hint = "It may go on: `xgodo-dev stop` ends it."


async def run(project: Project, entry: str | None, started_with: Arguments, given: Given) -> int | None:
    """Let the daemon run it; returns the exit code. None: there is none that would, so do it here.

    Raises:
        XgodoError: as `run` does.
    """
    holder = watch_lock.holder_of(project.root)
    # What an annotation says on GitHub is told by the process that runs there.
    if holder is None or holder.kind != "daemon" or os.environ.get("GITHUB_ACTIONS") == "true":
        return None
    order = RunOrder(
        entry=entry,
        parameters=started_with.parameters,
        variables=started_with.variables,
        devices=list(given.devices),
        environment_devices=list(config.devices_from_environment()),
        follow=not given.no_follow,
        timeout=given.timeout,
        exclusive=given.exclusive,
        may_ask=interactive(),
    )
    try:
        return await _hand_over(project, holder, order, given)
    except (NoDaemon, RequestTooLong) as error:
        # Nothing was begun there.
        output.note(f"{error} This runs by itself.")
        return None


async def _hand_over(project: Project, holder: Holder, order: RunOrder, given: Given) -> int | None:
    request = {"order": order.to_json(), **selected_server.shown(project)}
    async with control_client.talk(project.root, holder, "run", **request) as talk:
        said = aiter(talk)
        async for first in said:
            if note := first.get("note"):
                output.note(str(note))
            elif began := first.get("began"):
                try:
                    return await _follow(project, talk, said, began["devices"], given)
                except NoDaemon as error:
                    # By itself this would begin a second run.
                    raise _Lost("The daemon ended without a word while it ran this.") from error
            elif why := first.get("done", {}).get("declined"):
                output.note(f"{why} This runs by itself.")
    return None


async def _follow(project: Project, talk: Talk, said: _Said, names: Sequence[str], given: Given) -> int:
    terminal = RunTerminal(project, names)
    ended: Mapping[str, Any] = {}
    async with AsyncExitStack() as stack:
        stack.push(lambda broken_off, *_: launching.tell_all(_becoming(ended)) if broken_off else None)
        if not given.no_follow:
            await stack.enter_async_context(terminal.line())
        show = await stack.enter_async_context(collector.telemetry(given.otlp, project.name, terminal.show))

        async def until_done() -> None:
            nonlocal ended
            async for each in said:
                if event := event_of(each):
                    show(event)
                ended = each.get("done", ended)

        reading = asyncio.create_task(until_done())
        try:
            await asyncio.shield(reading)
        except asyncio.CancelledError:
            talk.ask({"do": "interrupt"})
            with suppress(TimeoutError, NoDaemon):
                async with asyncio.timeout(_LAST_WORDS_DEADLINE):
                    await reading
            raise
        finally:
            reading.cancel()
    if ended.get("interrupted"):
        launching.tell_all(_becoming(ended))
        output.remark(
            "The daemon ended this: it was stopped there, or a branch of another project is checked out."
        )
        return 1
    if not ended.get("checked"):
        return 1
    return launching.tell_becoming(_becoming(ended), terminal, followed=not given.no_follow)


def _becoming(ended: Mapping[str, Any]) -> list[Becoming]:
    return becoming_of(ended.get("becoming"))
