"""`xgodo-dev log`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xgodo_dev.cli import interrupts, output, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.view import commit_view
from xgodo_dev.cli.view.commit_view import OfGit, Row
from xgodo_dev.cli.whole_number import WholeNumber

if TYPE_CHECKING:
    from xgodo_dev.project.git.commits import GitCommit


@click.command(cls=Command, short_help="List the platform's commits, and git's beside them.")
@click.option(
    "-n", "limit", type=WholeNumber(1), default=20, show_default=True, metavar="N", help="How many."
)
def log(limit: int) -> int:
    """List the commits of the remote project, newest first.

    A server without a history of its own shows those that were made from here. In a git repository, the
    commits of git stand beside those that they became on the platform, and those that are not there yet.

    \b
    Examples:
      xgodo-dev log
      xgodo-dev log -n 5 --json
    """
    told = interrupts.run(_log(limit))
    beside = _git_beside(told, limit)
    if invocation().json:
        output.json_document(_document(told, beside))
        return 0
    rows = [
        Row(each.time, each.hash, each.message, tuple(map(_shown, beside.of(each.hash) if beside else ())))
        for each in told.commits
    ]
    alone = beside.alone if beside else []
    rows += [Row(each.time, None, each.subject, (_shown(each),)) for each in alone]
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in commit_view.lines(rows, columns=columns, with_git=beside is not None):
        output.result(line)
    if not told.commits:
        output.note("There is no commit yet." if told.complete else "No commit was made from here yet.")
    elif not told.complete:
        output.note("This server tells no history: these are the commits made from this folder.")
    if alone:
        output.note("Those without a hash of the platform are not recorded there: `commit --git` does both.")
    return 0


@dataclass(frozen=True)
class _OnPlatform:
    hash: str
    message: str
    time: float


@dataclass(frozen=True)
class _Told:
    """What the platform, or what is remembered of it here, says."""

    root: Path
    project_id: str
    server: str
    commits: Sequence[_OnPlatform]
    complete: bool


@dataclass(frozen=True)
class _Beside:
    """The commits of git."""

    recorded: dict[str, list[str]]
    known: dict[str, GitCommit]
    alone: list[GitCommit]
    """Those that no commit on the platform holds, as far as it is recorded."""

    def of(self, platform_hash: str) -> list[GitCommit]:
        """Those that one of the platform's was made of, newest first."""
        hashes = {*self.recorded.get(platform_hash, ())}
        return [commit for each, commit in self.known.items() if each in hashes]


async def _log(limit: int) -> _Told:
    async with workspace.open_workspace() as opened:
        history = await (await opened.remote()).history(limit)
        commits = opened.state.commits(limit) if history is None else history[:limit]
        return _Told(
            opened.project.root,
            opened.project_id,
            opened.server.remote,
            [_OnPlatform(each.hash, each.message, each.time) for each in commits],
            history is not None,
        )


def _git_beside(told: _Told, limit: int) -> _Beside | None:
    """None where there is no repository, or no git to look into it."""
    from xgodo_dev.project.git.branch import checked_out

    if checked_out(told.root).head is None:
        # Seen without git, which takes longer to load than all else here.
        return None
    from xgodo_dev.project.git import commits, notes, repository
    from xgodo_dev.project.git.repository import (
        GitFailed,
        GitMissing,
        NoRepository,
        NoWorkingTree,
        RepositoryUntrusted,
    )

    try:
        found = repository.find(told.root)
        recorded = notes.recorded(found, told.project_id, told.server)
        listed = {each.hash for each in told.commits}
        beside = sorted({each for key in listed & recorded.keys() for each in recorded[key]})
        known = commits.known(found, beside)
        # What a recorded commit came from is on the platform with it.
        sent = [each for hashes in recorded.values() for each in hashes]
        alone = commits.history(found, ["HEAD"], without=sent, limit=limit)
    except (GitMissing, NoRepository, NoWorkingTree):
        return None
    except (RepositoryUntrusted, GitFailed) as failed:
        output.note(f"Without the commits of git: {failed.with_hint()}")
        return None
    return _Beside(recorded, {each.hash: each for each in known}, alone)


def _document(told: _Told, beside: _Beside | None) -> dict[str, Any]:
    listed = []
    for each in told.commits:
        entry: dict[str, Any] = {"hash": each.hash, "message": each.message, "time": each.time}
        for newest in (beside.of(each.hash) if beside else [])[:1]:
            entry["git"] = _entry(newest)
        listed.append(entry)
    document: dict[str, Any] = {"commits": listed}
    if beside:
        document["not_on_platform"] = [_entry(each) for each in beside.alone]
    return document


def _entry(commit: GitCommit) -> dict[str, Any]:
    return {"hash": commit.hash, "message": commit.message, "time": commit.time}


def _shown(commit: GitCommit) -> OfGit:
    return OfGit(commit.short, commit.subject)
