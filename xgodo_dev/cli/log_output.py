"""What `logs` writes: for a person lines and what happened, for a program nothing but lines of logs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from xgodo_dev.cli import output
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.recorded_logs import Wanted, without_repetition
from xgodo_dev.cli.view.event_view import EventView
from xgodo_dev.runs.events import Event, Exit, Log, Notice
from xgodo_dev.runs.recorded_run import RecordedRun


class LogOutput:
    """Writes recorded events, and then those that happen.

    Args:
        root: the project's folder.
        runs: those that are shown, as far as that is known: from the second device on, lines say of which
            they are.
    """

    def __init__(self, wanted: Wanted, root: Path, runs: Sequence[RecordedRun]) -> None:
        self._wanted = wanted
        self._devices = {run.device_id: run.device for run in reversed(runs)}
        # Two of them may have one name, and are two all the same.
        names = list(self._devices.values())
        self._view = None if invocation().json else EventView(devices=names, root=root)

    def join(self, runs: Sequence[RecordedRun]) -> None:
        """These runs are shown as well from now on."""
        new = {run.device_id: run.device for run in reversed(runs) if run.device_id not in self._devices}
        if new and self._view:
            self._devices.update(new)
            self._view.use_devices(list(self._devices.values()))

    def recorded(self, events: Iterator[Event]) -> int:
        """Write what is recorded, and return how many lines that is."""
        lines = 0
        for event in without_repetition(events) if self._view else events:
            if isinstance(event, Log):
                lines += 1
            self._write(event)
        return lines

    def live(self, event: Event) -> None:
        """Write what happens now, unless it is a line that is not wanted."""
        if isinstance(event, Exit) and event.failure and not self._wanted.fits(event.failure):
            event = replace(event, failure=None)
        if isinstance(event, Log) and not self._wanted.fits(event):
            return
        if not self._view and isinstance(event, Notice):
            output.remark(event.message)
        elif not self._view and isinstance(event, Exit) and event.failure:
            self._write(event.failure)
        else:
            self._write(event)

    def close(self) -> None:
        """Write what is held: something else is to be said. More may come all the same."""
        if self._view:
            self._view.tell_held()

    def _write(self, event: Event) -> None:
        if self._view:
            self._view.show(event)
        elif isinstance(event, Log):
            output.json_line(event.to_json(), logs_only=True)
