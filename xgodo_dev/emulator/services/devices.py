"""Devices, launches and logs: ``/devices`` and what is below it.

Where the documentation is silent: a launch on several devices starts on all of them or on none;
stopping what does not run succeeds; ``code`` is required to stop a direct launch too, as its table
says; a device that is offline refuses a stop like a launch, but its logs, which the server keeps,
can be read.
"""

from __future__ import annotations

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.jobs.job_tasks import running_on
from xgodo_dev.emulator.phone.engine import Program
from xgodo_dev.emulator.refusals import NoEntry, Refusal
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint, own_projects

_PROJECT_ENTRY = "main.js"
_DIRECT_ENTRY = "automation.js"
_PERFORMED: Document = {"success": True, "message": "Action performed successfully"}


class NotOnADevice(Refusal):
    """The token is an account's, not a running automation's."""

    def __init__(self) -> None:
        super().__init__("Token is not bound to a device")


class DeviceNotFound(Refusal):
    """The device that the token is bound to is gone."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Device not found")


async def list_devices(emulator: Emulator, call: Call) -> Document:
    """Every device of the caller, those that are offline included."""
    return [device.record() for device in emulator.fleet.owned(call.caller.account_id)]


async def market(emulator: Emulator, call: Call) -> Document:
    """The connected devices of all accounts."""
    country = call.arguments.get("country")
    listed = [
        device
        for device in emulator.fleet.devices()
        if device.online and country in (None, device.phone.country)
    ]
    listed.sort(key=lambda device: device.phone.country, reverse=call.arguments["sortDirection"] == "desc")
    return [
        {
            "name": device.name,
            "country": device.phone.country,
            "isAvailable": not running_on(emulator.database, device.id),
        }
        for device in listed
    ]


async def verified_phone_number(emulator: Emulator, call: Call) -> Document:
    """The number of the phone that the caller, an automation, runs on."""
    if call.caller.device_id is None:
        raise NotOnADevice
    device = emulator.fleet.find(call.caller.device_id)
    if device is None:
        raise DeviceNotFound
    return {"phoneNumber": device.phone.verified_number}


async def launch_automation(emulator: Emulator, call: Call) -> Document:
    """Starts or stops the saved project on devices; logs carry the project's id."""
    automation_id = call.arguments["automationId"]
    own = own_projects(emulator, call)
    own.require(automation_id)
    devices = emulator.fleet.connected(call.arguments["device_ids"], call.caller.account_id)
    if call.arguments["command"] == "stop":
        for device in devices:
            await emulator.fleet.stop(device, automation_id)
        return _PERFORMED

    scripts = await own.scripts(automation_id)
    if _PROJECT_ENTRY not in scripts:
        raise NoEntry(_PROJECT_ENTRY)
    program = Program(
        modules=scripts,
        entry=_PROJECT_ENTRY,
        automation_id=automation_id,
        automation_parameters=call.arguments.get("automationParameters", {}),
        job_variables=call.arguments.get("jobVariables", {}),
        name="Saved automation",
    )
    for device in devices:
        await emulator.fleet.launch(device, program)
    return _PERFORMED


async def launch_direct_automation(emulator: Emulator, call: Call) -> Document:
    """Starts or stops one script; logs carry the launch id."""
    launch_id = call.arguments["launch_id"]
    (device,) = emulator.fleet.connected([call.arguments["device_id"]], call.caller.account_id)
    if call.arguments["command"] == "stop":
        await emulator.fleet.stop(device, launch_id)
        return _PERFORMED

    program = Program(
        modules={_DIRECT_ENTRY: call.arguments["code"]},
        entry=_DIRECT_ENTRY,
        automation_id=launch_id,
        automation_parameters=call.arguments.get("automationParameters", {}),
        job_variables=call.arguments.get("jobVariables", {}),
        name="Direct automation",
    )
    await emulator.fleet.launch(device, program, may_be_typescript=True)
    return _PERFORMED


async def stop_all_automations(emulator: Emulator, call: Call) -> Document:
    """Ends every run on a device."""
    device = emulator.fleet.device(call.arguments["device_id"], call.caller.account_id)
    emulator.fleet.connected([device.id], call.caller.account_id)
    await emulator.fleet.stop_all(device)
    return {"success": True, "message": "All automations stopped successfully"}


async def automation_logs(emulator: Emulator, call: Call) -> Document:
    """The last ten minutes of logs of some runs, or what came after the line ``from``."""
    device = emulator.fleet.device(call.arguments["device_id"], call.caller.account_id)
    entries = device.logs.query(frozenset(call.arguments["automation_ids"]), call.arguments.get("from"))
    return {"logs": [entry.document() for entry in entries]}


ENDPOINTS = (
    endpoint("devices.list", list_devices),
    endpoint("devices.market", market),
    endpoint("devices.verified_phone_number", verified_phone_number),
    endpoint("devices.launch_automation", launch_automation),
    endpoint("devices.launch_direct_automation", launch_direct_automation),
    endpoint("devices.stop_all_automations", stop_all_automations),
    endpoint("devices.automation_logs", automation_logs),
)
