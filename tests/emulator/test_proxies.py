"""Proxy connections of the emulated platform: whose they are, what they block, what went through them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from platform_api import PlatformApi

FORBIDDEN = "Forbidden: the connection is not owned by or routed through any of your devices"
OF_ONE_CONNECTION = [
    "connections/delete",
    "connections/password/rotate",
    "connections/association/delete",
    "connections/blacklist/list",
]
WITH_DOMAINS = ["connections/blacklist/add", "connections/blacklist/remove"]
START, END = "2026-01-01T00:00:00Z", "2100-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def phones(owner: PlatformApi) -> list[str]:
    """The ids of the owner's devices."""
    return [str(device["remote_device_id"]) for device in owner.get("devices")]


@pytest.fixture
def connection(owner: PlatformApi, phones: list[str]) -> Iterator[dict[str, Any]]:
    """A connection of the owner's, through the first device."""
    made = owner.post("devices/connections/create", device_id=phones[0], name="client-A")["connection"]
    yield made
    owner.request("POST", "devices/connections/delete", json={"connection_id": made["connectionId"]})


@pytest.fixture
def admin(owner: PlatformApi) -> PlatformApi:
    """The operator, who has no account."""
    return PlatformApi(owner.emulator, "none", {"X-Admin-Token": owner.emulator.record.admin_token})


def listed(api: PlatformApi, connection: dict[str, Any]) -> dict[str, Any] | None:
    """A connection as the list of those that somebody sees has it."""
    found = api.post("devices/connections/list")["connections"]
    return next((each for each in found if each["connectionId"] == connection["connectionId"]), None)


def use(api: PlatformApi, connection: dict[str, Any], target: str, **more: object) -> str:
    """Tells the emulator that somebody went through a connection; what came of it."""
    answer = api.control("proxies/traffic", connectionId=connection["connectionId"], target=target, **more)
    return str(answer["action"])


def test_a_new_connection_has_an_id_and_a_password_and_is_listed(
    owner: PlatformApi, phones: list[str], connection: dict[str, Any]
) -> None:
    assert uuid.UUID(connection["connectionId"]).version == 4
    assert re.fullmatch("[A-Za-z0-9]{16}", connection["password"])
    assert (connection["name"], connection["deviceId"]) == ("client-A", phones[0])
    assert listed(owner, connection) == connection


def test_a_name_may_be_left_out_and_has_at_most_100_characters(owner: PlatformApi, phones: list[str]) -> None:
    create = "devices/connections/create"
    assert owner.post(create, device_id=phones[1])["connection"]["name"] is None
    assert owner.post(create, device_id=phones[1], name="n" * 100)["connection"]["name"] == "n" * 100
    refused = owner.post(create, 400, device_id=phones[1], name="n" * 101)
    assert refused["message"] == "name must have at most 100 characters"
    assert owner.post(create, 400)["message"] == "device_id is required"


def test_a_connection_goes_through_ones_own_devices_only(
    owner: PlatformApi, colleague: PlatformApi, phones: list[str], connection: dict[str, Any]
) -> None:
    theirs = colleague.get("devices")[0]["remote_device_id"]
    for device in (theirs, str(uuid.uuid4())):
        refused = owner.post("devices/connections/create", 404, device_id=device)
        assert refused == {"success": False, "message": "Device not found"}
        refused = owner.post(
            "devices/connections/association/set",
            403,
            connection_id=connection["connectionId"],
            device_id=device,
        )
        assert refused == {"success": False, "message": "Forbidden: the device is not owned by you"}
    colleague.post("devices/connections/create", 404, device_id=phones[0])


@pytest.mark.parametrize("path", [*OF_ONE_CONNECTION, *WITH_DOMAINS, "connections/association/set"])
def test_somebody_elses_connection_is_forbidden_and_an_unknown_one_not_found(
    owner: PlatformApi, colleague: PlatformApi, connection: dict[str, Any], path: str
) -> None:
    more: dict[str, object] = {"domains": ["example.com"]} if path in WITH_DOMAINS else {}
    if path == "connections/association/set":
        more = {"device_id": colleague.get("devices")[0]["remote_device_id"]}

    refused = colleague.post(f"devices/{path}", 403, connection_id=connection["connectionId"], **more)

    assert refused == {"success": False, "message": FORBIDDEN}
    missing = owner.post(f"devices/{path}", 404, connection_id=str(uuid.uuid4()), **more)
    assert missing == {"success": False, "message": "Connection not found"}
    owner.post(f"devices/{path}", 400, connection_id="not a uuid", **more)
    assert listed(owner, connection) == connection
    assert listed(colleague, connection) is None


