"""The half of a commit that is made in git, and what is recorded of both."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from xgodo_dev.cli import output
from xgodo_dev.cli.local_project import LocalProject
from xgodo_dev.project.git import commits, notes, repository
from xgodo_dev.project.git.branch import checked_out
from xgodo_dev.project.git.commits import GitCommit, GitNotReady
from xgodo_dev.project.git.notes import Note
from xgodo_dev.project.git.repository import GitFailed, Repository


@dataclass
class GitSide:
    """The repository that a project lies in, while one command commits there and on the platform.

    Its order: git is asked first whether it could, then files go to the platform, then git commits, and
    only then the platform, where a commit can't be taken back. Whatever fails on the way, the same command
    again goes on from there: of a half that is done there is nothing to commit any more.
    """

    repository: Repository
    project_id: str
    server: str
    checked_out: str
    """The branch that this began on, or the commit where HEAD was detached."""
    newest: GitCommit | None = None
    """The newest commit of the project's files, once :meth:`commit` has looked."""
    made: bool = False
    """Whether that is one that this command has made."""
    noted: bool = False

    @classmethod
    def of(cls, opened: LocalProject) -> GitSide:
        """That of an open project, with all that git would refuse a commit for found out.

        Raises:
            XgodoError: there is no git, no repository, or git would not commit.
        """
        found = repository.find(opened.project.root)
        commits.require_ready(found)
        return cls(found, opened.project_id, opened.server.remote, _checked_out(found))

    async def commit(self, message: str) -> None:
        """Commit the project's files as they are, if anything differs from their newest commit.

        Raises:
            GitNotReady: another branch was checked out meanwhile.
            GitRefused: git or a hook did not take it.
        """
        now = _checked_out(self.repository)
        if now != self.checked_out:
            raise GitNotReady(
                f"{self.checked_out} was checked out when this began, and {now} is now: "
                "it gets no commit of what was meant for the other.",
                hint="What was pushed until then is on the platform. Check out the one that is meant, and "
                "say the same again.",
            )
        # In a thread: a person's hooks may take long, and Ctrl-C reaches them by itself.
        done = await asyncio.to_thread(commits.commit, self.repository, message)
        if done is None:
            self.newest = commits.newest(self.repository)
            return
        self.newest, said = done
        self.made = True
        for line in said:
            output.note(line)
        if checked_out(self.repository.root).branch is None:
            short = self.newest.short
            output.note(f"No branch has git's commit {short}: `git branch NAME {short}` keeps it.")

    async def changed_by_hooks(self, differing: Collection[str]) -> list[str]:
        """Those of the files that are ``differing`` from what was pushed that are so in the commit, too.

        A hook may format what it commits, and somebody may have saved before git looked.
        """
        if not self.made or not differing:
            return []
        edited = await asyncio.to_thread(self.repository.uncommitted, differing)
        return sorted(set(differing).difference(edited))

    async def is_unrecorded(self) -> bool:
        """Whether the newest commit is one that is not known to be on the platform."""
        if self.newest is None:
            return False
        recorded = await asyncio.to_thread(notes.of, self.repository, self.newest.hash)
        return not any((each.project, each.server) == (self.project_id, self.server) for each in recorded)

    async def record(self, platform_hash: str) -> None:
        """Note with the newest commit what it is on the platform. That it can't be noted undoes nothing."""
        if self.newest is None:
            output.note("No file of this project is committed in git: nothing is recorded there.")
            return
        try:
            notes.record(self.repository, self.newest.hash, Note(platform_hash, self.project_id, self.server))
        except GitFailed as failed:
            output.note(f"Both are committed, but git could not note that they belong together: {failed}")
        else:
            self.noted = True

    def to_json(self) -> dict[str, object] | None:
        """What there is in git; None where no file of the project is."""
        if self.newest is None:
            return None
        return {
            "hash": self.newest.hash,
            "message": self.newest.message,
            "made": self.made,
            "recorded": self.noted,
        }


def _checked_out(repository: Repository) -> str:
    return repository.branch() or f"commit {(repository.head() or '')[:10]}"
