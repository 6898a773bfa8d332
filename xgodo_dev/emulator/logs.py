"""Log lines of one device: kept ten minutes, read page by page. No clock and no I/O of its own."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Literal

KEPT_SECONDS = 600.0
"""How long the platform keeps a line."""

_MAXIMUM_LINES = 50_000
_MAXIMUM_CHARACTERS = 32 * 1024 * 1024


@dataclass(frozen=True)
class LogEntry:
    """One line of one run; ``timestamp`` is milliseconds since the epoch."""

    id: str
    automation_id: str
    message: str
    line_number: int
    level: Literal["log", "warn", "error"]
    timestamp: int

    def document(self) -> dict[str, object]:
        """The entry as the platform writes it."""
        return {
            "id": self.id,
            "automationId": self.automation_id,
            "message": self.message,
            "lineNumber": self.line_number,
            "messageLevel": self.level,
            "timestamp": self.timestamp,
        }


@dataclass(frozen=True)
class _Kept:
    number: int
    arrived: float
    entry: LogEntry


class LogStore:
    """Lines in the order of their arrival, bounded in age, number and total length.

    ``clock`` gives seconds that never go back; age counts from arrival, so that a run which
    falsifies its timestamps neither keeps its lines longer nor hides them.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: deque[_Kept] = deque()
        self._numbers: dict[str, int] = {}
        self._next_number = 0
        self._characters = 0

    def append(
        self,
        automation_id: str,
        message: str,
        *,
        line_number: int,
        level: Literal["log", "warn", "error"],
        timestamp: int,
    ) -> None:
        """Keeps a line under a new id, in place of the oldest ones where there is no room."""
        # A lone surrogate, which JavaScript allows in a string, has no UTF-8 form to answer with.
        text = message.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        entry = LogEntry(str(uuid.uuid4()), automation_id, text, line_number, level, timestamp)
        self._kept.append(_Kept(self._next_number, self._clock(), entry))
        self._numbers[entry.id] = self._next_number
        self._next_number += 1
        self._characters += len(text)
        while len(self._kept) > _MAXIMUM_LINES or (
            self._characters > _MAXIMUM_CHARACTERS and len(self._kept) > 1
        ):
            self._drop_oldest()

    def query(self, automation_ids: Collection[str], after: str | None = None) -> list[LogEntry]:
        """The lines of these runs, oldest first, that arrived after the line with the id ``after``.

        An ``after`` that is unknown or no longer kept gives every line still kept: the platform
        does not say what it does, and this way a reader that slept too long loses nothing more.
        """
        self._expire()
        seen = self._numbers.get(after, -1) if after is not None else -1
        found: list[LogEntry] = []
        for kept in reversed(self._kept):
            if kept.number <= seen:
                break
            if kept.entry.automation_id in automation_ids:
                found.append(kept.entry)
        found.reverse()
        return found

    def _expire(self) -> None:
        oldest_allowed = self._clock() - KEPT_SECONDS
        while self._kept and self._kept[0].arrived <= oldest_allowed:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        dropped = self._kept.popleft()
        del self._numbers[dropped.entry.id]
        self._characters -= len(dropped.entry.message)
