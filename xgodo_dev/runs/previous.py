"""Ends what this project still runs on devices: before something new is launched there, or when asked to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from xgodo_dev.errors import AuthenticationError, XgodoError
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.shared_answer import SharedAnswer
from xgodo_dev.runs.catch_up import catch_up
from xgodo_dev.runs.device_records import DeviceRecords
from xgodo_dev.runs.devices import told
from xgodo_dev.runs.events import Event, Exit, Notice
from xgodo_dev.runs.launch_turns import LaunchTurns
from xgodo_dev.runs.open_runs import open_runs
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.store import RunStore

# Seconds for the old to end, once it was told, and to be read; then the new is started all the same.
_ENDING_DEADLINE = 5.0
_CATCHING_UP_DEADLINE = 3.0
# Seconds for another program that has locked what is recorded, within the loop.
_RECORDING_PATIENCE = 0.2


class StillRunning(XgodoError):
    """A device was told to stop, and its record lists all the same what runs there, or can't be read."""

    code = "still-running"

    def __init__(self, device: Device) -> None:
        super().__init__(
            f"{device.name} was told to stop, but was not seen to do so within {_ENDING_DEADLINE:g} s."
        )


class PreviousRuns:
    """The recorded runs of this project on one server whose end is not known, whichever process began them.

    Args:
        remote: names the server, as ``Server.remote`` does.
        emit: hears what a launch that follows should know.
    """

    def __init__(
        self,
        root: Path,
        remote: str,
        api: AutomationApi,
        records: DeviceRecords,
        emit: Callable[[Event], None],
    ) -> None:
        self._root = root
        self._remote = remote
        self._api = api
        self._records = records
        self._emit = emit
        self._turns = LaunchTurns(root, remote, self._tell_waiting)
        # Many devices that are launched on together read what is recorded once, or twice.
        self._going_on = SharedAnswer(self.going_on)
        # Those that wait for it, and were not told to be in doubt.
        self._asking: dict[str, Device] = {}

    async def going_on(self) -> list[RecordedRun]:
        """Those that may go on, newest first.

        Raises:
            XgodoError: what is recorded can't be read.
        """
        return await open_runs(self._root, self._remote)

    @asynccontextmanager
    async def room(self, device: Device, besides: Collection[str] = ()) -> AsyncIterator[None]:
        """Make room on a device for a launch inside, while no other process launches there from this folder.

        Whoever comes meanwhile finds that launch recorded, and ends it in its turn; but not where the disk
        took longer to record it than a launch waits for that.

        Raises:
            AuthenticationError: the token is refused.
        """
        async with self._turns.on(device) as has_turn:
            if not has_turn:
                message = f"Another command is still launching on {device.name}; both may run there now."
                self._emit(Notice(message=message))
            await self.make_room(device, besides)
            yield

    def _tell_waiting(self, devices: Sequence[Device]) -> None:
        message = f"Another command is launching on {told(devices)}: waiting until it has, but not for long."
        self._emit(Notice(message=message))

    async def make_room(self, device: Device, besides: Collection[str] = ()) -> list[RecordedRun]:
        """End them on a device; returns those that are over now, as they are recorded.

        What can't be stopped is told, and after a deadline left at that.

        Args:
            besides: runs that the caller sees to, whose end may not be recorded yet.

        Raises:
            AuthenticationError: the token is refused.
        """
        self._asking[device.id] = device
        try:
            known = await self._going_on.since(time.monotonic())
        except XgodoError as error:
            # What is wrong with the store ends no run, and is no reason not to begin one.
            if device.id in self._asking:
                # One word for all of them, which will hardly be answered otherwise.
                where = told(list(self._asking.values()))
                self._asking.clear()
                message = f"Whether this project still runs on {where} can't be known: {error.with_hint()}"
                self._emit(Notice(message=message))
            return []
        finally:
            self._asking.pop(device.id, None)
        runs = [run for run in known if run.device_id == device.id and run.id not in besides]
        ends = await asyncio.gather(*(self.end(run) for run in runs), return_exceptions=True)
        for run, end in zip(runs, ends, strict=True):
            if isinstance(end, XgodoError) and not isinstance(end, AuthenticationError):
                message = f"The run before this one ({run.id[:8]}) could not be stopped: {end}"
                self._emit(Notice(message=message))
            elif isinstance(end, BaseException):
                raise end
        return [end for end in ends if isinstance(end, RecordedRun)]

    async def end_in_turn(self, run: RecordedRun) -> RecordedRun:
        """As ``end``, but behind a launch that waits for its answer: a stop in its way would end nothing."""
        async with self._turns.on(_device_of(run)):
            return await self.end(run)

    async def end(self, run: RecordedRun) -> RecordedRun:
        """Stop a run, wait until it is gone, and record what it still had to say.

        Returns it as it is recorded then: it may have come to its own end before.

        Raises:
            StillRunning: it was told to stop, and may go on all the same; as it is recorded, it does.
            XgodoError: it can't be told to stop.
        """
        device = _device_of(run)
        if run.is_saved:
            await self._api.stop_saved(device, run.automation_id)
        else:
            await self._api.stop_direct(device, run.id)
        gone, all_read = True, False
        try:
            gone = await self._records.wait_until_gone(device, [run.automation_id], _ENDING_DEADLINE)
            # What is wrong with the store is told where the end is recorded.
            with (
                suppress(XgodoError, TimeoutError),
                RunStore(self._root, patience=_RECORDING_PATIENCE) as store,
            ):
                async with asyncio.timeout(_CATCHING_UP_DEADLINE):
                    await catch_up(self._api, store, run)
                    run = store.refreshed(run)
                    all_read = True
        finally:
            # It was told, whatever interrupts what comes after that.
            if gone:
                run = self._record_as_stopped(run, is_cut=not all_read)
        if not run.end_is_known:
            raise StillRunning(device)
        return run

    def _record_as_stopped(self, run: RecordedRun, *, is_cut: bool) -> RecordedRun:
        elapsed = round(max(0.0, time.time() - run.started) * 1000, 1)
        try:
            with RunStore(self._root, patience=_RECORDING_PATIENCE) as store:
                store.end(Exit(run=run.id, device=run.device, status="stopped", ms=elapsed, is_cut=is_cut))
                run = store.refreshed(run)
        except XgodoError as error:
            message = f"That run {run.id[:8]} is stopped can't be recorded: {error.with_hint()}"
            self._emit(Notice(message=message))
            return replace(run, status="stopped")
        if run.is_cut:
            message = f"The last lines of run {run.id[:8]} could not all be read: `logs` asks for them."
            self._emit(Notice(message=message))
        return run

    async def clear(self, device: Device) -> None:
        """Stop everything on a device, whoever started it, and give it time to end.

        Raises:
            XgodoError: the device can't be told to stop.
        """
        await self._api.stop_all(device)
        await self.give_time_to_end(device, None)

    async def give_time_to_end(self, device: Device, automation_ids: list[str] | None) -> None:
        """As ``wait_until_gone``, before something new begins: what may still be running is only told."""
        try:
            await self.wait_until_gone(device, automation_ids)
        except StillRunning as error:
            self._emit(Notice(message=str(error)))

    async def wait_until_gone(self, device: Device, automation_ids: list[str] | None) -> None:
        """Wait until a device does not run these any more (None: nothing), but not for long.

        Raises:
            StillRunning: its record has not shown that by then.
        """
        if not await self._records.wait_until_gone(device, automation_ids, _ENDING_DEADLINE):
            raise StillRunning(device)


def _device_of(run: RecordedRun) -> Device:
    return Device(id=run.device_id, name=run.device, online=True, record={})
