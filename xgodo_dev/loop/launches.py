"""The runs of a loop: the newest bundle replaces the running one, on every chosen device."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence

from xgodo_dev.errors import AuthenticationError, DeviceOffline, UnreachableError, XgodoError
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.transport import RouteMissing
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.runs.recorder import NO_RECORDER, Recorder
from xgodo_dev.runs.run import Run
from xgodo_dev.toolchain.bundle import Bundle

_SHUTDOWN_DEADLINE = 8.0


class Launches:
    """Runs the bundle that was offered last; one that is being launched is launched first, then replaced."""

    def __init__(
        self,
        api: AutomationApi,
        devices: Sequence[Device],
        emit: Callable[[Event], None],
        recorder: Recorder = NO_RECORDER,
    ) -> None:
        self._api = api
        self._devices = devices
        self._emit = emit
        self._recorder = recorder
        self._bundle: Bundle | None = None
        self._parameters: Mapping[str, object] = {}
        self._variables: Mapping[str, object] = {}
        self._offered = asyncio.Event()
        self._missed = False
        self._runs: list[Run] = []

    def offer(
        self, bundle: Bundle, parameters: Mapping[str, object], variables: Mapping[str, object]
    ) -> None:
        """Let this be run next."""
        self._bundle, self._parameters, self._variables = bundle, parameters, variables
        self._offered.set()

    def retry_missed(self) -> None:
        """The server is there again: launch what could not be launched."""
        if self._missed:
            self._offered.set()

    async def run(self) -> None:
        """Launch what is offered, until cancelled.

        Raises:
            ExceptionGroup: around what no save mends, such as a refused token.
        """
        async with asyncio.TaskGroup() as followed:
            while True:
                await self._offered.wait()
                self._offered.clear()
                self._missed = False
                bundle = self._bundle
                assert bundle is not None, "the event is set only with a bundle"
                # Forgotten only once they are stopped: an interruption here still finds them.
                await asyncio.gather(*(run.stop() for run in self._runs))
                self._runs.clear()
                for device in self._devices:
                    run = Run(self._api, device, bundle, self._emit, self._recorder)
                    # Listed before the request leaves: an interrupted launch is then still stopped.
                    self._runs.append(run)
                    followed.create_task(self._launch_and_follow(run, self._parameters, self._variables))

    async def stop(self) -> None:
        """Stop every run that goes on."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SHUTDOWN_DEADLINE):
                await asyncio.gather(*(run.stop() for run in self._runs), return_exceptions=True)

    async def _launch_and_follow(
        self, run: Run, parameters: Mapping[str, object], variables: Mapping[str, object]
    ) -> None:
        doing = "Not launched on"
        try:
            await run.launch(parameters, variables)
            doing = "Not followed any more on"
            await run.follow()
        except (AuthenticationError, RouteMissing):
            # What the next save does not mend.
            raise
        except XgodoError as error:
            self._missed |= isinstance(error, UnreachableError) and not isinstance(error, DeviceOffline)
            self._emit(Notice(message=f"{doing} {run.device.name}: {error} The next save runs it again."))
            # It may have been heard all the same, and nobody follows it now.
            await run.stop()
