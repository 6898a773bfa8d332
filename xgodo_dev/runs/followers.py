"""Launches, follows and stops the runs of one process, on all their devices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from types import TracebackType

from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.runs.device_follower import DeviceFollower, Shared
from xgodo_dev.runs.device_records import DeviceRecords
from xgodo_dev.runs.devices import told
from xgodo_dev.runs.events import Event, Notice, RunStatus
from xgodo_dev.runs.outages import Outages
from xgodo_dev.runs.pace import RequestBudget
from xgodo_dev.runs.run import Phase, Run

_LEARNING_INTERVAL = 0.5
# Seconds for all of them: more phones than connections would take that of one phone several times.
_STOPPING_DEADLINE = 8.0

Ends = Callable[[Collection[str]], Mapping[str, tuple[RunStatus, str | None]]]


class Followers:
    """Use as an async context manager; leaving it follows nothing any more, and stops no run.

    A run may be waited for until it has ended. What keeps all of them from being followed, such as a
    refused token, is raised (in an ExceptionGroup) where the context is left, which it cancels.
    """

    def __init__(self, api: AutomationApi, emit: Callable[[Event], None], ends: Ends = lambda _: {}) -> None:
        """``ends`` tells how runs ended that another process has ended, and recorded so."""
        self.records = DeviceRecords(api)
        self._emit = emit
        self._ends = ends
        self._learning: asyncio.Task[None] | None = None
        self._followed: list[Run] = []
        self._tasks = asyncio.TaskGroup()
        self._shared = Shared(api, self.records, RequestBudget(), Outages(emit))
        self._of_device: dict[str, DeviceFollower] = {}

    async def __aenter__(self) -> Followers:
        await self._tasks.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()
        try:
            try:
                self._shared.outages.close()
            finally:
                await self._tasks.__aexit__(kind, error, trace)
        except BaseExceptionGroup as group:
            # What was raised inside by itself goes on by itself.
            if group.exceptions != (error,):
                raise

    def _leave(self) -> None:
        for follower in self._of_device.values():
            follower.leave()
        if self._learning:
            self._learning.cancel()

    async def launch(
        self,
        run: Run,
        parameters: Mapping[str, object],
        variables: Mapping[str, object],
        *,
        follow: bool = True,
    ) -> None:
        """Start a run, and follow it from then on.

        Raises:
            DeviceOffline: the platform could not reach the device.
            XgodoError: it was refused, or not confirmed.
        """
        follower = self._on(run.device)
        if run.program.shares_its_logs:
            await follower.pass_over(run)
        await run.launch(parameters, variables)
        if follow:
            follower.follow(run, self._tasks)
            self._learn_end_of(run)

    def follow(self, run: Run, read_until: float, seen: list[str]) -> None:
        """Follow a run that was launched before.

        Args:
            read_until: everything up to that moment is known of it (Unix seconds).
            seen: the ids of the lines that are known.
        """
        self._on(run.device).follow(run, self._tasks, read_until, seen)
        self._learn_end_of(run)

    async def until_ended(self, run: Run, timeout: float | None = None) -> RunStatus:
        """Wait until a run that is followed has ended; how.

        Args:
            timeout: seconds after which it is stopped, and counts as ``timeout``; as ``lost``, where nobody
                could be told to stop it, or where it may have ended before: nothing could be read of it.
        """
        try:
            async with asyncio.timeout(timeout):
                await run.done.wait()
        except TimeoutError:
            late = f"It was still running after {timeout:g} s"
            unread = self._on(run.device).unread_for()

            def end() -> None:
                if unread and run.is_cut:
                    why = f"Nothing could be read of it for {round(unread, 1):g} s; it was told to stop."
                    run.end("lost", why)
                else:
                    run.end("timeout", f"{late} and was stopped.")

            if not await self._stop_on_device(run, end):
                run.end("lost", f"{late} and could not be stopped: it may go on there.")
        assert run.status is not None, "it has ended"
        return run.status

    async def stop(self, run: Run) -> None:
        """Stop a run if it has not ended, report what it still had to say, and that it was stopped.

        One that is not launched yet never will be.
        """
        run.withdraw()
        async with run.launching:
            if run.ended or not run.may_go_on:
                return
            confirmed = run.phase is Phase.LAUNCHED
            heard = await self._stop_on_device(
                run, lambda: run.end("stopped") if confirmed else run.end_unconfirmed()
            )
            if confirmed and not heard:
                run.end("lost", "It may go on there: nobody could be told to stop it.")

    async def stop_all(self, runs: Sequence[Run]) -> None:
        """Stop them side by side, but not for long, and follow nothing any more.

        Those that may go on all the same, as where it is broken off, are named.
        """
        # Questions that nobody answers would keep connections from what is to be sent.
        self._leave()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_STOPPING_DEADLINE):
                    await asyncio.gather(*map(self.stop, runs), return_exceptions=True)
        finally:
            # Nobody may wait for what it gathers.
            self._shared.outages.close()
            left = [run.device for run in runs if run.may_go_on and run.status in (None, "lost")]
            if left:
                still = f"Perhaps still running on {told(left)}: `xgodo-dev stop` ends it."
                self._emit(Notice(message=still))

    def _learn_end_of(self, run: Run) -> None:
        self._followed.append(run)
        if self._learning is None or self._learning.done():
            self._learning = self._tasks.create_task(self._learn_ends())

    async def _learn_ends(self) -> None:
        """Learn what another process knows of the runs that are followed, for as long as there are any."""
        while self._followed:
            await asyncio.sleep(_LEARNING_INTERVAL)
            self._followed = [run for run in self._followed if not run.ended]
            by_id = {run.id: run for run in self._followed if not run.stopping}
            for run_id, (status, error) in self._ends(by_id).items():
                await self.end_as_told(by_id[run_id], status, error)

    async def end_as_told(self, run: Run, status: RunStatus, error: str | None) -> None:
        """Report how a run ended that is followed here, as somebody else knows, and what it said before."""
        run.stopping = True
        await self._on(run.device).read_last_words_of(run)
        run.end_as_reported()
        run.end(status, error)

    async def _stop_on_device(self, run: Run, end: Callable[[], None]) -> bool:
        """Tell the device to stop a run, report its last words, and ``end`` it; false: nobody heard."""
        run.stopping = True
        if not await run.tell_to_stop():
            return False
        try:
            await self._on(run.device).read_last_words_of(run)
        finally:
            # Also where its last words are cut short, or nobody can be shown them: it was told. Before that,
            # it may have come to its own end.
            run.end_as_reported()
            end()
        return True

    def _on(self, device: Device) -> DeviceFollower:
        if device.id not in self._of_device:
            self._of_device[device.id] = DeviceFollower(device, self._shared)
        return self._of_device[device.id]
