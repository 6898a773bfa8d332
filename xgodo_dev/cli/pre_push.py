"""What the pre-push hook does: what git is about to push is pushed to the platform, and committed there."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from xgodo_dev.cli import interrupts, local_project, output
from xgodo_dev.cli.committed_tree import open_committed
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.push import push_committed
from xgodo_dev.cli.workspace import Workspace, connected
from xgodo_dev.errors import CheckFailed, ConfigurationError, RefusedError, XgodoError
from xgodo_dev.platform.commits import Commit, NothingToCommit
from xgodo_dev.project import config
from xgodo_dev.project.branch_mapping import mapping_of
from xgodo_dev.project.config import PLATFORM_CLI_FILE, SETTINGS_FILE, Project
from xgodo_dev.project.git import commits, notes, pushed_refs, repository
from xgodo_dev.project.git.commits import GitCommit
from xgodo_dev.project.git.notes import Note
from xgodo_dev.project.git.pushed_refs import PushedRef
from xgodo_dev.project.git.repository import GitFailed, NoWorkingTree, Repository
from xgodo_dev.project.state import MadeCommit
from xgodo_dev.sync.remote import RemoteProject

_GIT_ALONE = "To push to git alone: `git push --no-verify`."


class SeveralBranches(RefusedError):
    """Two branches of one push go to the same project of the platform, which can't hold both."""

    code = "several-branches"


@dataclass(frozen=True)
class _Sending:
    """One project as one commit has it, to be sent."""

    repository: Repository
    project: Project
    name: str
    """The branch and the project, as people are told of them."""
    commit: str
    message: str
    newest: GitCommit
    """The newest commit that changed the project, which holds the same files of it."""


def run() -> int:
    """Send every project that a pushed branch changes; what can't be sent is not pushed by git either.

    Raises:
        XgodoError: git is not to push.
    """
    refs = pushed_refs.parse(_given()) or pushed_refs.of_framework(os.environ)
    try:
        try:
            found = repository.find(repository.find(invocation().start).root)
        except NoWorkingTree as error:
            _note(f"Nothing is sent to the platform: {error}")
            return 0
        sendings = list(_sendings(found, refs))
        _require_apart(sendings)
        # Git leaves its own stdout to this hook, and programs read there what became of each ref.
        with contextlib.redirect_stdout(sys.stderr):
            for each in sendings:
                interrupts.run(_send(each))
    except XgodoError as error:
        error.hint = " ".join(filter(None, [error.hint, _GIT_ALONE]))
        raise
    return 0


def _given() -> str:
    # A program that looks after hooks may leave the terminal in its place, where nothing would come.
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    # A branch may have any bytes in its name.
    return os.fsdecode(sys.stdin.buffer.read())


def _sendings(found: Repository, refs: Sequence[PushedRef]) -> Iterator[_Sending]:
    """What has to be sent of what is pushed: of tags, notes and deletions the platform knows nothing."""
    for ref in refs:
        commit = found.commit(ref.local) if ref.branch and ref.local else None
        if not ref.branch or not commit:
            continue
        before = found.commit(ref.before) if ref.before else None
        for folder in _changed_projects(found, before, commit):
            project = config.load(found.root / folder, branch=ref.branch)
            name = f"{output.shown(ref.branch)} of {output.shown(project.name)}"
            left_out = _why_not(found, project, ref.branch, commit)
            if left_out:
                _note(f"{name} is not sent to the platform: {left_out}")
                continue
            inside = repository.find(project.root)
            newest = commits.newest(inside, commit)
            news = commits.history(inside, [commit, "--not", *([before] if before else ["--remotes"])])
            if newest:
                messages = [each.message for each in news or [newest]]
                yield _Sending(inside, project, name, commit, pushed_refs.joint_message(messages), newest)


