"""What is recorded of a run besides its lines."""

from __future__ import annotations

import time
from dataclasses import dataclass

from xgodo_dev.runs.events import RunStatus

LONGEST_OPEN = 24 * 3600.0
"""Seconds; a run without a recorded end counts as still running if it began less than this ago."""


@dataclass(frozen=True)
class BegunRun:
    """A run that is about to be launched."""

    id: str
    remote: str
    """Names the server, as ``Server.remote`` does."""
    device_id: str
    device: str
    entry: str
    mark: str
    """What the runs of one bundle have in common: what its reports begin with; or of one saved launch."""
    source_map: str
    """The JSON text; empty: there is none."""
    started: float
    """Unix seconds."""
    automation_id: str = ""
    """By what the platform knows it; empty: by its own id."""
    code: str = ""
    """The bundle; empty: the platform has what runs."""
    secrets: str = ""
    """Fingerprints of what must not be kept of what it prints; forgotten once all of that is known."""
    after: str = ""
    """The log line behind which its own begin; empty: no other has logged under its id."""


@dataclass(frozen=True)
class RecordedRun:
    """A run as it is recorded. Times are Unix seconds."""

    number: int
    id: str
    remote: str
    device_id: str
    device: str
    entry: str
    mark: str
    started: float
    ended: float | None
    status: RunStatus | None
    """None: its end is not recorded."""
    ms: float | None
    error: str | None
    dropped: int
    """Lines that there was no room for any more."""
    automation_id: str
    """By what the platform knows it."""
    secrets: str
    """Fingerprints of what must not be shown of what it prints, until all of that is known; else empty."""
    after: str
    """The log line behind which its own begin; empty: all under its id are its own."""
    is_cut: int
    """Other than 0: its last lines could not all be read when it was stopped."""

    @property
    def is_saved(self) -> bool:
        """Whether it runs the project as the platform has it saved, which reports no end."""
        return self.automation_id != self.id

    @property
    def end_is_known(self) -> bool:
        """Whether nothing more is to be learned of it."""
        return self.status is not None and self.status != "lost"

    @property
    def may_be_open(self) -> bool:
        """Whether it makes sense to ask the platform how it goes on."""
        return not self.end_is_known and self._is_young

    @property
    def may_have_more(self) -> bool:
        """Whether it makes sense to ask the platform for what it has logged or how it ended."""
        return (not self.end_is_known or bool(self.is_cut)) and self._is_young

    @property
    def _is_young(self) -> bool:
        return self.started > time.time() - LONGEST_OPEN
