"""`xgodo-dev backup`."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.app import Group, worst
from xgodo_dev.cli.backup_view import short_id
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.local_project import named_paths, project
from xgodo_dev.errors import XgodoError
from xgodo_dev.project.files import FileSelection
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State
from xgodo_dev.sync.backup import Backup, Backups

_PLACES = {"local": "here", "remote": "on the platform"}


@click.group(cls=Group, short_help="List and restore what a sync replaced.")
def backup() -> None:
    """Whatever `pull` replaces or removes here, and `push --force` replaces on the platform, is kept in
    .xgodo/backup.
    """


@backup.command("list")
def list_backups() -> int:
    """List the backups, newest first.

    \b
    Examples:
      xgodo-dev backup list
    """
    found = Backups(project().root).all()
    if invocation().json:
        output.json_document(
            {
                "backups": [
                    {"id": each.id, "time": each.time, "side": each.side, "files": list(each.paths)}
                    for each in found
                ]
            }
        )
        return 0
    if found:
        output.table(
            ["ID", "WHEN", "REPLACED", "FILES"],
            [
                [
                    short_id(each, found),
                    time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(each.time)),
                    _PLACES[each.side],
                    output.names(each.paths, most=3),
                ]
                for each in found
            ],
        )
    else:
        output.note("There is no backup: nothing was ever replaced.")
    return 0


@backup.command()
@click.argument("backup_id", metavar="ID")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
def restore(backup_id: str, paths: tuple[Path, ...]) -> int:
    """Write the files of a backup (or PATHs of it) into the project. What they replace is kept as well.

    ID may be shortened to any beginning that names one backup.

    \b
    Examples:
      xgodo-dev backup restore 20260425T132211
      xgodo-dev backup restore 20260425T132211 main.ts
    """
    opened = project()
    backups = Backups(opened.root)
    found = backups.find(backup_id)
    chosen = named_paths(paths, opened.root, found.paths)
    with State(opened.root, "") as state:
        copy = LocalCopy(opened.root, FileSelection(opened.root, opened.exclude, opened.include), state)
        restored, errors = _restored(backups, found, found.paths if chosen is None else chosen, copy)
    error = worst(list(errors.values()))
    if invocation().json:
        document: dict[str, object] = {"id": found.id, "restored": restored}
        if error:
            document["failed"] = [{"path": path, "errors": [str(each)]} for path, each in errors.items()]
            document |= output.error_document(error)
        output.json_document(document)
        return error.exit_code if error else 0
    if error:
        output.note(f"not restored: {output.names(errors)}")
        output.print_error(error, invocation())
        return error.exit_code
    if not restored:
        output.note("Nothing to restore: the files here are as they were kept.")
    return 0


def _restored(
    backups: Backups, backup: Backup, paths: Iterable[str], copy: LocalCopy
) -> tuple[list[str], dict[str, XgodoError]]:
    """The paths that changed, and why others could not; one that can't be written stops no other."""
    restored: list[str] = []
    errors: dict[str, XgodoError] = {}
    for path in paths:
        try:
            if backups.restore(backup, path, copy):
                restored.append(path)
                if not invocation().json:
                    output.result(f"restored {output.shown(path)}")
        except XgodoError as error:
            errors[path] = error
    return restored, errors
