"""`xgodo-dev types`."""

from __future__ import annotations

from dataclasses import replace

import click

from xgodo_dev.cli import declaring, interrupts, local_project, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import UsageError
from xgodo_dev.project import schemas
from xgodo_dev.project.schemas import SCHEMAS_FILE
from xgodo_dev.schema.input_schema import Schemas
from xgodo_dev.toolchain import declarations


@click.command(cls=Command, short_help="Make the project's declarations from its schemas.")
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; exit 1 when something would change."
)
@click.option("--remote", is_flag=True, help="First take the schemas that the project has on the platform.")
@click.option("--job", "job_id", metavar="ID", help="First take the schemas from a job of the automation.")
@click.option("--force", is_flag=True, help="Also over an edit of xgodo.schemas.json, which is kept.")
def types(only_check: bool, remote: bool, job_id: str | None, force: bool) -> int:
    """Make the declarations of the project's parameters, job variables and bucket from its schemas.

    The schemas are in xgodo.schemas.json, or in [schemas] of xgodo.toml, which wins. Every check
    makes the declarations as well; --remote and --job bring the platform's schemas here before.

    \b
    Examples:
      xgodo-dev types
      xgodo-dev types --check
      xgodo-dev types --remote
    """
    if remote and job_id is not None:
        raise UsageError("--remote and --job name two different places.")
    if job_id is not None and not job_id.strip():
        raise UsageError("The job's id is empty.", hint="It is in the address of the job's page.")
    if force and not remote and job_id is None:
        raise UsageError("--force is about --remote and --job; without them nobody's edit is replaced.")
    taken = None
    if remote or job_id is not None:
        # Here, because making the declarations needs no network.
        from xgodo_dev.cli.fetched_schemas import take_schemas

        taken = interrupts.run(take_schemas(job_id, only_check=only_check, force=force))
        project, loaded = taken.project, taken.schemas
    else:
        project = local_project.project()
        loaded = schemas.load(project)
    declared = (declarations.outdated if only_check else declarations.write)(project.root, loaded)
    files = [SCHEMAS_FILE, *declared] if taken and taken.changed else declared
    doubts = (*loaded.doubts, *(taken.doubts if taken else ()))
    if invocation().json:
        output.json_document({"files": files, "changed": bool(files), "warnings": list(doubts)})
    else:
        declaring.note_doubts(replace(loaded, doubts=doubts))
        _show(files, loaded, only_check=only_check, asked=taken is not None)
    return 1 if files and only_check else 0


def _show(files: list[str], loaded: Schemas, *, only_check: bool, asked: bool) -> None:
    for file in files:
        output.result(f"{'would change' if only_check else 'wrote'} {output.shown(file)}")
    if not loaded.are_there:
        ways = f"a schema can be written into {SCHEMAS_FILE}"
        if not asked:
            ways = f"`types --remote` or `types --job ID` takes those of the platform, or {ways}"
        output.note(f"The project has no schema, so its arguments may be anything: {ways}.")
    elif not files:
        output.note("The declarations fit the schemas: nothing to do.")
