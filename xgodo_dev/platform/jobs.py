"""The platform's jobs, as far as they tell something about an automation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xgodo_dev.errors import ServerUnavailable
from xgodo_dev.platform.answers import readable
from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.shapes import schemas


@dataclass(frozen=True)
class JobDetails:
    """What a job says about the automation that works on it."""

    automation_id: str | None
    """None: no automation does."""
    schemas: Mapping[str, Any]
    """By the platform's names of them, as it answers them: hostile until checked. None: there is none."""


async def details(calls: Calls, job_id: str) -> JobDetails:
    """What the platform tells about one of its jobs.

    Raises:
        NotFound: there is no such job, or it is not ours.
    """
    answer = await calls.call("jobs.details", {"job_id": job_id})
    # The documents call the parameter optional: a server that overlooks it may tell of another job.
    ids = [answer[name] for name in ("job_id", "_id") if isinstance(answer.get(name), str)]
    if ids and job_id not in ids:
        raise ServerUnavailable(
            f"The server answered for the job {readable(ids[0])}, not for {readable(job_id)}."
        )
    automation_id = answer.get("automation_id")
    return JobDetails(
        automation_id if isinstance(automation_id, str) and automation_id else None, schemas(answer)
    )
