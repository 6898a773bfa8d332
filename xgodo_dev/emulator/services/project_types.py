"""Declarations for an editor: ``/v2/types/*``, and ``types/arguments`` of a project.

All three are scripts that declare globals; see ``emulator.platform_types`` for which of them holds what.
The arguments follow the project's schemas where it has any.
"""

from __future__ import annotations

from xgodo_dev.emulator import platform_types
from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.input_schema import argument_text
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint, own_projects


async def node_types(_: Emulator, __: Call) -> Document:
    """The nodes of a screen."""
    return {"success": True, "content": platform_types.node_types()}


async def bootstrap_types(_: Emulator, __: Call) -> Document:
    """The rest of the device API."""
    return {
        "success": True,
        "version": platform_types.bootstrap_version(),
        "content": platform_types.bootstrap_types(),
    }


async def argument_types(emulator: Emulator, call: Call) -> Document:
    """What the project's runs are started with."""
    project_id = call.path["id"]
    own_projects(emulator, call).require(project_id)
    return {"success": True, "content": argument_text(emulator.settings.read(project_id).schemas)}


ENDPOINTS = (
    endpoint("platform_types.node", node_types),
    endpoint("platform_types.bootstrap", bootstrap_types),
    endpoint("projects.argument_types", argument_types),
)