def _changed_projects(found: Repository, before: str | None, commit: str) -> Iterator[str]:
    """The folders of the projects that differ between two commits; of a new branch, of all that it has."""
    paths = set(found.run("ls-tree", "-r", "--name-only", "-z", commit).parts)
    changed = paths
    if before:
        names = ("--name-only", "-z", "--no-renames", "--no-ext-diff")
        changed = set(found.run("diff", *names, before, commit).parts)

    def is_project(folder: str) -> bool:
        # The settings of the platform's own client are kept out of git.
        settings = f"{folder}/{SETTINGS_FILE}".lstrip("/")
        return settings in paths or (found.root / folder / PLATFORM_CLI_FILE).is_file()

    for folder in pushed_refs.project_folders(changed, is_project):
        if config.is_root(found.root / folder):
            yield folder
        else:
            _note(f"{output.shown(folder)} is not sent to the platform: it is not checked out here.")


def _why_not(found: Repository, project: Project, branch: str, commit: str) -> str | None:
    """Why a branch is not sent to the platform; None: it is."""
    if project.branches:
        if mapping_of(branch, project.branches) is None:
            return f"[branches] in {SETTINGS_FILE} does not name it."
    elif commit != found.head():
        # Without a mapping, a project is that of the files that are here.
        return f"it is not what is checked out, and {SETTINGS_FILE} has no [branches]."
    try:
        project.id_for(local_project.server(project, token=False).profile)
    except ConfigurationError as unbound:
        return str(unbound)
    return None


def _require_apart(sendings: Sequence[_Sending]) -> None:
    """Refuse to send two states of one project: which of them it holds in the end would be chance.

    Raises:
        SeveralBranches: there are two.
    """
    seen: dict[tuple[Path, str], _Sending] = {}
    for each in sendings:
        server = local_project.server(each.project, token=False)
        target = (each.project.root, server.state_key(each.project.id_for(server.profile)))
        other = seen.setdefault(target, each)
        if other.commit != each.commit:
            raise SeveralBranches(
                f"{other.name} and {each.name} go to the same project of the platform.",
                hint="Push one of them, or give each its own project under [branches].",
            )


async def _send(sending: _Sending) -> None:
    with open_committed(sending.commit, of=sending.project) as committed:
        report = await push_committed(committed)
        if report.error:
            if isinstance(report.error, CheckFailed):
                # Nobody can give a hook the option that `push` has.
                report.error.hint = "Mend that, commit it, and push again."
            raise report.error
        server = committed.server.remote
        recorded = await asyncio.to_thread(notes.of, sending.repository, sending.newest.hash)
        there = [each for each in recorded if (each.project, each.server) == (committed.project_id, server)]
        if there and not report.pushed:
            # Should somebody have edited files there since, that is not what is pushed here.
            _note(f"{sending.name} is on the platform already, as {there[-1].hash[:10]}")
            return
        async with connected(committed) as opened:
            made = await _commit(opened, await opened.remote(), sending.message)
    if made is None:
        _note(f"{sending.name} is on the platform, which had nothing to commit.")
        return
    subject, _, _ = made.message.partition("\n")
    _note(f"{sending.name} is on the platform as {made.hash[:10]}: {output.shown(subject)}")
    try:
        note = Note(made.hash, committed.project_id, server)
        await asyncio.to_thread(notes.record, sending.repository, sending.newest.hash, note)
    except GitFailed as failed:
        _note(f"Git could not note that with the commit: {failed}")


async def _commit(opened: Workspace, remote: RemoteProject, message: str) -> Commit | None:
    """The platform's commit: made now, or the newest one where there is nothing to commit; None: unknown."""
    try:
        made = await remote.commit(message)
    except NothingToCommit:
        history = await remote.history(1)
        return next((Commit(each.hash, each.message) for each in history or ()), None)
    opened.state.record_commit(MadeCommit(made.hash, made.message, time.time()))
    return made


def _note(text: str) -> None:
    # It stands between what git and other hooks say.
    output.note(f"{click.style('xgodo-dev:', bold=True)} {text}")
