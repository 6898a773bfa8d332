"""Which commit of the platform a commit of git is: told by git's notes, in ``refs/notes/xgodo``.

A note can be added to a commit that is there already, which a trailer in its message can't: when a push hook
runs, the commit has its hash. Of each platform project there is a line of its own, so that notes of two
people are merged by git's own `cat_sort_uniq`::

    Xgodo-Commit: 4f2a… project=83ba7359-… server=https://xgodo.com
"""

from __future__ import annotations

import os
import random
import re
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from xgodo_dev.project.git.repository import GitFailed, Repository

NOTES = "refs/notes/xgodo"
_TRIES = 10
# Seconds.
_LONGEST_PAUSE = 0.2
_KEY = "Xgodo-Commit:"
_LINE = re.compile(rf"{_KEY} (?P<hash>\S+) project=(?P<project>\S+) server=(?P<server>\S+)")


@dataclass(frozen=True)
class Note:
    """A commit of a platform project, as it is recorded with one of git."""

    hash: str
    project: str
    server: str
    """As ``Server.remote`` names it."""

    def line(self) -> str:
        """The line of the note."""
        return f"{_KEY} {self.hash} project={self.project} server={self.server}"


def read(text: str) -> list[Note]:
    """The lines of a note that are ours."""
    return [Note(**found.groupdict()) for found in map(_LINE.fullmatch, text.splitlines()) if found]


def of(repository: Repository, commit: str) -> list[Note]:
    """What is noted with a commit of git."""
    return read(_text(repository, commit))


def record(repository: Repository, commit: str, note: Note) -> None:
    """Note with a commit of git what it is on the platform, besides what its note says already.

    Raises:
        GitFailed: git does not take it.
    """
    # Git's own `notes add` takes no heed of another one at work: one of the two notes would be lost. So this
    # one is made aside, and put in place only of what it was made from.
    aside = f"{NOTES}-{uuid.uuid4().hex}"
    for left in range(_TRIES - 1, -1, -1):
        answer = repository.run("rev-parse", "--verify", "--quiet", NOTES, also=(1,))
        before = answer.text if answer.status == 0 else ""
        said = _text(repository, commit)
        if note in read(said):
            return
        text = "".join([said, "\n" if said else "", note.line(), "\n"])
        # As an object, or git would tidy what people have written there; and a command line has its end.
        stored = repository.run("hash-object", "-w", "--stdin", given=os.fsencode(text)).text
        try:
            if before:
                repository.run("update-ref", aside, before)
            repository.run("notes", f"--ref={aside}", "add", "--force", "--reuse-message", stored, commit)
            made = repository.run("rev-parse", "--verify", aside).text
            repository.run("update-ref", "-m", "Noted by xgodo-dev", NOTES, made, before)
        except GitFailed:
            if not left:
                raise
            # As long as it takes the other one to be done, which is not the same for both.
            time.sleep(random.uniform(0, _LONGEST_PAUSE))  # noqa: S311
        else:
            return
        finally:
            repository.run("update-ref", "-d", aside, also=(1, 128))


def recorded(repository: Repository, project: str, server: str) -> dict[str, list[str]]:
    """For each commit of a platform project that is noted anywhere, the hashes of git's commits."""
    # Statuses: nothing found; there are no notes. Without a path, only the current folder is searched.
    answer = repository.run(
        # Not as a person's own settings may have it shown.
        *("grep", "--no-color", "--no-line-number", "--no-column", "--basic-regexp", "--full-name"),
        *("-e", f"^{_KEY} ", NOTES, "--", ":/"),
        also=(1, 128),
        environment={"GIT_LITERAL_PATHSPECS": "0"},
    )
    return _by_platform_commit(answer.text.splitlines(), project, server)


def _text(repository: Repository, commit: str) -> str:
    answer = repository.run("notes", f"--ref={NOTES}", "show", commit, also=(1,))
    return "" if answer.status else answer.text


def _by_platform_commit(lines: Iterable[str], project: str, server: str) -> dict[str, list[str]]:
    commits: dict[str, list[str]] = {}
    for line in lines:
        # Git spreads many notes over folders, named by the beginnings of hashes.
        path, _, text = line.removeprefix(f"{NOTES}:").partition(":")
        for note in read(text):
            if (note.project, note.server) == (project, server):
                commits.setdefault(note.hash, []).append(path.replace("/", ""))
    return commits
