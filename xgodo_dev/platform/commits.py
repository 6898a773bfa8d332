"""Commits of a remote project, which two of the platform's APIs make in the same way."""

from __future__ import annotations

from dataclasses import dataclass

from xgodo_dev.errors import ApiError, NotFound, ProjectNotFound
from xgodo_dev.platform.shapes import text
from xgodo_dev.platform.transport import Transport


class NothingToCommit(ApiError):
    """The remote project has no uncommitted change."""

    code = "nothing-to-commit"


@dataclass(frozen=True)
class Commit:
    """A commit on the platform."""

    hash: str
    message: str


async def commit(transport: Transport, endpoint: str, message: str, *, under: str = "") -> Commit:
    """Commit all changes of the remote project that ``endpoint``, below ``/api/v2``, is about.

    Raises:
        NothingToCommit: there is no change.
        ProjectNotFound: no such project, or it is not ours.
    """
    try:
        answer = await transport.request(
            "POST",
            endpoint,
            under=under,
            body={"message": message},
            repeatable=False,
            not_found=ProjectNotFound,
        )
    except NotFound:
        raise
    except ApiError as error:
        # The platform gives this refusal no code of its own: its words are the documented ones.
        if "no changes to commit" in str(error).lower():
            raise NothingToCommit(
                "There is nothing to commit: the remote project equals its last commit.",
                status=error.status,
                endpoint=error.endpoint,
            ) from error
        raise
    record = answer.get("commit") if isinstance(answer, dict) else None
    return Commit(hash=text(record, "hash", "a commit"), message=message)
