"""The runs of a loop: the newest bundle replaces the running one, on every chosen device."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.errors import AuthenticationError, DeviceOffline, UnreachableError, XgodoError
from xgodo_dev.platform.answers import RouteMissing
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.credentials import Server
from xgodo_dev.project.arguments import Arguments
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.runs.followers import Followers
from xgodo_dev.runs.previous import PreviousRuns
from xgodo_dev.runs.programs import Direct
from xgodo_dev.runs.recorded_ends import RecordedEnds
from xgodo_dev.runs.recorder import Recorder
from xgodo_dev.runs.run import LaunchWithdrawn, Phase, Run
from xgodo_dev.runs.secrets import Secrets, named
from xgodo_dev.toolchain.bundle import Bundle


@dataclass(frozen=True)
class RunsOn:
    """Where a loop runs the project."""

    devices: Sequence[Device]
    recorder: Recorder
    server: Server


@dataclass(frozen=True)
class _Offer:
    bundle: Bundle
    arguments: Arguments
    secrets: Secrets


@dataclass(frozen=True)
class _Launched:
    run: Run
    task: asyncio.Task[None]

    @property
    def goes_on(self) -> bool:
        """Whether it runs, or is about to."""
        return not self.run.ended and (self.run.phase is Phase.LAUNCHED or not self.task.done())


class Launches:
    """Runs the bundle that was offered last, in place of the one before.

    Of that, a launch whose request has left is stopped once it is answered; any other is never sent.
    """

    def __init__(self, root: Path, api: AutomationApi, where: RunsOn, emit: Callable[[Event], None]) -> None:
        self._root = root
        self._api = api
        self._where = where
        self._devices = list(where.devices)
        self._emit = emit
        self._offered: _Offer | None = None
        self._wanted = asyncio.Event()
        self._to_stop = False
        # Devices that could not be reached for the launch.
        self._missed: list[Device] = []
        self._only_missed = False
        self._launched: list[_Launched] = []
        self._followers: Followers | None = None
        # Those that are launched and those that they replace, whose ends may not be recorded yet.
        self._own: set[str] = set()

    def offer(self, bundle: Bundle, arguments: Arguments, secret_names: Sequence[str] = ()) -> None:
        """Let this be run next; of the arguments of these names, nothing is shown."""
        given = named(arguments.parameters, arguments.variables, secret_names)
        self._offered = _Offer(bundle, arguments, Secrets.of([*given, self._where.server.token]))
        self._to_stop = self._only_missed = False
        self._wanted.set()

    def again(self) -> bool:
        """Run what was run last once more; false: nothing was run yet."""
        if self._offered is None:
            return False
        self._to_stop = self._only_missed = False
        self._wanted.set()
        return True

    def stop_running(self) -> bool:
        """Stop what runs; the next bundle is run as ever. False: nothing runs."""
        goes_on = self._wanted.is_set() or any(each.goes_on for each in self._launched)
        self._to_stop, self._only_missed = True, False
        self._wanted.set()
        return goes_on

    def use(self, devices: Sequence[Device]) -> None:
        """Run on these devices from now on, beginning with what was run last."""
        self._devices = list(devices)
        self.again()

    def retry_missed(self) -> None:
        """The server is there again: launch what could not be launched."""
        if self._missed and not self._wanted.is_set():
            self._only_missed = True
            self._wanted.set()

    async def run(self) -> None:
        """Launch what is offered, until cancelled.

        Raises:
            ExceptionGroup: around what no save mends, such as a refused token.
        """
        async with AsyncExitStack() as stack:
            ends = stack.enter_context(RecordedEnds(self._root))
            followers = await stack.enter_async_context(Followers(self._api, self._emit, ends))
            launching = await stack.enter_async_context(asyncio.TaskGroup())
            self._followers = followers
            previous = PreviousRuns(
                self._root, self._where.server.remote, self._api, followers.records, self._emit
            )
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                devices = self._missed if self._only_missed else self._devices
                self._only_missed, self._missed = False, []
                self._own = {each.run.id for each in self._launched}
                replaced = [
                    each for each in self._launched if devices is self._devices or each.run.device in devices
                ]
                # Forgotten only once they are stopped: an interruption here still finds them.
                await asyncio.gather(*(self._end(each, previous) for each in replaced))
                self._launched = [each for each in self._launched if each not in replaced]
                if self._to_stop or self._offered is None:
                    continue
                for device in devices:
                    run = self._new_run(device, self._offered)
                    task = launching.create_task(self._launch(run, self._offered.arguments, previous))
                    # Listed before the request leaves: an interrupted launch is then still stopped.
                    self._launched.append(_Launched(run, task))

    async def stop(self) -> None:
        """Stop every run that goes on."""
        if self._followers is None:
            return
        await self._followers.stop_all([each.run for each in self._launched])

    def _new_run(self, device: Device, offer: _Offer) -> Run:
        program, recorder = Direct.of(offer.bundle), self._where.recorder
        run = Run(self._api, device, program, self._emit, recorder, offer.secrets)
        self._own.add(run.id)
        return run

    async def _end(self, launched: _Launched, previous: PreviousRuns) -> None:
        assert self._followers is not None, "runs are made where it is set"
        run = launched.run
        went_on = not run.ended
        # It may still be making room for itself: then it is not launched any more.
        await self._followers.stop(run)
        if run.phase is Phase.WITHDRAWN:
            launched.task.cancel()
        await asyncio.wait([launched.task])
        if run.may_go_on:
            # Its launch was not confirmed: whoever makes room looks for it again.
            self._own.discard(run.id)
        if went_on and run.status == "stopped":
            await previous.give_time_to_end(run.device, [run.automation_id])

    async def _launch(self, run: Run, arguments: Arguments, previous: PreviousRuns) -> None:
        assert self._followers is not None, "runs are made where it is set"
        try:
            # Also before each further run: another command may run there what it has begun since.
            async with previous.room(run.device, besides=self._own):
                await self._followers.launch(run, arguments.parameters, arguments.variables)
        except (AuthenticationError, RouteMissing) as error:
            # What the next save does not mend.
            error.take_out(run.masked)
            raise
        except LaunchWithdrawn:
            return
        except XgodoError as error:
            if isinstance(error, UnreachableError) and not isinstance(error, DeviceOffline):
                self._missed.append(run.device)
            told = run.masked(str(error))
            self._emit(
                Notice(message=f"Not launched on {run.device.name}: {told} The next save runs it again.")
            )
            # It may have been heard all the same, and nobody follows it now.
            await self._followers.stop(run)
