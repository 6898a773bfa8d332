"""`xgodo-dev watch`."""

from __future__ import annotations

from contextlib import AsyncExitStack

import click

from xgodo_dev.cli import checking, event_view, interrupts, local_project, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.emulator_process import running_emulator
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import UsageError
from xgodo_dev.loop.drift import Sides
from xgodo_dev.loop.events import Stopped
from xgodo_dev.loop.watch import Watch, WatchOptions
from xgodo_dev.platform.credentials import EMULATOR_PROFILE
from xgodo_dev.project.watch_lock import watch_lock
from xgodo_dev.runs.events import Event
from xgodo_dev.runs.recorder import NO_RECORDER, RunRecorder


@click.command(cls=Command, short_help="Check, push and run on every save.")
@click.option("--run", "run_on_save", is_flag=True, help="Also run on every save that type-checks.")
@click.option("-d", "--device", "devices", multiple=True, metavar="DEVICE", help="Where to run.")
@click.option("--no-check", is_flag=True, help="Don't type-check.")
@click.option("--no-push", is_flag=True, help="Don't send anything to the remote project.")
@click.option(
    "--poll",
    type=click.FloatRange(min=1, max=86_400),
    metavar="S",
    help="Look every S seconds for what others change on the platform.",
)
@click.option("--emulator", is_flag=True, help="Use the emulator on this machine; start it when none runs.")
def watch(
    run_on_save: bool,
    devices: tuple[str, ...],
    no_check: bool,
    no_push: bool,
    poll: float | None,
    emulator: bool,
) -> int:
    """Watch the project: every save is type-checked and sent to the platform, side by side.

    With --run, the project runs at once, and again on every save that type-checks; its logs come
    back with the file and line of your TypeScript. Ctrl-C ends it, and stops what it started.
    """
    options = WatchOptions(run=run_on_save, check=not no_check, push=not no_push, poll=poll)
    interrupts.run(_watch(devices, options, emulator=emulator))
    return 0


async def _watch(wanted: tuple[str, ...], options: WatchOptions, *, emulator: bool) -> None:
    async with AsyncExitStack() as stack:
        # Before an emulator is started for nothing.
        stack.enter_context(watch_lock(local_project.project().root))
        if emulator:
            if invocation().api_url:
                raise UsageError("--emulator and --api-url name two different servers.")
            invocation().profile = EMULATOR_PROFILE
            await stack.enter_async_context(running_emulator())
        opened = await stack.enter_async_context(workspace.open_workspace())
        devices = await workspace.devices_to_run_on(opened.api, opened.project, wanted) if options.run else []
        show = event_view.emitter(several_devices=len(devices) > 1)
        last: list[Event] = []

        def emit(event: Event) -> None:
            # Its last word waits for what the recorder has to say when it is closed.
            last.append(event) if isinstance(event, Stopped) else show(event)

        stack.callback(lambda: [show(event) for event in last])
        recorder = (
            await stack.enter_async_context(RunRecorder(opened.project.root, opened.server.remote, emit))
            if options.run
            else NO_RECORDER
        )
        loop = Watch(
            opened.project,
            opened.api,
            Sides(opened.copy, await workspace.remote_or_documented(opened), opened.state),
            opened.project_id,
            await checking.toolchain(opened.project),
            devices,
            options,
            emit,
            recorder,
        )
        await loop.run()
