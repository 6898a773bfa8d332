"""The schemas that the platform has of a project, taken into the project on this disk."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xgodo_dev.cli import output, workspace
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import XgodoError
from xgodo_dev.platform import jobs, project_api
from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.spec import reading as spec
from xgodo_dev.project import schemas
from xgodo_dev.project.config import SETTINGS_FILE, Project
from xgodo_dev.schema.input_schema import Schemas
from xgodo_dev.sync.backup import Backups
from xgodo_dev.sync.schemas import Taking, take


@dataclass(frozen=True)
class Taken:
    """What became of ``xgodo.schemas.json``, or would have become of it."""

    project: Project
    schemas: Schemas
    """The project's, then."""
    changed: bool
    doubts: tuple[str, ...]
    """What a person should know before that is done."""


async def take_schemas(job_id: str | None, *, only_check: bool, force: bool) -> Taken:
    """Take the schemas of the project, or of a job of its automation, into ``xgodo.schemas.json``.

    With ``only_check`` nothing is written, and so nothing refused.

    Raises:
        RefusedError: that would lose an edit, and ``force`` is not given.
        XgodoError: the server tells no schemas, or what the requests raise.
    """
    async with workspace.open_workspace() as opened:
        taking = take(await _ask(opened, job_id), opened.copy, opened.state)
        if not force and not only_check:
            taking.require_no_edit()
        loaded = schemas.load(opened.project, document=taking.document)
        if not only_check:
            taking.apply(opened.copy, opened.state, Backups(opened.project.root))
        _note_unused(opened.project, taking)
        doubts = (f"{taking.edit} Without --force that is refused.",) if only_check and taking.edit else ()
        return Taken(opened.project, loaded, bool(taking.changed), doubts)


async def _ask(opened: Workspace, job_id: str | None) -> Mapping[str, Any]:
    if job_id is None:
        found = await project_api.find(opened.transport, opened.project_id, opened.state, now=time.time())
        if found is None:
            raise XgodoError(
                f"{opened.server.api_url} does not tell a project's schemas.",
                hint="Take them from a job of this automation: `xgodo-dev types --job ID`.",
            )
        return (await found.details()).schemas
    calls = Calls(spec.xgodo(), opened.transport, opened.server.api_url)
    job = await jobs.details(calls, job_id)
    if job.automation_id is None or not job.schemas:
        raise XgodoError(
            f"The job {output.shown(job_id)} has no automation, so it tells no schemas.",
            hint="Name a job that this automation works on.",
        )
    if job.automation_id != opened.project_id:
        output.note(
            f"note: that job's automation is {output.shown(job.automation_id)}; "
            f"this project is {output.shown(opened.project_id)}"
        )
    return job.schemas


def _note_unused(project: Project, taking: Taking) -> None:
    unused = [
        name for name, key in schemas.SETTINGS.items() if name in project.schemas and key in taking.fetched
    ]
    if unused:
        output.note(
            f"note: [schemas] in {SETTINGS_FILE} decides about {' and '.join(unused)}, not the server"
        )
