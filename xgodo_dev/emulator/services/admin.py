"""What needs the admin token: ``/admin``."""

from __future__ import annotations

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.proxies import Connection, Proxies
from xgodo_dev.emulator.proxy_traffic import Traffic
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint
from xgodo_dev.emulator.timestamps import written_to_the_second

_DAY = 86_400
_OF_ITS_RECORD = ("remote_device_id", "name", "brand", "model", "country", "online")


async def list_proxies(emulator: Emulator, _: Call) -> Document:
    """The proxy connections of all accounts, with what they moved."""
    connections = Proxies(emulator.database).all()
    return {"total": len(connections), "proxies": [_proxy(emulator, each) for each in connections]}


def _proxy(emulator: Emulator, connection: Connection) -> dict[str, object]:
    traffic = Traffic(emulator.database)
    return {
        "connection_id": connection.id,
        "name": connection.name,
        "password": connection.password,
        "created_at": written_to_the_second(connection.created),
        "bytes_last_24h": traffic.moved(connection, since=emulator.clock.now() - _DAY),
        "bytes_lifetime": traffic.moved(connection),
        "device": None if connection.device_id is None else _device(emulator, connection.device_id),
    }


def _device(emulator: Emulator, device_id: str) -> dict[str, object] | None:
    device = emulator.fleet.find(device_id)
    if device is None:
        # The emulator was started with fewer devices than before.
        return None
    record = device.record()
    return {
        **{name: record[name] for name in _OF_ITS_RECORD},
        "user_id": device.owner_id,
        "is_rented": False,
        "is_onMarket": True,
    }


ENDPOINTS = (endpoint("admin.proxies", list_proxies),)
