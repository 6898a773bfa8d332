"""What is checked out around a folder, read from git's files without starting git.

A mapping of branches to projects is looked up by every command, also by those that work with files of
strangers and where no git is installed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.errors import XgodoError
from xgodo_dev.project.disk import read_beginning

_BRANCHES = "refs/heads/"
# What HEAD holds in a repository that keeps its branches in the reftable format.
_REFTABLE = "refs/heads/.invalid"
# Where a rebase, which detaches HEAD until it is done, notes the branch that it is about.
_REBASED = ("rebase-merge/head-name", "rebase-apply/head-name")
_SHORT = 7
# Bytes; longer than any path.
_LONGEST = 1 << 16


@dataclass(frozen=True)
class Checkout:
    """What is checked out."""

    branch: str | None = None
    """The branch; None: HEAD is detached, or there is no repository."""
    detached_at: str | None = None
    """The beginning of the commit's hash where HEAD is detached."""
    head: Path | None = None
    """The file that a checkout writes last; None: there is no repository."""
    gone: Path | None = None
    """Where git would keep its files of this working tree, when a ``.git`` leads to what is not there."""

    @property
    def lock(self) -> Path | None:
        """The file that is there while git changes the working tree; None: there is no repository."""
        return self.head and self.head.with_name("index.lock")


NO_REPOSITORY = Checkout()


def checked_out(folder: Path) -> Checkout:
    """What is checked out in the repository that ``folder`` lies in; of a rebase the branch that it is about.

    Starts git where only that can tell. Files that can't be read are as if they weren't there.
    """
    for each in (folder, *folder.parents):
        directory = _directory(each / ".git")
        if directory is None:
            continue
        head = directory / "HEAD"
        text = _text(head)
        if text is None:
            if directory.exists():
                continue
            # Of a worktree, when the repository was moved, or is not in this container.
            return Checkout(gone=directory)
        if head.is_symlink():
            # As git made it long ago.
            text = f"ref: {head.readlink().as_posix()}"
        if text == f"ref: {_REFTABLE}":
            return _asked(folder, head)
        return _read(text, head)
    return NO_REPOSITORY


def _read(text: str, head: Path) -> Checkout:
    if text.startswith("ref:"):
        return Checkout(_named(text.removeprefix("ref:").strip()), head=head)
    for file in _REBASED:
        name = _text(head.parent / file)
        if name and name.startswith(_BRANCHES):
            return Checkout(_named(name), head=head)
    return Checkout(detached_at=text[:_SHORT], head=head)


def _asked(folder: Path, head: Path) -> Checkout:
    from xgodo_dev.project.git.repository import find

    try:
        repository = find(folder)
        branch = repository.branch()
        commit = None if branch else repository.head()
    except XgodoError:
        return Checkout(head=head)
    return _read(commit or "", head) if branch is None else Checkout(branch, head=head)


def _directory(dot_git: Path) -> Path | None:
    """Where git keeps its files of a working tree: in ``.git``, or where a file of that name says."""
    if dot_git.is_dir():
        return dot_git
    said = re.fullmatch(r"gitdir: (.+)", _text(dot_git) or "", re.DOTALL)
    return dot_git.parent / said[1] if said else None


def _text(file: Path) -> str | None:
    """What a file holds, without the space around it; None: it can't be read, or is no file of git's."""
    try:
        # A branch may have any bytes in its name.
        return read_beginning(file, _LONGEST).decode("utf-8", "surrogateescape").strip()
    except (OSError, ValueError):
        # Of a path with a zero in it, Python says the latter.
        return None


def _named(reference: str) -> str:
    return reference.removeprefix(_BRANCHES)
