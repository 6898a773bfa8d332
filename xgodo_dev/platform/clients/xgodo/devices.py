"""Phones, the automations that run on them, and their logs. Made from the spec by `make generate`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, TypedDict

from xgodo_dev.platform.clients.calling import Calls


class Device(TypedDict):
    """A phone."""

    remote_device_id: str
    """The id that every other endpoint takes."""
    added: str
    """In ISO 8601."""
    automations: list[Any]
    """Presumably what runs on the device.

    Uncertain: What the items look like is not documented.
    """
    brand: str
    country: str
    """Code of the country."""
    isEmulator: bool
    model: str
    name: str
    networkType: str
    numberOfCores: int
    online: bool
    processor: str
    ramMb: int
    """Memory in megabytes."""
    sdkVersion: str
    """API level of Android."""
    version: str
    """Version of Android."""


DevicesListResult: TypeAlias = "list[Device]"


class MarketDevice(TypedDict):
    """A phone on the market."""

    name: str
    country: str
    """Code of the country."""
    isAvailable: bool
    """Whether no task runs on it."""


DevicesMarketResult: TypeAlias = "list[MarketDevice]"


class DevicesVerifiedPhoneNumberResult(TypedDict):
    """The number, or null."""

    phoneNumber: str | None
    """In the international form, from `+` on."""


class Performed(TypedDict):
    """A command that was carried out."""

    success: Literal[True]
    message: str


class DevicesAutomationLogsResult(TypedDict):
    """The lines, oldest first."""

    logs: list[LogLine]


class LogLine(TypedDict):
    """A line that an automation has logged."""

    id: str
    automationId: str
    """The project's id, or the launch id of a script."""
    message: str
    lineNumber: int
    """Line of the code that logged it."""
    messageLevel: Literal["log", "warn", "error"]
    timestamp: int
    """Milliseconds since 1970."""


class Devices:
    """Phones, the automations that run on them, and their logs."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list(self) -> DevicesListResult:
        """List the devices that you can debug on.

        Your own devices, and those that you rent with the payment type "live".

        Returns:
            The devices, those that are offline included.

        Source: the platform's client API documentation.
        """
        result: DevicesListResult = await self._calls.call("devices.list", {})
        return result

    async def market(
        self, *, country: str | None = None, sort_direction: Literal["asc", "desc"] | None = None
    ) -> DevicesMarketResult:
        """List the devices on the market.

        Devices that are listed on the market with the payment type "action" and are online now, sorted by
        country. A device with a task in the status "running" is not available.

        Args:
            country: Only devices in this country.
            sort_direction: Direction in which the countries are sorted. Not given, it is 'asc'.

        Returns:
            The devices.

        Source: the platform's client API documentation.
        """
        result: DevicesMarketResult = await self._calls.call(
            "devices.market", {"country": country, "sortDirection": sort_direction}
        )
        return result

    async def verified_phone_number(self) -> DevicesVerifiedPhoneNumberResult:
        """Show the verified phone number of the device an automation runs on.

        The device is that of the token, which has to be a running automation's. The number is null unless
        the device has one that is verified. Automations have it as `agent.info.getVerifiedPhoneNumber`.

        Returns:
            The number, or null.

        Raises:
            ApiError: The token is bound to no device; it is an account's.
            NotFound: Device not found.

        Source: the platform's client API documentation.
        """
        result: DevicesVerifiedPhoneNumberResult = await self._calls.call("devices.verified_phone_number", {})
        return result

    async def launch_automation(
        self,
        *,
        device_ids: Sequence[str],
        automation_id: str,
        command: Literal["start", "stop"],
        automation_parameters: Mapping[str, Any] | None = None,
        job_variables: Mapping[str, Any] | None = None,
    ) -> Performed:
        """Start or stop a saved automation project on devices.

        Args:
            device_ids: Ids of the devices to run the automation on. At least 1 item.
            automation_id: Id of the saved automation project. At least 1 character.
            command: What to do.
            automation_parameters: Parameters as the automation's schema has them.
            job_variables: Variables of a job, for the automation.

        Returns:
            Every device has taken the command.

        Raises:
            ApiError: A device is not connected or does not exist, or the request is invalid.

        Source: the platform's automation control API documentation.

        Uncertain: Its section states no method; the platform's documentation pages print POST.
        """
        result: Performed = await self._calls.call(
            "devices.launch_automation",
            {
                "device_ids": device_ids,
                "automationId": automation_id,
                "command": command,
                "automationParameters": automation_parameters,
                "jobVariables": job_variables,
            },
        )
        return result

    async def launch_direct_automation(
        self,
        *,
        device_id: str,
        launch_id: str,
        command: Literal["start", "stop"],
        code: str,
        automation_parameters: Mapping[str, Any] | None = None,
        job_variables: Mapping[str, Any] | None = None,
    ) -> Performed:
        """Start or stop a script on a device, without saving it as a project.

        The launch id is yours to choose; the run's logs are asked for with it.

        Args:
            device_id: Id of the device to run the script on. At least 1 character.
            launch_id: A new UUID for a start, that of the launch for a stop. A UUID.
            command: What to do.
            code: JavaScript or TypeScript to run on the device. At least 1 character.
            automation_parameters: What the script sees as `agent.arguments.automationParameters`.
            job_variables: What the script sees as `agent.arguments.jobVariables`.

        Returns:
            Every device has taken the command.

        Raises:
            ApiError: A device is not connected or does not exist, or the request is invalid.

        Source: the platform's automation control API documentation.
        """
        result: Performed = await self._calls.call(
            "devices.launch_direct_automation",
            {
                "device_id": device_id,
                "launch_id": launch_id,
                "command": command,
                "code": code,
                "automationParameters": automation_parameters,
                "jobVariables": job_variables,
            },
        )
        return result

    async def stop_all_automations(self, *, device_id: str) -> Performed:
        """Stop everything that runs on a device.

        Args:
            device_id: Id of the device. At least 1 character.

        Returns:
            Nothing runs on the device any more.

        Raises:
            ApiError: Invalid device_id or device not found.

        Source: the platform's automation control API documentation.
        """
        result: Performed = await self._calls.call("devices.stop_all_automations", {"device_id": device_id})
        return result

    async def automation_logs(
        self, *, device_id: str, automation_ids: Sequence[str], from_: str | None = None
    ) -> DevicesAutomationLogsResult:
        """Show what automations on a device have logged.

        Lines are kept for ten minutes. Ask again with the id of the last line to get what came after it.

        Args:
            device_id: Id of the device. At least 1 character.
            automation_ids: Ids of automation projects, or launch ids of scripts. At least 1 item.
            from_: Only lines after the one with this id. Uncertain: What an id gives that is unknown or no
                longer kept is not documented.

        Returns:
            The lines, oldest first.

        Source: the platform's automation control API documentation.
        """
        result: DevicesAutomationLogsResult = await self._calls.call(
            "devices.automation_logs",
            {"device_id": device_id, "automation_ids": automation_ids, "from": from_},
        )
        return result
