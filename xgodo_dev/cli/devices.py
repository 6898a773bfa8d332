"""`xgodo-dev devices`."""

from __future__ import annotations

import click

from xgodo_dev.cli import interrupts, local_project, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.transport import Transport


@click.command(cls=Command, short_help="List your devices.")
@click.argument("action", type=click.Choice(["list"]), default="list", required=False)
@click.option("--online", is_flag=True, help="Only those that are connected.")
def devices(action: str, online: bool) -> int:
    """List the phones you own or rent, as the platform gives them."""
    assert action == "list", "the one choice"
    listed = [device for device in interrupts.run(_devices()) if device.online or not online]
    if invocation().json:
        output.json_document({"devices": [device.record for device in listed]})
        return 0
    if not listed:
        output.note("No device is online." if online else "There are no devices on this account.")
        return 0
    output.table(
        ["NAME", "STATE", "MODEL", "ANDROID", "COUNTRY", "RUNNING", "ID"],
        [
            [
                device.name,
                "online" if device.online else "offline",
                f"{device.record.get('brand', '')} {device.record.get('model', '')}".strip(),
                str(device.record.get("version", "")),
                str(device.record.get("country", "")),
                str(len(device.record.get("automations") or [])),
                device.id,
            ]
            for device in listed
        ],
    )
    return 0


async def _devices() -> list[Device]:
    async with Transport(local_project.server()) as transport:
        return await AutomationApi(transport).devices()
