"""The loop: every save is checked, pushed and, when the check passes, bundled and launched."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Sequence
from functools import partial

from xgodo_dev.errors import ArgumentsInvalid, ConfigurationError, ToolchainError, XgodoError
from xgodo_dev.loop.awakening import Awakening
from xgodo_dev.loop.branch_guard import BranchGuard
from xgodo_dev.loop.changes import Changes, FileChanges
from xgodo_dev.loop.checks import Checks
from xgodo_dev.loop.drift import Drift, Sides
from xgodo_dev.loop.events import Change, Ready, Stopped, Synced
from xgodo_dev.loop.launches import Launches, RunsOn
from xgodo_dev.loop.left_behind import LeftBehind
from xgodo_dev.loop.local_files import LocalFiles, can_affect_run
from xgodo_dev.loop.options import WatchOptions
from xgodo_dev.loop.place import Place, StateGone
from xgodo_dev.loop.pushes import Countdown, Outage, Pushes
from xgodo_dev.loop.removal import Removal, after_time_to_come_back
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.project import schemas
from xgodo_dev.project.arguments import Arguments
from xgodo_dev.project.config import SETTINGS_FILE, NoProject, Project, load
from xgodo_dev.project.state_file import NotWritable
from xgodo_dev.project.watch_lock import Held
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.schema.input_schema import Schemas
from xgodo_dev.sync.push import Pusher
from xgodo_dev.sync.survey import MassDeletion, survey
from xgodo_dev.toolchain import declarations
from xgodo_dev.toolchain.bundle import Bundle, bundle
from xgodo_dev.toolchain.tools import Toolchain

# The compilers take every core there is. A server that is near holds the save before they start.
_HEAD_START_OF_PUSH = 0.008
_SETTLING_PAUSE = 0.3
# A check is overtaken now and then by the next save; by so many in a row, a tool is at work on many files,
# and waits for a pause of it rather than being begun for each.
_MOST_OVERTAKEN = 3
_PAUSE_OF_A_TOOL = 0.3
_STATE_CHECK_INTERVAL = 1.0


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
        guard: BranchGuard | None = None,
        held: Held | None = None,
        keep: Callable[[Collection[str]], None] = lambda _paths: None,
    ) -> None:
        """``guard`` tells when the files are another project's; ``held`` is the project's lock.

        ``keep`` is called with the paths of each write before it, to keep what nobody would have any more.
        """
        self._project = project
        self._project_id = project_id
        self._toolchain = toolchain
        self._options = options
        self._emit = emit
        self._sides = sides
        self._files = LocalFiles(sides.copy, project.exclude, project.include)
        self._schemas = Schemas()
        self._checks = Checks(toolchain, emit)
        self._argument_doubts: tuple[str, ...] = ()
        self._api = api
        self._launches = Launches(project.root, api, where, emit)
        self._guard = guard
        self._keep = keep
        pusher = Pusher(
            sides.copy,
            sides.remote,
            sides.state,
            on_read=self._note_read,
            before_write=self._before_write,
        )
        self._drift = Drift(sides, emit)
        self._pushes = Pushes(pusher, self._emit_of_push, reached=self._launches.retry_missed)
        self._cycle: asyncio.Task[None] | None = None
        self._overtaken = 0
        self._left_behind = LeftBehind(sides.copy, emit)
        self._removal = Removal()
        self._place = Place(project.root, held)
        self._bases = sides.state.base()

    def _before_write(self, paths: Collection[str]) -> None:
        if self._guard:
            self._guard.require_same()
        self._keep(paths)

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
            ProjectGone: the folder was moved or removed.
            BranchSwitched, StateGone: it has to begin anew; no `Stopped` was told.
            XgodoError: the folder can't be watched.
        """
        with self._place:
            await self._run()

    async def _run(self) -> None:
        root = self._project.root
        reason: str | None = "failed"
        try:
            self._schemas = schemas.load(self._project)
            async with FileChanges(root, self._say) as changes:
                self._files.name(schemas.files(self._project))
                self._files.scan()
                paths = self._files.paths
                self._emit(Ready(root=str(root), files=len(paths), project=self._project_id))
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._place.guard())
                    tasks.create_task(Awakening().watch(partial(self._wake_up, changes)))
                    if self._guard:
                        tasks.create_task(self._guard.look_out(self._emit))
                    if self._options.run:
                        tasks.create_task(self._launches.run())
                    if self._options.push:
                        tasks.create_task(self._push_everything())
                        tasks.create_task(self._pushes.push_uncompiled())
                        tasks.create_task(self._push_decided())
                        tasks.create_task(self._left_behind.point_out(paths, Countdown()))
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
            moved = self._place.lost()
            if isinstance(moved, StateGone):
                reason = None
                raise moved from group
            if moved or group.subgroup(MassDeletion):
                # Only now, when no push is left that could still take one for meant.
                for path in self._removal.paths():
                    self._sides.state.note_present(path)
            if moved:
                # Whatever else was found wrong there comes of it.
                reason = str(moved)
                raise moved from group
            if self._guard and self._guard.switched:
                # It goes on with the other project, so that nothing has stopped.
                reason = None
                raise self._guard.switched from group
            raise
        finally:
            try:
                await self._launches.stop()
            finally:
                if reason is not None:
                    self._emit(Stopped(reason=reason))

    async def _wake_up(self, changes: FileChanges, seconds: float) -> None:
        self._say(
            f"Nothing could be done for {seconds:.0f} s, as of a computer asleep: all is looked at anew."
        )
        await self._api.reconnect()
        changes.rescan()

    def _say(self, message: str) -> None:
        self._emit(Notice(message=message))

    def _handle(self, batch: Changes, tasks: asyncio.TaskGroup) -> None:
        changed, settling = self._files.changed(batch, self._report_problem)
        affects_run = any(can_affect_run(path) for path in changed)
        if SETTINGS_FILE in changed and self._reload_settings(tasks):
            # What is excluded may be another set of files now.
            everything = Changes(frozenset(), rescan=True)
            more, settling_too = self._files.changed(everything, self._report_problem)
            changed, settling, affects_run = changed + more, settling + settling_too, True
            if self._options.push:
                # What a check read already, and is a file of the project only now, is no change of a file.
                tasks.create_task(self._push_everything())
        if settling:
            tasks.create_task(self._settle(settling, tasks))
        self._take(changed, tasks, affects_run=affects_run)

    def _report_problem(self, error: XgodoError) -> None:
        self._say(f"Not every change was seen: {error.with_hint()}")

    async def _settle(self, paths: Sequence[str], tasks: asyncio.TaskGroup) -> None:
        await asyncio.sleep(_SETTLING_PAUSE)
        changed = [path for path in paths if self._files.settled(path)]
        self._take(changed, tasks, affects_run=any(can_affect_run(path) for path in changed))

    def _take(self, changed: list[str], tasks: asyncio.TaskGroup, *, affects_run: bool) -> None:
        """Report changed paths, push them, and check and run where that can make a difference."""
        if not changed:
            return
        self._place.require()
        self._emit(Change(paths=changed))
        if not (schemas.files(self._project) | {SETTINGS_FILE}).isdisjoint(changed):
            self._take_schemas()
        sending = Countdown()
        counts = self._sides.copy.selection.counts
        sent = [path for path in changed if counts(path)] if self._options.push else []
        if sent:
            tasks.create_task(self._push(sent, sending.one_more()))
        if affects_run:
            self._start_cycle(tasks, sending)
        if sent:
            tasks.create_task(self._left_behind.point_out(sent, sending))

    async def _settled(self) -> None:
        """Return when no checkout is under way that may be to another project's branch."""
        if self._guard:
            await self._guard.settle(self._emit)

    async def _push(self, paths: Sequence[str], sent: Callable[[], None]) -> None:
        """Push changed paths; ``sent`` is called when there is nothing to send for now."""
        try:
            await self._settled()
            gone = {path for path in paths if not self._sides.copy.exists(path)}
            here = [path for path in paths if path not in gone]
            if len(here) == 1:
                await self._pushes.push(here[0], sent)
            elif here:
                await self._pushes.push_together(here, sent)
            if gone:
                # Of some, a push that was under way may have told already.
                to_push = await self._to_push()
                await self._pushes.push_together([path for path in to_push if path in gone], sent)
        finally:
            sent()

    async def _push_everything(self) -> None:
        await self._settled()
        await self._pushes.push_together(await self._to_push())

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
            await self._settled()
            before, self._bases = self._bases, state.base()
            moved = {path for path, base in self._bases.items() if before.get(path) != base}
            decided = [path for path in await self._to_push() if path in moved] if moved else []
            if decided:
                await self._pushes.push_together(decided)

    async def _to_push(self) -> list[str]:
        """What a push has to do.

        Raises:
            MassDeletion: so many files are gone, and stay so, that it looks like an accident.
        """

        def look() -> list[str]:
            found = survey(self._sides.copy, self._sides.state)
            found.require_no_mass_deletion(unsure=self._removal.paths())
            return self._files.without_ignored(found.to_push())

        outage = Outage(self._emit)
        while True:
            try:
                return await after_time_to_come_back(look, self._project.root)
            except NotWritable as error:
                await outage.wait(error)

    def _reload_settings(self, tasks: asyncio.TaskGroup) -> bool:
        before = self._project
        try:
            loaded = load(before.root)
            if loaded.root != before.root:
                raise NoProject(f"{before.root / SETTINGS_FILE} is gone.")
            self._files.select(loaded.exclude, loaded.include)
            self._files.name(schemas.files(loaded))
        except ConfigurationError as error:
            self._say(f"The settings in use stay as they were: {error}")
            return False
        self._project = loaded
        if _binding(loaded) != _binding(before):
            tasks.create_task(self._tell_of_binding())
        return True

    async def _tell_of_binding(self) -> None:
        # The settings of another branch are followed, if they mean another project.
        await self._settled()
        self._say("Which project, server or device this is stays as it was until a restart.")

    def _take_schemas(self) -> None:
        """Make the declarations of the schemas as they are now; those in use stay where that can't be."""
        try:
            loaded = schemas.load(self._project)
            declarations.write(self._project.root, loaded)
        except XgodoError as error:
            self._say(f"The schemas in use stay as they were: {error.with_hint()}")
            return
        for doubt in loaded.doubts:
            if doubt not in self._schemas.doubts:
                self._say(doubt)
        self._schemas = loaded

    def _start_cycle(self, tasks: asyncio.TaskGroup, sending: Countdown) -> None:
        if self._cycle and not self._cycle.done():
            self._cycle.cancel()
            self._overtaken += 1
        else:
            self._overtaken = 0
        if self._options.check or self._options.run:
            self._cycle = tasks.create_task(self._check_and_bundle(sending))

    async def _check_and_bundle(self, sending: Countdown) -> None:
        """Check and bundle side by side; let the bundle be launched when the check passes."""
        if self._overtaken > _MOST_OVERTAKEN:
            await asyncio.sleep(_PAUSE_OF_A_TOOL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HEAD_START_OF_PUSH):
                await sending.wait()
        started_with = await self._arguments() if self._options.run else None
        async with asyncio.TaskGroup() as both:
            checking = both.create_task(self._checks.passes(self._project)) if self._options.check else None
            bundling = both.create_task(self._try_bundle()) if started_with else None
        if checking and not checking.result():
            return
        made = bundling.result() if bundling else None
        if isinstance(made, ToolchainError):
            self._say(f"{made}" + (f"\n{made.hint}" if made.hint else ""))
        elif made and started_with:
            self._launches.offer(made, started_with, self._project.secrets)

    async def _arguments(self) -> Arguments | None:
        """What a run is started with; None where it can't be, which the person is told."""
        try:
            # In a thread, because the answers of patterns may have to be waited for.
            found = await asyncio.to_thread(self._options.arguments_of, self._project, self._schemas)
        except ArgumentsInvalid as error:
            self._say(f"Not launched: {error}" + (f"\n{error.hint}" if error.hint else ""))
            return None
        said, self._argument_doubts = self._argument_doubts, found.doubts
        for doubt in found.doubts:
            if doubt not in said:
                self._say(doubt)
        return found

    async def _try_bundle(self) -> Bundle | ToolchainError:
        # Handed back, not raised: a file that does not type-check often does not bundle either, and
        # then the check's own report is the one to show.
        try:
            return await bundle(self._toolchain, self._project.root, self._project.entry)
        except ToolchainError as error:
            return error


def _binding(project: Project) -> tuple[object, ...]:
    """The settings that are read once, when the loop starts."""
    return project.project_id, project.profile, project.devices, project.profile_projects, project.branches
