"""The JSON object that all automations on a device share. Made from the spec by `make generate`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from xgodo_dev.platform.clients.calling import Calls


class DeviceBucketReadResult(TypedDict):
    """What the bucket holds; nothing to begin with."""

    deviceBucket: dict[str, Any]


class DeviceBucketMergeResult(TypedDict):
    """All that the bucket holds now."""

    success: Literal[True]
    deviceBucket: dict[str, Any]


class DeviceBucket:
    """The JSON object that all automations on a device share."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def read(self, *, remote_device_id: str | None = None) -> DeviceBucketReadResult:
        """Show the bucket that all automations on a device share.

        It has no schema and belongs to no job. Automations have it as `agent.utils.deviceBucket`.

        Args:
            remote_device_id: Id of a device that is yours or that your automation runs on. Needed unless
                the token is a running automation's. A UUID.

        Returns:
            What the bucket holds; nothing to begin with.

        Raises:
            ApiError: The token is bound to no device, and none was named.

        Source: the platform's client API documentation.

        Uncertain: What the id of somebody else's device gives is not documented.
        """
        result: DeviceBucketReadResult = await self._calls.call(
            "device_bucket.read", {"remote_device_id": remote_device_id}
        )
        return result

    async def merge(
        self, *, remote_device_id: str | None = None, data: Mapping[str, Any]
    ) -> DeviceBucketMergeResult:
        """Put members into the bucket that all automations on a device share.

        Members of that name are replaced, the others stay.

        Args:
            remote_device_id: Id of a device that is yours or that your automation runs on. Needed unless
                the token is a running automation's. A UUID.
            data: The members to put in.

        Returns:
            All that the bucket holds now.

        Raises:
            ApiError: No device was named and the token is bound to none, or `data` is missing or no object.

        Source: the platform's client API documentation.

        Uncertain: What the id of somebody else's device gives is not documented.
        """
        result: DeviceBucketMergeResult = await self._calls.call(
            "device_bucket.merge", {"remote_device_id": remote_device_id, "data": data}
        )
        return result
