"""Records runs while they go on, beside the loop: writing to the disk never holds up a line."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from xgodo_dev.errors import XgodoError
from xgodo_dev.platform.automation import Device
from xgodo_dev.runs import store_file
from xgodo_dev.runs.events import Event, Exit, Log, Notice
from xgodo_dev.runs.programs import Program
from xgodo_dev.runs.recorded_run import BegunRun
from xgodo_dev.runs.secrets import Secrets
from xgodo_dev.runs.store import RunStore
from xgodo_dev.runs.store_file import NewerRunStore, RunStoreUnusable, RunUnknown

_PATIENCE = store_file.PATIENCE
# Lines of a moment are written together, which costs little more than one of them.
_PAUSE_BETWEEN_WRITES = 0.02
# Should the disk hang, the run goes on, and memory stays bounded.
_MOST_PENDING = 100_000
_FIRST_RETRY_PAUSE, _LONGEST_RETRY_PAUSE = 0.1, 5.0
# A disk that is full or busy for longer than this is worth a word, though nothing is lost yet.
_SILENT_ABOUT_FAILURES = 30.0
_CLOSING_DEADLINE = 5.0
_CANCELLED_DEADLINE = 0.2
# A disk that hangs holds up no launch for longer, nor thousands of lines that come at once.
_SETTLING_DEADLINE = 0.3
_KEEPING_UP_DEADLINE = 1.0


@dataclass(frozen=True)
class _Withdrawal:
    run: str


@dataclass(frozen=True)
class _Remark:
    run: str
    notice: Notice


_Record = BegunRun | _Withdrawal | Log | _Remark | Exit


class RunRecorder:
    """Keeps runs in the project's run store, in a thread of its own. Use as an async context manager.

    Nothing that is wrong with the store ends or holds up a run. What can't be written now is tried again;
    a damaged store is set aside for a new one, and one that was moved or deleted is made again. What is
    not recorded in the end is said, through ``emit``.

    Args:
        remote: names the server, as ``Server.remote`` does.
    """

    def __init__(self, root: Path, remote: str, emit: Callable[[Event], None]) -> None:
        self._root = root
        self._remote = remote
        self._emit = emit
        # Guards what both threads use: what is below, down to `_useless`.
        self._changed = threading.Condition()
        self._pending: list[_Record] = []
        # The runs whose end is not written yet: a new store is told of them again.
        self._going_on: dict[str, BegunRun] = {}
        # Those of them that may still turn out to have ended otherwise.
        self._lost: set[str] = set()
        self._to_say: list[str] = []
        self._failure = ""
        self._useless = False
        self._hurry = False
        self._closing = threading.Event()
        self._finished = asyncio.Event()
        # Of each run whose beginning is not written yet; belongs to the loop's own thread.
        self._settling: dict[str, asyncio.Event] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        # What is below belongs to the thread that writes.
        self._store: RunStore | None = None
        self._began_anew = False

    async def __aenter__(self) -> RunRecorder:
        self._loop = loop = asyncio.get_running_loop()

        def work() -> None:
            try:
                self._work()
            finally:
                # Nobody may wait for it any more.
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(self._finished.set)

        self._thread = threading.Thread(target=work, name="run-recorder", daemon=True)
        self._thread.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._closing.set()
            self._changed.notify()
        why = "The disk did not take it in time."
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSING_DEADLINE):
                    await self._finished.wait()
        except asyncio.CancelledError:
            # A disk that is well needs no longer, and another Ctrl-C may come when closing has just begun.
            self._thread.join(_CANCELLED_DEADLINE)
            why = "It was not waited for."
            raise
        finally:
            with self._changed:
                if self._pending:
                    self._leave_out(self._failure or why)
            self._say()

    def begin(
        self,
        run_id: str,
        device: Device,
        program: Program,
        secrets: Secrets | None = None,
        after: str | None = None,
    ) -> None:
        automation_id = program.automation_id(run_id)
        self.resume(
            BegunRun(
                id=run_id,
                remote=self._remote,
                device_id=device.id,
                device=device.name,
                entry=program.entry,
                mark=program.launch,
                source_map=program.source_map.text if program.source_map else "",
                started=time.time(),
                automation_id="" if automation_id == run_id else automation_id,
                code=program.code or "",
                secrets=secrets.fingerprints() if secrets else "",
                after=after or "",
            )
        )

    def resume(self, run: BegunRun) -> None:
        """Record what a run does from now on, which may be recorded up to now."""
        with self._changed:
            for lost in [each for each in self._lost if self._going_on[each].device_id == run.device_id]:
                self._forget(lost)
            if not self._useless:
                self._going_on[run.id] = run
                self._settling[run.id] = asyncio.Event()
                self._hurry = True
        self._write(run.id, run)

    async def settled(self, run_id: str) -> None:
        written = self._settling.get(run_id)
        if written:
            with suppress(TimeoutError):
                async with asyncio.timeout(_SETTLING_DEADLINE):
                    await written.wait()

    def withdraw(self, run_id: str) -> None:
        self._write(run_id, _Withdrawal(run_id))

    def line(self, line: Log) -> None:
        self._write(line.run, line)

    async def keep_up(self) -> None:
        until = time.monotonic() + _KEEPING_UP_DEADLINE
        while len(self._pending) > _MOST_PENDING // 2 and not self._failure and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(_PAUSE_BETWEEN_WRITES)

    def note(self, run_id: str, notice: Notice) -> None:
        self._write(run_id, _Remark(run_id, notice))

    def end(self, end: Exit, failure: Log | None = None) -> None:
        if failure:
            self.line(failure)
        self._write(end.run, end)

    def _write(self, run_id: str, record: _Record) -> None:
        with self._changed:
            # Of a run that was left out once, the rest would be a story with a hole in it.
            if run_id in self._going_on:
                self._pending.append(record)
                if len(self._pending) > _MOST_PENDING:
                    self._leave_out(self._failure or "The disk is too slow for it.")
                self._changed.notify()
        self._say()

    def _say(self) -> None:
        """Report what the thread found; only the loop's own thread may."""
        while self._to_say:
            self._emit(Notice(message=self._to_say.pop(0)))

    def _leave_out(self, why: str) -> None:
        """Record nothing more of the runs that go on; a later run is recorded again."""
        runs = {**self._going_on, **{each.id: each for each in self._pending if isinstance(each, BegunRun)}}
        if runs:
            self._to_say.append(f"`logs` will not have everything of {_named(runs.values())}: {why}")
        self._pending.clear()
        self._going_on.clear()
        self._lost.clear()

    def _forget(self, run_id: str) -> None:
        self._going_on.pop(run_id, None)
        self._lost.discard(run_id)

    def _work(self) -> None:
        failing_since: float | None = None
        said = False
        pause = _FIRST_RETRY_PAUSE
        try:
            while records := self._next():
                try:
                    self._keep(records)
                except NewerRunStore as error:
                    with self._changed:
                        self._useless = True
                        self._leave_out(error.with_hint())
                    return
                except (XgodoError, OSError) as error:
                    self._close_store()
                    self._failure = _told(error)
                    if self._closing.is_set():
                        # That was the last attempt.
                        return
                    failing_since = failing_since or time.monotonic()
                    if time.monotonic() - failing_since > _SILENT_ABOUT_FAILURES and not said:
                        said = True
                        self._to_say.append(
                            f"`logs` does not have the newest lines yet; they are kept: {self._failure}"
                        )
                    self._closing.wait(pause)
                    pause = min(pause * 2, _LONGEST_RETRY_PAUSE)
                    continue
                except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the run goes on
                    self._close_store()
                    with self._changed:
                        self._leave_out(f"{type(error).__name__}: {error}")
                    continue
                failing_since, said, pause, self._failure = None, False, _FIRST_RETRY_PAUSE, ""
                # What comes meanwhile is written at once.
                with self._changed:
                    self._changed.wait_for(
                        lambda: self._hurry or self._closing.is_set(), _PAUSE_BETWEEN_WRITES
                    )
        finally:
            self._close_store()

    def _next(self) -> Sequence[_Record]:
        """What is to be written, which stays pending until it is; waits for it. Nothing: the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._closing.is_set())
            self._hurry = False
            return tuple(self._pending)

    def _keep(self, records: Sequence[_Record]) -> None:
        store = self._store or self._open()
        why = "The file of recorded runs was moved or deleted, and a new one begins."
        try:
            self._write_to(store, records)
            in_place = store.in_place()
        except RunStoreUnusable as error:
            # Damage is often found only where it is written to.
            self._close_store()
            why = self._set_aside(error, store.identity) or why
            in_place = False
        if not in_place:
            # Nobody would find there what was just written. Written twice, it is recorded once.
            self._close_store()
            self._write_to(self._open(why), records)
        with self._changed:
            # Unless they were left out meanwhile.
            if self._pending and self._pending[0] is records[0]:
                del self._pending[: len(records)]
            for record in records:
                if isinstance(record, Exit) and record.status == "lost":
                    if record.run in self._going_on:
                        self._lost.add(record.run)
                elif isinstance(record, Exit | _Withdrawal):
                    self._forget(record.run)
        begun = [record.id for record in records if isinstance(record, BegunRun)]
        if begun and self._loop:
            # Nobody may wait for it any more.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._settle, begun)

    def _settle(self, run_ids: Sequence[str]) -> None:
        for run_id in run_ids:
            if written := self._settling.pop(run_id, None):
                written.set()

    def _write_to(self, store: RunStore, records: Sequence[_Record]) -> None:
        try:
            with store.together():
                for record in records:
                    _write(store, record)
                store.keep_small()
        except RunUnknown as unknown:
            with self._changed:
                run = self._going_on.get(unknown.run)
            if run:
                self._to_say.append(
                    f"Run {run.id[:8]} was dropped from what is recorded: "
                    "`logs` has of it only what comes from now on."
                )
                store.begin(run)
            else:
                # It was left out meanwhile, and is said to be.
                records = [each for each in records if _run_of(each) != unknown.run]
            self._write_to(store, records)

    def _open(self, why_anew: str = "") -> RunStore:
        before = store_file.identity(self._root)
        try:
            self._store = RunStore(self._root, patience=_PATIENCE)
        except NewerRunStore:
            raise
        except RunStoreUnusable as error:
            why_anew = self._set_aside(error, before) or why_anew
            self._store = RunStore(self._root, patience=_PATIENCE)
        missing = self._tell_again(self._store)
        if missing:
            why_anew += f" `logs` has of {_named(missing)} only what comes from now on."
        if why_anew:
            self._to_say.append(why_anew.strip())
        return self._store

    def _tell_again(self, store: RunStore) -> list[BegunRun]:
        """Tell a store of the runs that go on, and return those that it did not know: it may be a new one."""
        with self._changed:
            fresh = {each.id for each in self._pending if isinstance(each, BegunRun)}
            begun = [run for run in self._going_on.values() if run.id not in fresh]
        missing = [run for run in begun if not store.knows(run.id)]
        for run in missing:
            store.begin(run)
        return missing

    def _set_aside(self, error: RunStoreUnusable, unusable: tuple[int, int] | None) -> str:
        """Make room for a new store, and return what there is to say about it, if this process did."""
        if isinstance(error, NewerRunStore) or self._began_anew:
            raise error
        kept = store_file.set_aside(self._root, unusable)
        if kept is None:
            return ""
        self._began_anew = True
        return f"{error} It was set aside as {kept.name}, and a new one begins."

    def _close_store(self) -> None:
        if self._store:
            self._store.close()
            self._store = None


def _write(store: RunStore, record: _Record) -> None:
    match record:
        case BegunRun():
            store.begin(record)
            store.prune()
        case _Withdrawal():
            store.withdraw(record.run)
        case Log():
            store.add(record)
        case _Remark():
            store.note(record.run, record.notice)
        case Exit():
            store.end(record)


def _told(error: XgodoError | OSError) -> str:
    # Of damage, the way out is what this recorder has tried already.
    if isinstance(error, XgodoError) and not isinstance(error, RunStoreUnusable):
        return error.with_hint()
    return str(error) or type(error).__name__


def _run_of(record: _Record) -> str:
    return record.id if isinstance(record, BegunRun) else record.run


def _named(runs: Collection[BegunRun]) -> str:
    return ("run " if len(runs) == 1 else "runs ") + ", ".join(run.id[:8] for run in runs)
