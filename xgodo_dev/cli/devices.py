"""`xgodo-dev devices`."""

from __future__ import annotations

import contextlib
import shutil
import sys

import click

from xgodo_dev.cli import interrupts, known_names, local_project, output
from xgodo_dev.cli.app import summary_of
from xgodo_dev.cli.endpoints.platforms import XGODO
from xgodo_dev.cli.endpoints.sections import Section
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.own_ids import own_ids
from xgodo_dev.cli.view.device_cells import HEADINGS, rows
from xgodo_dev.errors import ConfigurationError
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project.config import NoProject
from xgodo_dev.runs.devices import short_ids

_ONLY_ONLINE = "Only those that are connected."


@click.pass_context
def _devices(context: click.Context, online: bool) -> int:
    if context.invoked_subcommand is None:
        interrupts.run(_list(only_online=online))
    elif online:
        raise click.UsageError("--online belongs to `devices list`.", context)
    return 0


devices = Section(
    "devices",
    XGODO,
    summary_of("devices"),
    help="""List the phones you own or rent, and what runs on them; or, with a command, more about devices.

    Where a terminal is too narrow for whole ids, each is shown by as much of it as `-d` needs.
    """,
    invoke_without_command=True,
    callback=_devices,
    params=[click.Option(["--online"], is_flag=True, help=_ONLY_ONLINE)],
)


@devices.command("list", short_help="List your devices.")
@click.option("--online", is_flag=True, help=_ONLY_ONLINE)
def list_devices(online: bool) -> int:
    """List the phones you own or rent, and what runs on them. So does `devices` alone.

    \b
    Examples:
      xgodo-dev devices list --online
      xgodo-dev devices list --json
    """
    interrupts.run(_list(only_online=online))
    return 0


async def _list(*, only_online: bool) -> None:
    server = local_project.server()
    async with Transport(server, on_silence=output.waiting_for(server.api_url)) as transport:
        known = await AutomationApi(transport).devices()
    known_names.remember_devices(server, known)
    listed = [device for device in known if device.online or not only_online]
    if invocation().json:
        output.json_document({"devices": [device.record for device in listed]})
        return
    if not listed:
        output.note("No device is online." if known else "There are no devices on this account.")
        return
    ours = await _own_ids(server)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    output.table(HEADINGS, rows(listed, own_ids=ours, short=short_ids(known), width=width))
    output.note(f"{sum(device.online for device in known)} of {len(known)} online")


async def _own_ids(server: Server) -> set[str]:
    """Those of the project that the command runs in; empty where it runs outside of one."""
    try:
        project = local_project.project()
    except NoProject:
        return set()
    project_id = None
    with contextlib.suppress(ConfigurationError):
        project_id = project.id_for(server.profile)
    return await own_ids(project.root, server.remote, project_id)
