"""A `watch --json` that runs beside a test."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

# A machine that does much else takes its time.
DEADLINE = 60.0


class Watch:
    """A `watch --json` process and the events it has written."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.seen: list[dict[str, Any]] = []
        self._arriving: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._arriving.put(json.loads(line))
        self._arriving.put(None)

    def until(self, name: str, accepts: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """The next such event; the ones before it are kept in ``seen``."""
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                event = self._arriving.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"no event {name!r} within {DEADLINE} s; seen: {self.seen}")
            if event is None:
                pytest.fail(f"watch ended without {name!r}; seen: {self.seen}")
            self.seen.append(event)
            if event["event"] == name and accepts(event):
                return event

    def ever(self, name: str, accepts: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """Such an event, be it one that was seen already: what goes on side by side is told in any order."""
        for event in self.seen:
            if event["event"] == name and accepts(event):
                return event
        return self.until(name, accepts)

    def until_each(self, name: str, paths: Iterable[str]) -> None:
        """Read on until there was such an event of each of these paths, in any order, be it more than once.

        What is saved while all is looked at for the first time, or is sent again for another's sake, can be
        told of twice.
        """
        missing = set(paths)
        while missing:
            missing.discard(self.until(name)["path"])

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What is done within has happened at once when the process sees it."""
        self.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def end(self, how: signal.Signals) -> int:
        """Interrupt it, read what it still has to say, and return its exit code."""
        self.process.send_signal(how)
        code = self.process.wait(timeout=DEADLINE)
        while (event := self._arriving.get(timeout=DEADLINE)) is not None:
            self.seen.append(event)
        return code
