"""Projects and their settings: ``/v2/automation-projects``, ``/v2/automation-project/:id``, its options.

Listed are the caller's own projects, the one changed last first.
What limits a project to newer phones is never set here. A change of options needs a project with files;
members other than the two schemas are passed over.
"""

from __future__ import annotations

from datetime import UTC, datetime

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.input_schema import PARAMETERS, VARIABLES, check_schema
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint, own_projects


async def list_projects(emulator: Emulator, call: Call) -> Document:
    """Every project of the caller."""
    own = own_projects(emulator, call)
    changed = {project_id: await own.changed_at(project_id) for project_id in own.ids()}
    latest_first = sorted(changed, key=lambda project_id: -changed[project_id])
    return {
        "success": True,
        "projects": [_summary(emulator, project_id, changed[project_id]) for project_id in latest_first],
    }


async def project(emulator: Emulator, call: Call) -> Document:
    """One project with its schemas."""
    project_id = call.path["id"].lower()
    changed = await own_projects(emulator, call).changed_at(project_id)
    return {
        "success": True,
        "project": {
            **_summary(emulator, project_id, changed),
            **_schemas(emulator, project_id),
            "min_android_version": None,
            "min_app_version": None,
            "is_owner": True,
            "is_template": False,
        },
    }


async def change_options(emulator: Emulator, call: Call) -> Document:
    """Keeps the schemas that are given, and answers with both."""
    project_id = call.path["id"]
    given = {
        name: check_schema(call.arguments[name], name)
        for name in (PARAMETERS, VARIABLES)
        if name in call.arguments
    }
    own_projects(emulator, call).require(project_id)
    if given:
        emulator.settings.keep_schemas(project_id, given)
    return {"success": True, **_schemas(emulator, project_id)}


def _schemas(emulator: Emulator, project_id: str) -> dict[str, object]:
    """Those that can be changed here; a bucket's is only known to be told with a job."""
    schemas = emulator.settings.read(project_id).schemas
    return {name: schemas[name] for name in (PARAMETERS, VARIABLES)}


def _summary(emulator: Emulator, project_id: str, changed: float) -> dict[str, object]:
    settings = emulator.settings.read(project_id)
    return {
        "id": project_id,
        "name": settings.name,
        "description": settings.description,
        "role": "owner",
        "updated_at": datetime.fromtimestamp(changed, UTC).isoformat(timespec="milliseconds"),
    }


ENDPOINTS = (
    endpoint("projects.list", list_projects),
    endpoint("projects.get", project),
    endpoint("projects.change_options", change_options),
)
