"""`xgodo-dev demo`: the whole loop on real input, proving each step as it goes."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import click

from xgodo_dev.cli import checking, interrupts, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.emulator_process import running_emulator, started_emulator
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.pasting import going_to, program
from xgodo_dev.cli.view import cells, event_view
from xgodo_dev.cli.view.folders import from_home
from xgodo_dev.cli.view.screen import screen_of_results
from xgodo_dev.errors import XgodoError
from xgodo_dev.loop.drift import Sides
from xgodo_dev.loop.events import Check, Ready, Stopped, Synced, SyncFailed
from xgodo_dev.loop.launches import RunsOn
from xgodo_dev.loop.options import WatchOptions
from xgodo_dev.loop.watch import Watch
from xgodo_dev.platform import credentials
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.credentials import EMULATOR_PROFILE, Server
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project import config, scaffold
from xgodo_dev.project.files import FileSelection
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.nesting import require_apart
from xgodo_dev.project.state import State
from xgodo_dev.runs.devices import ONLINE, choose
from xgodo_dev.runs.events import Event, Exit, Launch, Log
from xgodo_dev.runs.run_recorder import RunRecorder
from xgodo_dev.sync.remote import find_remote

_TEMPLATE = "stages"
_STEP_DEADLINE = 30.0
_ENTRY = "main.ts"
_ANCHOR = "async function main(): Promise<void> {\n"
_GREETING = "A line you just saved"
_GOOD_EDIT = f'  console.log("{_GREETING}");\n'
_BAD_EDIT = '  const retries: number = "three";\n  console.log(retries);\n'

_Kind = TypeVar("_Kind", bound=Event)


class DemoFailed(XgodoError):
    """The loop did not do what it promises."""

    code = "demo-failed"


@click.command(cls=Command, short_help="See the whole loop at work, against an emulator of the platform.")
@click.option("--keep", is_flag=True, help="Leave the project in ./xgodo-demo, to go on with.")
def demo(keep: bool) -> int:
    """Run the whole loop by itself: an emulator, a new project, two saves, and a commit.

    One save has a type error, which is shown and does not run; the other runs. Everything is real:
    the compiler, the server, the phone's JavaScript. Nothing leaves this machine.

    \b
    Examples:
      xgodo-dev demo
      xgodo-dev demo --keep
    """
    interrupts.run(_demo(keep=keep))
    return 0


async def _demo(*, keep: bool) -> None:
    with tempfile.TemporaryDirectory(prefix="xgodo-demo-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        root = (invocation().start / "xgodo-demo").resolve() if keep else folder / "my-automation"
        if keep:
            require_apart(root)
            scaffold.require_room(root)
        _say("An emulator of the platform starts on this machine")
        async with _emulator(None if keep else folder / "emulator") as server:
            if not keep:
                _tell(f"         it listens at {server.api_url}")
            _say(f"A project is made from the template `{_TEMPLATE}`")
            made = scaffold.scaffold(root, template=_TEMPLATE, name=root.name, project_id=None, force=False)
            sources = ", ".join(file for file in made.files if file.endswith(".ts"))
            _tell(f"         {from_home(str(root))}: {sources}")
            commit_hash = await _loop(root, server)
    if invocation().json:
        output.json_line({"ok": True, "commit": commit_hash, "project": str(root) if keep else None})
        return
    done = click.style("The loop works:", fg="green", bold=True)
    _tell(f"\n{done} saved, checked, synced, run, and committed as {commit_hash}.")
    if keep:
        _tell("\nThe project is yours. Type next:")
        for step in (*going_to(root), f"{program()} watch --run --emulator"):
            _tell(f"  {step}")
    else:
        _tell(f"\nMake your own with:  {program()} init my-automation")


@contextlib.asynccontextmanager
async def _emulator(data: Path | None) -> AsyncIterator[Server]:
    """An emulator that works on ``data``; None: the one that `--emulator` uses, so that its project stays."""
    if data is None:
        async with running_emulator():
            yield credentials.resolve(EMULATOR_PROFILE)
        return
    async with started_emulator(["--port", "0", "--unlisted", "--data", str(data)]) as address:
        yield Server(profile=EMULATOR_PROFILE, api_url=address.url, remote="demo", token=address.token)


async def _loop(root: Path, server: Server) -> str:
    """Watch the project and edit it; returns the hash of the commit that ends it.

    Raises:
        DemoFailed: a step did not happen, or one happened that must not.
    """
    project = config.load(root)
    project_id = project.id_for(server.profile)
    with State(root, server.state_key(project_id)) as state:
        async with Transport(server) as transport:
            api = AutomationApi(transport, state)
            remote = await find_remote(transport, api, project_id, state, now=time.time())
            copy = LocalCopy(root, FileSelection(root, project.exclude, project.include), state)
            witness = _Witness(_show_event())
            _say("The project is watched: every save is checked, synced, and run")
            toolchain = await checking.toolchain(project)
            devices = choose(await api.devices(), [ONLINE])[:1]
            async with RunRecorder(root, server.remote, witness.take) as recorder:
                watch = Watch(
                    project,
                    api,
                    Sides(copy, remote, state),
                    project_id,
                    toolchain,
                    RunsOn(devices, recorder, server),
                    WatchOptions(run=True),
                    witness.take,
                )
                await _watch_and_edit(watch, root, witness)
            _say("The work is committed, with a message")
            commit = await remote.commit("Say hello from the demo")
            _tell(f"         {click.style(commit.hash, fg='yellow')} {commit.message}")
            return commit.hash


async def _watch_and_edit(watch: Watch, root: Path, witness: _Witness) -> None:
    async with _running(watch):
        ready = await witness.sees(Ready)
        await witness.sees(Exit, lambda event: event.status == "success")
        await witness.sees_times(ready.files, Synced)
        original = (root / _ENTRY).read_text(encoding="utf-8")
        bad_save = await _save_with_type_error(root / _ENTRY, original, witness)
        await _save_that_runs(root / _ENTRY, original, witness, bad_save)


async def _save_with_type_error(entry: Path, original: str, witness: _Witness) -> int:
    """Returns the point in the history at which the bad save was made."""
    _say(f"You save {entry.name} with a mistake in it: it is shown, and does not run")
    mark = witness.mark()
    entry.write_text(original.replace(_ANCHOR, _ANCHOR + _BAD_EDIT), encoding="utf-8")
    await witness.sees(Check, lambda event: not event.ok, since=mark)
    await witness.sees(SyncFailed, lambda event: event.path == entry.name, since=mark)
    return mark


async def _save_that_runs(entry: Path, original: str, witness: _Witness, bad_save: int) -> None:
    _say(f"You mend {entry.name} and add a line: it is checked, synced and run")
    edited = original.replace(_ANCHOR, _ANCHOR + _GOOD_EDIT)
    line = edited[: edited.index(_GOOD_EDIT)].count("\n") + 1
    mark, saved_at = witness.mark(), time.time()
    entry.write_text(edited, encoding="utf-8")
    synced = await witness.sees(Synced, lambda event: event.path == entry.name, since=mark)
    log = await witness.sees(Log, lambda event: event.message == _GREETING, since=mark)
    if log.source != {"file": entry.name, "line": line}:
        raise DemoFailed(f"The log line points to {log.source}, not to {entry.name}:{line}.")
    await witness.sees(Exit, lambda event: event.status == "success", since=mark)
    if witness.count(Launch, since=bad_save) != 1:
        raise DemoFailed("The save with the type error was launched.")
    _tell(
        f"         from the save to its compiled copy there: {(synced.time - saved_at) * 1000:.0f} ms;"
        f" to the first log line: {(log.time - saved_at) * 1000:.0f} ms"
    )


class _Witness:
    """Passes events on, and lets the demo wait for them."""

    def __init__(self, show: Callable[[Event], None]) -> None:
        self._show = show
        self._events: list[Event] = []
        self._more = asyncio.Event()

    def take(self, event: Event) -> None:
        self._show(event)
        self._events.append(event)
        self._more.set()

    def mark(self) -> int:
        """A point in the history, to look only at what came after it."""
        return len(self._events)

    def count(self, kind: type[Event], *, since: int = 0) -> int:
        """How many events of that kind came after ``since``."""
        return sum(isinstance(event, kind) for event in self._events[since:])

    async def sees_times(self, count: int, kind: type[_Kind]) -> None:
        """Wait for as many events of that kind."""
        while self.count(kind) < count:
            await self.sees(kind, since=len(self._events))

    async def sees(
        self, kind: type[_Kind], accepts: Callable[[_Kind], bool] = lambda _event: True, *, since: int = 0
    ) -> _Kind:
        """The first event of that kind after ``since`` which ``accepts`` takes; waits for it."""
        looked_at = since
        try:
            async with asyncio.timeout(_STEP_DEADLINE):
                while True:
                    for event in self._events[looked_at:]:
                        looked_at += 1
                        if isinstance(event, kind) and accepts(event):
                            return event
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise DemoFailed(
                f"The demo waited {_STEP_DEADLINE:g} s in vain for the event `{kind.name}`."
            ) from None


@contextlib.asynccontextmanager
async def _running(watch: Watch) -> AsyncIterator[None]:
    """Run the loop beside the body; a failure of either ends both."""
    async with asyncio.TaskGroup() as tasks:
        loop = tasks.create_task(watch.run())
        yield
        loop.cancel()


def _show_event() -> Callable[[Event], None]:
    """Shows the loop as `watch` does, but all of it on stdout: here the whole story is the result."""
    if invocation().json:
        return event_view.view().show
    view = event_view.EventView(note=output.result)
    return lambda event: None if isinstance(event, Stopped) else view.show(event)


def _tell(text: str) -> None:
    if invocation().json:
        return
    columns = screen_of_results(color=invocation().color).columns
    lines = text.split("\n")
    if columns:
        lines = [part for line in lines for part in cells.wrapped(line, columns())]
    output.result("\n".join(lines))


def _say(text: str) -> None:
    _tell(f"\n{click.style(text, bold=True)}")
