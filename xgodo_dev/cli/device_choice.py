"""Which devices a command runs on: those named, else those of last time, else those picked from a list."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence

from xgodo_dev.cli import invocation, known_names, output
from xgodo_dev.cli.own_ids import own_ids
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import ConfigurationError, UsageError
from xgodo_dev.platform.automation import Device
from xgodo_dev.project import config
from xgodo_dev.project.state import State
from xgodo_dev.runs.devices import choose, in_order, names_groups, none_online, not_connected, told

# Of one server: another one has other phones.
_CHOICE_FACT = "chosen-devices"
_TITLE = "Which device?"


async def devices_to_run_on(
    opened: Workspace,
    wanted: Sequence[str],
    *,
    remembering: bool = True,
    environment: Sequence[str] | None = None,
    say: Callable[[str], None] = output.note,
    interactive: bool | None = None,
) -> list[Device]:
    """The devices of ``wanted`` (the option ``-d``), of ``XGODO_DEVICE`` or of ``xgodo.toml``; else those
    chosen last time in this project on this server; else the only one online; else the answer.

    Nothing is sent to any of them. What ``-d`` names, and what is answered, is remembered for the next time,
    where ``remembering`` has it so.

    Args:
        environment: what ``XGODO_DEVICE`` names, where that of another process counts.
        say: tells which are taken, where others could be.
        interactive: whether somebody can be asked; None: as it is here.

    Raises:
        UsageError: a name fits no device or several; or none is named, several are online, and nobody
            is there to ask, or answers.
        DeviceOffline: a device is known but not connected, or none is.
    """
    known = await opened.api.devices()
    known_names.remember_devices(opened.server, known)
    if wanted:
        chosen = choose(known, wanted)
        if remembering and not names_groups(wanted):
            remember(opened.state, chosen)
        return chosen
    can_ask = invocation.interactive() if interactive is None else interactive
    named = (
        config.devices_from_environment() if environment is None else environment
    ) or opened.project.devices
    if named:
        return choose(known, named)
    online = [device for device in known if device.online]
    last = _of_last_time(opened.state, known)
    offline = [device for device in last if not device.online]
    if last and not offline:
        if len(online) > len(last):
            another = "another" if len(last) == 1 else "others"
            say(f"On {output.shown(told(last, known))}, as last time; `-d` chooses {another}.")
        return last
    if offline and (not online or not can_ask):
        raise not_connected(known, offline, as_last_time=True)
    if not online:
        raise none_online(known)
    # In place of a phone that is offline another one is only taken by somebody who knows.
    if len(online) == 1 and not offline:
        return online
    if not can_ask:
        raise UsageError(
            "Several devices are online, and none was chosen.",
            hint=f"Name one with `-d`: {told(in_order(online), known)}. `-d @online` is all of them.",
        )
    why = f"{output.shown(told(offline, known))} of last time: not connected now. " if offline else ""
    before = {device.id for device in last}
    answer = await ask(opened, known, chosen=before, title=why + _TITLE, remembering=remembering)
    if answer is None:
        raise UsageError(
            "No device was chosen.", hint="`-d DEVICE` names one, and `-d @online` all that are connected."
        )
    return answer


async def ask(
    opened: Workspace,
    devices: Sequence[Device],
    *,
    chosen: Collection[str] = (),
    title: str = _TITLE,
    remembering: bool = True,
) -> list[Device] | None:
    """Let whoever sits at the terminal choose of those online, and remember the answer.

    None: none is given.

    Args:
        chosen: ids of those that are marked from the beginning.
    """
    # Only a question needs it, and few commands ask.
    from xgodo_dev.cli.terminal import device_picker

    ours = await own_ids(opened.project.root, opened.server.remote, opened.project_id)
    answer = await device_picker.pick(devices, several=True, chosen=chosen, own_ids=ours, title=title)
    if answer and remembering:
        remember(opened.state, answer)
    return answer or None


def remember(state: State, devices: Sequence[Device]) -> None:
    """Choose these the next time as well, when none are named."""
    value = json.dumps([device.id for device in devices])
    try:
        if state.fact(_CHOICE_FACT) != value:
            state.learn(_CHOICE_FACT, value)
    except ConfigurationError as error:
        # Whoever chose can do so again; what they asked for goes on.
        output.note(f"Next time the device has to be chosen again: {error}")


def _of_last_time(state: State, known: Sequence[Device]) -> list[Device]:
    """The remembered choice; empty where none is, or where it can't be had again, since a phone is gone."""
    by_id = {device.id: device for device in known}
    ids = _ids(state.fact(_CHOICE_FACT))
    if not all(each in by_id for each in ids):
        remember(state, [])
        return []
    return [by_id[each] for each in ids]


def _ids(remembered: str | None) -> list[str]:
    # Another version may have written it in another way.
    try:
        ids = json.loads(remembered or "[]")
    except ValueError:
        return []
    return list(dict.fromkeys(each for each in ids if isinstance(each, str))) if isinstance(ids, list) else []
