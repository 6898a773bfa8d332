"""The loop: every save is checked, pushed and, when the check passes, bundled and launched."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from xgodo_dev.errors import ArgumentsInvalid, ConfigurationError, ToolchainError, XgodoError
from xgodo_dev.loop.changes import Changes, FileChanges
from xgodo_dev.loop.drift import Drift, Sides
from xgodo_dev.loop.events import Change, Check, Ready, Stopped, Synced
from xgodo_dev.loop.launches import Launches, RunsOn
from xgodo_dev.loop.local_files import LocalFiles
from xgodo_dev.loop.pushes import Countdown, Pushes
from xgodo_dev.loop.removal import Removal
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.project import arguments, schemas
from xgodo_dev.project.arguments import Arguments
from xgodo_dev.project.config import SETTINGS_FILE, NoProject, Project, load
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.schema.input_schema import Schemas
from xgodo_dev.sync.left_behind import left_behind
from xgodo_dev.sync.push import Pusher
from xgodo_dev.sync.survey import MassDeletion, survey
from xgodo_dev.toolchain import declarations
from xgodo_dev.toolchain.bundle import Bundle, bundle
from xgodo_dev.toolchain.check_remarks import awaiting, remarks
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import check

# What can change what a run does; a save of anything else is only synced.
_RUN_SUFFIXES = frozenset({".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".jsx", ".json"})
# The compilers take every core there is. A server that is near holds the save before they start.
_HEAD_START_OF_PUSH = 0.008
_SETTLING_PAUSE = 0.3
_ROOT_CHECK_INTERVAL = 1.0
_STATE_CHECK_INTERVAL = 1.0


class ProjectGone(XgodoError):
    """The watched folder is no longer where it was."""

    code = "project-gone"


@dataclass(frozen=True)
class WatchOptions:
    """What the loop does with a save."""

    run: bool = False
    check: bool = True
    push: bool = True
    poll: float | None = None
    """Seconds between two looks at what others changed on the server; None: none."""


class Watch:
    """Watches one project and reports everything through ``emit``.

    The newest save wins: it cancels an outdated check or bundle, while a launch already on its way
    finishes first and is then replaced.
    """

    def __init__(
        self,
        project: Project,
        api: AutomationApi,
        sides: Sides,
        project_id: str,
        toolchain: Toolchain,
        where: RunsOn,
        options: WatchOptions,
        emit: Callable[[Event], None],
    ) -> None:
        self._project = project
        self._project_id = project_id
        self._toolchain = toolchain
        self._options = options
        self._emit = emit
        self._sides = sides
        self._files = LocalFiles(sides.copy, project.exclude, project.include)
        self._schemas = Schemas()
        self._remarks: list[str] = []
        self._argument_doubts: tuple[str, ...] = ()
        self._launches = Launches(project.root, api, where, emit)
        pusher = Pusher(sides.copy, sides.remote, sides.state, on_read=self._note_read)
        self._drift = Drift(sides, emit)
        self._pushes = Pushes(pusher, self._emit_of_push, reached=self._launches.retry_missed)
        self._cycle: asyncio.Task[None] | None = None
        self._pointed_out: set[str] = set()
        self._removal = Removal()
        self._bases = sides.state.base()

    def _note_read(self, path: str, content_hash: str | None) -> None:
        """A push has just read that file, and goes by what it found."""
        if content_hash is None:
            self._removal.add(path)
        self._files.note_pushed(path, content_hash)

    def _emit_of_push(self, event: Event) -> None:
        if isinstance(event, Synced):
            # A base that this process has set is nobody else's decision.
            self._bases[event.path] = self._sides.state.known(event.path).base or ""
        self._drift.heard(event)
        self._emit(event)

    @property
    def launches(self) -> Launches:
        """The runs of this loop, for who wants one more, or none."""
        return self._launches

    async def run(self) -> None:
        """Loop until cancelled.

        Raises:
            ExceptionGroup: around what makes going on useless, such as a refused token.
            XgodoError: the folder can't be watched.
        """
        root = self._project.root
        reason = "failed"
        try:
            self._schemas = schemas.load(self._project)
            async with FileChanges(root) as changes:
                self._files.name(schemas.files(self._project))
                self._files.scan()
                paths = self._files.paths
                self._emit(Ready(root=str(root), files=len(paths), project=self._project_id))
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(_guard(root))
                    if self._options.run:
                        tasks.create_task(self._launches.run())
                    if self._options.push:
                        tasks.create_task(self._pushes.push_together(self._to_push()))
                        tasks.create_task(self._pushes.push_uncompiled())
                        tasks.create_task(self._push_decided())
                        tasks.create_task(self._point_out_left_behind(paths, Countdown()))
                    if self._options.poll is not None:
                        tasks.create_task(self._drift.poll(self._options.poll))
                    self._start_cycle(tasks, Countdown())
                    async for batch in changes:
                        self._handle(batch, tasks)
        except asyncio.CancelledError as cancelled:
            # Whoever cancels it may say why.
            reason = str(cancelled) or "interrupted"
            raise
        except BaseExceptionGroup as group:
            if group.subgroup(MassDeletion):
                # Only now, when no push is left that could still take one for meant.
                for path in self._removal.paths():
                    self._sides.state.note_present(path)
            raise
        finally:
            try:
                await self._launches.stop()
            finally:
                self._emit(Stopped(reason=reason))

    def _handle(self, batch: Changes, tasks: asyncio.TaskGroup) -> None:
        changed, settling = self._files.changed(batch, self._report_problem)
        affects_run = any(_affects_run(path) for path in changed)
        if SETTINGS_FILE in changed and self._reload_settings():
            # What is excluded may be another set of files now.
            everything = Changes(frozenset(), rescan=True)
            more, settling_too = self._files.changed(everything, self._report_problem)
            changed, settling, affects_run = changed + more, settling + settling_too, True
            if self._options.push:
                # What a check read already, and is a file of the project only now, is no change of a file.
                tasks.create_task(self._pushes.push_together(self._to_push()))
        if settling:
            tasks.create_task(self._settle(settling, tasks))
        self._take(changed, tasks, affects_run=affects_run)

    def _report_problem(self, error: XgodoError) -> None:
        self._emit(Notice(message=f"Not every change was seen: {error.with_hint()}"))

    async def _settle(self, paths: Sequence[str], tasks: asyncio.TaskGroup) -> None:
        await asyncio.sleep(_SETTLING_PAUSE)
        changed = [path for path in paths if self._files.settled(path)]
        self._take(changed, tasks, affects_run=any(_affects_run(path) for path in changed))

    def _take(self, changed: list[str], tasks: asyncio.TaskGroup, *, affects_run: bool) -> None:
        """Report changed paths, push them, and check and run where that can make a difference."""
        if not changed:
            return
        self._emit(Change(paths=changed))
        if not (schemas.files(self._project) | {SETTINGS_FILE}).isdisjoint(changed):
            self._take_schemas()
        sending = Countdown()
        counts = self._sides.copy.selection.counts
        sent = [path for path in changed if counts(path)] if self._options.push else []
        gone = {path for path in sent if not self._sides.copy.exists(path)}
        if gone:
            # Of some, a push that was under way may have told already.
            to_push = set(self._to_push())
            sent = [path for path in sent if path not in gone or path in to_push]
        if len(sent) == 1:
            tasks.create_task(self._pushes.push(sent[0], sending.one_more()))
        elif sent:
            tasks.create_task(self._pushes.push_together(sent, sending.one_more()))
        if affects_run:
            self._start_cycle(tasks, sending)
        if sent:
            tasks.create_task(self._point_out_left_behind(sent, sending))

    async def _push_decided(self) -> None:
        """Send what a conflict held back when another command has decided it, as `pull --ours` does.

        That changes no file here, so that no save tells of it; but it sets another base.
        """
        state = self._sides.state
        changes = state.changes_by_others()
        while True:
            await asyncio.sleep(_STATE_CHECK_INTERVAL)
            seen, changes = changes, state.changes_by_others()
            if changes == seen:
                continue
            before, self._bases = self._bases, state.base()
            moved = {path for path, base in self._bases.items() if before.get(path) != base}
            decided = [path for path in self._to_push() if path in moved] if moved else []
            if decided:
                await self._pushes.push_together(decided)

    async def _point_out_left_behind(self, paths: Sequence[str], sending: Countdown) -> None:
        """Say once of each JSON file that the platform will miss it."""
        # Not before the content has left: reading what it imports may take longer than that.
        await sending.wait()
        for path, importer in (await asyncio.to_thread(left_behind, self._sides.copy, paths)).items():
            if path not in self._pointed_out:
                self._pointed_out.add(path)
                self._emit(
                    Notice(
                        message=f"{importer} imports {path}, which is not sent: "
                        f'add "{path}" to `include` in xgodo.toml.'
                    )
                )

    def _to_push(self) -> list[str]:
        """What a push has to do.

        Raises:
            MassDeletion: so many files are gone that it looks like an accident.
        """
        found = survey(self._sides.copy, self._sides.state)
        found.require_no_mass_deletion(unsure=self._removal.paths())
        return found.to_push()

    def _reload_settings(self) -> bool:
        before = self._project
        try:
            loaded = load(before.root)
            if loaded.root != before.root:
                raise NoProject(f"{before.root / SETTINGS_FILE} is gone.")
            self._files.select(loaded.exclude, loaded.include)
            self._files.name(schemas.files(loaded))
        except ConfigurationError as error:
            self._emit(Notice(message=f"The settings in use stay as they were: {error}"))
            return False
        self._project = loaded
        if _binding(loaded) != _binding(before):
            self._emit(
                Notice(message="Which project, server or device this is stays as it was until a restart.")
            )
        return True

    def _take_schemas(self) -> None:
        """Make the declarations of the schemas as they are now; those in use stay where that can't be."""
        try:
            loaded = schemas.load(self._project)
            declarations.write(self._project.root, loaded)
        except XgodoError as error:
            self._emit(Notice(message=f"The schemas in use stay as they were: {error.with_hint()}"))
            return
        for doubt in loaded.doubts:
            if doubt not in self._schemas.doubts:
                self._emit(Notice(message=doubt))
        self._schemas = loaded

    def _start_cycle(self, tasks: asyncio.TaskGroup, sending: Countdown) -> None:
        if self._cycle and not self._cycle.done():
            self._cycle.cancel()
        if self._options.check or self._options.run:
            self._cycle = tasks.create_task(self._check_and_bundle(sending))

    async def _check_and_bundle(self, sending: Countdown) -> None:
        """Check and bundle side by side; let the bundle be launched when the check passes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HEAD_START_OF_PUSH):
                await sending.wait()
        started_with = await self._arguments() if self._options.run else None
        async with asyncio.TaskGroup() as both:
            checking = both.create_task(self._check()) if self._options.check else None
            bundling = both.create_task(self._try_bundle()) if started_with else None
        if checking and not checking.result():
            return
        made = bundling.result() if bundling else None
        if isinstance(made, ToolchainError):
            self._emit(Notice(message=f"{made}" + (f"\n{made.hint}" if made.hint else "")))
        elif made and started_with:
            self._launches.offer(made, started_with, self._project.secrets)

    async def _arguments(self) -> Arguments | None:
        """What a run is started with; None where it can't be, which the person is told."""
        try:
            # In a thread, because the answers of patterns may have to be waited for.
            found = await asyncio.to_thread(arguments.resolve, self._project, self._schemas)
        except ArgumentsInvalid as error:
            self._emit(Notice(message=f"Not launched: {error}" + (f"\n{error.hint}" if error.hint else "")))
            return None
        said, self._argument_doubts = self._argument_doubts, found.doubts
        for doubt in found.doubts:
            if doubt not in said:
                self._emit(Notice(message=doubt))
        return found

    async def _check(self) -> bool:
        try:
            result = await check(self._toolchain, self._project.root)
        except XgodoError as error:
            # Also a tsconfig.json that is gone for a moment, as in a checkout: the next save mends it.
            self._emit(Notice(message=f"Not checked: {error.with_hint()}"))
            return False
        self._emit(Check.of(result))
        said = self._remarks
        self._remarks = [*remarks(result, self._project.root, self._project.entry), *awaiting(result)]
        for remark in self._remarks:
            if remark not in said:
                self._emit(Notice(message=remark))
        return result.ok

    async def _try_bundle(self) -> Bundle | ToolchainError:
        # Handed back, not raised: a file that does not type-check often does not bundle either, and
        # then the check's own report is the one to show.
        try:
            return await bundle(self._toolchain, self._project.root, self._project.entry)
        except ToolchainError as error:
            return error


async def _guard(root: Path) -> None:
    """End the loop when the folder at that path is not the one that is watched any more."""

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


def _affects_run(path: str) -> bool:
    # The settings do too, but only when they can be read.
    return PurePosixPath(path).suffix in _RUN_SUFFIXES and path != SETTINGS_FILE


def _binding(project: Project) -> tuple[object, ...]:
    """The settings that are read once, when the loop starts."""
    return project.project_id, project.profile, project.devices, project.profile_projects
