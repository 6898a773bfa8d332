"""One run: its launch, what it prints, and how it ended."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum, auto

from xgodo_dev.errors import (
    ApiError,
    AuthenticationError,
    DeviceOffline,
    NoConnection,
    UnreachableError,
    XgodoError,
)
from xgodo_dev.platform.automation import AutomationApi, Device, LogEntry
from xgodo_dev.runs.events import Event, Exit, Launch, Log, Notice, RunStatus
from xgodo_dev.runs.lines import End, LineReader
from xgodo_dev.runs.programs import Program
from xgodo_dev.runs.recorder import NO_RECORDER, Recorder
from xgodo_dev.runs.secrets import NO_SECRETS, Secrets
from xgodo_dev.toolchain.run_report import BodyDone

# Seconds for which an interrupted launch waits for its answer.
_ANSWER_DEADLINE = 5.0


class LaunchWithdrawn(XgodoError):
    """A run was stopped before its launch was asked for: there is none."""

    code = "withdrawn"


class Phase(Enum):
    """How far a run has come, as its device may see it."""

    PLANNED = auto()
    WITHDRAWN = auto()
    """It never will be launched."""
    ASKED_FOR = auto()
    """The device may have heard of it."""
    LAUNCHED = auto()
    GONE = auto()
    """Its launch was refused, or the device was told to stop it."""


class Run:
    """A program on a device. ``Followers`` launches, follows and stops it; this is what is known of it.

    Args:
        run_id, began: of a run that another process has launched; ``began`` in Unix seconds.
    """

    def __init__(
        self,
        api: AutomationApi,
        device: Device,
        program: Program,
        emit: Callable[[Event], None],
        recorder: Recorder = NO_RECORDER,
        secrets: Secrets = NO_SECRETS,
        *,
        run_id: str | None = None,
        began: float | None = None,
    ) -> None:
        self.id = run_id or str(uuid.uuid4())
        self.device = device
        self.program = program
        self.automation_id = program.automation_id(self.id)
        self.began = began or time.time()
        """Unix seconds."""
        self.status: RunStatus | None = None
        """None: it goes on, for all that is known."""
        self.done = asyncio.Event()
        # A stop must not overtake the launch it is to stop.
        self.launching = asyncio.Lock()
        self.is_ours = run_id is None
        """Whether this process launches it; what another one has begun is only read."""
        self.phase = Phase.PLANNED if self.is_ours else Phase.LAUNCHED
        self.stopping = False
        """Whether somebody is at stopping it, and will say how it ended."""
        self.after: str | None = None
        """The log line behind which its own begin, where others log under the same id."""
        self.body_done = False
        self.has_finished = False
        """Whether its device's record says that it had nothing left to do."""
        self.reported: End | None = None
        """What it has said about its own end."""
        self.is_cut = False
        """Whether its last lines could not all be read."""
        self._api = api
        self._emit = emit
        self._recorder = recorder
        self._secrets = secrets
        self._reader = LineReader(self.id, device.name, program.mark, program.source_map, secrets)
        self._started = time.monotonic() - max(0.0, time.time() - self.began)

    @property
    def ended(self) -> bool:
        """Whether the run's ``exit`` was reported."""
        return self.status is not None

    @property
    def may_go_on(self) -> bool:
        """Whether its device may run it, for all that is known of the launch and the stops."""
        return self.phase in (Phase.ASKED_FOR, Phase.LAUNCHED)

    @property
    def age(self) -> float:
        """Seconds since its launch was asked for."""
        return time.monotonic() - self._started

    async def launch(self, parameters: Mapping[str, object], variables: Mapping[str, object]) -> None:
        """Start the program on the device.

        Where that is interrupted, the device's answer is waited for, but not for long.

        Raises:
            DeviceOffline: the platform could not reach it.
            LaunchWithdrawn: it was stopped before.
        """
        async with self.launching:
            self._require_wanted()
            self.began, self._started = time.time(), time.monotonic()
            # Before it is asked for: whatever becomes of this process, what it started is known.
            self._recorder.begin(self.id, self.device, self.program, self._secrets, self.after)
            try:
                await self._recorder.settled(self.id)
                self._require_wanted()
            except (asyncio.CancelledError, LaunchWithdrawn):
                self._recorder.withdraw(self.id)
                raise
            self.phase = Phase.ASKED_FOR
            asking = asyncio.create_task(self._ask_for_launch(parameters, variables))
            # What comes of it after an interruption, nobody asks.
            asking.add_done_callback(lambda task: task.cancelled() or task.exception())
            try:
                await asyncio.shield(asking)
            except asyncio.CancelledError:
                # A stop that is sent before there is an answer may overtake the launch, and end nothing.
                await asyncio.wait([asking], timeout=_ANSWER_DEADLINE)
                raise
            finally:
                asking.cancel()

    async def _ask_for_launch(
        self, parameters: Mapping[str, object], variables: Mapping[str, object]
    ) -> None:
        program = self.program
        try:
            await program.start(self._api, self.device, self.id, parameters, variables)
        except (DeviceOffline, ApiError, AuthenticationError, NoConnection) as error:
            # Refused, or not heard: there is nothing to stop. Anything else may have been heard.
            self.phase = Phase.GONE
            self._recorder.withdraw(self.id)
            if isinstance(error, ApiError) and not program.shares_its_logs:
                # Should it have begun all the same, then this stops it, and no run of anybody else's.
                with suppress(XgodoError):
                    await program.stop(self._api, self.device, self.id)
            raise
        except UnreachableError as error:
            self._recorder.end(self._exit("lost", f"Its launch was not confirmed: {error}"))
            error.hint = "It may run there all the same: `xgodo-dev stop` ends it."
            raise
        self.phase = Phase.LAUNCHED
        self._emit(Launch(run=self.id, device=self.device.name, entry=program.entry))

    def _require_wanted(self) -> None:
        if self.phase is Phase.WITHDRAWN:
            raise LaunchWithdrawn(f"The run on {self.device.name} is not wanted any more.")

    def withdraw(self) -> None:
        """Don't launch it any more, unless that was asked for already."""
        if self.phase is Phase.PLANNED:
            self.phase = Phase.WITHDRAWN

    def take(self, entry: LogEntry) -> None:
        """Report what a log entry says, unless it is about the run's end."""
        if self.ended:
            return
        said = self._reader.read(entry)
        if isinstance(said, BodyDone):
            self.body_done = True
        elif isinstance(said, End):
            # Of several, the first is meant. It waits for what stands behind it in the logs.
            self.reported = self.reported or said
        else:
            # Recorded first: who shows it may fail, such as a pipe that nobody reads any more.
            self._recorder.line(said)
            self._emit(said)

    async def keep_up(self) -> None:
        """Wait until what it has said is recorded, or nearly; but not for long."""
        await self._recorder.keep_up()

    def say(self, message: str) -> None:
        """Tell something about the run that its reader should know, now and later."""
        notice = Notice(message=self.masked(message))
        self._recorder.note(self.id, notice)
        self._emit(notice)

    def masked(self, text: str) -> str:
        """What the platform or anybody says of it, without its secrets."""
        return self._secrets.masked(text)

    async def tell_to_stop(self) -> bool:
        """Tell the device to stop the run; whether it was heard."""
        try:
            await self.program.stop(self._api, self.device, self.id)
        except XgodoError as error:
            self.say(f"{self.device.name} could not be told to stop: {str(error).rstrip('.')}.")
            return False
        if self.phase is Phase.LAUNCHED:
            self.phase = Phase.GONE
        # Else the launch may still be on its way, and begin behind this.
        return True

    def end_as_reported(self) -> None:
        """It has said how it ended."""
        if self.reported:
            self.end(self.reported.status, self.reported.error, self.reported.failure)

    def end(self, status: RunStatus, error: str | None = None, failure: Log | None = None) -> None:
        """Report how it ended; what was reported first counts."""
        # The end may be learned in two ways at once, such as a report among the last logs of a stop.
        if self.status is None:
            self.status = status
            end = self._exit(status, error, failure)
            self._recorder.end(end, failure)
            self.done.set()
            self._emit(end)

    def end_as_recorded(self) -> None:
        """The device's record does not list it any more, and it has not said how it ended."""
        if not self.program.reports_its_end:
            self.end("stopped", "How it ended, a saved project does not report.")
        elif self.body_done and self.has_finished:
            # Only the emulator tells that from a run that somebody has ended.
            self.say(
                "The automation ended without stopCurrentAutomation; "
                "nothing else is documented to end a run on a real phone."
            )
            self.end("success")
        else:
            why = "It left the device without saying how it ended: somebody else stopped it, perhaps."
            self.end("stopped", why)

    def end_unconfirmed(self) -> None:
        """Its launch was never confirmed, and it was told to stop: whoever looks next tells it again."""
        self._recorder.end(self._exit("lost", "Its launch was not confirmed. It was told to stop."))

    def _exit(self, status: RunStatus, error: str | None = None, failure: Log | None = None) -> Exit:
        told = None if error is None else self.masked(error)
        ms = round(self.age * 1000, 1)
        return Exit(
            run=self.id,
            device=self.device.name,
            status=status,
            ms=ms,
            error=told,
            failure=failure,
            is_cut=self.is_cut,
        )
