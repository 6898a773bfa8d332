"""`logs --follow`: recorded runs that go on, followed to their end by whoever wants to see it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from xgodo_dev.cli import local_project
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project import watch_lock
from xgodo_dev.project.config import Project
from xgodo_dev.runs.events import Event, Launch
from xgodo_dev.runs.followers import Followers
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.recorder import RunRecorder
from xgodo_dev.runs.run import Run
from xgodo_dev.runs.secrets import Secrets
from xgodo_dev.runs.store import RunStore

_LOOK_FOR_NEW_RUNS = 0.25


async def follow(
    project: Project,
    store: RunStore,
    runs: Sequence[RecordedRun],
    emit: Callable[[Event], None],
    *,
    wants: Callable[[RecordedRun], bool] | None,
) -> list[Run]:
    """Follow those of the runs that go on, to their ends; returns them.

    While a loop watches the project, it goes on with the runs that begin there.

    Args:
        runs: what is recorded of them was shown.
        wants: whether a run that begins is one to follow; None: no further one is.

    Raises:
        XgodoError: the platform can't be asked.
    """
    newest = max((run.number for run in store.runs(1)), default=-1)
    server = local_project.server(project)
    async with AsyncExitStack() as stack:
        transport = await stack.enter_async_context(Transport(server))
        recorder = await stack.enter_async_context(RunRecorder(project.root, server.remote, emit))
        api = AutomationApi(transport)
        if server.is_emulator:
            api.note_runs_are_listed(at_once=True)
        followers = await stack.enter_async_context(Followers(api, emit))
        following = _Following(store, api, server, followers, recorder, emit)
        for run in runs:
            following.add(run)
        while wants and watch_lock.is_watched(project.root):
            await asyncio.sleep(_LOOK_FOR_NEW_RUNS)
            for run in reversed(store.runs(behind=newest)):
                newest = run.number
                if wants(run):
                    emit(Launch(time=run.started, run=run.id, device=run.device, entry=run.entry))
                    following.add(run)
        await following.until_all_ended()
        return following.runs


class _Following:
    """The runs that are followed."""

    def __init__(
        self,
        store: RunStore,
        api: AutomationApi,
        server: Server,
        followers: Followers,
        recorder: RunRecorder,
        emit: Callable[[Event], None],
    ) -> None:
        self.runs: list[Run] = []
        self._store = store
        self._api = api
        self._server = server
        self._followers = followers
        self._recorder = recorder
        self._emit = emit

    def add(self, recorded: RecordedRun) -> None:
        """Follow a run, unless its end is known, or it goes on elsewhere."""
        if not recorded.may_be_open or recorded.remote != self._server.remote:
            return
        run = Run(
            self._api,
            Device(id=recorded.device_id, name=recorded.device, online=True, record={}),
            self._store.program(recorded),
            self._emit,
            self._recorder,
            Secrets.of_fingerprints(recorded.secrets),
            run_id=recorded.id,
            began=recorded.started,
        )
        last = self._store.last_line(recorded)
        known = [*filter(None, [recorded.after]), *self._store.line_ids(recorded)]
        if self._store.writable:
            self._recorder.resume(self._store.begun(recorded))
        self._followers.follow(run, last[1] if last else recorded.started, known)
        self.runs.append(run)

    async def until_all_ended(self) -> None:
        """Wait for their ends."""
        for run in self.runs:
            await self._followers.until_ended(run)
