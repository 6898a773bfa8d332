"""Devices named as people name them, wherever an operation takes their ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from xgodo_dev.cli import known_names, local_project, output
from xgodo_dev.cli.endpoints.arguments import Argument, device_arguments
from xgodo_dev.cli.endpoints.platforms import XGODO, Platform
from xgodo_dev.errors import UsageError
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.transport import Transport
from xgodo_dev.runs.devices import choose

# As the platform's documents have ids. Such a device need not be listed: it may be rented no more.
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|device_\w+", re.IGNORECASE)


def have_to_be_asked(
    arguments: Sequence[Argument], values: Mapping[str, Any], *, also_ids: bool = False
) -> bool:
    """Whether a device is named otherwise than by its id; ``also_ids``: whether any device is named."""
    return any(also_ids or not _ID.fullmatch(name) for name in _named(arguments, values))


async def resolved(
    platform: Platform, arguments: Sequence[Argument], values: Mapping[str, Any]
) -> tuple[dict[str, Any], Mapping[str, str]]:
    """The values with the ids of the devices that they name, and what all devices are called by their ids.

    Raises:
        UsageError: a name fits no device, or several.
    """
    those, called = await _finder(platform)
    found = dict(values)
    for argument in device_arguments(arguments):
        name = argument.parameter.name
        if name not in values:
            continue
        many = isinstance(values[name], list)
        ids: list[str] = []
        for each in values[name] if many else [values[name]]:
            if _ID.fullmatch(each):
                ids.append(each)
                continue
            meant = those(each)
            if len(meant) > 1 and not many:
                raise UsageError(f"{argument.called} is one device; {each} names several.")
            ids += meant
        found[name] = ids if many else ids[0]
    return found, called


async def id_of(name: str) -> str:
    """The id of one device, however it is named.

    Raises:
        UsageError: the name fits no device, or several.
    """
    if _ID.fullmatch(name):
        return name
    chosen = choose(await listed(), [name], connected=False)
    if len(chosen) > 1:
        raise UsageError(f"It has to be one device; {name} names several.")
    return chosen[0].id


async def listed() -> list[Device]:
    """All devices of the account."""
    server = local_project.server()
    async with Transport(server, on_silence=output.waiting_for(server.api_url)) as transport:
        found = await AutomationApi(transport).devices()
    known_names.remember_devices(server, found)
    return found


async def _finder(platform: Platform) -> tuple[Callable[[str], list[str]], dict[str, str]]:
    """What finds the ids of the devices that a name means, and what each device is called."""
    if platform is XGODO:
        known = await listed()
        called = {each.id: f"{each.name} ({each.id})" for each in known}
        return lambda name: [each.id for each in choose(known, [name], connected=False)], called
    from xgodo_dev.cli.endpoints import mobilerun_devices

    async with mobilerun_devices.connected() as client:
        there = await mobilerun_devices.there(client)

    called = {each["id"]: mobilerun_devices.told([each]) for each in there}
    return lambda name: [mobilerun_devices.named(there, name)["id"]], called


def _named(arguments: Sequence[Argument], values: Mapping[str, Any]) -> list[str]:
    given = [
        values[each.parameter.name] for each in device_arguments(arguments) if each.parameter.name in values
    ]
    return [name for value in given for name in (value if isinstance(value, list) else [value])]
