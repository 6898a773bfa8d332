"""What the platform's device records say of runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection

from xgodo_dev.errors import XgodoError
from xgodo_dev.platform.automation import AutomationApi, Device

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5


class DeviceRecords:
    """The records of all devices of one server."""

    def __init__(self, api: AutomationApi) -> None:
        self._api = api

    async def of(self, device: Device, since: float) -> Device | None:
        """The device's record as it was asked for at ``since`` or later; None: it is not listed.

        Args:
            since: a moment of ``time.monotonic``.

        Raises:
            XgodoError: the platform can't be asked.
        """
        devices = await self._api.device_list.since(since)
        return next((each for each in devices if each.id == device.id), None)

    async def wait_until_gone(
        self, device: Device, automation_ids: Collection[str] | None, deadline: float
    ) -> bool:
        """Wait until the device's record lists none of these runs any more (None: no run at all).

        Returns at once where this server's records are not known to list runs. False: after ``deadline``
        seconds, or as the record could not be read, nothing is certain.
        """
        if not self._api.runs_are_listed:
            return True
        pause = _FIRST_PAUSE
        try:
            async with asyncio.timeout(deadline):
                while _still_lists(await self.of(device, time.monotonic()), automation_ids):
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
        except (TimeoutError, XgodoError):
            return False
        return True


def _still_lists(record: Device | None, automation_ids: Collection[str] | None) -> bool:
    if record is None or not record.online:
        return False
    if automation_ids is None:
        return bool(record.record.get("automations"))
    return any(record.runs(each) for each in automation_ids)
