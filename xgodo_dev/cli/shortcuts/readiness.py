"""Whether a device of Mobilerun can be used, and waiting until it can."""

from __future__ import annotations

import asyncio
import time

from xgodo_dev.cli import output
from xgodo_dev.cli.endpoints import progress
from xgodo_dev.cli.endpoints.mobilerun_devices import READY
from xgodo_dev.errors import (
    ApiError,
    DeviceOffline,
    NoConnection,
    ServerUnavailable,
    UnreachableError,
    XgodoError,
)
from xgodo_dev.platform.clients import Mobilerun
from xgodo_dev.platform.clients.mobilerun.devices import Device

_WAITED = (408, 504)
_PAUSE_S = 1.0


def require_ready(device: Device) -> None:
    """Raises DeviceOffline where no task can run on it now."""
    if device["state"] != READY:
        raise DeviceOffline(
            f"{output.shown(device['name'])} is {device['state']}.",
            hint=f"Wait for it: `xgodo-dev mobilerun devices wait {device['id']}`. A phone of your own is "
            "ready while the Portal app is open on it.",
        )


async def until_ready(client: Mobilerun, device_id: str, deadline: float) -> Device:
    """The device, when it is ready. ``deadline`` is in seconds.

    Raises:
        UnreachableError: it is not ready by then, or the server can't be reached.
        ApiError: it never will be, since it is terminated, or there is none.
    """
    begun = time.monotonic()
    unready: list[XgodoError] = []

    def waiting(_room: int) -> str:
        return f"waiting for {device_id} to be ready  {time.monotonic() - begun:.0f} s"

    try:
        with progress.line(waiting):
            async with asyncio.timeout(deadline):
                return await _waited_for(client, device_id, unready)
    except TimeoutError:
        told = f" The server's last word: {unready[-1]}" if unready else ""
        raise UnreachableError(
            f"{device_id} is not ready after {deadline:.0f} s.{told}",
            hint=f"See `xgodo-dev mobilerun devices get {device_id}`.",
        ) from (unready[-1] if unready else None)


async def _waited_for(client: Mobilerun, device_id: str, unready: list[XgodoError]) -> Device:
    """The device, when it is ready; ``unready`` gets the answers that came before that."""
    while True:
        try:
            device = await client.devices.wait(device_id=device_id)
        except (ApiError, UnreachableError) as error:
            if not _has_waited(error):
                raise
            unready.append(error)
        else:
            if device["state"] == READY:
                return device
        await asyncio.sleep(_PAUSE_S)


def _has_waited(error: ApiError | UnreachableError) -> bool:
    """Whether the server, or a gateway before it, only lets nobody wait longer; no document says how long."""
    if isinstance(error, ApiError | ServerUnavailable):
        return error.status in _WAITED
    cause = error.__cause__
    is_read_timeout = isinstance(cause, TimeoutError) or type(cause).__name__ == "ReadTimeout"
    return is_read_timeout and not isinstance(error, NoConnection)
