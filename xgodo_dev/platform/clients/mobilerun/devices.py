"""Cloud phones and one's own phones. Made from the spec by `make generate`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Literal, NotRequired, TypedDict

from xgodo_dev.platform.clients.calling import UNSET, Calls, Unset
from xgodo_dev.platform.clients.mobilerun import records


class DevicesListResult(TypedDict):
    """One page of devices."""

    items: list[Device]
    pagination: records.Pagination


class Device(TypedDict):
    """A phone. Its screen is streamed at `streamUrl` to who has `streamToken`."""

    id: str
    name: str
    state: Literal["creating", "assigned", "ready", "disconnected", "terminated", "unknown"]
    stateMessage: str
    streamUrl: str
    streamToken: str
    deviceType: str
    provider: str
    apps: list[str]
    """Package names of installed apps."""
    files: list[str]
    country: str
    createdAt: str
    """In ISO 8601."""
    updatedAt: str
    """In ISO 8601."""
    assignedAt: str | None
    """In ISO 8601."""
    terminatesAt: str | None
    """When it will be terminated. In ISO 8601."""
    taskCount: int
    """How many tasks it was given."""
    type: NotRequired[str]
    """The same as `deviceType`.

    Uncertain: As the official Python SDK has it.
    """
    platform: NotRequired[Literal["android", "ios"]]
    """Uncertain: As the official Python SDK has it."""
    activeTaskId: NotRequired[str]
    """The task that runs on it; empty if none does.

    Uncertain: As the official Python SDK has it.
    """
    userId: NotRequired[str]
    """Uncertain: As the official Python SDK has it."""


class DevicesTasksResult(TypedDict):
    """One page of what ran on the device."""

    items: list[DeviceTask]
    pagination: records.Pagination


class DeviceTask(TypedDict):
    """One task that was given to a device.

    Uncertain: As the official Python SDK has it.
    """

    taskId: str
    createdAt: str
    """In ISO 8601."""
    updatedAt: str
    """In ISO 8601."""


class Devices:
    """Cloud phones and one's own phones."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list(
        self,
        *,
        state: Sequence[
            Literal[
                "creating",
                "assigned",
                "ready",
                "disconnected",
                "terminated",
                "unknown",
                "rebooting",
                "migrating",
                "resetting",
                "maintenance",
                "stopped",
            ]
        ]
        | None = None,
        provider: Literal["personal", "limrun", "remote", "roidrun"] | None = None,
        type: Literal[
            "device_slot",
            "dedicated_emulated_device",
            "dedicated_physical_device",
            "android_cloud_phone",
            "android_physical_phone",
            "android_emulator",
        ]
        | None = None,
        page: int | None = None,
        page_size: int | None = None,
        order_by: Literal["id", "createdAt", "updatedAt", "assignedAt"] | None = None,
        order_by_direction: Literal["asc", "desc"] | None = None,
    ) -> DevicesListResult:
        """List devices.

        Filters combine; a device must fit all of them.

        Args:
            state: Only devices in one of these states. Uncertain: The documentation writes state=a&state=b,
                the official Python SDK state=a,b and also the states from rebooting on. Which devices are
                listed without it: all, or all but terminated and unknown ones.
            provider: Only devices of this provider; `personal` are one's own phones.
            type: Only devices of this type. Uncertain: The types from android_cloud_phone on are those of
                the official Python SDK.
            page: Which page, counted from 1. At least 1. Not given, it is 1.
            page_size: How many to a page. At least 1. Not given, it is 20.
            order_by: What to sort by. Not given, it is 'createdAt'.
            order_by_direction: Which way to sort. Not given, it is 'desc'.

        Returns:
            One page of devices.

        Source: Mobilerun's documentation.
        """
        result: DevicesListResult = await self._calls.call(
            "devices.list",
            {
                "state": state,
                "provider": provider,
                "type": type,
                "page": page,
                "pageSize": page_size,
                "orderBy": order_by,
                "orderByDirection": order_by_direction,
            },
        )
        return result

    def iter_list(
        self,
        *,
        state: Sequence[
            Literal[
                "creating",
                "assigned",
                "ready",
                "disconnected",
                "terminated",
                "unknown",
                "rebooting",
                "migrating",
                "resetting",
                "maintenance",
                "stopped",
            ]
        ]
        | None = None,
        provider: Literal["personal", "limrun", "remote", "roidrun"] | None = None,
        type: Literal[
            "device_slot",
            "dedicated_emulated_device",
            "dedicated_physical_device",
            "android_cloud_phone",
            "android_physical_phone",
            "android_emulator",
        ]
        | None = None,
        page_size: int | None = None,
        order_by: Literal["id", "createdAt", "updatedAt", "assignedAt"] | None = None,
        order_by_direction: Literal["asc", "desc"] | None = None,
    ) -> AsyncGenerator[Device, None]:
        """Each of what `list` lists, asked for page by page as they are needed.

        Args:
            state: Only devices in one of these states. Uncertain: The documentation writes state=a&state=b,
                the official Python SDK state=a,b and also the states from rebooting on. Which devices are
                listed without it: all, or all but terminated and unknown ones.
            provider: Only devices of this provider; `personal` are one's own phones.
            type: Only devices of this type. Uncertain: The types from android_cloud_phone on are those of
                the official Python SDK.
            page_size: How many to a page. At least 1. Not given, it is 20.
            order_by: What to sort by. Not given, it is 'createdAt'.
            order_by_direction: Which way to sort. Not given, it is 'desc'.
        """
        return self._calls.pages(
            "devices.list",
            {
                "state": state,
                "provider": provider,
                "type": type,
                "pageSize": page_size,
                "orderBy": order_by,
                "orderByDirection": order_by_direction,
            },
        )

    async def provision(
        self,
        *,
        provider: Literal["limrun", "physical", "premium", "roidrun"] | None = None,
        device_type: Literal[
            "device_slot",
            "dedicated_emulated_device",
            "dedicated_physical_device",
            "dedicated_premium_device",
            "android_cloud_phone",
            "android_physical_phone",
            "android_emulator",
        ]
        | None = None,
        name: str | None = None,
        apps: Sequence[str] | Unset | None = UNSET,
        files: Sequence[str] | Unset | None = UNSET,
        country: str | None = None,
    ) -> Device:
        """Provision a cloud device.

        Needs an active subscription with a free slot. The device is not ready at once: wait for it with
        `devices wait`.

        Args:
            provider: Who provides the device.
            device_type: The type of the device. Uncertain: The types from android_cloud_phone on are those
                of the official Python SDK.
            name: What the device is called.
            apps: Package names of apps to install.
            files: Identifiers of files to put on the device.
            country: The device's country (ISO 3166-1 alpha-2). From 2 to 2 characters.

        Returns:
            The device, which is still being created.

        Raises:
            PermissionDenied: The plan has no slot for another device. Terminate one, or upgrade at
                https://cloud.mobilerun.ai/billing.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; the device as the official Python SDK has it. Whether
        200 or 201.
        """
        result: Device = await self._calls.call(
            "devices.provision",
            {
                "provider": provider,
                "deviceType": device_type,
                "name": name,
                "apps": apps,
                "files": files,
                "country": country,
            },
        )
        return result

    async def count(self) -> dict[str, int]:
        """Count devices by their states.

        Returns:
            How many devices there are in each state.

        Source: Mobilerun's documentation.

        Uncertain: Whether states without devices are in it. The official Python SDK says that newer servers
        count by type.
        """
        result: dict[str, int] = await self._calls.call("devices.count", {})
        return result

    async def get(self, *, device_id: str) -> Device:
        """Get a device.

        Args:
            device_id: The device's id (a UUID).

        Returns:
            The device.

        Source: Mobilerun's documentation.
        """
        result: Device = await self._calls.call("devices.get", {"deviceId": device_id})
        return result

    async def terminate(
        self, *, device_id: str, terminate_at: str | None = None, previous_device_id: str | None = None
    ) -> None:
        """Terminate a cloud device.

        One's own phones can't be terminated: they disconnect when the Portal app is closed.

        Args:
            device_id: The device's id (a UUID).
            terminate_at: When to terminate it; now if left out. In ISO 8601.
            previous_device_id: The device that this one replaces.

        Raises:
            PermissionDenied: The device is one's own phone.

        Source: Mobilerun's documentation.

        Uncertain: The official Python SDK says that terminateAt and previousDeviceId are refused to API
        keys (401) by newer servers.

        Uncertain: The documentation shows no answer; the official Python SDK reads none.
        """
        await self._calls.call(
            "devices.terminate",
            {"deviceId": device_id, "terminateAt": terminate_at, "previousDeviceId": previous_device_id},
        )

    async def wait(self, *, device_id: str) -> Device:
        """Wait until a device is ready.

        Answers when the device's state becomes `ready`.

        Args:
            device_id: The device's id (a UUID).

        Returns:
            The device, ready.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; the device as the official Python SDK has it.
        """
        result: Device = await self._calls.call("devices.wait", {"deviceId": device_id})
        return result

    async def tasks(
        self,
        *,
        device_id: str,
        page: int | None = None,
        page_size: int | None = None,
        order_by: Literal["id", "createdAt", "updatedAt", "assignedAt"] | None = None,
        order_by_direction: Literal["asc", "desc"] | None = None,
    ) -> DevicesTasksResult:
        """List the tasks of a device.

        Args:
            device_id: The device's id (a UUID).
            page: Which page, counted from 1. At least 1. Not given, it is 1.
            page_size: How many to a page. At least 1. Not given, it is 20.
            order_by: What to sort by. Not given, it is 'createdAt'.
            order_by_direction: Which way to sort. Not given, it is 'desc'.

        Returns:
            One page of what ran on the device.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; as the official Python SDK has it.
        """
        result: DevicesTasksResult = await self._calls.call(
            "devices.tasks",
            {
                "deviceId": device_id,
                "page": page,
                "pageSize": page_size,
                "orderBy": order_by,
                "orderByDirection": order_by_direction,
            },
        )
        return result

    def iter_tasks(
        self,
        *,
        device_id: str,
        page_size: int | None = None,
        order_by: Literal["id", "createdAt", "updatedAt", "assignedAt"] | None = None,
        order_by_direction: Literal["asc", "desc"] | None = None,
    ) -> AsyncGenerator[DeviceTask, None]:
        """Each of what `tasks` lists, asked for page by page as they are needed.

        Args:
            device_id: The device's id (a UUID).
            page_size: How many to a page. At least 1. Not given, it is 20.
            order_by: What to sort by. Not given, it is 'createdAt'.
            order_by_direction: Which way to sort. Not given, it is 'desc'.
        """
        return self._calls.pages(
            "devices.tasks",
            {
                "deviceId": device_id,
                "pageSize": page_size,
                "orderBy": order_by,
                "orderByDirection": order_by_direction,
            },
        )
