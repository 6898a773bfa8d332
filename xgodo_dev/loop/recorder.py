"""Records runs while they go on, beside the loop: writing to the disk never holds up a line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Protocol

from xgodo_dev.loop import run_store_file
from xgodo_dev.loop.events import Event, Exit, Log, Notice
from xgodo_dev.loop.run_store import BegunRun, RunStore
from xgodo_dev.loop.run_store_file import NewerRunStore, RunStoreUnusable
from xgodo_dev.platform.automation import Device
from xgodo_dev.toolchain.bundle import Bundle

# Lines of a moment are written together, which costs little more than one of them.
_PAUSE_BETWEEN_WRITES = 0.02
# Should the disk hang, the run goes on, and memory stays bounded.
_MOST_PENDING = 100_000
_CLOSING_DEADLINE = 5.0

_Write = Callable[[RunStore], object]


class Recorder(Protocol):
    """Keeps what runs do."""

    def begin(self, run_id: str, device: Device, bundle: Bundle) -> None:
        """A run is about to be launched."""

    def withdraw(self, run_id: str) -> None:
        """Its launch was refused."""

    def line(self, line: Log) -> None:
        """A run has logged a line."""

    def end(self, end: Exit, failure: Log | None = None) -> None:
        """A run has ended; ``failure``: its uncaught error as a line where it was thrown."""


class NoRecorder:
    """Keeps nothing."""

    def begin(self, run_id: str, device: Device, bundle: Bundle) -> None: ...

    def withdraw(self, run_id: str) -> None: ...

    def line(self, line: Log) -> None: ...

    def end(self, end: Exit, failure: Log | None = None) -> None: ...


class RunRecorder:
    """Keeps runs in the project's run store, in a thread of its own. Use as a context manager.

    Nothing that is wrong with the store ends or holds up a run: it is said once, through ``emit``,
    and nothing is recorded any more. A damaged store is set aside for a new one.

    Args:
        remote: names the server, as ``Server.remote`` does.
    """

    def __init__(self, root: Path, remote: str, emit: Callable[[Event], None]) -> None:
        self._root = root
        self._remote = remote
        self._emit = emit
        self._pending: list[_Write] = []
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._to_say: list[str] = []
        self._given_up = False
        self._identity: tuple[int, int] | None = None
        self._began_anew = False
        self._thread = threading.Thread(target=self._work, name="run-recorder", daemon=True)

    def __enter__(self) -> RunRecorder:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._closing.set()
            self._changed.notify()
        self._thread.join(_CLOSING_DEADLINE)
        if self._thread.is_alive():
            self._give_up("The disk did not take everything of this run in time.")
        self._say()

    def begin(self, run_id: str, device: Device, bundle: Bundle) -> None:
        run = BegunRun(
            id=run_id,
            remote=self._remote,
            device_id=device.id,
            device=device.name,
            entry=bundle.entry,
            mark=bundle.mark,
            source_map=bundle.source_map.text,
            started=time.time(),
        )
        self._write(partial(_begin, run))

    def withdraw(self, run_id: str) -> None:
        self._write(partial(RunStore.withdraw, run_id=run_id))

    def line(self, line: Log) -> None:
        self._write(partial(RunStore.add, line=line))

    def end(self, end: Exit, failure: Log | None = None) -> None:
        if failure:
            self.line(failure)
        self._write(partial(RunStore.end, end=end))

    def _write(self, write: _Write) -> None:
        self._say()
        with self._changed:
            if self._given_up:
                return
            self._pending.append(write)
            kept_up = len(self._pending) <= _MOST_PENDING
            self._changed.notify()
        if not kept_up:
            self._give_up("The disk is too slow for the lines of this run.")
            self._say()

    def _say(self) -> None:
        """Report what the thread found; only the loop's own thread may."""
        while self._to_say:
            self._emit(Notice(message=self._to_say.pop(0)))

    def _give_up(self, why: str) -> None:
        with self._changed:
            if not self._given_up:
                self._to_say.append(f"`logs` will not have everything of this: {why}")
            self._given_up = True
            self._pending.clear()

    def _work(self) -> None:
        try:
            store = self._open()
            try:
                while writes := self._next():
                    try:
                        _keep(store, writes)
                    except RunStoreUnusable as error:
                        # Damage is often found only where it is written to.
                        store.close()
                        store = self._begin_anew(error)
                        _keep(store, writes)
                    # What comes meanwhile is written at once.
                    self._closing.wait(_PAUSE_BETWEEN_WRITES)
            finally:
                store.close()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the run goes on
            self._give_up(str(error) or type(error).__name__)

    def _next(self) -> list[_Write]:
        """What is to be written; waits for it. Nothing: the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._given_up or self._closing.is_set())
            writes, self._pending = self._pending, []
            return writes

    def _open(self) -> RunStore:
        self._identity = run_store_file.identity(self._root)
        try:
            store = RunStore(self._root)
        except NewerRunStore:
            raise
        except RunStoreUnusable as error:
            return self._begin_anew(error)
        # It may have been made just now.
        self._identity = run_store_file.identity(self._root)
        return store

    def _begin_anew(self, error: RunStoreUnusable) -> RunStore:
        if self._began_anew:
            raise error
        self._began_anew = True
        kept = run_store_file.set_aside(self._root, self._identity)
        if kept:
            self._to_say.append(f"{error} It was set aside as {kept.name}, and a new one begins.")
        return RunStore(self._root)


def _keep(store: RunStore, writes: Sequence[_Write]) -> None:
    with store.together():
        for write in writes:
            write(store)
        store.keep_small()


def _begin(run: BegunRun, store: RunStore) -> None:
    store.begin(run)
    store.prune()


NO_RECORDER = NoRecorder()
