"""The words for how a run ended, the same wherever a person reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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
RUNNING = "running"
END_NOT_KNOWN = "end not known"


def run_end(status: RunStatus, error: str | None) -> RunEnd:
    """How to tell a run's end; ``error`` is what its exit says besides."""
    # Nobody here has stopped it, and nobody knows how it ended: that is what the exit says.
    return _OVER if status == "stopped" and error else RUN_ENDS[status]


def run_state(status: RunStatus | None, error: str | None, *, goes_on: bool) -> str:
    """How to tell what is known of a recorded run; ``status`` is None where its end is not known."""
    if status is None:
        return RUNNING if goes_on else END_NOT_KNOWN
    return run_end(status, error).words


def of_several(words: str) -> str:
    """The words for a run as they are of several: ``were stopped``."""
    verb, _, rest = words.partition(" ")
    return f"{({'was': 'were', 'is': 'are'}).get(verb, verb)} {rest}".rstrip()


def counted(states: Iterable[str]) -> str:
    """What is known of many runs: ``28 ended well, 2 failed``."""
    counts = Counter(states).most_common()
    return ", ".join(f"{count} {words if count == 1 else of_several(words)}" for words, count in counts)
