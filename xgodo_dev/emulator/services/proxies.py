"""Proxy connections of an account's own devices: ``/devices/connections``, their logs and bandwidth."""

from __future__ import annotations

from xgodo_dev.emulator import proxies, proxy_traffic
from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.proxies import Client, Connection, DeviceForbidden, Proxies
from xgodo_dev.emulator.proxy_traffic import Filter, Target, Traffic
from xgodo_dev.emulator.refusals import InvalidRequest
from xgodo_dev.emulator.services.endpoint import Call, Document, control, endpoint
from xgodo_dev.emulator.timestamps import read

TABLES = proxies.TABLES + proxy_traffic.TABLES

_DONE: Document = {"success": True}
_MOST_BYTES = 2**40


async def list_connections(emulator: Emulator, call: Call) -> Document:
    """Those that the caller owns, or that go through one of their devices."""
    visible = Proxies(emulator.database).visible(_client(emulator, call))
    return {"success": True, "connections": [each.document() for each in visible]}


async def create(emulator: Emulator, call: Call) -> Document:
    """A new connection through one of the caller's devices."""
    made = Proxies(emulator.database).create(
        _client(emulator, call),
        call.arguments["device_id"].lower(),
        call.arguments.get("name"),
        now=emulator.clock.now(),
    )
    return {"success": True, "connection": made.document()}


async def delete(emulator: Emulator, call: Call) -> Document:
    """Removes a connection; what went through it stays in the logs."""
    Proxies(emulator.database).delete(_connection(emulator, call))
    return _DONE


async def rotate_password(emulator: Emulator, call: Call) -> Document:
    """Gives a connection a new password."""
    password = Proxies(emulator.database).rotate_password(_connection(emulator, call))
    return {"success": True, "password": password}


async def associate(emulator: Emulator, call: Call) -> Document:
    """Moves a connection to another of the caller's devices."""
    connection = _connection(emulator, call)
    device_id = call.arguments["device_id"].lower()
    Proxies(emulator.database).associate(_client(emulator, call), connection, device_id)
    return _DONE


async def dissociate(emulator: Emulator, call: Call) -> Document:
    """Takes a connection off its device."""
    Proxies(emulator.database).dissociate(_connection(emulator, call))
    return _DONE


async def blacklist(emulator: Emulator, call: Call) -> Document:
    """The domains that a connection blocks."""
    domains = Proxies(emulator.database).blacklist(_connection(emulator, call))
    return {"success": True, "domains": domains}


async def block(emulator: Emulator, call: Call) -> Document:
    """Adds domains to those that a connection blocks."""
    Proxies(emulator.database).block(_connection(emulator, call), call.arguments["domains"])
    return _DONE


async def unblock(emulator: Emulator, call: Call) -> Document:
    """Removes domains from those that a connection blocks."""
    Proxies(emulator.database).unblock(_connection(emulator, call), call.arguments["domains"])
    return _DONE


async def logs(emulator: Emulator, call: Call) -> Document:
    """What connections through the caller's devices were used for."""
    total, entries = Traffic(emulator.database).logs(
        _filter(emulator, call),
        limit=call.arguments["limit"],
        offset=call.arguments.get("offset", 0),
    )
    return {"success": True, "total": total, "entries": entries}


async def bandwidth(emulator: Emulator, call: Call) -> Document:
    """The bytes that went through the caller's devices."""
    rows = Traffic(emulator.database).bandwidth(_filter(emulator, call), call.arguments.get("groupBy"))
    return {"success": True, "rows": rows}


async def add_traffic(emulator: Emulator, call: Call) -> Document:
    """Takes note of an attempt to connect, whose bytes may be left out, as its time: now.

    Answers how it ended, which the connection's blacklist decides.
    """
    at = _moment(call.body.optional_text("timestamp"), "timestamp")
    connections = Proxies(emulator.database)
    connection = connections.connection(call.body.uuid("connectionId"))
    action = Traffic(emulator.database).record(
        connection,
        Target.read(call.body.text("target")),
        connections.blacklist(connection),
        at=emulator.clock.now() if at is None else at,
        bytes_in=_bytes(call, "bytesIn"),
        bytes_out=_bytes(call, "bytesOut"),
    )
    return {"action": action}


def _bytes(call: Call, name: str) -> int:
    value = call.body.values.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_BYTES:
        raise InvalidRequest(f"{name} must be a whole number from 0 to {_MOST_BYTES}")
    return value


def _client(emulator: Emulator, call: Call) -> Client:
    account_id = call.caller.account_id
    return Client(account_id, [device.id for device in emulator.fleet.owned(account_id)])


def _connection(emulator: Emulator, call: Call) -> Connection:
    return Proxies(emulator.database).require(_client(emulator, call), call.arguments["connection_id"])


def _filter(emulator: Emulator, call: Call) -> Filter:
    device_ids = _client(emulator, call).device_ids
    if "deviceId" in call.arguments:
        wanted = call.arguments["deviceId"].lower()
        if wanted not in device_ids:
            raise DeviceForbidden
        device_ids = [wanted]
    return Filter(
        device_ids,
        connection_id=call.arguments.get("connectionId"),
        start=_moment(call.arguments.get("from"), "from"),
        end=_moment(call.arguments.get("to"), "to"),
        target=call.arguments.get("target"),
        action=call.arguments.get("action"),
    )


def _moment(text: str | None, name: str) -> float | None:
    if text is None:
        return None
    try:
        return read(text)
    except (ValueError, OverflowError) as error:
        raise InvalidRequest(f"{name} must be a moment (ISO 8601)") from error


ENDPOINTS = (
    endpoint("proxies.list", list_connections),
    endpoint("proxies.create", create),
    endpoint("proxies.delete", delete),
    endpoint("proxies.rotate_password", rotate_password),
    endpoint("proxies.associate", associate),
    endpoint("proxies.dissociate", dissociate),
    endpoint("proxies.blacklist", blacklist),
    endpoint("proxies.block", block),
    endpoint("proxies.unblock", unblock),
    endpoint("proxies.logs", logs),
    endpoint("proxies.bandwidth", bandwidth),
    control("POST", "/proxies/traffic", add_traffic),
)
