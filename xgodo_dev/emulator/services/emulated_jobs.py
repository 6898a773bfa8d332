"""What the platform's web page does to jobs and its API can't: ``/_emulator/jobs``.

There a job is linked to an automation, whose schemas may come with it, and shared with somebody. The
colleague does it to his own jobs too. An automation of the other account may be linked, since records may be
written into a job of his for the same automation; but neither do phones run it for that job, nor are its
schemas shown with it or taken.
"""

from __future__ import annotations

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.input_schema import check_schema
from xgodo_dev.emulator.jobs import job as jobs
from xgodo_dev.emulator.jobs.job import Job
from xgodo_dev.emulator.jobs.posting import post, shown
from xgodo_dev.emulator.jobs.refusals import JobMissing
from xgodo_dev.emulator.object_id import new_id
from xgodo_dev.emulator.projects import is_project_id
from xgodo_dev.emulator.refusals import InvalidRequest
from xgodo_dev.emulator.services.endpoint import Answer, Call, Document, control, own_projects
from xgodo_dev.schema_keys import KEYS

_RIGHTS = ("view", "edit")
_MOST_POSITIONS = 1_000_000
_MOST_DOLLARS = 1_000_000
_DAYS = 30


async def create(emulator: Emulator, call: Call) -> Answer:
    """Posts a job that phones do, for whoever asks; its automation is a project with files."""
    now = emulator.clock.now()
    automation_id = _automation(call)
    schemas = {key: check_schema(call.body.values[key], key) for key in KEYS if key in call.body.values}
    if schemas:
        own_projects(emulator, call).require(automation_id)
    title = call.body.filled_text("title")
    job = Job(
        id=new_id(now),
        account_id=call.caller.account_id,
        job_type=jobs.AUTOMATION,
        automation_id=automation_id,
        title=title,
        category="Automation",
        description=title,
        proof="JSON",
        positions=_positions(call),
        job_price=_price(call),
        duration=_DAYS,
        few_times=True,
        added=now,
    )
    right = call.body.choice("share", _RIGHTS) if "share" in call.body.values else None
    emulator.projects.require(automation_id)
    with emulator.database.transaction():
        post(emulator.database, job)
        if right is not None:
            _share(emulator, job, right)
    if schemas:
        emulator.settings.keep_schemas(automation_id, schemas)
    return Answer(shown(emulator, job), 201)


async def share(emulator: Emulator, call: Call) -> Document:
    """Shares a job of whoever asks with the other account."""
    job = jobs.find(emulator.database, call.path["job_id"])
    if job is None or job.account_id != call.caller.account_id:
        raise JobMissing
    _share(emulator, job, call.body.choice("share", _RIGHTS))
    return {"success": True}


def _share(emulator: Emulator, job: Job, right: str) -> None:
    accounts = emulator.accounts
    other = accounts.owner if job.account_id == accounts.colleague.id else accounts.colleague
    jobs.share(emulator.database, job.id, other.id, may_edit=right == "edit")


def _automation(call: Call) -> str:
    automation_id = call.body.filled_text("automation_id")
    if not is_project_id(automation_id):
        raise InvalidRequest("automation_id must be a UUID, or 24 hexadecimal digits")
    return automation_id


def _positions(call: Call) -> int:
    positions = call.body.values.get("positions", 100)
    if not isinstance(positions, int) or isinstance(positions, bool) or not 1 <= positions <= _MOST_POSITIONS:
        raise InvalidRequest(f"positions must be a number from 1 to {_MOST_POSITIONS}")
    return positions


def _price(call: Call) -> float:
    price = call.body.values.get("job_price", 0)
    if not isinstance(price, int | float) or isinstance(price, bool) or not 0 <= price <= _MOST_DOLLARS:
        raise InvalidRequest(f"job_price must be a number from 0 to {_MOST_DOLLARS}")
    return float(price)


ENDPOINTS = (
    control("POST", "/jobs", create, permitted="accounts"),
    control("POST", "/jobs/{job_id}/share", share, permitted="accounts"),
)
