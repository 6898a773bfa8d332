"""One run: launch a bundle on a device, follow its logs, learn how it ended."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Callable, Mapping

from xgodo_dev.errors import ApiError, AuthenticationError, DeviceOffline, UnreachableError, XgodoError
from xgodo_dev.platform.automation import AutomationApi, Device, LogEntry
from xgodo_dev.runs.events import Event, Exit, Launch, Log, Notice, RunStatus
from xgodo_dev.runs.lines import End, LineReader
from xgodo_dev.runs.pace import PollPace
from xgodo_dev.runs.recorder import NO_RECORDER, Recorder
from xgodo_dev.toolchain.bundle import Bundle
from xgodo_dev.toolchain.run_report import BodyDone

# The platform forgets logs after ten minutes, as documented; an outage well within that loses nothing.
_LONGEST_OUTAGE = 120.0
_OUTAGE_PAUSE = 2.0
# The bundle reports its own end. The device's record is only the second witness, asked when it is quiet.
_QUIET_BEFORE_ASKING_DEVICE = 3.0
_BEFORE_FIRST_ASKING = 0.5
_STOP_DEADLINE = 5.0


class Run:
    """A bundle running on a device."""

    def __init__(
        self,
        api: AutomationApi,
        device: Device,
        bundle: Bundle,
        emit: Callable[[Event], None],
        recorder: Recorder = NO_RECORDER,
    ) -> None:
        self.id = str(uuid.uuid4())
        self.device = device
        self._api = api
        self._bundle = bundle
        self._emit = emit
        self._recorder = recorder
        self._reader = LineReader(self.id, device.name, bundle.mark, bundle.source_map)
        self._started = time.monotonic()
        self._cursor: str | None = None
        self._seen: set[str] = set()
        self._body_done = False
        self._seen_running = False
        self._status: RunStatus | None = None
        # A stop must not overtake the launch it is to stop.
        self._launching = asyncio.Lock()
        self._requested = False
        self._launched = False

    @property
    def ended(self) -> bool:
        """Whether the run's ``exit`` was reported."""
        return self._status is not None

    async def launch(self, parameters: Mapping[str, object], variables: Mapping[str, object]) -> None:
        """Start the bundle on the device.

        Raises:
            DeviceOffline: the platform could not reach it.
        """
        async with self._launching:
            self._started = time.monotonic()
            self._requested = True
            # Before it is asked for: whatever becomes of this process, what it started is known.
            self._recorder.begin(self.id, self.device, self._bundle)
            try:
                await self._api.launch_direct(self.device, self.id, self._bundle.code, parameters, variables)
            except (DeviceOffline, ApiError, AuthenticationError):
                # Refused, so that there is nothing to stop; anything else may have been heard.
                self._requested = False
                self._recorder.withdraw(self.id)
                raise
            except UnreachableError as error:
                self._recorder.end(self._exit("lost", f"Its launch was not confirmed: {error}"))
                raise
            self._launched = True
            self._emit(Launch(run=self.id, device=self.device.name, entry=self._bundle.entry))

    async def follow(self, timeout: float | None = None) -> RunStatus:
        """Report the run's logs until it ends; returns how.

        Args:
            timeout: seconds after which the run is stopped and counts as ``timeout``.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._follow()
        except TimeoutError:
            stopped = "and was stopped" if await self._stop_on_device() else "and could not be stopped"
            return self._end("timeout", f"It was still running after {timeout:g} s {stopped}.")

    async def stop(self) -> None:
        """Stop the run if it has not ended, report what it still had to say, and that it was stopped."""
        async with self._launching:
            if self.ended or not self._requested:
                return
            heard = await self._stop_on_device()
            if self._launched and heard:
                self._end("stopped")
            elif self._launched:
                self._end("lost", "It may go on there: nobody could be told to stop it.")
            elif heard:
                self._recorder.end(self._exit("stopped"))

    async def _follow(self) -> RunStatus:
        pace = PollPace(time.monotonic())
        last_entry = time.monotonic()
        outage_began: float | None = None
        asked = False
        while self._status is None:
            try:
                fresh = await self._read_logs()
                now = time.monotonic()
                if not (asked or self._api.runs_are_listed) and now - self._started > _BEFORE_FIRST_ASKING:
                    # Whether a record tells of runs shows only while one goes on: a run that talks until it
                    # is cut off would never be asked about.
                    asked = True
                    await self._ask_device()
                if fresh:
                    last_entry = now
                elif now - last_entry > _QUIET_BEFORE_ASKING_DEVICE:
                    last_entry = now
                    await self._ask_device()
            except UnreachableError as error:
                now = time.monotonic()
                if outage_began is None:
                    outage_began = now
                    message = f"Logs of {self.device.name} are interrupted: {error} Trying again."
                    self._emit(Notice(message=message))
                if now - outage_began > _LONGEST_OUTAGE:
                    return self._end("lost", f"No logs could be read for {_LONGEST_OUTAGE:g} s: {error}")
                await asyncio.sleep(_OUTAGE_PAUSE)
                continue
            if outage_began is not None:
                self._emit(Notice(message=f"Logs of {self.device.name} are back."))
                outage_began = None
            if self._status is None:
                await asyncio.sleep(pace.next_pause(now, had_entries=fresh))
        return self._status

    async def _read_logs(self) -> bool:
        """Read one page and report what is new in it; whether anything was."""
        try:
            entries = await self._api.logs(self.device, [self.id], self._cursor)
        except ApiError:
            # What a server says of a cursor that it has forgotten is documented nowhere: ask without
            # one, where what was seen before is known by its id.
            if self._cursor is None:
                raise
            self._cursor = None
            entries = await self._api.logs(self.device, [self.id], None)
        fresh = False
        for entry in entries:
            if entry.id not in self._seen:
                fresh = True
                self._take(entry)
        return fresh

    def _take(self, entry: LogEntry) -> None:
        self._seen.add(entry.id)
        self._cursor = entry.id
        if entry.automation_id not in ("", self.id) or self._status is not None:
            return
        said = self._reader.read(entry)
        if isinstance(said, BodyDone):
            self._body_done = True
        elif isinstance(said, End):
            self._end(said.status, said.error, said.failure)
        else:
            self._emit(said)
            self._recorder.line(said)

    async def _ask_device(self) -> None:
        """Conclude from the device's record that the run is over, where the record tells."""
        devices = await self._api.devices()
        device = next((each for each in devices if each.id == self.device.id), None)
        if device is None or not device.online:
            return
        if device.runs(self.id):
            self._seen_running = True
            self._api.note_runs_are_listed()
        elif self._seen_running or self._api.runs_are_listed:
            # Logs may have arrived between the last poll and the record: read them before concluding.
            await self._read_logs()
            if self._status is not None:
                return
            # Should the record be wrong, then what nobody follows any more does not go on either.
            await self._stop_on_device()
            if self._body_done:
                self._emit(
                    Notice(
                        message="The automation ended without stopCurrentAutomation; "
                        "nothing else is documented to end a run on a real phone."
                    )
                )
                self._end("success")
            else:
                self._end("stopped", "It ended on the device without reporting how.")

    async def _stop_on_device(self) -> bool:
        """Tell the device to stop the run, and report what it logged up to then; whether it was heard."""
        try:
            async with asyncio.timeout(_STOP_DEADLINE):
                await self._api.stop_direct(self.device, self.id)
            self._requested = False
            if self._launched:
                with contextlib.suppress(XgodoError, TimeoutError):
                    async with asyncio.timeout(_STOP_DEADLINE):
                        await self._read_logs()
        except (XgodoError, TimeoutError) as error:
            why = str(error).rstrip(".") or "no answer"
            self._emit(Notice(message=f"{self.device.name} could not be told to stop: {why}."))
            return False
        return True

    def _end(self, status: RunStatus, error: str | None = None, failure: Log | None = None) -> RunStatus:
        # The end may be learned in two ways at once, such as a report among the last logs of a stop.
        if self._status is None:
            self._status = status
            end = self._exit(status, error)
            self._emit(end)
            self._recorder.end(end, failure)
        return self._status

    def _exit(self, status: RunStatus, error: str | None = None) -> Exit:
        elapsed = round((time.monotonic() - self._started) * 1000, 1)
        return Exit(run=self.id, device=self.device.name, status=status, ms=elapsed, error=error)