def test_a_rotated_password_is_the_one_that_is_listed(owner: PlatformApi, connection: dict[str, Any]) -> None:
    rotated = owner.post(
        "devices/connections/password/rotate", connection_id=connection["connectionId"].upper()
    )
    assert rotated["password"] != connection["password"]
    assert listed(owner, connection) == connection | {"password": rotated["password"]}


def test_a_connection_moves_from_device_to_device_and_off_all_of_them(
    owner: PlatformApi, phones: list[str], connection: dict[str, Any]
) -> None:
    the_one = {"connection_id": connection["connectionId"]}
    owner.post("devices/connections/association/set", **the_one, device_id=phones[1])
    assert listed(owner, connection) == connection | {"deviceId": phones[1]}
    owner.post("devices/connections/association/delete", **the_one)
    assert listed(owner, connection) == connection | {"deviceId": None}
    owner.post("devices/connections/association/set", **the_one, device_id=phones[0])
    assert listed(owner, connection) == connection


def test_a_deleted_connection_is_gone_and_what_went_through_it_stays_in_the_logs(
    owner: PlatformApi, admin: PlatformApi, connection: dict[str, Any]
) -> None:
    use(owner, connection, "stays.example:443")
    owner.post("devices/connections/delete", connection_id=connection["connectionId"])
    assert listed(owner, connection) is None
    owner.post("devices/connections/delete", 404, connection_id=connection["connectionId"])
    assert found_by_admin(admin, connection) is None
    logs = owner.post("devices/proxy-logs/list", from_=START, to=END, connectionId=connection["connectionId"])
    assert [entry["target"] for entry in logs["entries"]] == ["stays.example:443"]


def test_what_is_blacklisted_and_what_is_below_it_is_blocked_until_it_is_taken_off(
    owner: PlatformApi, connection: dict[str, Any]
) -> None:
    the_one = {"connection_id": connection["connectionId"]}
    owner.post("devices/connections/blacklist/add", **the_one, domains=["Example.com", "tracker.io"])
    owner.post("devices/connections/blacklist/add", **the_one, domains=["tracker.io"])
    listing = owner.post("devices/connections/blacklist/list", **the_one)
    assert listing == {"success": True, "domains": ["example.com", "tracker.io"]}

    assert use(owner, connection, "example.com:443") == "blocked"
    assert use(owner, connection, "Sub.Example.com:80") == "blocked"
    assert use(owner, connection, "notexample.com:443") == "allowed"

    owner.post("devices/connections/blacklist/remove", **the_one, domains=["EXAMPLE.com", "never.was"])
    assert owner.post("devices/connections/blacklist/list", **the_one)["domains"] == ["tracker.io"]
    assert use(owner, connection, "example.com:443") == "allowed"
    for wrong in ([], "example.com", ["."], [1]):
        owner.post("devices/connections/blacklist/add", 400, **the_one, domains=wrong)


@pytest.fixture
def used(owner: PlatformApi, connection: dict[str, Any]) -> dict[str, Any]:
    """A connection that was used four times, once of it in vain."""
    owner.post(
        "devices/connections/blacklist/add",
        connection_id=connection["connectionId"],
        domains=["tracker.io"],
    )
    for target, timestamp, bytes_in in (
        ("example.com:443", "2026-04-25T13:22:11Z", 100),
        ("tracker.io:443", "2026-04-25T13:30:00Z", 100),
        ("example.com:80", "2026-04-25T14:00:00Z", 30),
        ("100%_sure.example:443", "2026-04-26T00:00:00Z", 5),
    ):
        use(owner, connection, target, timestamp=timestamp, bytesIn=bytes_in, bytesOut=1)
    return connection


