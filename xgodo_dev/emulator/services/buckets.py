"""The buckets of a job, for its owner and whom it is shared with: ``/bucket``.

They are what the job's automation has as ``agent.utils.bucket`` on each device. Where the documentation is
silent: a bucket may be written for any id of a device, is as large as an automation's may be, and to delete
one that is not there succeeds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from xgodo_dev.emulator import buckets
from xgodo_dev.emulator.buckets import JobBuckets
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.input_values import complaints
from xgodo_dev.emulator.jobs import job as jobs
from xgodo_dev.emulator.jobs.job import Job
from xgodo_dev.emulator.jobs.refusals import JobMissing
from xgodo_dev.emulator.paging import Page
from xgodo_dev.emulator.phone.kept_object import CallRefused
from xgodo_dev.emulator.refusals import ErrorShape, Refusal
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint
from xgodo_dev.schema_keys import BUCKET

SHAPE = ErrorShape.ERROR
TABLES = buckets.TABLES

_MOST_ON_A_PAGE = 100


class JobNotFound(Refusal):
    """There is no such job, or none that the caller may do this with."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Job not found")


class BucketNotFound(Refusal):
    """Nothing was written for this device yet, or there is no such job."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Bucket not found")


class InvalidBucket(Refusal):
    """``reasons`` says what of the data its schema does not allow."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("Invalid bucket data")
        self.reasons = tuple(reasons)

    def body(self, usual: ErrorShape = ErrorShape.SUCCESS_MESSAGE) -> dict[str, object]:
        """The documented body, and beside it the reasons."""
        return {**super().body(usual), "errors": list(self.reasons)}


async def list_buckets(emulator: Emulator, call: Call) -> Document:
    """A page of the job's buckets, with the names of their devices."""
    page = Page(call.arguments["page"], min(call.arguments["limit"], _MOST_ON_A_PAGE))
    total, found = JobBuckets(emulator.database, _job(emulator, call).id).page(page)
    return {
        "buckets": [each | {"device_name": _device_name(emulator, each)} for each in found],
        "total": total,
        "page": page.number,
        "pages": page.count(total),
    }


async def delete_all(emulator: Emulator, call: Call) -> Document:
    """Removes all buckets of the job."""
    of_job = JobBuckets(emulator.database, _job(emulator, call, jobs.edited).id)
    return {"success": True, "deleted": of_job.delete_all()}


async def read(emulator: Emulator, call: Call) -> Document:
    """The job's bucket on one device."""
    found = JobBuckets(emulator.database, _job(emulator, call).id).find(_device_id(call))
    if found is None:
        raise BucketNotFound
    return {"bucket": found}


async def write(emulator: Emulator, call: Call) -> Document:
    """Replaces the job's bucket on one device."""
    job = _job(emulator, call, jobs.edited)
    data = call.arguments["data"]
    reasons = await asyncio.to_thread(complaints, emulator.dispatcher.schemas(job).get(BUCKET), data)
    if reasons:
        raise InvalidBucket(reasons)
    of_job = JobBuckets(emulator.database, job.id)
    try:
        await of_job.bucket(_device_id(call), now=emulator.clock.now).replace(data)
    except CallRefused as refused:
        raise InvalidBucket([str(refused)]) from refused
    return {"bucket": of_job.find(_device_id(call))}


async def delete(emulator: Emulator, call: Call) -> Document:
    """Removes the job's bucket on one device."""
    JobBuckets(emulator.database, _job(emulator, call, jobs.edited).id).delete(_device_id(call))
    return {"success": True}


def _job(emulator: Emulator, call: Call, permitted: Callable[[Database, str, str], Job] = jobs.viewed) -> Job:
    try:
        return permitted(emulator.database, call.arguments["job_id"], call.caller.account_id)
    except JobMissing as missing:
        raise JobNotFound from missing


def _device_id(call: Call) -> str:
    device_id: str = call.arguments["device_id"]
    return device_id.lower()


def _device_name(emulator: Emulator, bucket: dict[str, object]) -> str | None:
    device = emulator.fleet.find(str(bucket["remote_device_id"]))
    return None if device is None else device.name


ENDPOINTS = (
    endpoint("buckets.list", list_buckets),
    endpoint("buckets.delete_all", delete_all),
    endpoint("buckets.read", read),
    endpoint("buckets.write", write),
    endpoint("buckets.delete", delete),
)
