"""Choosing devices by what a person calls them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from xgodo_dev.errors import DeviceOffline, UsageError
from xgodo_dev.platform.automation import Device
from xgodo_dev.runs.naming import fitting, folded

ALL = "@all"
ONLINE = "@online"

# An account may have hundreds of phones, and a message has three lines.
_MOST_TOLD = 5
_MOST_NEAR = 3
# The platform's own names have two words, but nothing says how long one can be.
_LONGEST_TOLD = 60
# Of a likeness between 0 and 1: what is less alike is no slip, and what is that much less alike than the
# best is not what was meant.
_LEAST_LIKENESS = 0.6
_SAME_WORD = 0.8
_LIKENESS_BELOW_BEST = 0.1
# Comparing takes time by the square of it, and no name is longer.
_LONGEST_COMPARED = 100
_SHORTEST_ID = 8
# An id that is no longer than this is told whole: a part of it would save nothing.
_SHORT_ENOUGH_ID = 16


def choose(devices: Sequence[Device], wanted: Sequence[str], *, connected: bool = True) -> list[Device]:
    """The devices that ``wanted`` names, each once, in the order named.

    A name is an id, a device's name, an unambiguous prefix of either (whatever the case),
    ``@online``, or ``@all``, whose devices go by name.

    Args:
        devices: all there are.
        wanted: the names.
        connected: whether a device that is offline won't do.

    Raises:
        UsageError: names fit no device or several; the message has all such names with their near matches.
        DeviceOffline: a device is known but not connected.
    """
    # A list that has a phone twice must not make its name ambiguous.
    known = list({device.id: device for device in devices}.values())
    chosen: dict[str, Device] = {}
    wrong: dict[str, _Misnamed] = {}
    for name in wanted:
        found = _named(known, name)
        if isinstance(found, _Misnamed):
            wrong[name] = found
        else:
            chosen.update({device.id: device for device in found})
    if wrong:
        raise _all_wrong(known, list(wrong.values()))
    if wanted and not chosen:
        raise none_online(known)
    offline = [device for device in chosen.values() if not device.online]
    if offline and connected:
        raise not_connected(known, offline, all_were_wanted=ALL in map(folded, wanted))
    return list(chosen.values())


def in_order(devices: Iterable[Device]) -> list[Device]:
    """Devices as they are listed everywhere: those that are online first, then by name."""
    return sorted(devices, key=lambda device: (not device.online, device.name.casefold(), device.id))


def names_groups(wanted: Iterable[str]) -> bool:
    """Whether some of it is ``@online`` or ``@all``, which mean other devices from day to day."""
    return any(folded(name) in (ALL, ONLINE) for name in wanted)


def not_connected(
    devices: Sequence[Device],
    offline: Sequence[Device],
    *,
    all_were_wanted: bool = False,
    as_last_time: bool = False,
) -> DeviceOffline:
    """The error for devices that were chosen (now, or last time) and are offline; ``devices`` are all."""
    online = in_order(device for device in devices if device.online)
    chosen = ", chosen last time" if as_last_time else ""
    message = f"Not connected: {told(offline, devices)}{chosen}."
    phones, them = ("phone", "it") if len(offline) == 1 else ("phones", "them")
    wake = f"Wake the {phones} and open the Xgodo app on {them}"
    if not online:
        return DeviceOffline(message, hint=f"{wake}: no device is online now.")
    if all_were_wanted:
        others = "the one that is" if len(online) == 1 else f"the {len(online)} that are"
        return DeviceOffline(message, hint=f"`-d {ONLINE}` chooses {others} connected.")
    return DeviceOffline(message, hint=f"{wake}, or choose with `-d`. Online: {told(online, devices)}.")


def none_online(devices: Sequence[Device]) -> DeviceOffline:
    """The error for when any device would do, and there is none."""
    if not devices:
        return DeviceOffline(
            "There are no devices on this account.", hint="Add a phone on the platform, or rent one."
        )
    return DeviceOffline("No device is online.", hint="See `xgodo-dev devices` for all of them.")


def told(some: Sequence[Device], devices: Sequence[Device] = ()) -> str:
    """A few devices by name as running text, and how many more there are.

    Those that share their name with another one of ``devices`` are told with their ids.
    """
    return _few([_called(device, devices) for device in some[:_MOST_TOLD]], len(some))


def short_ids(devices: Sequence[Device]) -> dict[str, str]:
    """By its id, how each device's id begins: enough of it to choose that device and no other."""
    names = {device.name.casefold() for device in devices}
    ordered = sorted({device.id.casefold() for device in devices} | names)
    needed = {
        each: 1 + max(_shared(each, before), _shared(each, after))
        for before, each, after in zip(["", *ordered], ordered, [*ordered[1:], ""], strict=False)
    }

    def short(device_id: str) -> str:
        folded = device_id.casefold()
        if len(device_id) <= _SHORT_ENOUGH_ID or len(folded) != len(device_id):
            return device_id
        return device_id[: max(_SHORTEST_ID, needed[folded])]

    return {device.id: short(device.id) for device in devices}


