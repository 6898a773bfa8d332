"""Recorded runs that began together: a launch on thirty devices is thirty runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xgodo_dev.runs.recorded_run import RecordedRun

# Seconds. Phones are told to start all at once, but each may first have to end what it still runs. What is
# started again later, from a bundle that is still the same, is another launch.
_ONE_MOMENT = 60.0


@dataclass(frozen=True)
class RecordedLaunch:
    """Runs of one program that began together, each on a device of its own, newest first."""

    runs: Sequence[RecordedRun]

    @property
    def id(self) -> str:
        """What it is told by: the id of the run that began first."""
        return self.runs[-1].id

    @property
    def started(self) -> float:
        """Unix seconds."""
        return min(run.started for run in self.runs)


def launches(recorded: Sequence[RecordedRun]) -> list[RecordedLaunch]:
    """The launches that runs belong to; both are newest first."""
    found: list[list[RecordedRun]] = []
    growing: dict[str, list[RecordedRun]] = {}
    for run in recorded:
        launch = growing.get(run.mark)
        if launch is None or not _belongs(run, launch):
            launch = growing[run.mark] = []
            found.append(launch)
        launch.append(run)
    return [RecordedLaunch(runs) for runs in found]


def _belongs(run: RecordedRun, launch: Sequence[RecordedRun]) -> bool:
    # Where a device comes again, it was started again.
    return launch[-1].started - run.started <= _ONE_MOMENT and all(
        run.device_id != other.device_id for other in launch
    )
