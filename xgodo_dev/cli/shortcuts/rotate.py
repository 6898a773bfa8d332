"""`xgodo-dev proxies rotate`: another exit for a proxy connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.endpoints import connections, devices
from xgodo_dev.cli.endpoints.connections import Connection
from xgodo_dev.cli.endpoints.platforms import XGODO
from xgodo_dev.cli.endpoints.session import opened
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import DeviceOffline, UsageError
from xgodo_dev.platform.automation import Device
from xgodo_dev.runs.devices import choose


@dataclass(frozen=True)
class _Rotated:
    connection: Connection
    before: Device | None
    now: Device


@click.command(cls=Command, short_help="Move a proxy connection to another device, for another IP.")
@click.argument("connection", required=False)
@click.option("--to", "target", metavar="DEVICE", help="The device to move to: an id or a name.")
def rotate(connection: str | None, target: str | None) -> int:
    """Move a proxy connection to another one of your devices that is online, the next by name.

    CONNECTION is its id or its name, or how either begins; it may be left out where there is only one. New
    sessions leave through the new device at once, those under way stay until they close.

    \b
    Examples:
      xgodo-dev proxies rotate
      xgodo-dev proxies rotate berlin --to "Atomic Mammal"
    """
    rotated = interrupts.run(_rotate(connection, target))
    if invocation().json:
        before = rotated.before.id if rotated.before else rotated.connection.get("deviceId")
        output.json_document(
            {
                "connectionId": rotated.connection["connectionId"],
                "previousDeviceId": before,
                "deviceId": rotated.now.id,
            }
        )
        return 0
    before = f", before through {rotated.before.name}" if rotated.before else ""
    called = connections.called(rotated.connection)
    output.result(f"{output.shown(called)} now leaves through {output.shown(rotated.now.name + before)}.")
    return 0


async def _rotate(name: str | None, target: str | None) -> _Rotated:
    known = await devices.listed()
    async with opened(XGODO) as calls:
        listing = await calls.call("proxies.list", {})
        connection = connections.chosen(listing["connections"], name)
        now = choose(known, [target])[0] if target else following(known, connection.get("deviceId"))
        before = next((each for each in known if each.id == connection.get("deviceId")), None)
        if now == before:
            raise UsageError(f"{connections.called(connection)} leaves through {now.name} already.")
        await calls.call(
            "proxies.associate", {"connection_id": connection["connectionId"], "device_id": now.id}
        )
    return _Rotated(connection, before, now)


def following(known: Sequence[Device], current: Any) -> Device:
    """The device that is online and comes after the current one by name; after the last, the first.

    Raises:
        DeviceOffline: no other one is online.
    """
    ordered = sorted(known, key=lambda device: (device.name.casefold(), device.id))
    places = [number for number, device in enumerate(ordered) if device.id == current]
    after = places[0] + 1 if places else 0
    for device in (*ordered[after:], *ordered[:after]):
        if device.online and device.id != current:
            return device
    raise DeviceOffline("No other device of yours is online.", hint="Wake one, and open the Xgodo app on it.")
