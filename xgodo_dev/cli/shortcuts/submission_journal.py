"""What is known of a submission of planned tasks, kept over failures: what arrived, and what may have."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from xgodo_dev.errors import ConfigurationError, UsageError


@dataclass
class Submission:
    """How far the inputs of one table have come, by their places in it."""

    job_id: str
    ids: list[str | None]
    """Of the planned task that each input became; None: it is not known to have arrived."""
    asked: list[int] = field(default_factory=list)
    """Those that were sent without an answer being heard: each may have arrived or not."""
    newest_before: str = ""
    """When, by the platform's clock, the job's newest planned task was added before the first was sent."""
    ids_before: list[str] = field(default_factory=list)
    """Of the planned tasks that were added just then."""
    finished: float | None = None
    """Unix seconds; None: it goes on."""

    @property
    def missing(self) -> list[int]:
        """The inputs that are still to be sent."""
        return [number for number, known in enumerate(self.ids) if known is None]


class Journal:
    """The file of one submission."""

    def __init__(self, file: Path, job_id: str, count: int) -> None:
        """Reads it, if it is there.

        Raises:
            ConfigurationError: it can't be read.
        """
        self.file = file
        self.submission = Submission(job_id, [None] * count)
        if not file.exists():
            return
        try:
            self.submission = Submission(**json.loads(file.read_text(encoding="utf-8")))
            if len(self.submission.ids) != count:
                raise ValueError("it is about another number of inputs")
        except (OSError, ValueError, TypeError) as error:
            raise ConfigurationError(
                f"{file} can't be read: {error}.",
                hint="It tells what was submitted already. Remove it to submit everything anew.",
            ) from error

    def write(self) -> None:
        """Keep it as it is now, so that not even a loss of power takes it back."""
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = self.file.with_suffix(".new")
        with unfinished.open("w", encoding="utf-8") as opened:
            json.dump(asdict(self.submission), opened)
            opened.flush()
            os.fsync(opened.fileno())
        unfinished.replace(self.file)

    def asking(self, numbers: Sequence[int]) -> None:
        """These are about to be sent."""
        self.submission.asked = list(numbers)
        self.write()

    def not_arrived(self) -> None:
        """What was sent last did not arrive."""
        self.submission.asked = []
        self.write()

    def arrived(self, ids: dict[int, str]) -> None:
        """These became planned tasks, and of all that was sent nothing else did."""
        for number, known in ids.items():
            self.submission.ids[number] = known
        self.submission.asked = []
        if not self.submission.missing:
            self.submission.finished = time.time()
        self.write()

    def begin_anew(self) -> None:
        """Forget what arrived: all is to be sent once more."""
        self.submission = Submission(self.submission.job_id, [None] * len(self.submission.ids))


def name_of(server: str, job_id: str, device: str | None, inputs: Sequence[str]) -> str:
    """The name of the file for these inputs of that job: the same for the same content."""
    told = json.dumps([server, job_id, device, list(inputs)], ensure_ascii=True)
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}.json"


@contextmanager
def opened(folder: Path, name: str, job_id: str, count: int) -> Iterator[Journal]:
    """The journal of that name in ``folder``, which nobody else works with meanwhile.

    Raises:
        UsageError: somebody does.
        ConfigurationError: it can't be read.
    """
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(folder / f"{name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError("These planned tasks are being submitted by another command right now.") from None
    try:
        yield Journal(folder / name, job_id, count)
    finally:
        lock.release()
