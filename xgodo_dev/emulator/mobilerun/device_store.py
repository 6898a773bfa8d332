"""The devices of the account: what SQLite keeps of them, and who waits for one.

The plan has room for ``DEVICE_SLOTS`` cloud devices at a time. There are two personal phones from the
start, one of them disconnected.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from collections.abc import Collection, Sequence
from sqlite3 import Row
from typing import Final

from xgodo_dev.emulator.clock import Clock
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.mobilerun.bell import Bell
from xgodo_dev.emulator.mobilerun.lifecycle import PERSONAL, Device
from xgodo_dev.emulator.mobilerun.refusals import (
    Conflict,
    DeviceIsPersonal,
    Missing,
    NotReadyInTime,
    SlotLimitReached,
)

DEVICE_SLOTS: Final = 5
WAIT_SECONDS: Final = 3.0
"""How long a request waits for a device, which is ready much sooner if it ever will be."""

TABLES: Final = """
CREATE TABLE IF NOT EXISTS mobilerun_devices (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  provider TEXT NOT NULL,
  device_type TEXT NOT NULL,
  country TEXT NOT NULL,
  apps TEXT NOT NULL,
  files TEXT NOT NULL,
  stream_token TEXT NOT NULL,
  created_at REAL NOT NULL,
  connected INTEGER NOT NULL,
  terminates_at REAL
)
"""

# What a device says of its provider, by what was asked for: the documented words of both differ.
_PROVIDERS = {"physical": "remote", "premium": "remote"}


class DeviceStore:
    """Devices by their ids. Ids of personal phones follow from ``instance``."""

    def __init__(self, database: Database, instance: uuid.UUID, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.changed = Bell()
        """Rings when a device is provisioned, when its end is set, and when the clock is moved."""
        clock.when_moved(self.changed.ring)
        for name, connected in (("My phone", True), ("My old phone", False)):
            self._insert(
                Device(
                    id=str(uuid.uuid5(instance, f"mobilerun {name}")),
                    name=name,
                    provider=PERSONAL,
                    device_type="dedicated_physical_device",
                    country="US",
                    apps=(),
                    files=(),
                    stream_token=secrets.token_urlsafe(16),
                    created_at=clock.now(),
                    connected=connected,
                )
            )

    def all(self) -> list[Device]:
        """Every device there ever was, the oldest first."""
        return [_device(row) for row in self._database.rows("SELECT * FROM mobilerun_devices ORDER BY rowid")]

    def require(self, device_id: str) -> Device:
        """The device with that id. Raises Missing."""
        row = self._database.row("SELECT * FROM mobilerun_devices WHERE id = ?", device_id)
        if row is None:
            raise Missing("Device")
        return _device(row)

    def provision(
        self,
        *,
        name: str = "",
        provider: str = "limrun",
        device_type: str = "device_slot",
        country: str = "US",
        apps: Sequence[str] = (),
        files: Sequence[str] = (),
    ) -> Device:
        """A new cloud device, which is not ready yet. Raises SlotLimitReached."""
        now = self._clock.now()
        taken = [each for each in self.all() if not each.is_personal and each.state(now) != "terminated"]
        if len(taken) >= DEVICE_SLOTS:
            raise SlotLimitReached
        device_id = str(uuid.uuid4())
        self._insert(
            Device(
                id=device_id,
                name=name or f"device-{device_id[:8]}",
                provider=_PROVIDERS.get(provider, provider),
                device_type=device_type,
                country=country,
                apps=tuple(apps),
                files=tuple(files),
                stream_token=secrets.token_urlsafe(16),
                created_at=now,
                connected=True,
            )
        )
        return self.require(device_id)

    def terminate(self, device_id: str, at: float | None = None) -> None:
        """Ends a cloud device now or at a time to come; one that has ended stays as it is.

        Raises Missing and DeviceIsPersonal.
        """
        device, now = self.require(device_id), self._clock.now()
        if device.is_personal:
            raise DeviceIsPersonal
        if device.state(now) == "terminated":
            return
        moment = now if at is None else max(now, at)
        self._database.change(
            "UPDATE mobilerun_devices SET terminates_at = ? WHERE id = ?", moment, device_id
        )
        self.changed.ring()

    async def ready(self, device_id: str, *, seconds: float | None = WAIT_SECONDS) -> Device:
        """The device as soon as it is ready. Raises Missing, Conflict (terminated) and NotReadyInTime."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    device, now = self.require(device_id), self._clock.now()
                    state = device.state(now)
                    if state == "ready":
                        return device
                    if state == "terminated":
                        raise Conflict("Device is terminated")
                    await self.changed.wait(device.seconds_to_change(now))
        except TimeoutError as error:
            raise NotReadyInTime from error

    def counts(self) -> dict[str, int]:
        """How many devices there are in each state that one is in."""
        now = self._clock.now()
        states = [device.state(now) for device in self.all()]
        return {state: states.count(state) for state in sorted(set(states))}

    def in_states(self, states: Collection[str]) -> list[Device]:
        """Devices in one of these states; without any, those that are not terminated."""
        now = self._clock.now()
        if not states:
            return [device for device in self.all() if device.state(now) != "terminated"]
        return [device for device in self.all() if device.state(now) in states]

    def _insert(self, device: Device) -> None:
        self._database.change(
            "INSERT OR IGNORE INTO mobilerun_devices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            device.id,
            device.name,
            device.provider,
            device.device_type,
            device.country,
            json.dumps(device.apps),
            json.dumps(device.files),
            device.stream_token,
            device.created_at,
            device.connected,
            device.terminates_at,
        )
        self.changed.ring()


def _device(row: Row) -> Device:
    values = dict(row)
    return Device(
        **values
        | {
            "apps": tuple(json.loads(values["apps"])),
            "files": tuple(json.loads(values["files"])),
            "connected": bool(values["connected"]),
        }
    )
