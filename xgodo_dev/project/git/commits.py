"""Commits of the repository that a project lies in: making one of its files, and which there are."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from xgodo_dev.errors import XgodoError
from xgodo_dev.project.config import STATE_DIRECTORY
from xgodo_dev.project.git.repository import Answer, Repository

_LOG = (
    *("log", "-z", "--format=%H%x00%h%x00%ct%x00%B", "--encoding=UTF-8"),
    *("--no-show-signature", "--no-color", "--ignore-missing"),
)
_FIELDS = 4
_UNTRACKED = "??"
_MOST_NAMED = 5
_UNDER_WAY = {"MERGE_HEAD": "merge", "CHERRY_PICK_HEAD": "cherry-pick", "REVERT_HEAD": "revert"}
# The hooks of a person may run tests.
_HOOKS_SECONDS = 3600.0
# What this program has git told otherwise is no business of those hooks.
_AS_FOR_A_PERSON = {"GIT_LITERAL_PATHSPECS": "0", "LC_ALL": ""}


class GitNotReady(XgodoError):
    """Git would refuse a commit as things are, so that nothing was done."""

    code = "git-not-ready"


class GitRefused(XgodoError):
    """Git, or a hook of the person's, did not take a commit; ``said`` are the lines that they said."""

    code = "git-refused"

    def __init__(self, message: str, *, said: Sequence[str], hint: str) -> None:
        super().__init__(message, hint=hint)
        self.said = tuple(said)

    def details(self) -> dict[str, list[str]]:
        return {"said": list(self.said)}


@dataclass(frozen=True)
class GitCommit:
    """A commit of git. ``time`` is in Unix seconds."""

    hash: str
    short: str
    time: float
    message: str

    @property
    def subject(self) -> str:
        """The first line of its message."""
        return self.message.split("\n", 1)[0].rstrip("\r")


def require_ready(repository: Repository) -> None:
    """Find out, before anything is done, what git would refuse a commit for.

    Raises:
        GitNotReady: it knows no name to commit by, or something else has to be concluded first.
    """
    for who in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        answer = repository.run("var", who, also=(1, 128))
        if answer.status:
            words = next((line for line in answer.errors.splitlines() if line.startswith("fatal: ")), "")
            raise GitNotReady(
                f"Git does not know who commits: {words.removeprefix('fatal: ') or answer.errors}",
                hint='Tell it: `git config --global user.name "YOUR NAME"`, '
                "`git config --global user.email YOU@EXAMPLE.COM`.",
            )
    for file, what in _UNDER_WAY.items():
        if (repository.directory / file).exists():
            raise GitNotReady(
                f"A {what} is under way in {repository.root}, and git commits no part of it alone.",
                hint=f"Conclude it with `git {what} --continue`, or drop it with `git {what} --abort`.",
            )
    # As a rebase or `git stash pop` leaves them. A commit of named files would take them, marks and all.
    unmerged = {line.partition("\t")[2] for line in repository.run("ls-files", "-z", "--unmerged").parts}
    if unmerged:
        raise GitNotReady(
            f"Both sides of a conflict are in {', '.join(sorted(unmerged)[:_MOST_NAMED])}.",
            hint="Mend that, and tell git: `git add` and the file.",
        )


def commit(repository: Repository, message: str) -> tuple[GitCommit, list[str]] | None:
    """Commit all that changed below the project's folder, and nothing else.

    What is staged elsewhere stays so. Files that git does not track yet are among it. Left out are those
    that it ignores, what this program keeps for itself, and repositories within.

    Returns the commit, and what git's hooks said; None where there is nothing to commit.

    Raises:
        GitRefused: git or a hook did not take it; nothing is committed then.
    """
    changed = _changes(repository)
    if not changed:
        return None
    new = [path.removeprefix(repository.prefix) for kind, path in changed if kind == _UNTRACKED]
    with _announced(repository, new):
        answer = repository.run(
            *("commit", "--quiet", "--only", "--message", message, "--", "."),
            also=range(1, 256),
            seconds=_HOOKS_SECONDS,
            environment=_AS_FOR_A_PERSON,
        )
        said = [*answer.text.splitlines(), *answer.errors.splitlines()]
        if answer.status:
            raise GitRefused(
                "Git did not commit" + (f": {said[-1].removeprefix('fatal: ')}" if said else "."),
                said=said,
                hint="Mend it, and say the same again.",
            )
    _unstage(repository)
    made = history(repository, ["HEAD"], limit=1, everywhere=True)
    return made[0], said


