"""A `watch --json` that runs beside a test."""

from __future__ import annotations

import json
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

DEADLINE = 20.0


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

    def end(self, how: signal.Signals) -> int:
        """Interrupt it, read what it still has to say, and return its exit code."""
        self.process.send_signal(how)
        code = self.process.wait(timeout=15)
        while (event := self._arriving.get(timeout=DEADLINE)) is not None:
            self.seen.append(event)
        return code
