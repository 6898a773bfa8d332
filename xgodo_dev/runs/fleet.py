"""Runs on several devices at once: what goes wrong with one of them keeps no other from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from xgodo_dev.errors import AuthenticationError, XgodoError
from xgodo_dev.platform.answers import RouteMissing
from xgodo_dev.platform.automation import Device
from xgodo_dev.project.arguments import Arguments
from xgodo_dev.runs.events import RunStatus
from xgodo_dev.runs.followers import Followers
from xgodo_dev.runs.run import Run

Outcome = RunStatus | XgodoError | None
"""How a run ended; why it was not launched; None: it was launched, and is not followed."""


async def run_all(
    runs: Sequence[Run],
    followers: Followers,
    room: Callable[[Device], AbstractAsyncContextManager[object]],
    arguments: Arguments,
    *,
    follow: bool = True,
    timeout: float | None = None,
) -> list[Outcome]:
    """Launch runs and follow them to their ends; returns what became of each, in their order.

    Whatever ends this early stops all of them, so that nothing goes on that nobody follows.

    Args:
        room: makes room on a device for the launch inside.
        timeout: seconds after which a run is stopped.

    Raises:
        ExceptionGroup: around what is wrong for all that are followed, such as a refused token.
    """
    outcomes: dict[str, Outcome] = {}

    async def launch_and_follow(run: Run) -> None:
        try:
            async with room(run.device):
                await followers.launch(run, arguments.parameters, arguments.variables, follow=follow)
        except XgodoError as error:
            error.take_out(run.masked)
            # What is not followed is left alone: none of it is stopped for what is wrong with another.
            if follow and isinstance(error, AuthenticationError | RouteMissing):
                raise
            outcomes[run.id] = error
            # It may have been heard all the same, and nobody follows it.
            await followers.stop(run)
            return
        outcomes[run.id] = await followers.until_ended(run, timeout) if follow else None

    try:
        async with asyncio.TaskGroup() as tasks:
            for run in runs:
                tasks.create_task(launch_and_follow(run))
    except BaseException:
        await followers.stop_all(runs)
        raise
    return [outcomes[run.id] for run in runs]
