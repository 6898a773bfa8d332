"""What happens while a question is on the screen, to be shown afterwards."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import merge
from itertools import count

from xgodo_dev.runs.events import Event, Log

# Of lines of logs, so many are shown afterwards; `logs` has them all.
_MOST_LINES = 5_000


class UnshownEvents:
    """Keeps every event in its order, but only the newest lines of logs."""

    def __init__(self, most_lines: int = _MOST_LINES) -> None:
        self._numbers = count()
        self._lines: deque[tuple[int, Event]] = deque(maxlen=most_lines)
        self._others: list[tuple[int, Event]] = []

    def add(self, event: Event) -> None:
        """Keep an event."""
        numbered = (next(self._numbers), event)
        if isinstance(event, Log):
            self._lines.append(numbered)
        else:
            self._others.append(numbered)

    def __iter__(self) -> Iterator[Event]:
        # No two have the same number: events are never compared.
        return (event for _, event in merge(self._lines, self._others))
