"""`logs --follow`: recorded runs that go on, followed to their end by whoever wants to see it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack

from xgodo_dev.cli import local_project, output
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project import watch_lock
from xgodo_dev.project.config import Project
from xgodo_dev.runs.events import Event
from xgodo_dev.runs.followers import Followers
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.run import Run
from xgodo_dev.runs.run_recorder import RunRecorder
from xgodo_dev.runs.secrets import Secrets
from xgodo_dev.runs.store import RunStore

_LOOK_INTERVAL = 0.25

Shown = tuple[RecordedRun, list[str]]
"""A run as it was shown, and the ids of all lines that were recorded of it then, the newest last."""


async def follow(
    project: Project,
    store: RunStore,
    show_all: Callable[[], list[Shown]],
    show: Callable[[Sequence[RecordedRun]], list[Shown]],
    emit: Callable[[Event], None],
    newest: int,
    followed: list[Run],
    *,
    wants: Callable[[RecordedRun], bool] | None,
) -> None:
    """Show runs, and follow those of them that go on, to their ends.

    While a loop watches the project, it goes on with the runs that begin there.

    Args:
        show_all: shows what is recorded of the runs to begin with.
        show: shows what is recorded of runs that began since.
        emit: shows what happens from then on.
        newest: the number of the newest run that is known.
        followed: gets the runs that are followed, so that whoever interrupts this knows of them.
        wants: whether a run that begins is one to follow; None: no further one is.

    Raises:
        XgodoError: the platform can't be asked.
    """
    server = local_project.server(project)
    async with AsyncExitStack() as stack:
        transport = await stack.enter_async_context(
            Transport(server, on_silence=output.waiting_for(server.api_url))
        )
        recorder = await stack.enter_async_context(RunRecorder(project.root, server.remote, emit))
        api = AutomationApi(transport)
        if server.is_emulator:
            api.note_runs_are_listed(at_once=True)
        followers = await stack.enter_async_context(Followers(api, emit, store.ends))
        following = _Following(store, api, server, followers, recorder, emit, followed)
        for shown in show_all():
            following.add(*shown)
        watched = bool(wants)
        while watched or following.goes_on:
            await asyncio.sleep(_LOOK_INTERVAL)
            # Looked at before the store: what a loop that ends has recorded last is still found.
            watched = wants is not None and watch_lock.is_watched(project.root)
            begun = store.runs(behind=newest)
            if begun:
                newest = begun[0].number
            wanted = [run for run in reversed(begun) if wants is not None and wants(run)]
            for shown in show(wanted) if wanted else ():
                following.add(*shown)


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
        runs: list[Run],
    ) -> None:
        self._runs = runs
        self._store = store
        self._api = api
        self._server = server
        self._followers = followers
        self._recorder = recorder
        self._emit = emit

    @property
    def goes_on(self) -> bool:
        """Whether a run has not ended yet."""
        return any(not run.ended for run in self._runs)

    def add(self, recorded: RecordedRun, shown: list[str]) -> None:
        """Follow a run, unless its end is known, or it goes on elsewhere; these lines of it are known."""
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
        # Whatever another process has recorded since it was shown is new here.
        read_until = last[1] if last and shown and last[0] == shown[-1] else recorded.started
        if self._store.writable:
            self._recorder.resume(self._store.begun(recorded))
        self._followers.follow(run, read_until, [*filter(None, [recorded.after]), *shown])
        self._runs.append(run)
