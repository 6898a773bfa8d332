"""The JSON object that a job's automation keeps on each device. Made from the spec by `make generate`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Literal, TypedDict

from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.clients.xgodo import records


class BucketsListResult(TypedDict):
    """A page of buckets."""

    buckets: list[ListedBucket]
    total: int
    """Buckets on all pages."""
    page: int
    pages: int
    """Number of pages."""


class ListedBucket(TypedDict):
    """A bucket with the name of its device."""

    _id: str
    job_id: str
    remote_device_id: str
    data: dict[str, Any]
    updated_at: str
    """In ISO 8601."""
    device_name: str | None
    """Uncertain: Presumably null where the device is gone."""


class BucketsDeleteAllResult(TypedDict):
    """The buckets are gone."""

    success: Literal[True]
    deleted: int
    """How many there were."""


class BucketsReadResult(TypedDict):
    """The bucket."""

    bucket: Bucket


class Bucket(TypedDict):
    """What a job's automation keeps on one device."""

    _id: str
    job_id: str
    remote_device_id: str
    data: dict[str, Any]
    updated_at: str
    """In ISO 8601."""


class BucketsWriteResult(TypedDict):
    """The bucket as it is now."""

    bucket: Bucket


class Buckets:
    """The JSON object that a job's automation keeps on each device."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list(
        self, *, job_id: str, page: int | None = None, limit: int | None = None
    ) -> BucketsListResult:
        """List the buckets of a job, one for each device.

        Sorted by when they changed, the newest first. You need to own the job, or to have a share of it
        with `view`.

        Args:
            job_id: Id of the job.
            page: Number of the page, from 1. At least 1. Not given, it is 1.
            limit: Buckets on a page; more than 100 is taken as 100. At least 1. Not given, it is 20.

        Returns:
            A page of buckets.

        Raises:
            NotFound: There is no such job, or you neither own it nor have the share of it that this needs.
            ServerUnavailable: (500) The server's database failed.

        Source: the platform's client API documentation.
        """
        result: BucketsListResult = await self._calls.call(
            "buckets.list", {"job_id": job_id, "page": page, "limit": limit}
        )
        return result

    def iter_list(self, *, job_id: str, limit: int | None = None) -> AsyncGenerator[ListedBucket, None]:
        """Each of what `list` lists, asked for page by page as they are needed.

        Args:
            job_id: Id of the job.
            limit: Buckets on a page; more than 100 is taken as 100. At least 1. Not given, it is 20.
        """
        return self._calls.pages("buckets.list", {"job_id": job_id, "limit": limit})

    async def delete_all(self, *, job_id: str) -> BucketsDeleteAllResult:
        """Delete all buckets of a job.

        You need to own the job, or to have a share of it with `edit`.

        Args:
            job_id: Id of the job.

        Returns:
            The buckets are gone.

        Raises:
            NotFound: There is no such job, or you neither own it nor have the share of it that this needs.
            ServerUnavailable: (500) The server's database failed.

        Source: the platform's client API documentation.
        """
        result: BucketsDeleteAllResult = await self._calls.call("buckets.delete_all", {"job_id": job_id})
        return result

    async def read(self, *, job_id: str, device_id: str) -> BucketsReadResult:
        """Show the bucket of a job on a device.

        You need to own the job, or to have a share of it with `view`.

        Args:
            job_id: Id of the job.
            device_id: Id of the device (its `remote_device_id`). A UUID.

        Returns:
            The bucket.

        Raises:
            NotFound: There is no such job for you, or no bucket of it on this device.
            ServerUnavailable: (500) The server's database failed.

        Source: the platform's client API documentation.
        """
        result: BucketsReadResult = await self._calls.call(
            "buckets.read", {"job_id": job_id, "device_id": device_id}
        )
        return result

    async def write(self, *, job_id: str, device_id: str, data: Mapping[str, Any]) -> BucketsWriteResult:
        """Replace the bucket of a job on a device.

        What was in it is gone: nothing is merged. Where the job's automation has a `bucket_schema`, the
        data has to fit it. You need to own the job, or to have a share of it with `edit`.

        Args:
            job_id: Id of the job.
            device_id: Id of the device (its `remote_device_id`). A UUID.
            data: All that the bucket shall hold.

        Returns:
            The bucket as it is now.

        Raises:
            ApiError: `data` is missing or no object, or does not fit the automation's `bucket_schema`.
            NotFound: There is no such job, or you neither own it nor have the share of it that this needs.
            ServerUnavailable: (500) The server's database failed.

        Source: the platform's client API documentation.

        Uncertain: That the saved document is returned is documented, not the member that holds it.
        """
        result: BucketsWriteResult = await self._calls.call(
            "buckets.write", {"job_id": job_id, "device_id": device_id, "data": data}
        )
        return result

    async def delete(self, *, job_id: str, device_id: str) -> records.Success:
        """Delete the bucket of a job on a device.

        You need to own the job, or to have a share of it with `edit`.

        Args:
            job_id: Id of the job.
            device_id: Id of the device (its `remote_device_id`). A UUID.

        Returns:
            The bucket is gone.

        Raises:
            NotFound: There is no such job, or you neither own it nor have the share of it that this needs.
            ServerUnavailable: (500) The server's database failed.

        Source: the platform's client API documentation.

        Uncertain: What is answered where there is no bucket is not documented.
        """
        result: records.Success = await self._calls.call(
            "buckets.delete", {"job_id": job_id, "device_id": device_id}
        )
        return result