def test_a_log_entry_has_every_documented_member(
    owner: PlatformApi, phones: list[str], used: dict[str, Any]
) -> None:
    answer = owner.post(
        "devices/proxy-logs/list",
        from_="2026-04-25T13:22:11Z",
        to="2026-04-25T13:30:00Z",
        connectionId=used["connectionId"],
    )

    assert answer["total"] == 2
    blocked, allowed = answer["entries"]
    assert allowed == {
        "timestamp": "2026-04-25T13:22:11Z",
        "connectionId": used["connectionId"],
        "deviceId": phones[0],
        "serverNode": "emulator",
        "target": "example.com:443",
        "targetType": "domain",
        "port": 443,
        "resolvedIp": "",
        "action": "allowed",
        "blockReason": None,
        "bytesIn": 100,
        "bytesOut": 1,
    }
    assert (blocked["action"], blocked["bytesIn"], blocked["bytesOut"]) == ("blocked", 0, 0)
    assert "tracker.io" in blocked["blockReason"]


@pytest.mark.parametrize(
    ("wanted", "targets"),
    [
        ({}, ["100%_sure.example:443", "example.com:80", "tracker.io:443", "example.com:443"]),
        ({"action": "allowed"}, ["100%_sure.example:443", "example.com:80", "example.com:443"]),
        ({"action": "blocked"}, ["tracker.io:443"]),
        ({"target": "example.com"}, ["example.com:80", "example.com:443"]),
        ({"target": ".com:4"}, ["example.com:443"]),
        ({"target": "%_"}, ["100%_sure.example:443"]),
        ({"limit": 1, "offset": 1}, ["example.com:80"]),
        ({"offset": 4}, []),
        ({"from": "2026-04-25T14:00:00Z"}, ["100%_sure.example:443", "example.com:80"]),
        ({"to": "2026-04-25T15:22:11+02:00"}, ["example.com:443"]),
    ],
)
def test_logs_are_those_that_every_filter_lets_through_the_newest_first(
    owner: PlatformApi, used: dict[str, Any], wanted: dict[str, Any], targets: list[str]
) -> None:
    asked = {"from": START, "to": END, "connectionId": used["connectionId"]} | wanted
    answer = owner.ask("POST", "devices/proxy-logs/list", json=asked)
    assert [entry["target"] for entry in answer["entries"]] == targets
    if "offset" in wanted:
        assert answer["total"] == 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": None},
        {"to": "yesterday"},
        {"limit": 0},
        {"limit": 10_001},
        {"offset": -1},
        {"action": "maybe"},
        {"connectionId": "client-A"},
    ],
)
def test_logs_are_refused_without_a_time_span_and_with_limits_out_of_range(
    owner: PlatformApi, wrong: dict[str, Any]
) -> None:
    refused = owner.ask("POST", "devices/proxy-logs/list", 400, json={"from": START, "to": END} | wrong)
    assert next(iter(wrong)) in refused["message"]
    owner.post("devices/proxy-logs/list", 400, from_=START)
    owner.post("devices/proxy-logs/list", 400, to=END)


@pytest.mark.parametrize("path", ["proxy-logs/list", "proxy-bandwidth"])
def test_nobody_sees_traffic_of_somebody_elses_device(
    colleague: PlatformApi, owner: PlatformApi, phones: list[str], used: dict[str, Any], path: str
) -> None:
    span = {"from_": START, "to": END}
    mine = owner.post(f"devices/{path}", **span, deviceId=phones[0])
    assert mine.get("rows") or mine.get("entries")
    theirs = colleague.post(f"devices/{path}", **span, connectionId=used["connectionId"])
    assert not (theirs.get("rows") or theirs.get("entries"))
    colleague.post(f"devices/{path}", 403, **span, deviceId=phones[0])


