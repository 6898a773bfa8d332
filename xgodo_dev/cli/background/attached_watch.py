"""`watch` where a daemon watches the project already: it shows what that does, and leaves it at that."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from xgodo_dev import known_tokens
from xgodo_dev.cli import output, watch_options
from xgodo_dev.cli.background import selected_server
from xgodo_dev.cli.background.other_daemon import OtherDaemon
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.terminal import watch_terminal
from xgodo_dev.cli.terminal.attached_terminal import AttachedTerminal
from xgodo_dev.cli.view import event_view
from xgodo_dev.cli.view.plain_view import PlainView
from xgodo_dev.cli.watching import Wanted, to_its_end
from xgodo_dev.loop import control_client
from xgodo_dev.loop.checks import NOT_CHECKED
from xgodo_dev.loop.event_lines import event_of
from xgodo_dev.project.config import Project
from xgodo_dev.project.watch_lock import Holder
from xgodo_dev.runs.events import Event, Notice


async def watch(project: Project, holder: Holder, wanted: Wanted, *, plain: bool = False) -> None:
    """Show what the daemon does, until it ends or somebody leaves it; ``plain`` as an editor reads it.

    Raises:
        OtherDaemon, ToldError: it does something else than what is wanted, or has ended with an error.
        NoDaemon: it does not answer, or ended without a word.
    """
    if why := watch_options.contradiction(wanted, holder.options):
        raise OtherDaemon(f"A daemon watches this project (process {holder.pid}), but {why}.")
    named = selected_server.shown(project) if _names_server() else {}
    async with control_client.talk(
        project.root, holder, "follow", devices=list(wanted.devices), **named
    ) as talk:
        said = aiter(talk)
        attached = (await anext(said))["attached"]
        output.note(f"A daemon watches this project (process {holder.pid}); this shows what it does.")
        names = attached["devices"]
        drawn: AbstractAsyncContextManager[object] = nullcontext()
        if plain and not invocation().json:
            show = PlainView(names, root=project.root).show
            if holder.options.get("check") is False:
                # An editor would wait for the end of a check that never begins.
                show(Notice(message=f"{NOT_CHECKED}the daemon was started with --no-check."))
        elif holder.options.get("run") and watch_terminal.is_wanted():
            terminal = AttachedTerminal(project, names)
            show, drawn = terminal.show, terminal.attached(talk.ask, lambda: reading.cancel())
        else:
            show = event_view.view(devices=names, root=project.root).show
        reading = asyncio.create_task(_show(said, show))
        try:
            async with drawn:
                await to_its_end(reading)
        finally:
            if reading.cancelled():
                output.note("The daemon goes on: `xgodo-dev daemon stop` ends it.")


async def _show(said: AsyncIterator[Mapping[str, Any]], show: Callable[[Event], None]) -> None:
    async for each in said:
        if event := event_of(each):
            show(event)
        elif done := each.get("done"):
            output.note(f"The daemon has ended: {done.get('why')}.")


def _names_server() -> bool:
    """Whether the command line or the environment asks for a server or an account of their own."""
    options = invocation()
    given = (options.profile, options.api_url, known_tokens.of_environment("XGODO_TOKEN"))
    return any(given) or any(map(os.environ.get, ("XGODO_API_URL", "XGODO_PROFILE")))
