"""A run that `run` has handed over to the daemon, as the daemon carries it out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from xgodo_dev.cli import checking
from xgodo_dev.cli.background.run_order import RunOrder, told
from xgodo_dev.cli.device_choice import devices_to_run_on
from xgodo_dev.cli.launching import Given, launch_of
from xgodo_dev.cli.run_program import checked_program
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import DeviceOffline, UsageError
from xgodo_dev.loop.control import Conversation
from xgodo_dev.platform.automation import Device
from xgodo_dev.project import config
from xgodo_dev.project.arguments import Arguments
from xgodo_dev.runs.devices import choose
from xgodo_dev.runs.events import Event


async def carry_out(
    opened: Workspace, order: RunOrder, conversation: Conversation, emit: Callable[[Event], None]
) -> None:
    """Check, bundle, launch and follow, and say what became of it.

    Raises:
        XgodoError, ExceptionGroup: as `run` does.
    """
    # As it stands there now: the daemon may have begun with other settings.
    project = config.load(opened.project.root)
    if order.entry:
        project = replace(project, entry=order.entry)
    opened = replace(opened, project=project)
    try:
        devices = await _devices(opened, order, conversation)
    except (UsageError, DeviceOffline):
        if not order.may_ask or order.devices or order.environment_devices:
            raise
        # Whoever is there asks.
        conversation.say(done={"declined": None})
        return
    conversation.say(began={"devices": [each.name for each in devices]})
    program = await checked_program(await checking.toolchain(project), project, emit)
    if program is None:
        conversation.say(done={"checked": False})
        return
    given = Given(
        devices=(),
        parameters=(),
        variables=(),
        arguments_file=None,
        no_follow=not order.follow,
        timeout=order.timeout,
        exclusive=order.exclusive,
        otlp=None,
    )
    launch = await launch_of(opened, devices, program, Arguments(order.parameters, order.variables), given)
    try:
        await launch.run(emit)
    except asyncio.CancelledError:
        conversation.say(done={"interrupted": True, "becoming": told(launch.becoming)})
        raise
    conversation.say(done={"checked": True, "becoming": told(launch.becoming)})


async def _devices(opened: Workspace, order: RunOrder, conversation: Conversation) -> list[Device]:
    if order.environment_devices and not order.devices:
        return choose(await opened.api.devices(), order.environment_devices)
    return await devices_to_run_on(
        opened,
        order.devices,
        environment=(),
        say=lambda text: conversation.say(note=text),
        interactive=False,
    )
