"""Cloud phones and one's own phones: ``/devices`` and what is below it.

Where the documentation is silent: a device is ready half a second after it was asked for; the list leaves
terminated devices out unless they are asked for; who asks for a ``physical`` or ``premium`` device gets one
whose provider is ``remote``; what was terminated can be terminated again. The screen of no device is
streamed: stream URLs lead nowhere.
"""

from __future__ import annotations

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.mobilerun import device_store
from xgodo_dev.emulator.mobilerun.lifecycle import Device
from xgodo_dev.emulator.mobilerun.paging import listed
from xgodo_dev.emulator.mobilerun.refusals import Unusable
from xgodo_dev.emulator.paging import Page
from xgodo_dev.emulator.refusals import ErrorShape
from xgodo_dev.emulator.services.endpoint import Answer, Call, Document, mobilerun_endpoint
from xgodo_dev.emulator.timestamps import read, written

SHAPE = ErrorShape.DETAIL
TABLES = device_store.TABLES

_NEVER = float("-inf")


async def list_devices(emulator: Emulator, call: Call) -> Document:
    """One page of the devices that fit every filter."""
    asked, now = call.arguments, emulator.clock.now()
    found = [
        device
        for device in emulator.mobilerun.devices.in_states(asked.get("state", ()))
        if device.provider == asked.get("provider", device.provider)
        and device.device_type == asked.get("type", device.device_type)
    ]
    keys = {
        "id": lambda device: device.id,
        "createdAt": lambda device: device.created_at,
        "updatedAt": lambda device: device.updated_at(now),
        "assignedAt": lambda device: device.assigned_at(now) or _NEVER,
    }
    if asked["orderByDirection"] == "desc":
        # Of two that are equal the newer comes first; sorting alone keeps their order.
        found.reverse()
    found.sort(key=keys[asked["orderBy"]], reverse=asked["orderByDirection"] == "desc")
    page = Page(asked["page"], asked["pageSize"])
    shown = page.part(found)
    return listed(page, [_document(emulator, device) for device in shown], len(found))


async def provision(emulator: Emulator, call: Call) -> Document:
    """A new cloud device, as long as the plan has a slot for it."""
    asked = call.arguments
    device = emulator.mobilerun.devices.provision(
        name=asked.get("name", ""),
        provider=asked.get("provider", "limrun"),
        device_type=asked.get("deviceType", "device_slot"),
        country=asked.get("country", "US"),
        apps=asked.get("apps") or (),
        files=asked.get("files") or (),
    )
    return _document(emulator, device)


async def count(emulator: Emulator, _: Call) -> Document:
    """How many devices there are in each state."""
    return dict(emulator.mobilerun.devices.counts())


async def get(emulator: Emulator, call: Call) -> Document:
    """One device."""
    return _document(emulator, emulator.mobilerun.devices.require(call.arguments["deviceId"]))


async def wait(emulator: Emulator, call: Call) -> Document:
    """The device as soon as it is ready."""
    return _document(emulator, await emulator.mobilerun.devices.ready(call.arguments["deviceId"]))


async def terminate(emulator: Emulator, call: Call) -> Answer:
    """Ends a cloud device, now or at ``terminateAt``; ``previousDeviceId`` changes nothing."""
    at = call.arguments.get("terminateAt")
    try:
        moment = None if at is None else read(at)
    except (ValueError, OverflowError) as error:
        raise Unusable("terminateAt must be an ISO 8601 date-time") from error
    emulator.mobilerun.devices.terminate(call.arguments["deviceId"], moment)
    return Answer(None, 204)


async def tasks(emulator: Emulator, call: Call) -> Document:
    """One page of the tasks that a device was given."""
    asked = call.arguments
    device = emulator.mobilerun.devices.require(asked["deviceId"])
    page = Page(asked["page"], asked["pageSize"])
    found, total = emulator.mobilerun.tasks.page_of_device(
        device.id, page, order_by=asked["orderBy"], descending=asked["orderByDirection"] == "desc"
    )
    items: list[dict[str, object]] = [
        {"taskId": task.id, "createdAt": written(task.created_at), "updatedAt": written(task.updated_at)}
        for task in found
    ]
    return listed(page, items, total)


def _document(emulator: Emulator, device: Device) -> dict[str, object]:
    mobilerun = emulator.mobilerun
    return device.document(
        emulator.clock.now(),
        user_id=mobilerun.user_id,
        task_count=mobilerun.tasks.count_of_device(device.id),
        active_task_id=mobilerun.tasks.active_on(device.id),
    )


ENDPOINTS = (
    mobilerun_endpoint("devices.list", list_devices),
    mobilerun_endpoint("devices.provision", provision),
    # Before the device of any id.
    mobilerun_endpoint("devices.count", count),
    mobilerun_endpoint("devices.get", get),
    mobilerun_endpoint("devices.wait", wait),
    mobilerun_endpoint("devices.terminate", terminate),
    mobilerun_endpoint("devices.tasks", tasks),
)
