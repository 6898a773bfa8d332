"""What keeps the runs of a process, as these see it; and what keeps nothing."""

from __future__ import annotations

from typing import Protocol

from xgodo_dev.platform.automation import Device
from xgodo_dev.runs.events import Exit, Log, Notice
from xgodo_dev.runs.programs import Program
from xgodo_dev.runs.secrets import Secrets


class Recorder(Protocol):
    """Keeps what runs do."""

    def begin(
        self,
        run_id: str,
        device: Device,
        program: Program,
        secrets: Secrets | None = None,
        after: str | None = None,
    ) -> None:
        """A run is about to be launched; its lines are behind the log line ``after``."""

    async def settled(self, run_id: str) -> None:
        """Return when what was recorded of a run's beginning would survive this process; but soon."""

    def withdraw(self, run_id: str) -> None:
        """Its launch was refused."""

    def line(self, line: Log) -> None:
        """A run has logged a line."""

    async def keep_up(self) -> None:
        """Return when there is room for thousands of lines more; but soon."""

    def note(self, run_id: str, notice: Notice) -> None:
        """There is something to know about a run."""

    def end(self, end: Exit, failure: Log | None = None) -> None:
        """A run has ended; ``failure``: its uncaught error as a line where it was thrown."""


class NoRecorder:
    """Keeps nothing."""

    def begin(
        self,
        run_id: str,
        device: Device,
        program: Program,
        secrets: Secrets | None = None,
        after: str | None = None,
    ) -> None: ...

    async def settled(self, run_id: str) -> None: ...

    def withdraw(self, run_id: str) -> None: ...

    def line(self, line: Log) -> None: ...

    async def keep_up(self) -> None: ...

    def note(self, run_id: str, notice: Notice) -> None: ...

    def end(self, end: Exit, failure: Log | None = None) -> None: ...


NO_RECORDER = NoRecorder()
