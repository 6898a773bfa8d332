"""The project that a command works with, as far as it is on this disk: no network, no token."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xgodo_dev.cli import output
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import ConfigurationError, UsageError
from xgodo_dev.platform import credentials
from xgodo_dev.platform.credentials import Server
from xgodo_dev.project import config
from xgodo_dev.project.config import NoProject, Project
from xgodo_dev.project.files import FileSelection
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State

if TYPE_CHECKING:
    from xgodo_dev.sync.backup import Backups


@dataclass(frozen=True)
class LocalProject:
    """One project on this disk, and what is remembered of the remote one it is bound to."""

    project: Project
    project_id: str
    server: Server
    """Without its token."""
    state: State
    copy: LocalCopy

    @property
    def takes_committed_files_only(self) -> bool:
        """Whether the remote project is protected."""
        return self.project.takes_committed_files_only(self.project_id, self.server.profile)

    @property
    def is_committed(self) -> bool:
        """Whether ``copy`` has the files of a commit, and not those of the working tree."""
        return False

    @property
    def checked_project(self) -> Project:
        """The project whose files ``copy`` has."""
        return self.project

    def keep_what_is_nowhere_else(self, paths: Collection[str], backups: Backups) -> None:
        """Before ``paths`` are sent: back up what the platform holds of them and nobody else may have.

        Raises:
            FileUnwritable: it can't be kept.
        """
        from xgodo_dev.sync.replaced import keep_what_a_checkout_dropped

        keep_what_a_checkout_dropped(self.project.root, self.copy, self.state, paths, backups)


def project() -> Project:
    """The project that the command line selects."""
    return config.load(invocation().start)


def server(of: Project | None = None, *, token: bool = True) -> Server:
    """The server that the command line selects, or else the project (``of``, or the one here, if any).

    Raises:
        ConfigurationError: the project was made for another server, and the command line names none.
    """
    options = invocation()
    if of is None:
        with contextlib.suppress(NoProject):
            of = project()
    selected = credentials.resolve(options.profile, options.api_url, of.profile if of else None, token=token)
    if of and of.platform_url and selected.is_default and of.platform_url != selected.api_url:
        # Its address comes with the files: following it would send the token to whoever wrote them.
        raise ConfigurationError(
            f"This project was made for {of.platform_url}, not for {selected.api_url}.",
            hint=f"If you trust it, say --api-url {of.platform_url}.",
        )
    return selected


@contextlib.contextmanager
def open_local(
    of: Project | None = None, *, state_in: Path | None = None, take_over_from: Path | None = None
) -> Iterator[LocalProject]:
    """The selected project; closed afterwards.

    Args:
        of: another project instead.
        state_in: a folder to keep its state in instead.
        take_over_from: the folder of the platform's own client that a new state begins with, instead.

    Raises:
        ConfigurationError: no project here, or it isn't bound to a remote one.
    """
    opened = of or project()
    selected = server(opened, token=False)
    project_id = opened.id_for(selected.profile)
    _tell_of_branch(opened, project_id, selected.profile)
    with State(state_in or opened.root, selected.state_key(project_id)) as state:
        if opened.platform_url == selected.api_url:
            from xgodo_dev.project import platform_client

            platform_client.take_over(take_over_from or opened.root, state)
        selection = FileSelection(opened.root, opened.exclude, opened.include)
        yield LocalProject(opened, project_id, selected, state, LocalCopy(opened.root, selection, state))


def _tell_of_branch(project: Project, project_id: str, profile: str) -> None:
    """Say which remote project is meant, where that depends on the branch."""
    if not project.branches:
        return
    at, mapping = project.checkout, project.mapping
    if profile in project.profile_projects:
        if mapping and mapping.project not in (None, project_id):
            named = f"project {project_id}, which [profiles.{profile}] names; it wins over [branches]."
            output.note(output.shown(f"Branch {at.branch}: {named}"))
        return
    if mapping:
        protected = ", which is protected" if mapping.protected else ""
        output.note(output.shown(f"Branch {at.branch}: project {project_id}{protected}."))
        return
    own = f"project {project_id}, the `id` under [project]."
    if at.branch:
        output.note(output.shown(f"Branch {at.branch} is not in [branches] of {config.SETTINGS_FILE}: {own}"))
        return
    # To programs too: CI checks out a commit, and somebody thinks of its branch.
    what = (
        f"No branch is checked out, but commit {at.detached_at}" if at.detached_at else "There is no branch"
    )
    output.remark(output.shown(f"{what}: {own}"))


def named_paths(paths: Sequence[Path], root: Path, known: Collection[str]) -> list[str] | None:
    """Those of ``known`` that the command line's paths mean: each itself, or all below a folder.

    None when no path was given.

    Raises:
        UsageError: a path lies elsewhere, or means none of them.
    """
    if not paths:
        return None
    chosen: set[str] = set()
    for path in paths:
        relative = relative_path(path, root)
        prefix = "" if relative == "." else relative + "/"
        meant = {each for each in known if each == relative or each.startswith(prefix)}
        if not meant:
            raise UsageError(
                f"{path} means no file that is known here or on the platform.",
                hint="A path starts from the current folder. See `xgodo-dev status --remote`.",
            )
        chosen |= meant
    return sorted(chosen)


def relative_path(path: Path, root: Path) -> str:
    """A path of the command line, which need not exist, relative to the project's root.

    Raises:
        UsageError: it lies elsewhere.
    """
    absolute = (invocation().start / path).absolute()
    normal = Path(*_without_dots(absolute))
    if not normal.is_relative_to(root):
        raise UsageError(f"{path} is not in this project.")
    return normal.relative_to(root).as_posix()


def _without_dots(path: Path) -> list[str]:
    """The parts of a path that need not exist, without following links: those are files like others here."""
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts[1:] = parts[1:-1]
        elif part != ".":
            parts.append(part)
    return parts
