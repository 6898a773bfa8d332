"""The project, server and toolchain that a command works with, opened together."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.invocation import interactive, invocation
from xgodo_dev.errors import DeviceOffline, UsageError
from xgodo_dev.loop.devices import choose
from xgodo_dev.platform import credentials
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project import config
from xgodo_dev.project.config import NoProject, Project
from xgodo_dev.project.scaffold import write_declarations
from xgodo_dev.project.state import State
from xgodo_dev.toolchain import tools
from xgodo_dev.toolchain.tools import Toolchain


@dataclass(frozen=True)
class Workspace:
    """One project, bound to the remote project it is synced with."""

    project: Project
    project_id: str
    server: Server
    state: State
    api: AutomationApi


def project() -> Project:
    """The project that the command line selects."""
    return config.load(invocation().start)


def server(of: Project | None = None) -> Server:
    """The server that the command line selects, or else the project (``of``, or the one here, if any)."""
    options = invocation()
    if of is None:
        with contextlib.suppress(NoProject):
            of = project()
    return credentials.resolve(options.profile, options.api_url, of.profile if of else None)


@asynccontextmanager
async def open_workspace() -> AsyncIterator[Workspace]:
    """The selected project with its server; closed afterwards.

    Raises:
        ConfigurationError: no project here, or it isn't bound to a remote one.
        AuthenticationError: nobody is signed in.
    """
    opened = project()
    selected = server(opened)
    project_id = opened.id_for(selected.profile)
    with State(opened.root, selected.state_key(project_id)) as state:
        async with Transport(selected) as transport:
            yield Workspace(opened, project_id, selected, state, AutomationApi(transport, state))


async def toolchain(of: Project) -> Toolchain:
    """The compiler and bundler for a project, installed first when this machine lacks them.

    The device API's declarations are put in place as well: without them nothing type-checks.
    """
    write_declarations(of.root)
    return tools.find(of.root) or await tools.ensure(of.root, progress=output.note)


async def devices_to_run_on(api: AutomationApi, of: Project, wanted: tuple[str, ...]) -> list[Device]:
    """The devices named by option, ``XGODO_DEVICE`` or ``xgodo.toml``; else the only one; else the answer.

    Raises:
        UsageError: no device is named, and several are online with nobody to ask.
        DeviceOffline: the device is known but not connected, or none is.
    """
    known = await api.devices()
    named = wanted or config.devices_from_environment() or of.devices
    if named:
        return choose(known, named)
    online = [device for device in known if device.online]
    if not online:
        raise DeviceOffline("No device is online.", hint="See `xgodo-dev devices` for all of them.")
    if len(online) == 1:
        return online
    if not interactive():
        raise UsageError(
            "Several devices are online, and none was chosen.",
            hint="Name one with `-d`: " + ", ".join(device.name for device in online) + ".",
        )
    for number, device in enumerate(online, 1):
        click.echo(f"  {number}  {device.name}", err=True)
    answer = click.prompt("Which device", type=click.IntRange(1, len(online)), default=1, err=True)
    return [online[answer - 1]]