def test_bandwidth_is_summed_by_device_and_connection_and_by_hour_or_day(
    owner: PlatformApi, phones: list[str], used: dict[str, Any]
) -> None:
    the_one = {"connectionId": used["connectionId"]}

    def rows(**wanted: object) -> list[tuple[object, ...]]:
        found = owner.post("devices/proxy-bandwidth", **the_one, **wanted)["rows"]
        assert all(row["deviceId"] == phones[0] for row in found)
        return [(row.get("bucket"), row["bytesIn"], row["bytesOut"]) for row in found]

    assert rows() == [(None, 135, 3)]
    assert rows(groupBy="day") == [("2026-04-26T00:00:00Z", 5, 1), ("2026-04-25T00:00:00Z", 130, 2)]
    assert rows(groupBy="hour", to="2026-04-25T23:00:00Z") == [
        ("2026-04-25T14:00:00Z", 30, 1),
        ("2026-04-25T13:00:00Z", 100, 1),
    ]
    owner.post("devices/proxy-bandwidth", 400, groupBy="week")


def test_traffic_stays_with_the_device_that_it_went_through(
    owner: PlatformApi, phones: list[str], connection: dict[str, Any]
) -> None:
    the_one = {"connectionId": connection["connectionId"]}
    use(owner, connection, "a.example:1", bytesIn=1)
    owner.post(
        "devices/connections/association/set",
        connection_id=connection["connectionId"],
        device_id=phones[1],
    )
    use(owner, connection, "b.example:2", bytesIn=2)

    rows = owner.post("devices/proxy-bandwidth", **the_one)["rows"]

    assert {row["deviceId"]: row["bytesIn"] for row in rows} == {phones[0]: 1, phones[1]: 2}


def found_by_admin(admin: PlatformApi, connection: dict[str, Any]) -> dict[str, Any] | None:
    """A connection as administrators see it."""
    answer = admin.get("admin/devices/proxies")
    assert answer["total"] == len(answer["proxies"])
    found = [each for each in answer["proxies"] if each["connection_id"] == connection["connectionId"]]
    return found[0] if found else None


def test_administrators_see_every_connection_with_its_device_and_what_it_moved(
    owner: PlatformApi, colleague: PlatformApi, admin: PlatformApi, used: dict[str, Any]
) -> None:
    use(owner, used, "now.example:443", bytesIn=7, bytesOut=3)
    theirs = colleague.get("devices")[0]
    other = colleague.post("devices/connections/create", device_id=theirs["remote_device_id"])["connection"]

    mine = found_by_admin(admin, used)

    assert mine is not None
    assert (mine["bytes_last_24h"], mine["bytes_lifetime"]) == (10, 148)
    assert (mine["name"], mine["password"]) == (used["name"], used["password"])
    device = owner.get("devices")[0]
    shown = {
        name: device[name] for name in ("remote_device_id", "name", "brand", "model", "country", "online")
    }
    assert mine["device"].items() >= shown.items()
    assert mine["device"]["user_id"] == used["ownerUserId"]
    found = found_by_admin(admin, other)
    assert found is not None
    assert found["device"]["name"] == theirs["name"]
    owner.post("devices/connections/association/delete", connection_id=used["connectionId"])
    alone = found_by_admin(admin, used)
    assert alone is not None
    assert alone["device"] is None


def test_the_admin_list_is_for_the_admin_token_alone(owner: PlatformApi) -> None:
    owner.get("admin/devices/proxies", 401)
    wrong = PlatformApi(owner.emulator, owner.token, {"X-Admin-Token": "wrong"})
    wrong.get("admin/devices/proxies", 401)


def test_traffic_needs_a_connection_that_leads_somewhere(
    owner: PlatformApi, connection: dict[str, Any]
) -> None:
    def refused(status: int, **body: object) -> str:
        given = {"connectionId": connection["connectionId"], "target": "a.example:1"} | body
        return str(owner.control("proxies/traffic", status, **given)["message"])

    for wrong in (
        {"target": "a.example"},
        {"target": "a:99999"},
        {"bytesIn": -1},
        {"timestamp": "soon"},
        {"timestamp": "9999-12-31T23:59:59-12:00"},
    ):
        assert next(iter(wrong)) in refused(400, **wrong)
    refused(404, connectionId=str(uuid.uuid4()))
    owner.post("devices/connections/association/delete", connection_id=connection["connectionId"])
    assert refused(400) == "The connection is associated with no device"