def history(
    repository: Repository,
    revisions: Sequence[str],
    *,
    without: Sequence[str] = (),
    limit: int | None = None,
    everywhere: bool = False,
) -> list[GitCommit]:
    """The commits that revisions lead to, newest first: of the project's folder, or ``everywhere``.

    Left out are those that the commits ``without`` lead to. None are found where a revision leads nowhere, as
    HEAD before the first commit.
    """
    most = [] if limit is None else [f"--max-count={limit}"]
    answer = repository.run(
        *(*_LOG, "--stdin", *most, *revisions, "--", *([] if everywhere else ["."])),
        # There may be more than fit into a command line.
        given="".join(f"^{each}\n" for each in without).encode(),
        also=(128,),
    )
    return _commits(answer)


def newest(repository: Repository, revision: str = "HEAD") -> GitCommit | None:
    """The newest commit that changed the project's folder, and so has it as ``revision`` has it."""
    return next(iter(history(repository, [revision], limit=1)), None)


def known(repository: Repository, hashes: Sequence[str]) -> list[GitCommit]:
    """Those of some commits that are in this repository."""
    if not hashes:
        return []
    given = "".join(f"{each}\n" for each in hashes).encode()
    return _commits(repository.run(*_LOG, "--no-walk", "--stdin", given=given))


def _changes(repository: Repository) -> list[tuple[str, str]]:
    """What git says of each changed path: two letters, and the path from the top of the working tree."""
    told = repository.run(
        *("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all"),
        *("--ignore-submodules=dirty", "--", "."),
    )
    own = f"{repository.prefix}{STATE_DIRECTORY}/"
    entries = [(entry[:2], entry[3:]) for entry in told.parts]
    # A folder that is not tracked is told as such where it is a repository of its own.
    return [
        (kind, path)
        for kind, path in entries
        if kind != _UNTRACKED or not (path.startswith(own) or path.endswith("/"))
    ]


def _unstage(repository: Repository) -> None:
    """Have nothing staged of the project that the new commit has otherwise.

    Where a hook has added what it formatted, git puts that into the commit, but not into the index: what the
    hook was given would stay there, staged, and be what the next commit undoes it with.
    """
    if repository.run("diff", "--cached", "--quiet", "--no-ext-diff", "--", ".", also=(1,)).status:
        repository.run("reset", "--quiet", "--", ".")


@contextmanager
def _announced(repository: Repository, new: Sequence[str]) -> Iterator[None]:
    """Tell git of files that it does not track: a commit of named files takes no others.

    They are as unknown to it as before where there is no commit in the end.
    """
    if not new:
        yield
        return
    given = _lines(new)
    repository.run("add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul", given=given)
    try:
        yield
    except BaseException:
        repository.run("update-index", "-z", "--force-remove", "--stdin", given=given)
        raise


def _lines(paths: Sequence[str]) -> bytes:
    """Paths as git reads them from its standard input: a command line may be too short for them."""
    return b"".join(os.fsencode(path) + b"\0" for path in paths)


def _commits(answer: Answer) -> list[GitCommit]:
    if answer.status:
        return []
    fields = answer.output.decode("utf-8", "replace").split("\0")
    records = zip(*(iter(fields[: len(fields) // _FIELDS * _FIELDS]),) * _FIELDS, strict=True)
    return [GitCommit(each, short, float(moment), text.strip()) for each, short, moment, text in records]
