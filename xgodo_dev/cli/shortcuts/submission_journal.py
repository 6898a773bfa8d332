"""What is known of the planned tasks that were submitted to a job, kept over failures."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from xgodo_dev.errors import ConfigurationError, UsageError

_KEPT_S = 30 * 86_400


@dataclass(frozen=True)
class Sent:
    """A row that became a planned task."""

    row: str
    id: str
    at: float
    """Unix seconds."""


@dataclass(frozen=True)
class Asked:
    """A request whose answer was not heard: each of its rows may have arrived or not, or may be about to."""

    rows: list[str]
    inputs: list[str]
    """What the platform is known to show of each row: a fingerprint of its input."""
    at: float
    """Unix seconds."""
    before: list[str]
    """The planned tasks with such inputs that were there before."""


@dataclass
class _Kept:
    sent: list[Sent] = field(default_factory=list)
    asked: Asked | None = None
    anew: str | None = None
    """The table that is being sent once more, as `fingerprint` tells it."""


class Journal:
    """The file of one job. Rows are told by `row`: a table may grow or shrink between two commands."""

    def __init__(self, file: Path) -> None:
        """Reads it, if it is there; all but what is too old.

        Raises:
            ConfigurationError: it can't be read.
        """
        self.file = file
        self._kept = _Kept()
        if not file.exists():
            return
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            asked = Asked(**kept["asked"]) if kept["asked"] else None
            sent = [Sent(**each) for each in kept["sent"]]
            oldest = time.time() - _KEPT_S
            self._kept = _Kept([each for each in sent if each.at >= oldest], asked, kept["anew"])
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ConfigurationError(
                f"{file} can't be read: {error}.",
                hint="It tells what was submitted already. Remove it to submit everything anew.",
            ) from error

    @property
    def asked(self) -> Asked | None:
        """The request of which nobody knows what came of it."""
        return self._kept.asked

    @property
    def ids(self) -> set[str]:
        """Of all planned tasks that were made."""
        return {each.id for each in self._kept.sent}

    def known(self, rows: Sequence[str]) -> list[Sent | None]:
        """What each row became. Of equal rows as many have arrived as were sent."""
        there: dict[str, list[Sent]] = defaultdict(list)
        for each in reversed(self._kept.sent):
            there[each.row].append(each)
        return [there[each].pop() if there[each] else None for each in rows]

    def asking(self, rows: Sequence[str], inputs: Sequence[str], before: Iterable[str]) -> None:
        """These are about to be sent."""
        prints = [fingerprint(each) for each in inputs]
        self._kept.asked = Asked(list(rows), prints, time.time(), sorted(before))
        self._write()

    def not_arrived(self) -> None:
        """What was sent last did not arrive, and never will."""
        self._kept.asked = None
        self._write()

    def arrived(self, ids: dict[int, str], *, is_settled: bool = True) -> None:
        """Of the rows that were sent last, by their places in the request, these became planned tasks.

        Args:
            ids: of the planned tasks.
            is_settled: whether it is known that the others did not, and never will.
        """
        asked = self._kept.asked
        assert asked
        now = time.time()
        self._kept.sent += [Sent(asked.rows[number], known, now) for number, known in ids.items()]
        rest = [number for number in range(len(asked.rows)) if number not in ids]
        left = Asked(
            [asked.rows[number] for number in rest],
            [asked.inputs[number] for number in rest],
            asked.at,
            asked.before,
        )
        self._kept.asked = None if is_settled or not rest else left
        self._write()

    def begin_anew(self, rows: Sequence[str]) -> None:
        """Forget that these arrived, since all are to be sent once more; not where that goes on already."""
        table = fingerprint(*rows)
        if self._kept.anew != table:
            forgotten = {id(each) for each in self.known(rows)}
            self._kept.sent = [each for each in self._kept.sent if id(each) not in forgotten]
            self._kept.anew = table
            self._write()

    def finished(self, rows: Sequence[str]) -> None:
        """All of a table has arrived."""
        if self._kept.anew == fingerprint(*rows):
            self._kept.anew = None
            self._write()

    def _write(self) -> None:
        """Keep it as it is now, so that not even a loss of power takes it back."""
        unfinished = self.file.with_suffix(".new")
        with unfinished.open("w", encoding="utf-8") as opened:
            json.dump(asdict(self._kept), opened)
            opened.flush()
            os.fsync(opened.fileno())
        unfinished.replace(self.file)


def fingerprint(*texts: str | None) -> str:
    """The same for the same texts. What rows hold may be secret, and is kept nowhere."""
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:32]


def row(device: str | None, text: str) -> str:
    """What tells a row: its input, and the device that is to be given it."""
    return fingerprint(device, text)


def file_of(folder: Path, server: str, job_id: str) -> Path:
    """The journal of a job."""
    return folder / f"{fingerprint(server, job_id)}.json"


@contextmanager
def opened(file: Path) -> Iterator[Journal]:
    """The journal in ``file``, which nobody else works with meanwhile. Old ones beside it are removed.

    Raises:
        UsageError: somebody does.
        ConfigurationError: it can't be read.
    """
    from filelock import FileLock, Timeout

    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(_lock_of(file))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError("Planned tasks of this job are being submitted by another command now.") from None
    try:
        _remove_old(file)
        yield Journal(file)
    finally:
        lock.release()


def _lock_of(file: Path) -> Path:
    return file.with_suffix(".lock")


def _remove_old(mine: Path) -> None:
    """Remove the journals that tell of nothing any more."""
    from filelock import FileLock, Timeout

    oldest = time.time() - _KEPT_S
    for lock in mine.parent.glob("*.lock"):
        # Another command may be at the same, or have worked with one for weeks.
        with suppress(FileNotFoundError, Timeout):
            if lock == _lock_of(mine) or lock.stat().st_mtime >= oldest:
                continue
            with FileLock(lock, timeout=0):
                lock.with_suffix(".json").unlink(missing_ok=True)
                lock.unlink(missing_ok=True)
