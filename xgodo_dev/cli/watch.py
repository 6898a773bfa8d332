"""`xgodo-dev watch`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import click

from xgodo_dev.cli import checking, collector, interrupts, local_project, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.device_choice import devices_to_run_on
from xgodo_dev.cli.duration import duration
from xgodo_dev.cli.emulator_process import running_emulator
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.terminal import watch_terminal
from xgodo_dev.cli.terminal.watch_terminal import WatchTerminal
from xgodo_dev.cli.view import event_view
from xgodo_dev.errors import UsageError
from xgodo_dev.loop.drift import Sides
from xgodo_dev.loop.events import Stopped
from xgodo_dev.loop.launches import RunsOn
from xgodo_dev.loop.watch import Watch, WatchOptions
from xgodo_dev.platform.credentials import EMULATOR_PROFILE
from xgodo_dev.project.watch_lock import watch_lock
from xgodo_dev.runs.events import Event
from xgodo_dev.runs.recorder import NO_RECORDER, Recorder
from xgodo_dev.runs.run_recorder import RunRecorder


@click.command(cls=Command, short_help="Check, push and run on every save.")
@click.option("--run", "run_on_save", is_flag=True, help="Also run on every save that type-checks.")
@click.option("-d", "--device", "devices", multiple=True, metavar="DEVICE", help="Where to run.")
@click.option("--no-check", is_flag=True, help="Don't type-check.")
@click.option("--no-push", is_flag=True, help="Don't send anything to the remote project.")
@click.option(
    "--poll",
    callback=duration(least=1, most=86_400),
    metavar="TIME",
    help="Look so often (in seconds, or 30s, 5m) for what others change on the platform.",
)
@click.option("--emulator", is_flag=True, help="Use the emulator on this machine; start it when none runs.")
@collector.otlp_option
def watch(
    run_on_save: bool,
    devices: tuple[str, ...],
    no_check: bool,
    no_push: bool,
    poll: float | None,
    emulator: bool,
    otlp: str | None,
) -> int:
    """Watch the project: every save is type-checked and sent to the platform, side by side.

    With --run, the project runs at once, and again on every save that type-checks; its logs come
    back with the file and line of your TypeScript. At a terminal, keys then rerun, stop, choose the device
    and the level of what is shown, and q ends it. So does Ctrl-C always; what it started is stopped.
    """
    if devices and not run_on_save:
        raise UsageError("-d says where to run, and --run that it is to run at all: give both.")
    options = WatchOptions(run=run_on_save, check=not no_check, push=not no_push, poll=poll)
    interrupts.run(_watch(devices, options, emulator=emulator, otlp=otlp))
    return 0


async def _watch(wanted: tuple[str, ...], options: WatchOptions, *, emulator: bool, otlp: str | None) -> None:
    async with AsyncExitStack() as stack:
        # Before an emulator is started for nothing.
        stack.enter_context(watch_lock(local_project.project().root))
        if emulator:
            if invocation().api_url:
                raise UsageError("--emulator and --api-url name two different servers.")
            invocation().profile = EMULATOR_PROFILE
            await stack.enter_async_context(running_emulator())
        opened = await stack.enter_async_context(workspace.open_workspace())
        project = opened.project
        devices = await devices_to_run_on(opened, wanted) if options.run else []
        terminal = WatchTerminal(opened, devices) if options.run and watch_terminal.is_wanted() else None
        show = terminal.show if terminal else event_view.view(devices=[each.name for each in devices]).show
        last: list[Event] = []

        def tell(event: Event) -> None:
            # Its last word waits for what the recorder has to say when it is closed.
            last.append(event) if isinstance(event, Stopped) else show(event)

        stack.callback(lambda: [show(event) for event in last])
        emit: Callable[[Event], None] = tell
        recorder: Recorder = NO_RECORDER
        if options.run:
            emit = await stack.enter_async_context(collector.telemetry(otlp, project.name, tell))
            recorder = await stack.enter_async_context(RunRecorder(project.root, opened.server.remote, emit))
        loop = Watch(
            project,
            opened.api,
            Sides(opened.copy, await workspace.remote_or_documented(opened), opened.state),
            opened.project_id,
            await checking.toolchain(project),
            RunsOn(devices, recorder, opened.server),
            options,
            emit,
        )
        if terminal is None:
            await loop.run()
            return
        looping = asyncio.create_task(loop.run())
        async with terminal.listening(loop.launches, lambda: looping.cancel(msg="quit")):
            await _to_its_end(looping)


async def _to_its_end(looping: asyncio.Task[None]) -> None:
    """Wait for the loop, which ends well where a key has ended it."""
    try:
        await asyncio.wait([looping])
    except asyncio.CancelledError:
        looping.cancel()
        await asyncio.wait([looping])
        raise
    if not looping.cancelled():
        await looping
