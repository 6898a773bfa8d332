"""Mobilerun's devices, named as people name them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

from xgodo_dev import __version__
from xgodo_dev.cli import known_names, output
from xgodo_dev.cli.endpoints.platforms import MOBILERUN
from xgodo_dev.cli.endpoints.session import server_of
from xgodo_dev.errors import ServerUnavailable, UsageError
from xgodo_dev.platform.clients import Mobilerun
from xgodo_dev.platform.clients.mobilerun.devices import Device
from xgodo_dev.runs.naming import fitting

READY = "ready"
_GONE = "terminated"
_MOST_TOLD = 5
_MEMBERS = ("id", "name", "state")


@asynccontextmanager
async def connected() -> AsyncIterator[Mobilerun]:
    """A client of the Mobilerun that the command line selects.

    Raises:
        AuthenticationError: there is no key for it.
    """
    async with Mobilerun(server_of(MOBILERUN), user_agent=f"xgodo-dev/{__version__}") as client:
        yield client


async def there(client: Mobilerun) -> list[Device]:
    """All devices that are not terminated, those that are ready first.

    Raises:
        ServerUnavailable: something else is listed.
    """
    async with aclosing(client.devices.iter_list(page_size=100)) as listed:
        everything = [device async for device in listed]
    if not all(
        isinstance(each, dict) and all(isinstance(each.get(name), str) for name in _MEMBERS)
        for each in everything
    ):
        raise ServerUnavailable("Mobilerun lists devices in an unknown shape.")
    found = [device for device in everything if device["state"] != _GONE]
    server = server_of(MOBILERUN, token=False)
    known_names.remember(server.remote, "devices", ((device["id"], device["name"]) for device in found))
    return sorted(
        found, key=lambda device: (device["state"] != READY, device["name"].casefold(), device["id"])
    )


def named(devices: Sequence[Device], name: str) -> Device:
    """The device of this id or name, or with one that begins so.

    Raises:
        UsageError: it fits none of them, or several.
    """
    if not name.strip():
        raise UsageError("A device was named by an empty text.")
    found = [devices[place] for place in fitting([(each["id"], each["name"]) for each in devices], name)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{name!r} fits several devices: {told(found)}.", hint="Give more of the id.")
    raise UsageError(f"Mobilerun has no device {name!r}.", hint=f"Known devices: {told(devices) or 'none'}.")


def told(devices: Sequence[Device]) -> str:
    """A few devices as running text, and how many more there are."""
    some = [
        f"{output.shown(each['name'])} ({each['id'][:8]}, {each['state']})" for each in devices[:_MOST_TOLD]
    ]
    more = len(devices) - _MOST_TOLD
    return ", ".join(some) + (f" and {more} more" if more > 0 else "")
