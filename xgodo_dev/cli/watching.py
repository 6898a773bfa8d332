"""One session of the loop, as `watch` and the daemon have it: the project opened, and watched to its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from xgodo_dev.cli import branch_guarding, checking, collector, local_project, workspace
from xgodo_dev.cli.device_choice import devices_to_run_on
from xgodo_dev.cli.emulator_process import running_emulator
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import UsageError
from xgodo_dev.loop.branch_guard import BranchSwitched
from xgodo_dev.loop.drift import Sides
from xgodo_dev.loop.events import Stopped
from xgodo_dev.loop.launches import Launches, RunsOn
from xgodo_dev.loop.options import WatchOptions
from xgodo_dev.loop.place import StateGone
from xgodo_dev.loop.watch import Watch
from xgodo_dev.platform.automation import Device
from xgodo_dev.platform.credentials import EMULATOR_PROFILE
from xgodo_dev.project.config import SETTINGS_FILE, NoProject
from xgodo_dev.project.watch_lock import Held
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.runs.recorder import NO_RECORDER, Recorder
from xgodo_dev.runs.run_recorder import RunRecorder
from xgodo_dev.sync.backup import Backups

# Seconds.
_TIME_OF_A_REMOVAL = 0.5
_NOTHING_SENT = (
    "Project {} is protected in xgodo.toml: what you save is not sent. "
    "Commit it in git, then `xgodo-dev push --ref HEAD`."
)


_KEPT = "A checkout has dropped what was pulled and never committed. It is kept: see `xgodo-dev backup list`."


@dataclass(frozen=True)
class Wanted:
    """What the command line wants of a session."""

    devices: tuple[str, ...] = ()
    """Where to run, as ``-d`` names it."""
    options: WatchOptions = field(default_factory=WatchOptions)
    emulator: bool = False
    otlp: str | None = None

    def __post_init__(self) -> None:
        if self.devices and not self.options.run:
            raise UsageError("-d says where to run, and --run that it is to run at all: give both.")
        if (self.options.parameters or self.options.variables) and not self.options.run:
            raise UsageError("--param and --var are for runs, and --run says that there are any: give both.")
        if self.emulator and invocation().api_url:
            raise UsageError("--emulator and --api-url name two different servers.")


class Face(Protocol):
    """Who is told of a session, and may act on its runs."""

    def show(self, event: Event) -> None:
        """Something has happened."""

    def listening(
        self, launches: Launches, end: Callable[[str], object]
    ) -> AbstractAsyncContextManager[object]:
        """Act on the loop's runs meanwhile; ``end`` ends the loop well, and says why."""


@asynccontextmanager
async def server_of(wanted: Wanted) -> AsyncIterator[None]:
    """Select the emulator where that is wanted, and start it when none runs; for as long as sessions last."""
    if not wanted.emulator:
        yield
        return
    invocation().profile = EMULATOR_PROFILE
    async with running_emulator():
        yield


async def watch_project(
    wanted: Wanted, held: Held, face_of: Callable[[Workspace, Sequence[Device]], Face]
) -> None:
    """Open the selected project and watch it, until cancelled or ended by its face.

    Whoever calls it is within ``server_of``.

    Args:
        wanted: what to do.
        held: the project's lock.
        face_of: makes the face, of what was opened and the devices that are run on.

    When a branch is checked out that goes to another project, that one is opened in its place; and the same
    one anew where what is kept of it was removed.

    Raises:
        AlreadyWatched: that was removed, and another loop was quicker.
        ExceptionGroup, XgodoError: what makes going on useless, such as a refused token.
    """
    root = local_project.project().root
    because: str | None = None
    while True:
        try:
            await _watch_one(root, wanted, held, face_of, because)
        except BranchSwitched as switched:
            because = str(switched)
        except StateGone as gone:
            # Whoever removes a folder may still be at it.
            await asyncio.sleep(_TIME_OF_A_REMOVAL)
            held.take_again()
            because = str(gone)
        else:
            return


async def _watch_one(
    root: Path,
    wanted: Wanted,
    held: Held,
    face_of: Callable[[Workspace, Sequence[Device]], Face],
    because: str | None,
) -> None:
    """Open the project that is meant now, and watch it; ``because`` is why that is not as it was before.

    Raises:
        BranchSwitched: another one is meant since.
        StateGone: what was kept of it was removed.
    """
    options = wanted.options
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(workspace.open_workspace())
        project = opened.project
        if project.root != root:
            # The branch has no settings, but a folder above has.
            raise NoProject(f"{root / SETTINGS_FILE} is gone.")
        devices = await devices_to_run_on(opened, wanted.devices) if options.run else []
        face = face_of(opened, devices)

        def tell(event: Event) -> None:
            if isinstance(event, Stopped):
                # Its last word waits for what the recorder has to say when it is closed.
                last_word.callback(face.show, event)
            else:
                face.show(event)

        last_word = stack.enter_context(ExitStack())
        emit: Callable[[Event], None] = tell
        recorder: Recorder = NO_RECORDER
        if options.run:
            emit = await stack.enter_async_context(collector.telemetry(wanted.otlp, project.name, tell))
            recorder = await stack.enter_async_context(RunRecorder(project.root, opened.server.remote, emit))
        if because:
            tell(Notice(message=because))
        if options.push and opened.takes_committed_files_only:
            options = replace(options, push=False)
            tell(Notice(message=_NOTHING_SENT.format(opened.project_id)))
        loop = Watch(
            project,
            opened.api,
            Sides(opened.copy, await workspace.remote_or_documented(opened), opened.state),
            opened.project_id,
            await checking.toolchain(project),
            RunsOn(devices, recorder, opened.server),
            options,
            emit,
            branch_guarding.guard(opened),
            held,
            partial(_keep_what_is_nowhere_else, opened, tell),
        )
        looping = asyncio.create_task(loop.run())
        async with face.listening(loop.launches, lambda why: looping.cancel(msg=why)):
            await to_its_end(looping)


def _keep_what_is_nowhere_else(
    opened: Workspace, tell: Callable[[Event], None], paths: Collection[str]
) -> None:
    """What differs may do so because of a checkout, before the loop began or since."""
    backups = Backups(opened.project.root)
    opened.keep_what_is_nowhere_else(paths, backups)
    if backups.made:
        tell(Notice(message=_KEPT))


async def to_its_end(task: asyncio.Task[None]) -> None:
    """Wait for a task, which ends well where somebody at a key has cancelled it."""
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait([task])
        raise
    if not task.cancelled():
        await task
