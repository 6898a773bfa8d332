"""`xgodo-dev emulator job`: a job for the emulator's phones, with the schemas of the project that does it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import click

from xgodo_dev.cli import local_project, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.choice import Choice
from xgodo_dev.cli.emulator_request import ask
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.whole_number import WholeNumber
from xgodo_dev.emulator.record import running_record
from xgodo_dev.errors import ApiError, ConfigurationError, UsageError
from xgodo_dev.platform.credentials import EMULATOR_PROFILE
from xgodo_dev.project import schemas
from xgodo_dev.project.config import NoProject, Project


@click.command(cls=Command)
@click.option(
    "--project", "project_id", metavar="ID", help="The project that does it; the one here if left out."
)
@click.option("--title", required=True, help="What to call it.")
@click.option("--positions", type=WholeNumber(1), metavar="N", help="How often it can be done.")
@click.option("--price", type=click.FloatRange(0), metavar="USD", help="What one position costs.")
@click.option(
    "--share-with-colleague",
    type=Choice(["view", "edit"]),
    help="Let the emulator's second account see it, or change it too.",
)
def job(
    project_id: str | None,
    title: str,
    positions: int | None,
    price: float | None,
    share_with_colleague: str | None,
) -> int:
    """Post a job that the emulator's phones do.

    On the platform a person does that on its web page. What is then submitted with `tasks submit`
    runs the project's last commit. In the project's folder, the schemas of xgodo.schemas.json and
    xgodo.toml are handed over, so that the emulator holds inputs and buckets against them.

    \b
    Examples:
      xgodo-dev emulator job --title "Make accounts" --positions 10
    """
    record = running_record()
    if record is None:
        raise UsageError("No emulator runs.", hint="Start one with `xgodo-dev emulator start --detach`.")
    doer, handed_over = _project(project_id)
    wanted = {
        "automation_id": doer,
        "title": title,
        "positions": positions,
        "job_price": price,
        "share": share_with_colleague,
    }
    body = {**{name: each for name, each in wanted.items() if each is not None}, **handed_over}
    try:
        posted = ask(record, "/_emulator/jobs", body)
    except ApiError as error:
        if error.status == 404:
            error.args = (f"The emulator has no files of the project {doer}.",)
            error.hint = "Send them first, in its folder: `xgodo-dev --profile emulator commit -m MESSAGE`."
        raise
    if invocation().json:
        output.json_document(posted)
        return 0
    output.result(f"Posted the job {posted['job_id']}.")
    kinds = [name.removesuffix("_schema").replace("_", " ") for name, each in handed_over.items() if each]
    if kinds:
        output.note(f"The emulator has the project's schemas now: {', '.join(kinds)}.")
    output.note(
        "Have it done with `xgodo-dev --profile emulator tasks submit "
        f"--job-id {posted['job_id']} --csv FILE --run-immediately`."
    )
    return 0


def _project(given: str | None) -> tuple[str, Mapping[str, Any]]:
    """The id of the project that does the job, and its schemas if it is the one here."""
    here: Project | None = None
    with contextlib.suppress(NoProject):
        here = local_project.project()
    if here is None:
        if given is None:
            raise UsageError("No project is named.", hint="Say --project ID, or go to the project's folder.")
        return given, {}
    if given is None:
        return here.id_for(EMULATOR_PROFILE), schemas.documents(here)
    with contextlib.suppress(ConfigurationError):
        if here.id_for(EMULATOR_PROFILE).lower() == given.lower():
            return given, schemas.documents(here)
    return given, {}
