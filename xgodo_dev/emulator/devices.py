"""Simulated devices: what they say about themselves, and what runs on them.

The documentation's one device record has an empty ``automations``; that its items are
``{"id": automation or launch id, "name": ...}`` is a guess of this emulator. ``isEmulator`` is true,
as it is on any phone that is not one of hardware. ``finishedAutomations`` is an addition of this emulator,
there from the first run on that had nothing left to do. All phones are listed on the market.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from xgodo_dev.emulator.accounts import Accounts
from xgodo_dev.emulator.buckets import device_bucket
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.logs import LogStore
from xgodo_dev.emulator.phone import hardware
from xgodo_dev.emulator.phone.engine import Engine, LogLine, Outcome, Program, SyntaxRejected
from xgodo_dev.emulator.phone.screen import Phone
from xgodo_dev.emulator.refusals import DevicesUnavailable, UnknownDevice
from xgodo_dev.errors import UsageError, XgodoError

MAXIMUM_DEVICES = 64
_STOP_SECONDS = 5
# Launches whose end somebody may still ask for.
_FINISHED_KEPT = 64
_ADDED = "2025-08-19T10:00:00Z"
_ADJECTIVES = ("Atomic", "Enormous", "Gentle", "Curious", "Silent", "Amber", "Rapid", "Patient")
_ANIMALS = ("Mammal", "Elephant", "Heron", "Otter", "Badger", "Lynx", "Falcon", "Tortoise")
_OFFLINE_NAME = "Dormant Dolphin"
_COLLEAGUES_NAME = "Borrowed Beaver"
_COLLEAGUES_COUNTRY = "BR"
# Of the first phone; no other has one.
_VERIFIED_NUMBER = "+14155550123"

StripTypes = Callable[[str], Awaitable[str]]
"""Makes JavaScript of TypeScript text; raises XgodoError where it does not parse."""

_logger = logging.getLogger(__name__)


def _nothing() -> None:
    """For who does not listen."""


@dataclass
class Run:
    """One automation at work on a device; ``id`` is the project's id, or the launch id of a direct launch."""

    id: str
    name: str
    task: asyncio.Task[None]


@dataclass
class Device:
    """A phone with its logs and runs. Its screen stays as a run leaves it."""

    id: str
    name: str
    owner_id: str
    """The account it belongs to."""
    online: bool
    logs: LogStore
    phone: Phone
    runs: dict[str, Run] = field(default_factory=dict)
    finished: deque[str] = field(default_factory=lambda: deque(maxlen=_FINISHED_KEPT))
    """The ids of the last runs that had nothing left to do: nobody has ended them, and no error."""
    # Held while runs are replaced or stopped, so that two launches of one id cannot both find it free.
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def record(self) -> dict[str, object]:
        """The device as ``GET /devices`` lists it."""
        return {
            "remote_device_id": self.id,
            "added": _ADDED,
            "automations": [{"id": run.id, "name": run.name} for run in self.runs.values()],
            "brand": hardware.BRAND,
            "country": self.phone.country,
            "isEmulator": True,
            "model": hardware.MODEL,
            "name": self.name,
            "networkType": "wifi",
            "numberOfCores": hardware.CORES,
            "online": self.online,
            "processor": hardware.PROCESSOR,
            "ramMb": hardware.RAM_MB,
            # Text here, a number to automations: so it is documented.
            "sdkVersion": str(hardware.SDK_VERSION),
            "version": hardware.ANDROID_VERSION,
        } | ({"finishedAutomations": list(self.finished)} if self.finished else {})


