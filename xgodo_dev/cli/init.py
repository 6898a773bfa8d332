"""`xgodo-dev init`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from xgodo_dev.cli import declaring, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation, program
from xgodo_dev.project import scaffold


@click.command(cls=Command, short_help="Make a new project from a template.")
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--template", default="minimal", show_default=True, metavar="NAME", help="Which template.")
@click.option("--name", metavar="N", help="The project's name.  [default: the folder's]")
@click.option("--project-id", metavar="ID", help="The project's id on Xgodo.")
@click.option("--list", "list_templates", is_flag=True, help="List the templates.")
@click.option("--force", is_flag=True, help="Also into a folder that is not empty; no file is overwritten.")
def init(
    directory: Path | None,
    template: str,
    name: str | None,
    project_id: str | None,
    list_templates: bool,
    force: bool,
) -> int:
    """Make a new automation project in DIR, or in the current folder.

    \b
    Examples:
      xgodo-dev init my-automation
      xgodo-dev init my-automation --template stages --project-id 83ba7359-d8eb-4374-8ecb-055af01fddfe
    """
    if list_templates:
        return _list()
    root = (invocation().start / (directory or Path())).resolve()
    made = scaffold.scaffold(
        root, template=template, name=name or root.name, project_id=project_id, force=force
    )
    declaring.declare_new(made.root)
    if invocation().json:
        output.json_document({"root": str(made.root), "template": made.template, "files": list(made.files)})
        return 0
    output.result(f"Made {made.root} from the template {made.template}:")
    for file in made.files:
        output.result(f"  {file}")
    enter = f"cd {shlex.quote(str(directory))} && " if directory else ""
    output.note(f"\nNext, on a simulated phone:  {enter}{program()} watch --run --emulator")
    if project_id:
        output.note(f"Or on a real one:            {program()} login, then {program()} watch --run")
    return 0


def _list() -> int:
    templates = scaffold.templates()
    if invocation().json:
        output.json_document(
            {"templates": [{"name": each.name, "summary": each.summary} for each in templates]}
        )
    else:
        output.table(["TEMPLATE", ""], [[each.name, each.summary] for each in templates])
    return 0
