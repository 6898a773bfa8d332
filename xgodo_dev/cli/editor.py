"""`xgodo-dev editor setup`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from xgodo_dev.cli import declaring, known_names, local_project, output
from xgodo_dev.cli.app import Command, Group
from xgodo_dev.cli.choice import Choice
from xgodo_dev.cli.invocation import interactive, invocation
from xgodo_dev.editor import setup as editors
from xgodo_dev.editor.place import Place
from xgodo_dev.editor.setup import EDITORS, Planned
from xgodo_dev.errors import UsageError, XgodoError
from xgodo_dev.project.config import Project

_KNOWN = ", ".join(EDITORS)
_MOST_DEVICES = 50


@click.group(cls=Group, short_help="Set up editors for the project.")
def editor() -> None:
    """Set up editors for the project."""


@editor.command(cls=Command, short_help="Put tasks and settings into the editors' files.")
@click.argument("names", metavar=f"[{'|'.join(EDITORS)}]…", nargs=-1, type=Choice(list(EDITORS)))
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 when something is missing.")
@click.option("--remove", is_flag=True, help="Take out what was put in, but for what was changed since.")
@click.option(
    "--folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The folder that is opened in the editor.  [default: the nearest with its files, or the project's]",
)
def setup(names: Sequence[str], only_check: bool, remove: bool, folder: Path | None) -> int:
    """Put tasks, problem matchers, run configurations and the schema of xgodo.toml into editors' files.

    Without a name: the editors whose files the project has, or whose programs are on this machine. What is
    in the files already stays, with its comments and its layout; what you change of it stays changed.

    \b
    Examples:
      xgodo-dev editor setup
      xgodo-dev editor setup vscode neovim
      xgodo-dev editor setup --check
      xgodo-dev editor setup --remove
    """
    if only_check and remove:
        raise UsageError("--check changes nothing, and --remove does: give one of them.")
    project = local_project.project()
    chosen = list(dict.fromkeys(names)) or _detected(project.root, asks=not only_check and not remove)
    planned: list[Planned] = []
    for name in chosen:
        place = _place(name, project.root, folder)
        # What others can choose from is no concern of a check.
        devices = devices_of(project)
        planned += editors.plan(name, place, devices, only_look=only_check, remove=remove)
    if not only_check:
        if not remove:
            declaring.declare_new(project.root)
        try:
            editors.carry_out(planned)
        except OSError as error:
            raise XgodoError(f"{error.filename} can't be written: {error.strerror}.") from error
    _show(chosen, planned, project.root)
    if not (only_check or remove or invocation().json):
        for name in chosen:
            if any(each.editor == name and each.state != "unchanged" for each in planned):
                output.note(f"In {EDITORS[name].shown_as}: {EDITORS[name].begin}")
    return 1 if only_check and any(each.state != "unchanged" for each in planned) else 0


def _detected(root: Path, *, asks: bool) -> list[str]:
    found = editors.traced(root)
    if not asks:
        # What is to be looked at or taken out is in files.
        if found:
            return found
        raise UsageError(f"{root} has no files of an editor.", hint=f"Name the editor: {_KNOWN}.")
    machine = editors.installed()
    found = [name for name in EDITORS if name in found or name in machine]
    if found:
        return found
    if interactive():
        from xgodo_dev.cli.terminal.questions import ask

        return _names(ask(f"Which editor ({_KNOWN})?", lambda text: " ".join(_names(text))))
    raise UsageError(
        "No editor was named, and neither the project nor this machine has one that is known here.",
        hint=f"Name it: {_KNOWN}.",
    )


def _names(text: str) -> list[str]:
    names = text.replace(",", " ").split()
    if not names or not set(names) <= EDITORS.keys():
        raise UsageError(f"It is one of {_KNOWN}, or several of them.")
    return names


def _place(name: str, root: Path, folder: Path | None) -> Place:
    if folder is None:
        return editors.place_of(name, root)
    opened = (invocation().start / folder).resolve()
    if not root.is_relative_to(opened) or not opened.is_dir():
        raise UsageError(f"The project {root} is not in {opened}.", hint="--folder names one above it.")
    return Place.of(opened, root)


def devices_of(project: Project) -> list[str]:
    """The devices of the settings, and those that the server has told of last."""
    try:
        known = known_names.known(local_project.server(project, token=False).remote, "devices")
    except XgodoError:
        # Which server it is to be is not settled yet.
        known = {}
    names = sorted({name or identifier for identifier, name in known.items()})[:_MOST_DEVICES]
    return list(dict.fromkeys([*project.devices, *names]))


def _show(chosen: Sequence[str], planned: Sequence[Planned], root: Path) -> None:
    if invocation().json:
        listed = [
            {
                "editor": name,
                "files": [
                    {"path": _shown(each.path, root), "state": each.state}
                    | ({"kept": list(each.kept)} if each.kept else {})
                    for each in planned
                    if each.editor == name
                ],
            }
            for name in chosen
        ]
        output.json_document({"editors": listed})
        return
    for each in planned:
        if each.state != "unchanged":
            output.result(f"{each.state:<9} {output.shown(_shown(each.path, root))}")
        for what in each.kept:
            output.note(f"Changed by hand, and left so: {output.shown(what)}.")
    names = output.names(EDITORS[name].shown_as for name in chosen)
    if all(each.state == "unchanged" for each in planned):
        output.note(f"Nothing to do for {names}.")


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
