"""Project templates: ``/v2/templates``, and ``template`` of a project.

The templates are those that ship with the toolkit, and their names are their ids. Applying one stores its
files and compiles them, like a sync; the settings of an editor, which the toolkit adds to a new
project on disk, are not among them, nor are schemas, which a project has beside its files. As with a
sync, a project may come into being that way.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from xgodo_dev import resources
from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.refusals import TemplateNotFound
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint, own_projects

_DESCRIPTION_FILE = "template.toml"
_OF_THE_TOOLKIT = (_DESCRIPTION_FILE, "xgodo.schemas.json")
_OWNER = "xgodo-dev"


async def list_templates(_: Emulator, __: Call) -> Document:
    """Every template, by name."""
    templates = [
        {
            "id": folder.name,
            "name": folder.name,
            "description": tomllib.loads((folder / _DESCRIPTION_FILE).read_text(encoding="utf-8"))["summary"],
            "is_own": False,
            "is_public": True,
            "owner_username": _OWNER,
        }
        for folder in _folders()
    ]
    return {"success": True, "templates": templates}


async def apply_template(emulator: Emulator, call: Call) -> Document:
    """Stores a template's files, in place of those with the same names."""
    template_id = call.arguments["template_id"]
    folder = next((folder for folder in _folders() if folder.name == template_id), None)
    if folder is None:
        raise TemplateNotFound
    files = {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name not in _OF_THE_TOOLKIT
    }
    await own_projects(emulator, call).sync(call.path["id"], files)
    return {"success": True, "files_copied": len(files), "files": list(files)}


def _folders() -> list[Path]:
    return sorted(file.parent for file in resources.directory("templates").glob(f"*/{_DESCRIPTION_FILE}"))


ENDPOINTS = (
    endpoint("templates.list", list_templates),
    endpoint("projects.apply_template", apply_template),
)
