"""Devices, launches and logs: ``/devices`` and what is below it.

Where the documentation is silent: a launch on several devices starts on all of them or on none;
stopping what does not run succeeds; ``code`` is required to stop a direct launch too, as its table
says; a device that is offline refuses a stop like a launch, but its logs, which the server keeps,
can be read.
"""

from __future__ import annotations

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.phone.engine import Program
from xgodo_dev.emulator.refusals import NoEntry
from xgodo_dev.emulator.services.endpoint import Call, Document, Endpoint

_COMMANDS = ("start", "stop")
_PROJECT_ENTRY = "main.js"
_DIRECT_ENTRY = "automation.js"
_PERFORMED: Document = {"success": True, "message": "Action performed successfully"}


async def list_devices(emulator: Emulator, _: Call) -> Document:
    """Every device, those that are offline included."""
    return list(emulator.fleet.records())


async def launch_automation(emulator: Emulator, call: Call) -> Document:
    """Starts or stops the saved project on devices; logs carry the project's id."""
    device_ids = call.body.texts("device_ids")
    automation_id = call.body.filled_text("automationId")
    command = call.body.choice("command", _COMMANDS)
    automation_parameters = call.body.optional_object("automationParameters")
    job_variables = call.body.optional_object("jobVariables")
    emulator.projects.require(automation_id)
    devices = emulator.fleet.connected(device_ids)
    if command == "stop":
        for device in devices:
            await emulator.fleet.stop(device, automation_id)
        return _PERFORMED

    scripts = await emulator.projects.scripts(automation_id)
    if _PROJECT_ENTRY not in scripts:
        raise NoEntry(_PROJECT_ENTRY)
    program = Program(
        modules=scripts,
        entry=_PROJECT_ENTRY,
        automation_id=automation_id,
        automation_parameters=automation_parameters,
        job_variables=job_variables,
        name="Saved automation",
    )
    for device in devices:
        await emulator.fleet.launch(device, program)
    return _PERFORMED


async def launch_direct_automation(emulator: Emulator, call: Call) -> Document:
    """Starts or stops one script; logs carry the launch id."""
    device_id = call.body.filled_text("device_id")
    launch_id = call.body.uuid("launch_id")
    command = call.body.choice("command", _COMMANDS)
    code = call.body.filled_text("code")
    automation_parameters = call.body.optional_object("automationParameters")
    job_variables = call.body.optional_object("jobVariables")
    (device,) = emulator.fleet.connected([device_id])
    if command == "stop":
        await emulator.fleet.stop(device, launch_id)
        return _PERFORMED

    program = Program(
        modules={_DIRECT_ENTRY: code},
        entry=_DIRECT_ENTRY,
        automation_id=launch_id,
        automation_parameters=automation_parameters,
        job_variables=job_variables,
        name="Direct automation",
    )
    await emulator.fleet.launch(device, program, may_be_typescript=True)
    return _PERFORMED


async def stop_all_automations(emulator: Emulator, call: Call) -> Document:
    """Ends every run on a device."""
    device = emulator.fleet.device(call.body.filled_text("device_id"))
    emulator.fleet.connected([device.id])
    await emulator.fleet.stop_all(device)
    return {"success": True, "message": "All automations stopped successfully"}


async def automation_logs(emulator: Emulator, call: Call) -> Document:
    """The last ten minutes of logs of some runs, or what came after the line ``from``."""
    device_id = call.body.filled_text("device_id")
    automation_ids = frozenset(call.body.texts("automation_ids"))
    after = call.body.optional_text("from")
    entries = emulator.fleet.device(device_id).logs.query(automation_ids, after)
    return {"logs": [entry.document() for entry in entries]}


ENDPOINTS = (
    Endpoint(("GET",), "/v2/devices", list_devices),
    Endpoint(("POST",), "/v2/devices/launchAutomation", launch_automation),
    Endpoint(("POST",), "/v2/devices/launchDirectAutomation", launch_direct_automation),
    Endpoint(("POST",), "/v2/devices/stopAllAutomations", stop_all_automations),
    Endpoint(("POST",), "/v2/devices/automationLogs", automation_logs),
)
