"""`xgodo-dev mobilerun devices wait`: until a device is ready, however long the server lets one wait."""

from __future__ import annotations

import click

from xgodo_dev.cli import interrupts
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.duration import duration
from xgodo_dev.cli.endpoints import mobilerun_devices, showing
from xgodo_dev.cli.endpoints.platforms import MOBILERUN
from xgodo_dev.cli.shortcuts import readiness
from xgodo_dev.platform.clients.mobilerun.devices import Device


@click.command(cls=Command, short_help="Wait until a device is ready.")
@click.argument("device")
@click.option(
    "--timeout",
    default="10m",
    show_default=True,
    metavar="TIME",
    callback=duration(most=86_400),
    help="How long to wait.",
)
def wait(device: str, timeout: float) -> int:
    """Wait until a device is ready, then show it. DEVICE is an id or a name, or how one begins.

    \b
    Examples:
      xgodo-dev mobilerun devices wait "My phone"
    """
    ready = interrupts.run(_wait(device, timeout))
    showing.show(MOBILERUN.spec.operations["devices.wait"], ready)
    return 0


async def _wait(name: str, deadline: float) -> Device:
    async with mobilerun_devices.connected() as client:
        found = mobilerun_devices.named(await mobilerun_devices.there(client), name)
        return await readiness.until_ready(client, found["id"], deadline)
