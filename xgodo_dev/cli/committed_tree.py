"""The files of a commit in a folder of their own, to be checked and sent in place of the working ones.

Where they go, and as whom, the settings of the working tree say; which of them count, and how they are
checked, the settings and ignore rules of the commit.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xgodo_dev.cli import local_project, output
from xgodo_dev.cli.local_project import LocalProject, open_local
from xgodo_dev.errors import UsageError, XgodoError
from xgodo_dev.project import config, watch_lock
from xgodo_dev.project.config import PLATFORM_CLI_FILE, SETTINGS_FILE, Project
from xgodo_dev.project.files import FileSelection
from xgodo_dev.project.fingerprints import Fingerprint
from xgodo_dev.project.git import committed, repository
from xgodo_dev.project.git.committed import Entry, Kind
from xgodo_dev.project.git.history import History
from xgodo_dev.project.git.repository import Repository
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.sync.replaced import keep_what_git_lacks

if TYPE_CHECKING:
    from xgodo_dev.cli.push_report import PushReport
    from xgodo_dev.sync.backup import Backups

_BRANCHES = "refs/heads/"


@dataclass(frozen=True)
class CommittedProject(LocalProject):
    """A project whose ``copy`` is that of a commit; all else is as it is on this disk."""

    tree: Project
    """The project as it was committed, in a folder that lasts no longer than this."""
    commit: str
    """The full hash."""
    left_out: Sequence[Entry]
    """Those of the commit's paths that would be sent if they were files."""
    repository: Repository
    working_copy: LocalCopy

    revision: str
    """As the person named it."""

    @property
    def is_committed(self) -> bool:
        return True

    @property
    def history(self) -> History:
        """What the commit builds on. A colleague may have sent that from a repository of theirs."""
        return History(self.repository, self.commit)

    @property
    def checked_project(self) -> Project:
        return self.tree

    def tell(self, report: PushReport) -> None:
        """Say what is sent in place of the files here, and what can't be."""
        report.commit = self.commit
        named = "" if self.commit.startswith(self.revision) else f"{output.shown(self.revision)}, "
        output.note(f"The files are those of {named}commit {self.commit[:10]}.")
        for each in self.left_out:
            report.warn(f"{output.shown(each.path)} is not sent: there it is {each.kind.value}.")
        if not self.takes_committed_files_only and watch_lock.is_watched(self.project.root):
            report.warn("A `watch` at work here sends the files of the working tree again.")

    def keep_what_is_nowhere_else(self, paths: Collection[str], backups: Backups) -> None:
        # A commit may be older than what was pulled or sent since. Some of that is in the working tree, or
        # was committed elsewhere.
        base = self.state.base()
        at_risk = {
            path: base[path]
            for path in paths
            if path in base
            and self.copy.hash_of(path) not in (None, base[path])
            and self.working_copy.hash_of(path) != base[path]
        }
        keep_what_git_lacks(self.repository, at_risk, self.state, backups)


@contextlib.contextmanager
def open_committed(revision: str, *, of: Project | None = None) -> Iterator[CommittedProject]:
    """The selected project, or ``of``, as a commit has it; closed, and its files removed, afterwards.

    Of the selected project, a branch that is named goes where the settings map it to; of any other revision,
    the branch that is checked out says that.

    Raises:
        UsageError: there is no such revision, it has no such project, or it may be a branch or another one.
        XgodoError: there is no repository here, or no git; and as ``open_local``.
    """
    project = of or local_project.project()
    found = repository.find(project.root)
    commit = committed.resolve(found, revision)
    if of is None and project.branches:
        branch = _branch_named(found, revision)
        project = config.load(project.root, branch=branch) if branch else project
    with open_local(project) as opened, written_out(found, commit, project, revision) as (tree, others):
        root = tree.root
        selection = FileSelection(root, tree.exclude, tree.include)
        left_out = [each for each in others if each.kind is Kind.SUBMODULE or selection.counts(each.path)]
        yield CommittedProject(
            project=opened.project,
            project_id=opened.project_id,
            server=opened.server,
            state=opened.state,
            copy=LocalCopy(root, selection, _NoFingerprints()),
            tree=tree,
            commit=commit,
            left_out=left_out,
            repository=found,
            working_copy=opened.copy,
            revision=revision,
        )


def _branch_named(found: Repository, revision: str) -> str | None:
    branch = found.branch_named(revision)
    if branch is None and found.commit(_BRANCHES + revision):
        raise UsageError(
            f"{revision!r} is a branch of {found.root}, and a tag or another ref as well.",
            hint=f"Say which you mean, as {_BRANCHES}{revision} or refs/tags/{revision}: "
            "a branch goes to its own project.",
        )
    return branch


@contextlib.contextmanager
def written_out(
    found: Repository, commit: str, project: Project, revision: str
) -> Iterator[tuple[Project, list[Entry]]]:
    """The project in a folder that lasts no longer than this, as a commit or a tree of git has it.

    Everything is there that its type check needs. Also returns what it has that are no files.

    Raises:
        UsageError: it has no such project.
        ConfigurationError: its settings there can't be used; ``revision`` is what files are called by.
    """
    listed = committed.entries(found, commit)
    with tempfile.TemporaryDirectory(prefix="xgodo-commit-") as folder:
        top = Path(folder).resolve()
        others = committed.export(found, commit, listed, top)
        root = top / found.prefix
        with _told_as(root, revision):
            _bring_along(project.root, root, found.prefix)
            # A commit may be older than the settings.
            has_settings = (root / SETTINGS_FILE).is_file()
            yield config.load(root) if has_settings else replace(project, root=root), others


def _bring_along(working: Path, root: Path, prefix: str) -> None:
    """What a check needs, and no commit has: packages, and the binding of the platform's own client."""
    folders = [(working, root)]
    for _ in Path(prefix).parts:
        folders.append((folders[-1][0].parent, folders[-1][1].parent))
    for here, there in folders:
        packages = here / "node_modules"
        # Not every system lets everybody make a link; such a check then says which package it lacks.
        with contextlib.suppress(OSError):
            if packages.is_dir() and not (there / packages.name).exists():
                (there / packages.name).symlink_to(packages, target_is_directory=True)
    binding = working / PLATFORM_CLI_FILE
    if binding.is_file():
        (root / PLATFORM_CLI_FILE).parent.mkdir(exist_ok=True)
        shutil.copyfile(binding, root / PLATFORM_CLI_FILE)


@contextlib.contextmanager
def _told_as(root: Path, revision: str) -> Iterator[None]:
    """Name the files below a folder that will be gone as git names those of a commit."""
    try:
        yield
    except XgodoError as error:
        error.take_out(
            lambda text: text.replace(f"{root}{os.sep}", f"{revision}:").replace(str(root), revision)
        )
        raise


class _NoFingerprints:
    """Nothing is known of files that were written a moment ago, and nothing is worth remembering."""

    def fingerprints(self) -> dict[str, Fingerprint]:
        return {}

    def remember_fingerprints(self, fresh: Mapping[str, Fingerprint], gone: Collection[str]) -> None:
        pass
