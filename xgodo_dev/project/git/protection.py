"""What keeps work in progress from a project that takes only what is committed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from xgodo_dev.errors import RefusedError, XgodoError
from xgodo_dev.project.git.repository import find

_MOST_NAMED = 5


class UncommittedFiles(RefusedError):
    """Files are not as git's last commit has them, and the remote project takes only what is committed."""

    code = "uncommitted"

    def __init__(self, message: str, *, paths: Sequence[str], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.paths = tuple(paths)

    def details(self) -> dict[str, list[str]]:
        return {"paths": list(self.paths)}


def require_committed(root: Path, project_id: str, sent: Collection[str]) -> None:
    """Find out whether the working tree is as the last commit has it.

    Args:
        root: the project's folder.
        project_id: the protected remote project.
        sent: the paths of all files that belong to it.

    Raises:
        UncommittedFiles: it is not, or nobody can tell.
    """
    refused = f"Nothing was sent: project {project_id} is protected, and takes only what is committed in git."
    try:
        paths = find(root).uncommitted(sent)
    except XgodoError as error:
        raise UncommittedFiles(f"{refused} {error}", paths=(), hint=error.hint) from error
    if paths:
        more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
        raise UncommittedFiles(
            f"{refused} Not committed: {', '.join(paths[:_MOST_NAMED])}{more}.",
            paths=paths,
            hint="Commit them in git, as `xgodo-dev commit --git` does before it sends; or send what is "
            "committed: `xgodo-dev push --ref HEAD`.",
        )
