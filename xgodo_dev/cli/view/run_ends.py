"""The words for how a run ended, the same wherever a person reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xgodo_dev.runs.events import RunStatus


@dataclass(frozen=True)
class RunEnd:
    """How an end is told: the run, or the run on a device, ``words``."""

    words: str
    color: str


RUN_ENDS: Mapping[RunStatus, RunEnd] = MappingProxyType(
    {
        "success": RunEnd("ended well", "green"),
        "failed": RunEnd("failed", "red"),
        "stopped": RunEnd("was stopped", "yellow"),
        "timeout": RunEnd("took too long", "red"),
        "lost": RunEnd("was lost sight of", "red"),
    }
)
_OVER = RunEnd("is over", "yellow")
END_NOT_KNOWN = "end not known"


def run_end(status: RunStatus, error: str | None) -> RunEnd:
    """How to tell a run's end; ``error`` is what its exit says besides."""
    # Nobody here has stopped it, and nobody knows how it ended: that is what the exit says.
    return _OVER if status == "stopped" and error else RUN_ENDS[status]
