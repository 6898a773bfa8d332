"""What git tells a pre-push hook, and what of it concerns a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from xgodo_dev.errors import UsageError

_BRANCH = "refs/heads/"
LONGEST_MESSAGE = 1000
"""Characters of a commit's message that the platform takes."""


@dataclass(frozen=True)
class PushedRef:
    """One line of what git is about to push: `<local ref> <local hash> <remote ref> <remote hash>`."""

    local: str | None
    """The commit, or tag, that is pushed; None where the ref is deleted there."""
    remote_ref: str
    before: str | None
    """What the ref is there until now; None where it is new."""

    @property
    def branch(self) -> str | None:
        """The branch that becomes this commit there; None for a tag, a note or a deletion."""
        if self.local is None or not self.remote_ref.startswith(_BRANCH):
            return None
        return self.remote_ref.removeprefix(_BRANCH)


def parse(lines: str) -> list[PushedRef]:
    """The lines that git hands to a pre-push hook through its stdin.

    Raises:
        UsageError: it is no such line.
    """
    refs = []
    for line in lines.split("\n"):
        if not line.strip():
            continue
        # What is pushed may be given as an expression with blanks, such as `HEAD@{2 days ago}`; and a branch
        # may have in its name whatever else is a blank, or ends a line, for Python.
        words = line.removesuffix("\r").rsplit(" ", 3)
        if len(words) < 4:
            raise UsageError(
                "`hooks run pre-push` reads lines of git from stdin, and this is none of them.",
                hint="It is for git to call: see `xgodo-dev hooks install`.",
            )
        _, local, remote_ref, before = words
        refs.append(PushedRef(_or_none(local), remote_ref, _or_none(before)))
    return refs


def of_framework(environment: Mapping[str, str]) -> list[PushedRef]:
    """What the `pre-commit` framework tells its hooks in the place of git's lines: one branch only."""
    local, remote_ref = environment.get("PRE_COMMIT_TO_REF"), environment.get("PRE_COMMIT_REMOTE_BRANCH")
    if not local or not remote_ref:
        return []
    # Of a new branch it tells where that branched off, so that this one may be no commit of the branch there.
    return [PushedRef(local, remote_ref, environment.get("PRE_COMMIT_FROM_REF") or None)]


def project_folders(paths: Iterable[str], is_project: Callable[[str], bool]) -> list[str]:
    """The folders of the projects that paths lie in: for each the nearest above it, `""` for the top.

    ``is_project`` tells of a folder whether it is one. All are POSIX paths from the top.
    """
    known: dict[str, str | None] = {}

    def nearest(folder: str) -> str | None:
        if folder not in known:
            if is_project(folder):
                known[folder] = folder
            else:
                known[folder] = nearest(folder.rpartition("/")[0]) if folder else None
        return known[folder]

    found = {nearest(path.rpartition("/")[0]) for path in paths}
    return sorted(folder for folder in found if folder is not None)


def joint_message(messages: Sequence[str]) -> str:
    """The message of one commit on the platform for these of git, the newest first.

    It is that of the newest; the subjects of others follow, as many as there is room for.
    """
    first, *others = (message.strip() or "(no message)" for message in messages)
    text = first[:LONGEST_MESSAGE]
    if not others:
        return text
    # Of a first push there may be thousands, of which no more than this find room.
    subjects = [f"- {message.splitlines()[0]}" for message in others[: LONGEST_MESSAGE // 3]]
    for count in range(len(subjects), -1, -1):
        left_out = len(others) - count
        more = [f"- and {left_out} more"] if left_out else []
        longer = "\n".join([text, "", "Also:", *subjects[:count], *more])
        if len(longer) <= LONGEST_MESSAGE:
            return longer
    return text


def _or_none(content_hash: str) -> str | None:
    """None in the place of the zeros that git writes where there is nothing."""
    return content_hash if content_hash.strip("0") else None
