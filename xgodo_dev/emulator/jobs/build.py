"""What a phone is given to run for a job: the project as it was last committed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from xgodo_dev.emulator.projects import ProjectStore
from xgodo_dev.emulator.refusals import ProjectNotFound

ENTRY: Final = "main.js"


@dataclass(frozen=True)
class Build:
    """The JavaScript of a project, path to text."""

    modules: Mapping[str, str]
    commit_id: str
    """Empty: the project has no commit yet, and these are its files as they are."""


async def latest(projects: ProjectStore, project_id: str) -> Build | None:
    """The last commit of a project, or its files where it has none; None where there is nothing to run."""
    try:
        repository = projects.repository(project_id)
    except ProjectNotFound:
        return None
    commits = await repository.history(1)
    if commits:
        files = await repository.committed(commits[0].hash)
        scripts = [path for path in files if path.endswith(".js")]
        contents = await repository.blobs([files[path] for path in scripts])
        texts = [content.decode(errors="replace") for content in contents]
        build = Build(dict(zip(scripts, texts, strict=True)), commits[0].hash)
    else:
        build = Build(await projects.scripts(project_id), "")
    return build if ENTRY in build.modules else None
