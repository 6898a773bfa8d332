"""What was read of the logs of a device's runs, and what to ask for next. Pure: no clock, no network.

What the platform documents: a request names runs and, with ``from``, the log line behind which to go on; a
line is kept for ten minutes. What it leaves open is met with the least trust: pages may be cut at any size,
repeated or shuffled; ids may be missing, or those of several lines the same; and what becomes of a ``from``
that is no longer kept is anybody's guess, so that only a line is sent as one that is surely kept.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from xgodo_dev.platform.automation import LogEntry
from xgodo_dev.runs.line_ids import LineIds
from xgodo_dev.runs.seen_ids import SeenIds

PLATFORM_KEEPS = 600.0
"""Seconds for which the platform keeps a line, as documented."""

# The clocks of two machines differ, and an answer takes its time.
_CURSOR_MARGIN = 60.0
# A line whose age is not known was there a moment ago; so it is for going on through known pages.
_SURELY_STILL_KEPT = 5.0
# Lines.
_SMALL = 10
# A server that keeps lines for longer than documented does not get them shown twice.
_REMEMBERED = 3 * PLATFORM_KEEPS


@dataclass(frozen=True)
class Gap:
    """Lines may be missing that a run printed between two moments (Unix seconds)."""

    automation_id: str
    since: float
    until: float

    def told(self) -> str:
        """When that was, for a person: ``between 10:02:11 and 10:05:00 (169 s)``."""
        length = self.until - self.since
        how_long = f"{length:.0f} s" if length < 300 else f"{length / 60:.0f} min"
        return f"between {_clock(self.since)} and {_clock(self.until)} ({how_long})"


@dataclass(frozen=True)
class Page:
    """What an answer brought."""

    fresh: Sequence[LogEntry]
    """Lines not seen before, oldest first."""
    size: int
    """How many lines the answer had, known ones among them."""
    gaps: Sequence[Gap]
    may_be_cut: bool
    """Whether there may be more behind it already, so that it is worth asking again at once."""
    is_whole: bool
    """Whether, with it, all is read that there was when it was asked for."""

    @property
    def is_small(self) -> bool:
        """Whether a server that has one more line for every question would give such a page."""
        return self.size < _SMALL


NOTHING = Page((), 0, (), may_be_cut=False, is_whole=True)
"""An empty page."""


@dataclass(frozen=True)
class Question:
    """What to ask the platform for."""

    automation_ids: tuple[str, ...]
    behind: str | None
    """The log line behind which to go on; None: all there is."""
    asked: float


@dataclass(frozen=True)
class _Cursor:
    log_id: str
    automation_id: str
    kept_until: float
    """Until when the platform surely has that line."""


class Tail:
    """The logs of some runs on one device. Moments are Unix seconds, of a clock that goes on in a sleep."""

    def __init__(self) -> None:
        # When the logs of each run were last read to their end.
        self._read_until: dict[str, float] = {}
        self._seen = SeenIds(_REMEMBERED)
        self._ids = LineIds()
        self._cursor: _Cursor | None = None
        # The newest line whose age is known.
        self._newest = ""
        self._end_before = ""
        self._size_before = 0
        self._largest = 0
        self._largest_whole = 0

    def add(self, automation_id: str, read_until: float, seen: Sequence[str] = ()) -> None:
        """Read the logs of this run too, of which everything is known up to a moment.

        Args:
            seen: ids of lines that are known already, the newest last.
        """
        alone = not self._read_until
        self._read_until[automation_id] = read_until
        for log_id in seen:
            self._seen.add((automation_id, log_id), read_until)
        # Whether the lines of this run all stand behind a line of another, no document says.
        kept_until = read_until + PLATFORM_KEEPS - _CURSOR_MARGIN
        self._cursor = None
        if alone and seen and self._ids.name_a_line(automation_id, seen[-1]):
            self._cursor = _Cursor(seen[-1], automation_id, kept_until)

    def reads(self, automation_id: str) -> bool:
        """Whether the logs of this run are read."""
        return automation_id in self._read_until

    def remove(self, automation_id: str) -> None:
        """Read the logs of this run no longer."""
        del self._read_until[automation_id]
        if self._cursor and self._cursor.automation_id == automation_id:
            self._cursor = None

    def question(self, now: float) -> Question | None:
        """What to ask for now; None: no run is read."""
        if not self._read_until:
            return None
        cursor = self._cursor
        if cursor and (
            now > cursor.kept_until or not self._ids.name_a_line(cursor.automation_id, cursor.log_id)
        ):
            self._cursor = None
        return Question(tuple(self._read_until), self._cursor.log_id if self._cursor else None, now)

    def forget_cursor(self) -> None:
        """The server does not take it."""
        self._cursor = None

    def take(self, question: Question, entries: Sequence[LogEntry]) -> Page:
        """Take the answer to a question in. Runs may have come and gone since it was asked."""
        read_until, asked = self._read_until, question.asked
        ours = self._ids.unique([entry for entry in entries if entry.automation_id in read_until])
        fresh = [entry for entry in ours if self._seen.add((entry.automation_id, entry.id), asked)]
        gaps = self._gaps(question, ours, fresh) if question.behind is None else []
        # The last new line, since a repeated page would lead back. Through pages of known lines, as after a
        # cursor that was refused, there is no other way on than to go through them.
        if fresh:
            self._go_on_behind(fresh[-1], asked)
        elif ours and (ours[-1].id != self._newest or len(entries) >= self._largest):
            last = ours[-1]
            self._cursor = _Cursor(last.id, last.automation_id, asked + _SURELY_STILL_KEPT)
        # A server that takes no notice of cursors, or refuses all, would be asked again for ever.
        before, self._end_before = self._end_before, ours[-1].id if ours else ""
        goes_on = bool(fresh) or (bool(ours) and ours[-1].id not in (question.behind, before))
        cut = self._may_be_cut(len(entries)) and goes_on
        whole = self._is_whole(question, entries, fresh)
        if whole:
            for automation_id in question.automation_ids:
                if automation_id in read_until:
                    read_until[automation_id] = asked
        # In a page that is in order already, this changes nothing.
        fresh.sort(key=_timestamp)
        return Page(fresh, len(entries), gaps, cut, whole)

    def _go_on_behind(self, line: LogEntry, asked: float) -> None:
        # It was printed after that, or it would have been read before.
        printed_after = self._read_until[line.automation_id]
        self._newest = line.id if asked - printed_after < _CURSOR_MARGIN else ""
        kept_until = max(printed_after + PLATFORM_KEEPS - _CURSOR_MARGIN, asked + _SURELY_STILL_KEPT)
        self._cursor = _Cursor(line.id, line.automation_id, kept_until)

    def _gaps(self, question: Question, ours: Sequence[LogEntry], fresh: Sequence[LogEntry]) -> list[Gap]:
        """Where lines may be missing: nothing on a page of all there is was read before.

        Behind a cursor that is surely kept, or behind a known line on the page, none is.
        """
        oldest_kept = question.asked - PLATFORM_KEEPS
        are_fresh = {(entry.automation_id, entry.id) for entry in fresh}
        recognised = {
            entry.automation_id for entry in ours if (entry.automation_id, entry.id) not in are_fresh
        }
        gaps = []
        for automation_id in question.automation_ids:
            until = self._read_until.get(automation_id, oldest_kept)
            if until < oldest_kept and automation_id not in recognised:
                gaps.append(Gap(automation_id, until, oldest_kept))
                self._read_until[automation_id] = oldest_kept
        return gaps

    def _may_be_cut(self, size: int) -> bool:
        """Judge by its size whether there is so likely more that it is worth asking again at once."""
        before, self._size_before = self._size_before, size
        if size == 0:
            # Nothing stood behind the one before, so that was whole.
            self._largest_whole = max(self._largest_whole, before)
            return False
        return size > self._largest_whole or size == before

    def _is_whole(self, question: Question, entries: Sequence[LogEntry], fresh: Sequence[LogEntry]) -> bool:
        """Whether nothing that was there is missing on the page: a server that cuts, cuts at one size."""
        self._largest = max(self._largest, len(entries))
        # Known lines in place of what is behind them are an earlier answer, repeated.
        answers = not entries or bool(fresh) or question.behind is None
        return answers and (not entries or len(entries) < self._largest)


def _clock(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))


def _timestamp(entry: LogEntry) -> int:
    return entry.timestamp
