"""The bucket that all automations on a device share: ``/device-bucket``.

It is the one that they have as ``agent.utils.deviceBucket``. Where the documentation is silent: somebody
else's device is refused with 403, as one that does not exist.
"""

from __future__ import annotations

from xgodo_dev.emulator import buckets
from xgodo_dev.emulator.buckets import device_bucket
from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.phone.bucket import Bucket
from xgodo_dev.emulator.phone.kept_object import CallRefused
from xgodo_dev.emulator.refusals import ErrorShape, InvalidRequest, Refusal
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint

TABLES = buckets.TABLES
SHAPE = ErrorShape.ERROR


class NoDeviceContext(Refusal):
    """The token is bound to no device, and none was named."""

    def __init__(self) -> None:
        super().__init__("Device bucket requires a device context (remote_device_id)")


class DeviceRefused(Refusal):
    """The device is neither the caller's nor the one that their automation runs on."""

    status = 403

    def __init__(self) -> None:
        super().__init__("You do not have access to this device")


async def read(emulator: Emulator, call: Call) -> Document:
    """What the bucket holds; nothing to begin with."""
    return {"deviceBucket": _bucket(emulator, call).read()}


async def merge(emulator: Emulator, call: Call) -> Document:
    """Puts members into the bucket."""
    try:
        merged = await _bucket(emulator, call).merge(call.arguments["data"])
    except CallRefused as error:
        raise InvalidRequest(str(error)) from error
    return {"success": True, "deviceBucket": merged}


def _bucket(emulator: Emulator, call: Call) -> Bucket:
    own = call.caller.device_id
    wanted = call.arguments.get("remote_device_id", own)
    if wanted is None:
        raise NoDeviceContext
    wanted = wanted.lower()
    device = emulator.fleet.find(wanted)
    if wanted != own and (device is None or device.owner_id != call.caller.account_id):
        raise DeviceRefused
    return device_bucket(emulator.database, wanted)


ENDPOINTS = (
    endpoint("device_bucket.read", read),
    endpoint("device_bucket.merge", merge),
)
