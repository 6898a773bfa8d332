"""By which ids the record of a device tells that it runs this project."""

from __future__ import annotations

from pathlib import Path

from xgodo_dev.cli import output
from xgodo_dev.errors import ConfigurationError
from xgodo_dev.runs.open_runs import open_runs


async def own_ids(root: Path, remote: str, project_id: str | None) -> set[str]:
    """The ids under which a project may be running now: its own, and those of its runs on a server.

    What is recorded of the runs may be unreadable, which is told.

    Args:
        remote: names the server, as ``Server.remote`` does.
        project_id: None where the project is not bound to a remote one.
    """
    ids = {project_id} if project_id else set()
    try:
        ids.update(run.id for run in await open_runs(root, remote))
    except ConfigurationError as error:
        output.note(f"Which runs are this project's is not known. {error.with_hint()}")
    return ids