@dataclass(frozen=True)
class _Misnamed:
    """Why a name chooses nothing, and which devices may have been meant."""

    why: str
    is_unknown: bool
    near: Sequence[Device] = ()


def _named(devices: Sequence[Device], name: str) -> Sequence[Device] | _Misnamed:
    asked = folded(name)
    if asked in (ALL, ONLINE):
        return [device for device in in_order(devices) if device.online or asked == ALL]
    if not asked:
        # Every name begins with nothing: an unset variable must not choose the only phone there is.
        return _Misnamed("A device was named by an empty text.", is_unknown=False)
    # Whoever is offline counts as well: which phone a name means must not depend on who is connected.
    matches = [devices[place] for place in fitting([(each.id, each.name) for each in devices], name)]
    if len(matches) == 1:
        return matches
    if matches:
        short = short_ids(devices)
        found = [f"{_cut(each.name)} ({_cut(short[each.id])})" for each in in_order(matches)]
        return _Misnamed(f"{_cut(name)!r} fits several devices: {_few(found, len(found))}.", is_unknown=False)
    near = [] if asked.startswith("@") else _near(devices, asked)
    meant = [ALL, ONLINE] if asked.startswith("@") else [_called(device, devices) for device in near]
    guess = f" Did you mean {' or '.join(meant)}?" if meant else ""
    return _Misnamed(f"There is no device {_cut(name)!r}.{guess}", is_unknown=True, near=near)


def _all_wrong(devices: Sequence[Device], wrong: Sequence[_Misnamed]) -> UsageError:
    message = " ".join(each.why for each in wrong[:_MOST_TOLD])
    if len(wrong) > _MOST_TOLD:
        message += f" Nor can it be told what {len(wrong) - _MOST_TOLD} more of the names mean."
    hints = []
    if not all(each.is_unknown for each in wrong):
        hints.append("Give more of the name, or the id.")
    if any(each.is_unknown for each in wrong):
        near = {device.id: device for each in wrong for device in each.near}
        rest = [device for device in in_order(devices) if device.id not in near]
        known = told([*near.values(), *rest], devices)
        all_of_them = ": see `xgodo-dev devices`" if len(devices) > _MOST_TOLD else ""
        hints.append(f"Known devices: {known or 'none'}{all_of_them}.")
    return UsageError(message, hint=" ".join(hints))


def _near(devices: Sequence[Device], asked: str) -> list[Device]:
    """The devices that may have been meant, the likeliest first."""
    import difflib

    asked = asked[:_LONGEST_COMPARED]
    words = asked.split()

    def likeness(device: Device) -> float:
        name, device_id = folded(device.name), device.id.casefold()
        if asked in name or asked in device_id:
            return 1.0
        parts: Collection[str] = name.split()
        alike = max(
            difflib.SequenceMatcher(None, each, asked).ratio()
            for each in (name[:_LONGEST_COMPARED], device_id[:_LONGEST_COMPARED], *parts)
        )
        return max(alike, _SAME_WORD) if any(word in parts for word in words) else alike

    # Sorting keeps their order where they are equally alike.
    ranked = sorted(((likeness(device), device) for device in devices), key=lambda each: -each[0])
    if not ranked:
        return []
    least = max(_LEAST_LIKENESS, ranked[0][0] - _LIKENESS_BELOW_BEST)
    return [device for alike, device in ranked[:_MOST_NEAR] if alike >= least]


def _called(device: Device, devices: Sequence[Device]) -> str:
    shared = sum(folded(other.name) == folded(device.name) for other in devices) > 1
    return f"{_cut(device.name)} ({_cut(device.id)})" if shared else _cut(device.name)


def _cut(text: str) -> str:
    """A name or an id that can't tear a message apart: on one line, and not too long for it."""
    # Names of any length exist, and splitting all of one takes its time.
    line = " ".join(text[: 2 * _LONGEST_TOLD].split())
    is_whole = len(line) <= _LONGEST_TOLD and len(text) <= 2 * _LONGEST_TOLD
    return line if is_whole else line[: _LONGEST_TOLD - 1].rstrip() + "…"


def _few(texts: Sequence[str], count: int) -> str:
    more = count - _MOST_TOLD
    return ", ".join(texts[:_MOST_TOLD]) + (f" and {more} more" if more > 0 else "")


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    differs = (number for number, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differs, min(len(one), len(other)))
