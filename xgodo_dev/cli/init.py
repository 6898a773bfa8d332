"""`xgodo-dev init`."""

from __future__ import annotations

from pathlib import Path

import click

from xgodo_dev.cli import declaring, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.choice import Choice
from xgodo_dev.cli.invocation import interactive, invocation
from xgodo_dev.cli.pasting import going_to, program
from xgodo_dev.cli.view.folders import from_home
from xgodo_dev.editor.setup import EDITORS
from xgodo_dev.errors import RefusedError, XgodoError
from xgodo_dev.project import config, project_id, scaffold
from xgodo_dev.project.config import SETTINGS_FILE, STATE_DIRECTORY
from xgodo_dev.project.nesting import require_apart
from xgodo_dev.project.scaffold import Scaffolded

_TEMPLATE = "minimal"
_NO_EDITOR = "none"


@click.command(cls=Command, short_help="Make a new project from a template.")
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--template", metavar="NAME", help=f"Which template.  [default: {_TEMPLATE}]")
@click.option("--name", metavar="N", help="The project's name.  [default: the folder's]")
@click.option(
    "--project-id", "given_id", metavar="ID", help="The project on Xgodo: its id, or its page's address."
)
@click.option(
    "--editor",
    metavar="NAME",
    type=Choice([*EDITORS, _NO_EDITOR]),
    help=f"Set up this editor: {', '.join(EDITORS)}, or {_NO_EDITOR}.",
)
@click.option("--list", "list_templates", is_flag=True, help="List the templates.")
@click.option("--force", is_flag=True, help="Also into a folder that is not empty; no file is overwritten.")
@click.option("--yes", is_flag=True, help="Ask nothing at a terminal: what is not given is the default.")
def init(
    directory: Path | None,
    template: str | None,
    name: str | None,
    given_id: str | None,
    editor: str | None,
    list_templates: bool,
    force: bool,
    yes: bool,
) -> int:
    """Make a new automation project in DIR, or in the current folder.

    At a terminal it asks for what no option says. A project that has no id yet goes to the emulator of
    this machine.

    \b
    Examples:
      xgodo-dev init my-automation
      xgodo-dev init my-automation --template stages --project-id 83ba7359-d8eb-4374-8ecb-055af01fddfe
      xgodo-dev init my-automation --editor vscode --yes
    """
    if list_templates:
        return _list()
    root = (invocation().start / (directory or Path())).resolve()
    # What can't be is said before anything is asked.
    remote_id = project_id.named(given_id) if given_id is not None else None
    if template is not None:
        scaffold.require_template(template)
    if not (root / SETTINGS_FILE).exists():
        require_apart(root)
    if interactive() and not yes:
        from xgodo_dev.cli import init_questions

        force, brings = force or _adds_to(root), False
        if given_id is None:
            chosen = init_questions.project(root)
            brings = bool(chosen and chosen.has_files and not force and init_questions.brings(chosen))
            remote_id = chosen.id if chosen else None
        template = template or (_TEMPLATE if brings else init_questions.template(_TEMPLATE))
        editor = editor or init_questions.editor(root) or _NO_EDITOR
        if brings and remote_id:
            return _bring(remote_id, root, editor)
    made = scaffold.scaffold(
        root,
        template=template or _TEMPLATE,
        name=name or root.name,
        project_id=remote_id,
        force=force,
        profile=invocation().profile,
    )
    declaring.declare_new(made.root)
    if invocation().json:
        files = sorted({*made.files, *_set_up(editor, made.root)})
        output.json_document({"root": str(made.root), "template": made.template, "files": files})
        return 0
    output.result(f"Made {output.shown(from_home(str(made.root)))} from the template {made.template}:")
    for file in (*made.files, *_set_up(editor, made.root)):
        output.result(f"  {output.shown(file)}")
    _warn(made, remote_id)
    _tell_next(made.root)
    return 0


