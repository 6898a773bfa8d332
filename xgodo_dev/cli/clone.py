"""`xgodo-dev clone`."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from xgodo_dev.cli import declaring, interrupts, known_names, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.local_project import server
from xgodo_dev.cli.pasting import going_to, program
from xgodo_dev.cli.view.folders import from_home
from xgodo_dev.errors import NotFound, RefusedError, XgodoError
from xgodo_dev.platform import project_api
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.project_api import ProjectApi, ProjectDetails
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project import scaffold
from xgodo_dev.project.config import SETTINGS_FILE
from xgodo_dev.project.files import FileSelection
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.nesting import require_apart
from xgodo_dev.project.project_id import named
from xgodo_dev.project.schemas import SCHEMAS_FILE
from xgodo_dev.project.state import State
from xgodo_dev.sync import clone as cloning
from xgodo_dev.sync.backup import Backups
from xgodo_dev.sync.clone import ENTRIES, Clone
from xgodo_dev.sync.remote import DocumentedProject, ListedProject
from xgodo_dev.sync.schemas import take

_LONGEST_FOLDER_NAME = 50


@click.command(cls=Command, short_help="Bring a project of the platform to this disk.")
@click.argument("project_id", metavar="PROJECT_ID")
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--entry",
    metavar="PATH",
    help="The file it begins with, where the server can't list.  [default: main.ts]",
)
def clone(project_id: str, directory: Path | None, entry: str | None) -> int:
    """Bring a remote project into DIR, which must be empty or new (default: a folder of the project's name).

    PROJECT_ID is its id, or the address of its page.

    A server without a list of files is asked for the entry and, file by file, for all that is
    imported from there; other files can't be known, and you are told so.

    \b
    Examples:
      xgodo-dev clone 83ba7359-d8eb-4374-8ecb-055af01fddfe
      xgodo-dev clone 83ba7359-d8eb-4374-8ecb-055af01fddfe my-automation
    """
    project_id = named(project_id)
    selected = server()
    if directory is not None:
        _require_room((invocation().start / directory).resolve())
    root, made = interrupts.run(_clone(selected, project_id, directory, entry))
    error = None
    if made.failed:
        error = XgodoError(
            f"Not brought: {output.names(made.failed)}; the other files are in {output.shown(str(root))}.",
            hint="`pull` there tries them again.",
        )
    if invocation().json:
        document: dict[str, object] = {
            "root": str(root),
            "files": made.files,
            "complete": made.complete,
            "missing": made.missing,
            "left_there": _reasons(made.left_there),
        }
        if error:
            document |= {"failed": _reasons(made.failed), **output.error_document(error)}
        output.json_document(document)
    else:
        _show(root, made)
        if error:
            output.print_error(error, invocation())
    return error.exit_code if error else 0


def _reasons(paths: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"path": path, "reason": reason} for path, reason in sorted(paths.items())]


async def _clone(
    selected: Server, project_id: str, directory: Path | None, entry: str | None
) -> tuple[Path, Clone]:
    start = invocation().start
    staging = _staging_folder(start / (directory or "."))
    async with Transport(selected, on_silence=output.waiting_for(selected.api_url)) as transport:
        try:
            staging.mkdir()
            name, details = project_id, None
            with State(staging, selected.state_key(project_id)) as state:
                listed = await project_api.find(transport, project_id, state, now=time.time())
                api = AutomationApi(transport, state)
                remote = ListedProject(listed) if listed else DocumentedProject(api, project_id)
                if listed:
                    details = await _details(listed, project_id, selected)
                    name = details.name or project_id
                root = (start / (directory or _folder_name(name) or project_id)).resolve()
                _require_room(root, but_for=staging)
                made = await cloning.clone(remote, staging, state, (entry,) if entry else ENTRIES)
                _take_schemas(details.schemas if details else {}, staging, state)
            scaffold.complete(
                staging,
                name=name if listed else root.name,
                project_id=project_id,
                profile=invocation().profile,
                entry=made.entry or entry or ENTRIES[0],
                include=made.include(),
            )
            declaring.declare_new(staging)
            _put_in_place(staging, root)
            known_names.remember_project(selected, project_id, name if listed else root.name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return root, made


def _take_schemas(fetched: Mapping[str, Any], root: Path, state: State) -> None:
    """Write the schemas that the server tells into the new project, unless its files have them already."""
    copy = LocalCopy(root, FileSelection(root), state)
    if any(fetched.values()) and not copy.exists(SCHEMAS_FILE):
        try:
            take(fetched, copy, state).apply(copy, state, Backups(root))
        except XgodoError as error:
            # The files are what a clone is for.
            declaring.warn(error)


async def _details(api: ProjectApi, project_id: str, selected: Server) -> ProjectDetails:
    try:
        return await api.details()
    except NotFound as error:
        raise NotFound(
            f"{selected.api_url} has no project {project_id}, or it is not yours.",
            status=error.status,
            endpoint=error.endpoint,
            hint="The id is in the address of the project's page. `whoami` tells who you are there.",
        ) from error


def _show(root: Path, made: Clone) -> None:
    count = len(made.files)
    output.result(f"Cloned {count} file{'' if count == 1 else 's'} into {output.shown(from_home(str(root)))}")
    for file in made.files[:20]:
        output.result(f"  {output.shown(file)}")
    if len(made.files) > 20:
        output.result(f"  … and {len(made.files) - 20} more")
    for path, reason in sorted(made.left_there.items()):
        left = click.style("left on the platform:", fg="yellow")
        output.note(f"{left} {output.shown(path)}: {output.shown(reason)}")
    for path, reason in sorted(made.failed.items()):
        output.note(f"{click.style('not brought', fg='red')} {output.shown(path)}: {output.plain(reason)}")
    for what in made.missing:
        output.note(
            f"{click.style('warning:', fg='yellow')} {output.shown(what)}: no such file on the platform"
        )
    if not made.complete:
        output.note(
            f"This server can't list files: brought is what {made.entry} imports, directly or not.\n"
            "What nothing imports may be missing here; `pull PATH` brings it by its name."
        )
    output.note("\nType next:")
    for step in (*going_to(root), f"{program()} watch --run"):
        output.note(f"  {step}")


def _staging_folder(target: Path) -> Path:
    """Where a clone is made before it is put in place: on the target's own disk, or a rename would fail."""
    existing = next(folder for folder in (target, *target.parents) if folder.is_dir())
    return existing / f".xgodo-clone-{uuid.uuid4().hex}"


def _put_in_place(staging: Path, root: Path) -> None:
    """Move the finished clone to its place, over nothing that came there since the start.

    Raises:
        RefusedError: something did. It is left as it is, and of the clone nothing stays.
    """
    _require_room(root, but_for=staging)
    if not root.is_dir():
        root.parent.mkdir(parents=True, exist_ok=True)
        # Takes the place of nothing, or of an empty folder.
        with _refusing(root):
            staging.rename(root)
        return
    placed: list[tuple[Path, Path]] = []
    try:
        # The folder itself stays: a shell may be in it. The settings come last; they make it a project.
        for part in sorted(staging.iterdir(), key=lambda each: each.name == SETTINGS_FILE):
            target = root / part.name
            with _refusing(target):
                _place(part, target)
            placed.append((part, target))
    except BaseException:
        for part, target in reversed(placed):
            _take_back(part, target)
        raise


def _place(part: Path, target: Path) -> None:
    """Give ``part`` its final name, unless there is something of that name, however lately it came."""
    if part.is_dir():
        # A rename takes the place of an empty folder, but of no other: so the name is first made ours.
        if os.name != "nt":
            target.mkdir()
        part.rename(target)
        return
    try:
        target.hardlink_to(part)
    except FileExistsError:
        raise
    except OSError:
        # No links on this disk. An empty file takes the name, which fails if it is there.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
        part.replace(target)


def _take_back(part: Path, target: Path) -> None:
    with contextlib.suppress(OSError):
        if not part.exists():
            target.rename(part)
        elif target.samefile(part):
            target.unlink()


@contextlib.contextmanager
def _refusing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR, errno.EISDIR):
            raise
        raise RefusedError(
            f"{target} appeared while the project was brought; it is left as it is.",
            hint="Name a new folder: `clone PROJECT_ID DIR`.",
        ) from error


def _require_room(root: Path, *, but_for: Path | None = None) -> None:
    require_apart(root)
    if root.exists() and (not root.is_dir() or any(part != but_for for part in root.iterdir())):
        raise RefusedError(f"{root} is not empty.", hint="Name a new folder: `clone PROJECT_ID DIR`.")


def _folder_name(name: str) -> str:
    """As the platform's own client names it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_LONGEST_FOLDER_NAME]