class DeviceFleet:
    """The owner's ``device_count`` connected devices and one that is not, and one of the colleague's.

    Ids and names follow from ``instance`` alone, so a restart finds the same devices. ``clock`` is that
    of the logs. Raises UsageError for a count outside 0 to MAXIMUM_DEVICES. An asynchronous context
    manager that leaves no run behind.
    """

    def __init__(
        self,
        instance: uuid.UUID,
        engine: Engine,
        accounts: Accounts,
        database: Database,
        *,
        strip_types: StripTypes,
        device_count: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0 <= device_count <= MAXIMUM_DEVICES:
            raise UsageError(f"The emulator has between 0 and {MAXIMUM_DEVICES} devices, not {device_count}.")
        self._engine = engine
        self._strip_types = strip_types

        def device(
            key: str,
            name: str,
            owner_id: str,
            *,
            online: bool = True,
            number: str | None = None,
            country: str = hardware.COUNTRY,
        ) -> Device:
            device_id = str(uuid.uuid5(instance, key))
            phone = Phone(device_bucket(database, device_id), verified_number=number, country=country)
            return Device(device_id, name, owner_id, online, LogStore(clock), phone)

        owner_id = accounts.owner.id
        devices = [
            device(f"device {index}", _name(index), owner_id, number=None if index else _VERIFIED_NUMBER)
            for index in range(device_count)
        ]
        devices.append(device("offline device", _OFFLINE_NAME, owner_id, online=False))
        devices.append(
            device("colleague's device", _COLLEAGUES_NAME, accounts.colleague.id, country=_COLLEAGUES_COUNTRY)
        )
        self._devices = {each.id: each for each in devices}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(self.stop_all(device) for device in self._devices.values()))

    def devices(self) -> list[Device]:
        """Every device of every account, in an order that does not change."""
        return list(self._devices.values())

    def owned(self, account_id: str) -> list[Device]:
        """The devices of one account."""
        return [device for device in self.devices() if device.owner_id == account_id]

    def find(self, device_id: str) -> Device | None:
        """The device with that id, whosever it is."""
        return self._devices.get(device_id)

    def device(self, device_id: str, account_id: str) -> Device:
        """An account's device with that id, connected or not. Raises UnknownDevice."""
        device = self._devices.get(device_id)
        if device is None or device.owner_id != account_id:
            raise UnknownDevice
        return device

    def connected(self, device_ids: Collection[str], account_id: str) -> Sequence[Device]:
        """All of these devices of an account, each once. Raises DevicesUnavailable if one isn't connected."""
        own = {device.id: device for device in self.owned(account_id) if device.online}
        if not own.keys() >= set(device_ids):
            raise DevicesUnavailable
        return [own[device_id] for device_id in dict.fromkeys(device_ids)]

    async def launch(
        self,
        device: Device,
        program: Program,
        *,
        may_be_typescript: bool = False,
        on_end: Callable[[], None] = _nothing,
    ) -> None:
        """Starts a program; a run of the same id on this device is ended first.

        With ``may_be_typescript``, a program that does not parse is tried again without its types.
        ``on_end`` is called when the run has ended, however it did; not where nothing was started.
        """
        program = replace(program, device_id=device.id)
        async with device.changing:
            await _end(device, [program.automation_id])
            task = asyncio.create_task(self._run(device, program, may_be_typescript))
            run = Run(program.automation_id, program.name, task)
            device.runs[run.id] = run

            def forget(_: asyncio.Task[None]) -> None:
                # The id may belong to the next run by now.
                if device.runs.get(run.id) is run:
                    del device.runs[run.id]
                on_end()

            task.add_done_callback(forget)

    async def stop(self, device: Device, automation_id: str) -> None:
        """Ends a run; one that does not run is as good as ended."""
        async with device.changing:
            await _end(device, [automation_id])

    async def stop_all(self, device: Device) -> None:
        """Ends every run of a device."""
        async with device.changing:
            await _end(device, list(device.runs))

    async def _run(self, device: Device, program: Program, may_be_typescript: bool) -> None:
        def log(line: LogLine) -> None:
            device.logs.append(
                program.automation_id,
                line.message,
                line_number=line.line_number,
                level=line.level,
                timestamp=line.timestamp,
            )

        def log_failure(message: str, line_number: int = 0) -> None:
            log(LogLine(message, line_number, "error", time.time_ns() // 1_000_000))

        try:
            try:
                outcome = await self._engine.run(program, device.phone, log, _nothing)
            except SyntaxRejected:
                if not may_be_typescript:
                    raise
                program = await self._without_types(program)
                outcome = await self._engine.run(program, device.phone, log, _nothing)
            if outcome is Outcome.FINISHED:
                device.finished.append(program.automation_id)
        except SyntaxRejected as error:
            log_failure(f"SyntaxError: {error}", error.line)
        except XgodoError as error:
            log_failure(str(error))
        except Exception:
            # A run that fails in a way nobody thought of must not take the other runs with it.
            _logger.exception("run %s on %s failed", program.automation_id, device.name)
            log_failure("The emulator failed to run this automation; its own log says why.")

    async def _without_types(self, program: Program) -> Program:
        stripped = {path: await self._strip_types(text) for path, text in program.modules.items()}
        return replace(program, modules=stripped)


async def _end(device: Device, run_ids: Collection[str]) -> None:
    tasks = {device.runs[run_id].task for run_id in run_ids if run_id in device.runs}
    for task in tasks:
        task.cancel()
    if tasks:
        _, unfinished = await asyncio.wait(tasks, timeout=_STOP_SECONDS)
        if unfinished:
            raise XgodoError(f"A run on {device.name} did not end within {_STOP_SECONDS} s.")
    for run_id in run_ids:
        device.runs.pop(run_id, None)


def _name(index: int) -> str:
    # The second word moves on by one more with each round of the first, so that no pair comes twice.
    adjective = _ADJECTIVES[index % len(_ADJECTIVES)]
    animal = _ANIMALS[(index + index // len(_ADJECTIVES)) % len(_ANIMALS)]
    return f"{adjective} {animal}"
