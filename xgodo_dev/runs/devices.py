"""Choosing devices by what a person calls them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from xgodo_dev.errors import DeviceOffline, UsageError
from xgodo_dev.platform.automation import Device

ALL = "@all"
ONLINE = "@online"


def choose(devices: Sequence[Device], wanted: Sequence[str]) -> list[Device]:
    """The devices that ``wanted`` names, each once, in the order named.

    A name is an id, a device's name, an unambiguous prefix of either (whatever the case),
    ``@online``, or ``@all``.

    Raises:
        UsageError: a name fits no device or several; the message has the near matches.
        DeviceOffline: a device is known but not connected.
    """
    chosen: dict[str, Device] = {}
    for name in wanted:
        for device in _named(devices, name):
            chosen[device.id] = device
    offline = [device.name for device in chosen.values() if not device.online]
    if offline:
        raise DeviceOffline(
            f"Not connected: {', '.join(offline)}.",
            hint="Wake the phone and open the Xgodo app on it, or choose others: `@online` is all that are.",
        )
    return list(chosen.values())


def _named(devices: Sequence[Device], name: str) -> list[Device]:
    if name in (ALL, ONLINE):
        group = [device for device in devices if device.online or name == ALL]
        if not group:
            raise DeviceOffline("No device is online.", hint="See `xgodo-dev devices` for all of them.")
        return group
    if not name:
        # Every name begins with nothing: an unset variable must not choose the only phone there is.
        raise UsageError("A device was named by an empty text.", hint="Give its id or its name.")
    asked = name.casefold()
    exact = [device for device in devices if asked in (device.id.casefold(), device.name.casefold())]
    if len(exact) == 1:
        return exact
    matches = exact or [
        device
        for device in devices
        if device.id.casefold().startswith(asked) or device.name.casefold().startswith(asked)
    ]
    if len(matches) == 1:
        return matches
    if matches:
        found = ", ".join(f"{device.name} ({device.id})" for device in matches)
        raise UsageError(f"{name!r} fits several devices: {found}.", hint="Give more of the name, or the id.")
    names = {device.name.casefold(): device.name for device in devices}
    near = [names[match] for match in difflib.get_close_matches(asked, names, n=3, cutoff=0.5)]
    known = ", ".join(names.values()) or "none"
    raise UsageError(
        f"There is no device {name!r}." + (f" Did you mean {' or '.join(near)}?" if near else ""),
        hint=f"Known devices: {known}.",
    )
