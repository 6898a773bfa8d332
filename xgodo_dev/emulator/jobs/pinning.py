"""Which device planned tasks are pinned to."""

from __future__ import annotations

from collections.abc import Mapping

from xgodo_dev.emulator.jobs.refusals import JobRefused


def pinned(names: Mapping[str, str], device_id: str | None, name: str | None) -> str | None:
    """The id of the device that was asked for, None where none was; ``names`` are those of all, by id.

    A name is not looked at beside an id. Raises JobRefused for a device that is not there, and for a name
    that several have.
    """
    if device_id is not None:
        found = [each for each in names if each.casefold() == device_id.casefold()]
        if not found:
            raise JobRefused(f"Device with remote_device_id {device_id} not found")
        return found[0]
    if name is None:
        return None
    found = [each for each, its_name in names.items() if its_name == name]
    if not found:
        raise JobRefused(f"Device with name '{name}' not found")
    if len(found) > 1:
        raise JobRefused(f"{len(found)} devices have the name '{name}'. Use remote_device_id instead.")
    return found[0]
