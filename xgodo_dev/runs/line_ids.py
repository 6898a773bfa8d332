"""Ids of log lines where the platform's own don't tell them apart, or must not be shown."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from xgodo_dev.platform.automation import LogEntry

_PREFIX = "xgodo-dev:"
_DIGEST_BYTES = 12
_MADE_UP = re.compile(rf"{_PREFIX}[0-9a-f]{{{2 * _DIGEST_BYTES}}}")


def made_up(*parts: object) -> str:
    """An id that is always the same for the same parts."""
    text = repr(parts).encode("utf-8", "backslashreplace")
    return _PREFIX + hashlib.blake2b(text, digest_size=_DIGEST_BYTES).hexdigest()


def is_made_up(log_id: str) -> bool:
    """Whether an id is one of these, which the platform knows nothing of."""
    return bool(_MADE_UP.fullmatch(log_id))


class LineIds:
    """Gives lines that a server's ids don't tell apart ids of their content and their place among equal ones.

    It knows the lines of a page, the one before that, and the first of those that were found to share an id.
    So an id that comes again later with another content is still taken for the same line, and that is not
    shown: as of a server that numbers the lines of each answer anew, or, where all its ids are the same, a
    line that another process reads first of all. To know the content of all lines would cost too much, and
    the platform documents ids behind which to go on.
    """

    def __init__(self) -> None:
        self._last: LogEntry | None = None
        # Of each id that several lines have, the first of them, which keeps it.
        self._first: dict[tuple[str, str], LogEntry] = {}

    def unique(self, entries: Sequence[LogEntry]) -> Sequence[LogEntry]:
        """The lines of a page; those that the server's ids don't tell from others have one made up."""
        # Where all ids are the same, each line has that of the one before it.
        lines = [self._last, *entries] if self._last else entries
        if entries:
            self._last = entries[-1]
        ids = {each.id for each in lines}
        if len(ids) == len(lines) and all(map(_can_be_sent, ids)) and not self._first:
            # Lines come by the ten thousand a second, and nearly always so.
            return entries
        known: dict[tuple[str, str], LogEntry] = {}
        for each in lines:
            other = known.setdefault(_key(each), each)
            if other != each:
                self._first.setdefault(_key(each), other)
        equal: Counter[LogEntry] = Counter()
        unique = []
        for each in entries:
            if not self._keeps_its_id(each):
                # The same may be printed twice in a millisecond. A page begins no later than the one before.
                equal[each] += 1
                each = _with_id_of_content(each, equal[each])
            unique.append(each)
        return unique

    def name_a_line(self, automation_id: str, log_id: str) -> bool:
        """Whether the server knows which line is meant by that id."""
        return bool(log_id) and not is_made_up(log_id) and (automation_id, log_id) not in self._first

    def _keeps_its_id(self, entry: LogEntry) -> bool:
        return _can_be_sent(entry.id) and self._first.get(_key(entry), entry) == entry


def _can_be_sent(log_id: str) -> bool:
    """Whether a server can be asked by that id: JSON may hold half a character, which is no text."""
    try:
        return bool(log_id.encode("utf-8"))
    except UnicodeEncodeError:
        return False


def _key(entry: LogEntry) -> tuple[str, str]:
    return entry.automation_id, entry.id


def _with_id_of_content(entry: LogEntry, place: int) -> LogEntry:
    """``place``: from 1, among those of its page that are equal to it."""
    made = made_up(entry.id, entry.timestamp, entry.level, entry.line, entry.message, place)
    return replace(entry, id=made)
