"""The server and the account that a command line selects, as a daemon compares them with its own."""

from __future__ import annotations

from typing import Any

from xgodo_dev.cli import local_project
from xgodo_dev.loop.control_client import shown_token
from xgodo_dev.project.config import Project


def shown(project: Project) -> dict[str, Any]:
    """What to send: no token is in it, and none can be computed from it.

    Raises:
        XgodoError: no server is selected, such as an emulator where none runs.
    """
    server = local_project.server(project)
    return {
        "remote": server.remote,
        "project": project.id_for(server.profile),
        "token": shown_token(server.token),
    }
