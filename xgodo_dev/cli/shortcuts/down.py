"""`xgodo-dev mobilerun devices down`: cloud devices that are needed no more."""

from __future__ import annotations

import click

from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.app import Command, worst
from xgodo_dev.cli.endpoints import confirming, mobilerun_devices
from xgodo_dev.cli.endpoints.platforms import MOBILERUN
from xgodo_dev.cli.endpoints.session import server_of
from xgodo_dev.cli.endpoints.yes_option import yes_option
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import XgodoError
from xgodo_dev.platform.clients.mobilerun.devices import Device


@click.command(cls=Command, short_help="Terminate cloud devices, by their names or ids.")
@click.argument("names", metavar="DEVICE...", nargs=-1, required=True)
@yes_option
def down(names: tuple[str, ...], yes: bool) -> int:
    """Terminate cloud devices; what is on them is lost. DEVICE is an id or a name, or how one begins.

    One's own phones can't be terminated: they disconnect when the Portal app is closed.

    \b
    Examples:
      xgodo-dev mobilerun devices down "My phone" --yes
    """
    devices = interrupts.run(_named(names))
    where = server_of(MOBILERUN, token=False).api_url
    confirming.require(
        f"Terminates {mobilerun_devices.told(devices)} at {where}; what is on it is lost.", confirmed=yes
    )
    done, errors = interrupts.run(_terminated(devices))
    error = worst(errors)
    # A program reads one document: what was terminated, or the error where nothing was.
    is_told = invocation().json and bool(done)
    if is_told:
        output.json_document({"terminated": [device["id"] for device in done]})
    else:
        for device in done:
            output.result(f"Terminated {output.shown(device['name'])} ({device['id']}).")
    for each in errors:
        if is_told or each is not error:
            output.remark(f"✗ {each}")
    if error is not None and not is_told:
        raise error
    return error.exit_code if error else 0


async def _named(names: tuple[str, ...]) -> list[Device]:
    async with mobilerun_devices.connected() as client:
        known = await mobilerun_devices.there(client)
    return list({(device := mobilerun_devices.named(known, name))["id"]: device for name in names}.values())


async def _terminated(devices: list[Device]) -> tuple[list[Device], list[XgodoError]]:
    done: list[Device] = []
    errors: list[XgodoError] = []
    async with mobilerun_devices.connected() as client:
        for device in devices:
            try:
                await client.devices.terminate(device_id=device["id"])
            except XgodoError as error:
                error.args = (f"{output.shown(device['name'])}: {error}",)
                errors.append(error)
            else:
                done.append(device)
    return done, errors
