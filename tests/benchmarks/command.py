"""The installed command, and how what was measured with it is printed."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

COMMAND = Path(sys.executable).with_name("xgodo-dev")
# Any id of the platform's form: the emulator, and the server of the benchmarks, make the project.
PROJECT_ID = "83ba7359-d8eb-4374-8ecb-055af01fddfe"


def say(line: str = "") -> None:
    """Print a line at once, also through a pipe: these measurements take minutes."""
    print(line, flush=True)  # noqa: T201


class Table:
    """Figures beside the bounds they have to keep, where they have one."""

    def __init__(self, title: str, unit: str) -> None:
        self._unit = unit
        say(f"\n{title}")
        say(f"  {unit:<52}{'min':>8}{'median':>8}{'max':>8}{'n':>4}{'bound':>9}")

    def add(self, name: str, values: Sequence[float], bound: float | None = None, note: str = "") -> None:
        """One row; a bound is kept when the median keeps it."""
        middle = statistics.median(values)
        row = f"  {name:<52}{min(values):8.1f}{middle:8.1f}{max(values):8.1f}{len(values):4}"
        if bound is not None:
            row += f"{bound:9.1f}  {'kept' if middle <= bound else 'MISSED'}"
        say(f"{row}  {note}".rstrip())
