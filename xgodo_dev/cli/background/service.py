"""What the daemon's process knows of its loop, keeps of it, and answers to whoever asks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from xgodo_dev import __version__
from xgodo_dev.cli.app import reported
from xgodo_dev.cli.background import handed_run, memory
from xgodo_dev.cli.background.other_daemon import OtherDaemon
from xgodo_dev.cli.background.run_order import RunOrder
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.terminal.watch_terminal import NOTHING_RUNS, NOTHING_TO_RUN
from xgodo_dev.cli.view.event_view import View
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import UsageError, XgodoError
from xgodo_dev.loop.checks import NOT_CHECKED
from xgodo_dev.loop.control import Conversation, Inputs, Request, described
from xgodo_dev.loop.control_client import is_token
from xgodo_dev.loop.event_log import EventLog
from xgodo_dev.loop.events import (
    Change,
    Check,
    Conflict,
    Ready,
    RemoteChange,
    Stopped,
    Synced,
    SyncFailed,
)
from xgodo_dev.loop.launches import Launches
from xgodo_dev.platform.automation import Device
from xgodo_dev.project.config import Project
from xgodo_dev.runs.devices import choose
from xgodo_dev.runs.events import Event, Exit, Launch, Notice

_TOLD_TO_STOP = "daemon stop"


class Service:
    """The face of the daemon's loop: it keeps what happens, and tells those who listen.

    Args:
        project: as it is when the daemon starts.
        view: shows events here as well; None: nobody looks.
        on_ready: is called once the loop watches the project.
    """

    def __init__(
        self,
        project: Project,
        since: float,
        *,
        view: View | None,
        on_ready: Callable[[], None],
    ) -> None:
        self._project = project
        self._since = since
        self._view = view
        self._on_ready = on_ready
        self._log = EventLog(project.root)
        self._listeners: set[Conversation] = set()
        self._handed: set[asyncio.Task[None]] = set()
        self._ready: Ready | None = None
        self._check: Check | None = None
        # That the newest save could not be checked.
        self._unchecked: Notice | None = None
        self._synced: Synced | None = None
        # By path, why what is here is not there.
        self._unsynced: dict[str, SyncFailed | Conflict] = {}
        self._running: dict[str, Launch] = {}
        self._opened: Workspace | None = None
        self._devices: Sequence[Device] = ()
        self._launches: Launches | None = None
        self._end: Callable[[str], object] | None = None
        self._process = asyncio.current_task()
        self.is_told_to_stop = False
        """Whether somebody has asked for its end."""

    def face(self, opened: Workspace, devices: Sequence[Device]) -> Service:
        """Be the face of a session."""
        self._opened, self._devices = opened, devices
        # Of the session before, for another branch's project, nothing holds any more.
        self._ready = self._check = self._unchecked = self._synced = None
        self._unsynced.clear()
        if self._view:
            self._view.use_devices([each.name for each in devices])
        return self

    def show(self, event: Event) -> None:
        """Something has happened in the loop."""
        self._keep(event)
        for each in self._listeners:
            each.show(event)
        if self._view:
            self._view.show(event)
        if isinstance(event, Ready):
            self._on_ready()

    @asynccontextmanager
    async def listening(self, launches: Launches, end: Callable[[str], object]) -> AsyncIterator[None]:
        """Let whoever speaks to the daemon act on the loop's runs."""
        self._launches, self._end = launches, end
        if self.is_told_to_stop:
            # As the session before came to its end by itself.
            end(_TOLD_TO_STOP)
        try:
            yield
        finally:
            self._launches = self._end = None
            # What was launched for somebody ends while there still is a connection to end it by.
            if self._stop_handed():
                await asyncio.wait(self._handed)

    def close(self, error: BaseException | None) -> None:
        """The daemon ends, for this reason: tell those who listen."""
        last: dict[str, Any] = {"done": {"why": "it was stopped"}}
        if isinstance(error, Exception):
            told = reported(error, invocation())
            self._log.write(Notice(message=told.with_hint()))
            last = {"error": described(told)}
        for each in self._listeners:
            each.say(**last)
        self._log.close()

    async def answer(self, request: Request, conversation: Conversation, inputs: Inputs) -> None:
        """Answer what somebody asks.

        Raises:
            XgodoError: it is refused, or has gone wrong.
        """
        match request.get("do"):
            case "stop":
                conversation.say(done={"stopping": True})
                self._stop()
            case "status":
                conversation.say(done=self._status())
            case "follow":
                self._require_same_version(request)
                self._require_same_server(request)
                await self._follow(request, conversation, inputs)
            case "run":
                await self._run(request, conversation, inputs)
            case _:
                raise UsageError("The daemon does not know what is asked.", hint="See `xgodo-dev daemon`.")

    def _stop(self) -> None:
        if self.is_told_to_stop or (self._process and self._process.cancelling()):
            # A second word would break off what the first, or a signal, has begun: runs are being stopped.
            return
        self.is_told_to_stop = True
        if self._end:
            self._end(_TOLD_TO_STOP)
        elif self._process:
            self._process.cancel()

    def _keep(self, event: Event) -> None:
        self._log.write(event)
        match event:
            case Ready():
                self._ready = event
            case Change(paths=paths):
                # Whatever was wrong with these, a push of what they are now tells anew.
                for path in paths:
                    self._unsynced.pop(path, None)
            case SyncFailed(path=path) | Conflict(path=path):
                self._unsynced[path] = event
            case RemoteChange(path=path):
                self._unsynced.pop(path, None)
            case Check():
                self._check, self._unchecked = event, None
            case Notice(message=message) if message.startswith(NOT_CHECKED):
                self._unchecked = event
            case Synced(path=path):
                self._synced = event
                self._unsynced.pop(path, None)
            case Launch(run=run):
                self._running[run] = event
            case Exit(run=run):
                self._running.pop(run, None)
            case Stopped():
                self._running.clear()

    def _status(self) -> dict[str, Any]:
        opened, check, synced = self._opened, self._check, self._synced
        return {
            "version": __version__,
            "since": self._since,
            "watching": self._ready is not None,
            "project": opened.project_id if opened else None,
            "server": opened.server.api_url if opened else None,
            "profile": opened.server.profile if opened else None,
            "files": self._ready.files if self._ready else None,
            "check": {"ok": check.ok, "errors": len(check.errors), "time": check.time} if check else None,
            "synced": {"path": synced.path, "time": synced.time} if synced else None,
            "unsynced": [
                {
                    "path": path,
                    "reason": each.reason if isinstance(each, SyncFailed) else each.name,
                    "time": each.time,
                }
                for path, each in self._unsynced.items()
            ],
            "devices": [{"id": each.id, "name": each.name} for each in self._devices],
            "runs": [
                {"run": each.run, "device": each.device, "since": each.time}
                for each in self._running.values()
            ],
            "memory": memory.in_use(),
        }

    async def _follow(self, request: Request, conversation: Conversation, inputs: Inputs) -> None:
        self._require_same_devices(request.get("devices"))
        conversation.say(
            attached={"devices": [each.name for each in self._devices], "project": self._project.name}
        )
        newest_check = self._unchecked or self._check
        for event in (self._ready, newest_check, *self._unsynced.values(), *self._running.values()):
            if event:
                conversation.show(event)
        self._listeners.add(conversation)
        try:
            async for asked in inputs:
                self._press(asked.get("key"), conversation)
        finally:
            self._listeners.discard(conversation)

    def _press(self, key: object, conversation: Conversation) -> None:
        if key == "again" and not (self._launches and self._launches.again()):
            conversation.show(Notice(message=NOTHING_TO_RUN))
        if key == "stop":
            handed = self._stop_handed()
            if not (self._launches and self._launches.stop_running()) and not handed:
                conversation.show(Notice(message=NOTHING_RUNS))

    def _stop_handed(self) -> bool:
        """Stop what was launched for somebody; false: nothing was."""
        for task in self._handed:
            # A second word would break off what the first has begun.
            if not task.cancelling():
                task.cancel()
        return bool(self._handed)

    async def _run(self, request: Request, conversation: Conversation, inputs: Inputs) -> None:
        order = RunOrder.of(request.get("order"))
        opened = self._opened
        if opened is None or self._launches is None:
            conversation.say(done={"declined": "The daemon does not watch the project yet."})
            return
        try:
            self._require_same_version(request)
            self._require_same_server(request)
        except OtherDaemon as error:
            conversation.say(done={"declined": str(error)})
            return

        def emit(event: Event) -> None:
            self.show(event)
            conversation.show(event)

        carrying_out = asyncio.create_task(
            _reporting(handed_run.carry_out(opened, order, conversation, emit))
        )
        self._handed.add(carrying_out)
        leaving = asyncio.create_task(_interrupted(inputs))
        try:
            await asyncio.wait([carrying_out, leaving], return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            carrying_out.cancel()
            await asyncio.wait([carrying_out])
            self._handed.discard(carrying_out)
        if not carrying_out.cancelled():
            await carrying_out
        # Behind what a launch has said already, nobody reads it.
        conversation.say(done={"interrupted": True})

    def _require_same_version(self, request: Request) -> None:
        theirs = request.get("version")
        if theirs != __version__:
            raise OtherDaemon(
                f"The daemon is of version {__version__} of xgodo-dev, and this is {theirs}.",
                hint="`xgodo-dev daemon restart` mends that.",
            )

    def _require_same_server(self, request: Request) -> None:
        """Refuse who names another server, project or account; who names none means the daemon's."""
        opened = self._opened
        if opened is None:
            return
        server, project_id = opened.server, request.get("project")
        if request.get("remote") not in (None, server.remote) or project_id not in (None, opened.project_id):
            raise OtherDaemon(f"The daemon works with project {opened.project_id} on {server.api_url}.")
        if not is_token(request.get("token"), server.token):
            raise OtherDaemon("The daemon works with another token.")

    def _require_same_devices(self, wanted: object) -> None:
        if not isinstance(wanted, list) or not wanted:
            return
        try:
            chosen = choose([replace(each, online=True) for each in self._devices], [str(e) for e in wanted])
        except XgodoError:
            chosen = []
        if {each.id for each in chosen} != {each.id for each in self._devices}:
            names = ", ".join(each.name for each in self._devices) or "no device"
            raise OtherDaemon(f"The daemon runs on {names}.")


async def _interrupted(inputs: Inputs) -> None:
    """Wait until somebody has enough of a run, or has gone."""
    with contextlib.suppress(XgodoError, OSError):
        async for asked in inputs:
            if asked.get("do") == "interrupt":
                return


async def _reporting(carried_out: Coroutine[Any, Any, None]) -> None:
    try:
        await carried_out
    except Exception as error:
        raise reported(error, invocation()) from error
