"""The loop: every save is checked, pushed and, when the check passes, bundled and launched."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from xgodo_dev.errors import (
    AuthenticationError,
    BundleFailed,
    ConfigurationError,
    FileUnreadable,
    ToolchainError,
    UnreachableError,
    XgodoError,
)
from xgodo_dev.loop.changes import Changes, FileChanges
from xgodo_dev.loop.events import (
    Change,
    Check,
    Conflict,
    Event,
    Notice,
    Ready,
    RemoteChange,
    Stopped,
    SyncFailed,
)
from xgodo_dev.loop.events import Synced as SyncedEvent
from xgodo_dev.loop.runs import Run
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.transport import RouteMissing
from xgodo_dev.project.config import SETTINGS_FILE, NoProject, Project, load
from xgodo_dev.project.files import FileSelection, blob_hash
from xgodo_dev.sync.push import (
    Conflicting,
    LocallyDeleted,
    Pusher,
    PushResult,
    Refused,
    RemoteChanged,
    Synced,
    Unchanged,
)
from xgodo_dev.toolchain.bundle import Bundle, bundle
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import CheckResult, check

# What can change what a run does; a save of anything else is only synced.
_RUN_SUFFIXES = frozenset({".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".jsx", ".json"})
# The compilers take every core there is. A server that is near holds the save before they start.
_HEAD_START_OF_PUSH = 0.008
_RETRY_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
_SHUTDOWN_DEADLINE = 8.0
_ROOT_CHECK_INTERVAL = 1.0
_SETTLING_PAUSE = 0.3
# What the next save does not mend.
_FATAL = (AuthenticationError, RouteMissing)
# Stands for the content of a file that is there and can't be read; no hash looks like it.
_UNREADABLE = "unreadable"
_PUSHED_UNSEEN = "pushed before it was seen"


class ProjectGone(XgodoError):
    """The watched folder is no longer where it was."""

    code = "project-gone"


@dataclass(frozen=True)
class WatchOptions:
    """What the loop does with a save."""

    run: bool = False
    check: bool = True
    push: bool = True


class Watch:
    """Watches one project and reports everything through ``emit``.

    The newest save wins: it cancels an outdated check or bundle, while a launch already on its way
    finishes first and is then replaced.
    """

    def __init__(
        self,
        project: Project,
        api: AutomationApi,
        pusher: Pusher,
        project_id: str,
        toolchain: Toolchain,
        devices: Sequence[Device],
        options: WatchOptions,
        emit: Callable[[Event], None],
    ) -> None:
        self._project = project
        self._api = api
        self._pusher = pusher
        self._project_id = project_id
        self._toolchain = toolchain
        self._devices = devices
        self._options = options
        self._emit = emit
        self._selection = FileSelection(project.root, project.exclude)
        self._known: dict[str, str] = {}
        self._cycle: asyncio.Task[None] | None = None
        self._bundle: Bundle | None = None
        self._bundle_ready = asyncio.Event()
        self._runs: list[Run] = []
        # Paths whose last push found nobody there, and which one task goes on trying.
        self._retrying: set[str] = set()
        # Paths that the server could not compile; what they import may still arrive.
        self._uncompiled: set[str] = set()
        # Paths that came or went a moment ago.
        self._settling: set[str] = set()
        self._launch_missed = False
        pusher.on_read = self._note_read

    async def run(self) -> None:
        """Loop until cancelled.

        Raises:
            ExceptionGroup: around what makes going on useless, such as a refused token.
            XgodoError: the folder can't be watched.
        """
        reason = "failed"
        try:
            async with FileChanges(self._project.root) as changes:
                self._known = {path: self._hash(path) or "" for path in self._selection.paths()}
                self._emit(
                    Ready(root=str(self._project.root), files=len(self._known), project=self._project_id)
                )
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._guard_root())
                    if self._options.run:
                        tasks.create_task(self._launch_newest(tasks))
                    if self._options.push:
                        tasks.create_task(self._push_everything())
                    self._start_cycle(tasks, _Countdown())
                    async for batch in changes:
                        self._handle(batch, tasks)
        except asyncio.CancelledError:
            reason = "interrupted"
            raise
        finally:
            await self._stop_runs()
            self._emit(Stopped(reason=reason))

    async def _guard_root(self) -> None:
        """End the loop when the folder at the project's path is not the one that is watched any more."""
        root = self._project.root

        def identity() -> tuple[int, int] | None:
            try:
                status = root.stat()
            except OSError:
                return None
            return status.st_dev, status.st_ino

        watched = identity()
        # No system tells when a watched folder was moved, so its place is looked at now and then.
        while identity() == watched:  # noqa: ASYNC110
            await asyncio.sleep(_ROOT_CHECK_INTERVAL)
        raise ProjectGone(f"{root} was moved or removed.", hint="Start again in the folder's new place.")

    def _handle(self, batch: Changes, tasks: asyncio.TaskGroup) -> None:
        try:
            changed = self._changed_paths(batch)
        except (FileUnreadable, ConfigurationError) as error:
            self._emit(Notice(message=f"Not looked at what changed: {_with_hint(error)}"))
            return
        for path in [path for path in changed if path in self._settling]:
            changed.remove(path)
            tasks.create_task(self._settle(path, tasks))
        affects_run = any(_affects_run(path) for path in changed)
        if SETTINGS_FILE in changed and self._reload_settings():
            # What is excluded may be another set of files now.
            changed += self._changed_paths(Changes(frozenset(), rescan=True))
            affects_run = True
        self._take(changed, tasks, affects_run=affects_run)

    async def _settle(self, path: str, tasks: asyncio.TaskGroup) -> None:
        """Take a path that came or went only if that is still so in a moment.

        A temporary file could not be deleted from the platform again, and many a tool replaces a
        file by removing it first.
        """
        await asyncio.sleep(_SETTLING_PAUSE)
        self._settling.discard(path)
        content_hash = self._hash(path)
        if content_hash == self._known.get(path) or not self._selection.counts(path):
            return
        if content_hash is None:
            del self._known[path]
        else:
            self._known[path] = content_hash
        self._take([path], tasks, affects_run=_affects_run(path))

    def _take(self, changed: list[str], tasks: asyncio.TaskGroup, *, affects_run: bool) -> None:
        """Report changed paths, push them, and check and run where that can make a difference."""
        if not changed:
            return
        self._emit(Change(paths=changed))
        sending = _Countdown()
        if self._options.push:
            for path in changed:
                if path != SETTINGS_FILE:
                    tasks.create_task(self._push(path, sending.one_more()))
        if affects_run:
            self._start_cycle(tasks, sending)

    def _changed_paths(self, batch: Changes) -> list[str]:
        """The paths whose content really differs from what was last seen; that is remembered at once."""
        candidates = {self._selection.relative(path) for path in batch.paths}
        if ".gitignore" in candidates or batch.rescan:
            self._selection = FileSelection(self._project.root, self._project.exclude)
            candidates.update(self._selection.paths(), self._known)
        changed = []
        for path in sorted(path for path in candidates if path):
            if path != SETTINGS_FILE and not self._selection.counts(path):
                continue
            content_hash = self._hash(path)
            if content_hash == self._known.get(path) or path in self._settling:
                continue
            appeared = path not in self._known and not batch.rescan
            if path != SETTINGS_FILE and (content_hash is None or appeared):
                self._settling.add(path)
            elif content_hash is None:
                self._known.pop(path, None)
            else:
                self._known[path] = content_hash
            changed.append(path)
        return changed

    def _reload_settings(self) -> bool:
        before = self._project
        try:
            loaded = load(before.root)
            if loaded.root != before.root:
                raise NoProject(f"{before.root / SETTINGS_FILE} is gone.")
            self._selection = FileSelection(loaded.root, loaded.exclude)
        except ConfigurationError as error:
            self._emit(Notice(message=f"The settings in use stay as they were: {error}"))
            return False
        self._project = loaded
        if _binding(loaded) != _binding(before):
            self._emit(
                Notice(message="Which project, server or device this is stays as it was until a restart.")
            )
        return True

    async def _push_everything(self) -> None:
        """Bring the remote project up to date with what changed while nobody watched."""
        pauses = iter(_RETRY_PAUSES)
        while True:
            try:
                async for result in self._pusher.push_all(self._pusher.changed(self._known)):
                    self._report_push(result)
            except UnreachableError as error:
                pause = next(pauses, _RETRY_PAUSES[-1])
                self._emit(Notice(message=f"Not synced yet: {error} Trying again in {pause:g} s."))
                await asyncio.sleep(pause)
            else:
                return

    async def _push(self, path: str, sent: Callable[[], None]) -> None:
        """Push one path; on a network failure say so once, and go on trying."""
        try:
            result = await self._pusher.push(path, on_sent=sent)
            self._report_push(result)
            if isinstance(result, Synced):
                await self._push_uncompiled()
        except UnreachableError as error:
            if path in self._retrying:
                # An earlier save already waits for the server, and will send the newest content.
                return
            self._emit(SyncFailed(path=path, reason=f"{_with_hint(error)} Trying again."))
        else:
            return
        finally:
            sent()
        self._retrying.add(path)
        try:
            await self._push_until_reached(path)
        finally:
            self._retrying.discard(path)

    async def _push_uncompiled(self) -> None:
        """Something arrived at the server: what it could not compile may have lacked just that."""
        for path in sorted(self._uncompiled):
            result = await self._pusher.push(path)
            if not isinstance(result, Refused):
                self._report_push(result)

    async def _push_until_reached(self, path: str) -> None:
        pauses = iter(_RETRY_PAUSES)
        while True:
            await asyncio.sleep(next(pauses, _RETRY_PAUSES[-1]))
            with contextlib.suppress(UnreachableError):
                self._report_push(await self._pusher.push(path))
                break
        if self._launch_missed:
            self._launch_missed = False
            self._bundle_ready.set()

    def _report_push(self, result: PushResult) -> None:
        self._uncompiled.discard(result.path)
        match result:
            case Synced(path, size, ms):
                self._emit(SyncedEvent(path=path, bytes=size, ms=round(ms, 1)))
            case Refused(path, reason, errors):
                if errors:
                    self._uncompiled.add(path)
                self._emit(SyncFailed(path=path, reason=reason, errors=list(errors) or None))
            case Conflicting(path):
                self._emit(Conflict(path=path))
            case RemoteChanged(path):
                self._emit(RemoteChange(path=path))
            case LocallyDeleted(path):
                self._emit(
                    Notice(message=f"{path} is gone here but stays on the platform, whose API has no delete.")
                )
            case Unchanged():
                pass

    def _start_cycle(self, tasks: asyncio.TaskGroup, sending: _Countdown) -> None:
        if self._cycle and not self._cycle.done():
            self._cycle.cancel()
        if self._options.check or self._options.run:
            self._cycle = tasks.create_task(self._check_and_bundle(sending))

    async def _check_and_bundle(self, sending: _Countdown) -> None:
        """Check and bundle side by side; hand the bundle to the launcher when the check passes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HEAD_START_OF_PUSH):
                await sending.wait()
        async with asyncio.TaskGroup() as both:
            checking = both.create_task(self._check()) if self._options.check else None
            bundling = both.create_task(self._try_bundle()) if self._options.run else None
        if checking and not checking.result():
            return
        made = bundling.result() if bundling else None
        if isinstance(made, BundleFailed):
            self._emit(Notice(message="\n".join((made.summary, *made.errors))))
        elif isinstance(made, ToolchainError):
            self._emit(Notice(message=str(made)))
        elif made:
            self._bundle = made
            self._bundle_ready.set()

    async def _check(self) -> bool:
        try:
            result = await check(self._toolchain, self._project.root)
        except XgodoError as error:
            # Also a tsconfig.json that is gone for a moment, as in a checkout: the next save mends it.
            self._emit(Notice(message=f"Not checked: {error}"))
            return False
        self._emit(check_event(result))
        return result.ok

    async def _try_bundle(self) -> Bundle | ToolchainError:
        # Handed back, not raised: a file that does not type-check often does not bundle either, and
        # then the check's own report is the one to show.
        try:
            return await bundle(self._toolchain, self._project.root, self._project.entry)
        except ToolchainError as error:
            return error

    async def _launch_newest(self, tasks: asyncio.TaskGroup) -> None:
        """Replace the running bundle by the newest one, for as long as the loop lives."""
        while True:
            await self._bundle_ready.wait()
            self._bundle_ready.clear()
            bundle = self._bundle
            assert bundle is not None, "the event is set only with a bundle"
            # Forgotten only once they are stopped: an interruption here still finds them.
            await asyncio.gather(*(run.stop() for run in self._runs))
            self._runs.clear()
            for device in self._devices:
                run = Run(self._api, device, bundle, self._emit)
                # Listed before the request leaves: an interrupted launch is then still stopped.
                self._runs.append(run)
                tasks.create_task(self._launch(run))

    async def _launch(self, run: Run) -> None:
        try:
            await run.launch(self._project.parameters, self._project.variables)
        except _FATAL:
            raise
        except XgodoError as error:
            self._launch_missed = isinstance(error, UnreachableError)
            self._emit(Notice(message=f"Not launched on {run.device.name}: {error}"))
            # It may have been heard all the same, and then nobody would follow it.
            await run.stop()
            return
        await run.follow()

    async def _stop_runs(self) -> None:
        running = [run for run in self._runs if not run.ended]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_SHUTDOWN_DEADLINE):
                await asyncio.gather(*(run.stop() for run in running), return_exceptions=True)

    def _note_read(self, path: str, content_hash: str | None) -> None:
        """A push may read other content than the event that asked for it saw, such as a half-written file.

        The server gets that, so the next event is a change whatever it finds: were it compared with
        what the last event saw, the end of that write could look like nothing new.
        """
        if path in self._known and self._known[path] != content_hash:
            self._known[path] = _PUSHED_UNSEEN

    def _hash(self, path: str) -> str | None:
        try:
            return blob_hash((self._project.root / path).read_bytes())
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError:
            # The push says why, when its turn comes.
            return _UNREADABLE


class _Countdown:
    """Lets one task wait until several others have each come to a point."""

    def __init__(self) -> None:
        self._open = 0
        self._none_open = asyncio.Event()
        self._none_open.set()

    def one_more(self) -> Callable[[], None]:
        """What one of the others calls at its point; further calls do nothing."""
        self._open += 1
        self._none_open.clear()
        come = False

        def arrive() -> None:
            nonlocal come
            if not come:
                come = True
                self._open -= 1
                if self._open == 0:
                    self._none_open.set()

        return arrive

    async def wait(self) -> None:
        """Return when all have come."""
        await self._none_open.wait()


def _affects_run(path: str) -> bool:
    # The settings do too, but only when they can be read.
    return PurePosixPath(path).suffix in _RUN_SUFFIXES and path != SETTINGS_FILE


def _with_hint(error: XgodoError) -> str:
    return f"{error} {error.hint}" if error.hint else str(error)


def _binding(project: Project) -> tuple[object, ...]:
    """The settings that are read once, when the loop starts."""
    return project.project_id, project.profile, project.devices, project.profile_projects


def check_event(result: CheckResult) -> Check:
    """A check's result as the contract's event."""
    return Check(ok=result.ok, errors=diagnostics_json(result), ms=round(result.ms, 1))


def diagnostics_json(result: CheckResult) -> list[dict[str, object]]:
    """The diagnostics of a check, in the contract's JSON shape."""
    return [
        {
            "file": each.file,
            "line": each.line,
            "column": each.column,
            "code": each.code,
            "message": each.message,
        }
        for each in result.errors
    ]
