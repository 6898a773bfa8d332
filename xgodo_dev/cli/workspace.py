"""The project and the server that a command works with, opened together."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.invocation import interactive
from xgodo_dev.cli.local_project import LocalProject, open_local, server
from xgodo_dev.errors import DeviceOffline, UnreachableError, UsageError
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project import config
from xgodo_dev.project.config import Project
from xgodo_dev.runs.devices import choose
from xgodo_dev.sync.remote import DocumentedProject, RemoteProject, find_remote


@dataclass(frozen=True)
class Workspace(LocalProject):
    """One project, and the server that it is synced with."""

    transport: Transport
    api: AutomationApi

    async def remote(self) -> RemoteProject:
        """The remote project. Asks the server how it can be reached, unless that is known.

        Raises:
            XgodoError: the server can't be reached, or refuses the token.
        """
        return await find_remote(self.transport, self.api, self.project_id, self.state, now=time.time())


@asynccontextmanager
async def open_workspace() -> AsyncIterator[Workspace]:
    """The selected project with its server; closed afterwards.

    Raises:
        ConfigurationError: no project here, or it isn't bound to a remote one.
        AuthenticationError: nobody is signed in.
    """
    with open_local() as local:
        async with connected(local) as opened:
            yield opened


@asynccontextmanager
async def connected(local: LocalProject) -> AsyncIterator[Workspace]:
    """An open project with its server; one that is connected already stays so.

    Raises:
        AuthenticationError: nobody is signed in.
    """
    if isinstance(local, Workspace):
        yield local
        return
    signed_in = server(local.project)
    async with Transport(signed_in) as transport:
        api = AutomationApi(transport, local.state)
        if signed_in.is_emulator:
            # Of other servers it has to be seen first, which a short run gives no time for.
            api.note_runs_are_listed()
        yield Workspace(local.project, local.project_id, signed_in, local.state, local.copy, transport, api)


async def remote_or_documented(opened: Workspace) -> RemoteProject:
    """The remote project; while nobody answers, by the documented API, which every server has."""
    try:
        return await opened.remote()
    except UnreachableError:
        return DocumentedProject(opened.api, opened.project_id)


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
        click.echo(f"  {number}  {output.shown(device.name)}", err=True)
    answer = click.prompt("Which device", type=click.IntRange(1, len(online)), default=1, err=True)
    return [online[answer - 1]]
