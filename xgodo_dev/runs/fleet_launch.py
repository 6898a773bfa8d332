"""One launch of a program on devices, from this process: recorded, followed to its end, and told of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.errors import XgodoError
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.credentials import Server
from xgodo_dev.project.arguments import Arguments
from xgodo_dev.runs.events import Event, Notice, RunStatus
from xgodo_dev.runs.fleet import run_all
from xgodo_dev.runs.followers import Followers
from xgodo_dev.runs.previous import PreviousRuns
from xgodo_dev.runs.programs import Program
from xgodo_dev.runs.recorded_ends import RecordedEnds
from xgodo_dev.runs.run import Run
from xgodo_dev.runs.run_recorder import RunRecorder
from xgodo_dev.runs.secrets import Secrets, named


@dataclass(frozen=True)
class Becoming:
    """What became of a launch on one device."""

    device: str
    status: RunStatus | None
    """None: no end is known."""
    error: XgodoError | None = None
    """Why it was not launched."""
    may_go_on: bool = False


@dataclass(frozen=True)
class LaunchedFrom:
    """Where from, and with whose right, something is launched."""

    root: Path
    api: AutomationApi
    server: Server


class FleetLaunch:
    """Launches a program on devices, and follows it to the end there.

    Args:
        secret_names: the arguments of these names are neither shown nor stored.
        what_runs: says in a few words what runs on a device, which is cleared first; None: it is not.
        timeout: seconds after which a run is stopped.
    """

    def __init__(
        self,
        origin: LaunchedFrom,
        devices: Sequence[Device],
        program: Program,
        started_with: Arguments,
        secret_names: Sequence[str],
        *,
        follow: bool = True,
        timeout: float | None = None,
        what_runs: Callable[[Device], str] | None = None,
    ) -> None:
        self._origin = origin
        self._devices = devices
        self._program = program
        self._started_with = started_with
        given = named(started_with.parameters, started_with.variables, secret_names)
        self._secrets = Secrets.of([*given, origin.server.token])
        self._follow = follow
        self._timeout = timeout
        self._what_runs = what_runs
        self._runs: list[Run] = []
        self._errors: dict[str, XgodoError] = {}

    async def run(self, emit: Callable[[Event], None]) -> None:
        """Launch it everywhere; returns when all has ended, or is launched where nothing is followed.

        Whatever ends this early stops all of it. ``becoming`` tells what came of each.

        Raises:
            ExceptionGroup: around what is wrong for all devices, such as a refused token.
        """
        root, api, remote = self._origin.root, self._origin.api, self._origin.server.remote
        async with AsyncExitStack() as stack:
            recorder = await stack.enter_async_context(RunRecorder(root, remote, emit))
            ends = stack.enter_context(RecordedEnds(root))
            followers = await stack.enter_async_context(Followers(api, emit, ends))
            previous = PreviousRuns(root, remote, api, followers.records, emit)

            @asynccontextmanager
            async def room(device: Device) -> AsyncIterator[None]:
                async with previous.room(device):
                    if self._what_runs:
                        await previous.clear(device)
                        if ran := self._what_runs(device):
                            emit(Notice(message=f"Stopped on {device.name} first: {ran}."))
                    yield

            self._runs = [
                Run(api, device, self._program, emit, recorder, self._secrets) for device in self._devices
            ]
            outcomes = await run_all(
                self._runs, followers, room, self._started_with, follow=self._follow, timeout=self._timeout
            )
        for run, outcome in zip(self._runs, outcomes, strict=True):
            if isinstance(outcome, XgodoError):
                self._errors[run.id] = outcome

    @property
    def becoming(self) -> list[Becoming]:
        """What became of each, as far as it is known; in the order of the devices."""
        return [
            Becoming(run.device.name, run.status, self._errors.get(run.id), run.may_go_on)
            for run in self._runs
        ]