def _adds_to(root: Path) -> bool:
    """Whether a folder that is not empty is to be added to; False where it is empty.

    Raises:
        RefusedError: it is a project already, or the answer was no.
    """
    try:
        scaffold.require_room(root)
    except RefusedError as refusal:
        from xgodo_dev.cli.terminal.questions import confirm

        if (root / SETTINGS_FILE).exists():
            raise
        if not confirm(f"{output.shown(str(root))} is not empty. Add what is missing, overwriting nothing?"):
            raise refusal from None
        return True
    return False


def _set_up(editor: str | None, root: Path) -> list[str]:
    """Set up an editor, if one is wanted; returns the files that were made or changed for it.

    What is in its way is told: the project is made all the same.
    """
    if editor in (None, _NO_EDITOR):
        return []
    from xgodo_dev.editor import setup

    try:
        planned = setup.plan(editor, setup.place_of(editor, root), devices=[])
        setup.carry_out(planned)
    except OSError as error:
        declaring.warn(XgodoError(f"{error.filename} can't be written: {error.strerror}."))
        return []
    except XgodoError as error:
        declaring.warn(error)
        return []
    changed = (each.path for each in planned if each.state != "unchanged")
    return [path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path) for path in changed]


def _bring(remote_id: str, root: Path, editor: str) -> int:
    """The project with the files that it has on the platform."""
    from xgodo_dev.cli.clone import clone

    code: int = click.get_current_context().invoke(clone, project_id=remote_id, directory=root, entry=None)
    for file in _set_up(editor, root):
        output.note(f"Set up in it: {output.shown(file)}")
    return code


def _warn(made: Scaffolded, remote_id: str | None) -> None:
    """Say what a file that was there before would have had to say, and what may be a slip."""
    warning = click.style("warning:", fg="yellow")
    if remote_id and not project_id.has_known_form(remote_id):
        output.note(
            f"{warning} {output.shown(remote_id)} does not look like an id of Xgodo. If it is none, change "
            f"`id` in {SETTINGS_FILE}: the address of the project's page has it."
        )
    if SETTINGS_FILE not in made.files and remote_id:
        output.note(
            f'{warning} {SETTINGS_FILE} stays as it was: put id = "{remote_id}" under [project] there.'
        )
    if ".gitignore" not in made.files and not _ignores_state(made.root / ".gitignore"):
        output.note(
            f"{warning} .gitignore stays as it was: add {STATE_DIRECTORY}/ to it, the state of this disk."
        )


def _ignores_state(file: Path) -> bool:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return any(line.strip().strip("/") == STATE_DIRECTORY for line in lines)


def _tell_next(root: Path) -> None:
    """Say what to type next, as it can be pasted: each line on its own."""
    try:
        project = config.load(root)
    except XgodoError as error:
        # Settings that were there before.
        declaring.warn(error)
        return
    on_emulator = project.profile == "emulator" or not project.project_id
    steps = going_to(root)
    if on_emulator:
        steps.append(f"{program()} watch --run --emulator")
    else:
        steps += [*([] if _signed_in() else [f"{program()} login"]), f"{program()} watch --run"]
    output.note("\nType next:")
    for step in steps:
        output.note(f"  {step}")
    where = "a simulated phone" if on_emulator else "your phone"
    output.note(f"\nThen save {project.entry} in your editor: it is checked, and runs on {where}.")
    if not on_emulator:
        output.note(f"On a simulated phone:  {program()} watch --run --emulator")


def _signed_in() -> bool:
    from xgodo_dev.platform import credentials

    options = invocation()
    try:
        return bool(credentials.resolve(options.profile, options.api_url).token)
    except XgodoError:
        return False


def _list() -> int:
    templates = scaffold.templates()
    if invocation().json:
        output.json_document(
            {"templates": [{"name": each.name, "summary": each.summary} for each in templates]}
        )
    else:
        output.table(["TEMPLATE", ""], [[each.name, each.summary] for each in templates])
    return 0
