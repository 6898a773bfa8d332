"""What every endpoint refuses, over a real socket and under both prefixes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from served_emulator import ServedEmulator

PREFIXES = ("/api/v2", "/server/api/v2")
PROJECT = "83ba7359-d8eb-4374-8ecb-055af01fddfe"
# Of a project that no other test of this emulator, or of its commands, makes.
NOBODYS = "e5d0c1a2-7b3f-4c8e-9a61-0f2b3c4d5e6f"
LAUNCH = "550e8400-e29b-41d4-a716-446655440000"

ENDPOINTS = [
    ("GET", "/user/balance"),
    ("GET", "/devices"),
    ("POST", "/devices/launchAutomation"),
    ("POST", "/devices/launchDirectAutomation"),
    ("POST", "/devices/stopAllAutomations"),
    ("POST", "/devices/automationLogs"),
    ("PUT", f"/automation/file/{PROJECT}"),
    ("POST", f"/automation/file/{PROJECT}"),
    ("GET", f"/automation/file/{PROJECT}"),
    ("POST", f"/automation/commit/{PROJECT}"),
    ("GET", "/user/me"),
    ("GET", "/automation-projects"),
    ("GET", "/templates"),
    ("GET", "/types/node-types"),
    ("GET", "/types/bootstrap"),
    ("GET", f"/automation-project/{PROJECT}"),
    ("GET", f"/automation-project/{PROJECT}/files"),
    ("GET", f"/automation-project/{PROJECT}/file"),
    ("GET", f"/automation-project/{PROJECT}/types/arguments"),
    ("GET", f"/automation-project/{PROJECT}/git/status"),
    ("GET", f"/automation-project/{PROJECT}/git/history"),
    ("GET", f"/automation-project/{PROJECT}/git/diff-working/abcdef0"),
    ("POST", f"/automation-project/{PROJECT}/sync"),
    ("POST", f"/automation-project/{PROJECT}/commit"),
    ("POST", f"/automation-project/{PROJECT}/template"),
    ("PATCH", f"/automation-project/{PROJECT}/options"),
]
JSON_ENDPOINTS = [(method, path) for method, path in ENDPOINTS if method != "GET"]

DIRECT = {"device_id": "d", "launch_id": LAUNCH, "command": "start", "code": "1"}
LAUNCHED = {"device_ids": ["d"], "automationId": PROJECT, "command": "start"}
LOGS = {"device_id": "d", "automation_ids": ["a"]}

WRONG_FIELDS: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    (
        "/devices/launchAutomation",
        LAUNCHED,
        {"device_ids": None},
        "device_ids must be a non-empty array of strings",
    ),
    (
        "/devices/launchAutomation",
        LAUNCHED,
        {"device_ids": []},
        "device_ids must be a non-empty array of strings",
    ),
    (
        "/devices/launchAutomation",
        LAUNCHED,
        {"device_ids": "d"},
        "device_ids must be a non-empty array of strings",
    ),
    (
        "/devices/launchAutomation",
        LAUNCHED,
        {"device_ids": [1]},
        "device_ids must be a non-empty array of strings",
    ),
    ("/devices/launchAutomation", LAUNCHED, {"automationId": 7}, "automationId must be a string"),
    ("/devices/launchAutomation", LAUNCHED, {"automationId": ""}, "automationId must not be empty"),
    ("/devices/launchAutomation", LAUNCHED, {"command": "run"}, "command must be start or stop"),
    ("/devices/launchAutomation", LAUNCHED, {"command": True}, "command must be a string"),
    (
        "/devices/launchAutomation",
        LAUNCHED,
        {"automationParameters": []},
        "automationParameters must be an object",
    ),
    ("/devices/launchAutomation", LAUNCHED, {"jobVariables": None}, "jobVariables must be an object"),
    ("/devices/launchDirectAutomation", DIRECT, {"launch_id": "abc"}, "launch_id must be a UUID"),
    ("/devices/launchDirectAutomation", DIRECT, {"launch_id": f"{{{LAUNCH}}}"}, "launch_id must be a UUID"),
    ("/devices/launchDirectAutomation", DIRECT, {"code": ""}, "code must not be empty"),
    ("/devices/launchDirectAutomation", DIRECT, {"code": ["1"]}, "code must be a string"),
    ("/devices/launchDirectAutomation", DIRECT, {"code": "'\ud800'"}, "code is not well-formed Unicode"),
    ("/devices/launchDirectAutomation", DIRECT, {"device_id": 1}, "device_id must be a string"),
    ("/devices/stopAllAutomations", {"device_id": "d"}, {"device_id": {}}, "device_id must be a string"),
    (
        "/devices/automationLogs",
        LOGS,
        {"automation_ids": []},
        "automation_ids must be a non-empty array of strings",
    ),
    ("/devices/automationLogs", LOGS, {"from": 3}, "from must be a string"),
    ("/devices/automationLogs", LOGS, {"from": None}, "from must be a string"),
    (f"/automation/file/{PROJECT}", {"path": "a", "content": ""}, {"path": ""}, "path must not be empty"),
    (f"/automation/file/{PROJECT}", {"path": "a", "content": ""}, {"path": 1}, "path must be a string"),
    (
        f"/automation/file/{PROJECT}",
        {"path": "a", "content": ""},
        {"content": None},
        "content must be a string",
    ),
    (
        f"/automation/commit/{PROJECT}",
        {"message": "m"},
        {"message": ""},
        "message must have 1 to 1000 characters",
    ),
    (
        f"/automation/commit/{PROJECT}",
        {"message": "m"},
        {"message": "m" * 1001},
        "message must have 1 to 1000 characters",
    ),
    (
        f"/automation/commit/{PROJECT}",
        {"message": "m"},
        {"message": " \n"},
        "message must have 1 to 1000 characters",
    ),
    (f"/automation/commit/{PROJECT}", {"message": "m"}, {"message": 5}, "message must be a string"),
]

REQUIRED_FIELDS = [
    ("/devices/launchAutomation", LAUNCHED),
    ("/devices/launchDirectAutomation", DIRECT),
    ("/devices/stopAllAutomations", {"device_id": "d"}),
    ("/devices/automationLogs", LOGS),
    (f"/automation/file/{PROJECT}", {"path": "a", "content": ""}),
    (f"/automation/commit/{PROJECT}", {"message": "m"}),
]


def post(emulator: ServedEmulator, path: str, body: object) -> httpx.Response:
    """Sends JSON as any client could, lone surrogates included."""
    return emulator.client.post(path, content=json.dumps(body), headers={"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def stranger(emulator: ServedEmulator) -> Iterator[httpx.Client]:
    """A client that has no token."""
    with httpx.Client(base_url=emulator.record.url, trust_env=False, verify=False) as client:
        yield client


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_a_request_without_the_token_is_unauthorized(
    emulator: ServedEmulator, stranger: httpx.Client, prefix: str, method: str, path: str
) -> None:
    for authorization in (
        None,
        "",
        "Bearer",
        "Bearer wrong",
        f"Basic {emulator.record.token}",
        "Bearer \xe9",
    ):
        headers = {} if authorization is None else {"Authorization": authorization.encode("latin-1")}
        response = stranger.request(method, prefix + path, headers=headers, content=b"{")
        assert response.status_code == 401, authorization
        assert response.json() == {
            "success": False,
            "message": "Unauthorized: missing, invalid or expired API token",
        }


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(("method", "path"), JSON_ENDPOINTS)
@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"]
)
def test_a_body_that_is_no_json_is_a_bad_request_with_a_json_answer(
    emulator: ServedEmulator, prefix: str, method: str, path: str, body: bytes
) -> None:
    response = emulator.client.request(method, prefix + path, content=body)
    assert response.status_code == 400
    assert response.json() == {"success": False, "message": "Request body is not valid JSON"}


@pytest.mark.parametrize(("method", "path"), JSON_ENDPOINTS)
@pytest.mark.parametrize("body", [b"[]", b"null", b'"text"', b"1"])
def test_a_body_that_is_no_object_is_a_bad_request(
    emulator: ServedEmulator, method: str, path: str, body: bytes
) -> None:
    response = emulator.client.request(method, "/api/v2" + path, content=body)
    assert response.status_code == 400
    assert response.json() == {"success": False, "message": "Request body must be a JSON object"}


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(("path", "right", "wrong", "message"), WRONG_FIELDS)
def test_a_field_of_the_wrong_type_is_named_in_a_bad_request(
    emulator: ServedEmulator,
    prefix: str,
    path: str,
    right: dict[str, Any],
    wrong: dict[str, Any],
    message: str,
) -> None:
    response = post(emulator, prefix + path, right | wrong)
    assert response.status_code == 400
    assert response.json() == {"success": False, "message": message}


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    ("path", "right", "name"), [(path, right, name) for path, right in REQUIRED_FIELDS for name in right]
)
def test_a_missing_field_is_named_in_a_bad_request(
    emulator: ServedEmulator, prefix: str, path: str, right: dict[str, Any], name: str
) -> None:
    response = post(emulator, prefix + path, {key: right[key] for key in right if key != name})
    assert response.status_code == 400
    assert response.json() == {"success": False, "message": f"{name} is required"}


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("query", ["", "?path="])
def test_reading_without_a_path_is_a_bad_request(emulator: ServedEmulator, prefix: str, query: str) -> None:
    response = emulator.client.get(f"{prefix}/automation/file/{PROJECT}{query}")
    assert response.status_code == 400
    assert response.json()["success"] is False


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/api/v2"),
        ("GET", "/api/v2/nothing"),
        ("GET", "/api/v1/devices"),
        ("GET", "/api/v2/devices/"),
        ("GET", "/server/api/v2/automation-project/x/nothing"),
        ("DELETE", f"/server/api/v2/automation-project/{PROJECT}/file"),
        ("PUT", f"/api/v2/automation/commit/{PROJECT}"),
        ("DELETE", f"/api/v2/automation/file/{PROJECT}"),
        ("GET", "/server/api/v2/devices/launchAutomation"),
        ("POST", "/api/v2/devices"),
    ],
)
def test_a_missing_route_or_method_is_a_page_and_not_json(
    emulator: ServedEmulator, method: str, path: str
) -> None:
    response = emulator.client.request(method, path)
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert f"Cannot {method} {path}" in response.text


def test_the_page_of_a_missing_route_does_not_repeat_markup(emulator: ServedEmulator) -> None:
    assert "<script>" not in emulator.client.get("/<script>").text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "169.254.169.254", ""])
@pytest.mark.parametrize("path", ["/_emulator", "/api/v2/devices"])
def test_a_host_name_that_is_not_loopback_is_refused(emulator: ServedEmulator, host: str, path: str) -> None:
    response = emulator.client.get(path, headers={"Host": host})
    assert response.status_code == 400
    assert "instance" not in response.text


def test_localhost_is_a_name_of_this_emulator(emulator: ServedEmulator) -> None:
    port = emulator.record.url.rpartition(":")[2]
    assert emulator.client.get("/api/v2/devices", headers={"Host": f"localhost:{port}"}).status_code == 200


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_balance_has_the_documented_fields(emulator: ServedEmulator, prefix: str) -> None:
    response = emulator.client.get(f"{prefix}/user/balance")
    assert response.status_code == 200
    assert response.json().keys() == {"balance", "active_balance", "pending_earnings"}


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/automation/commit/{id}", {"message": "m"}),
        ("POST", "/devices/launchAutomation", LAUNCHED | {"automationId": "{id}"}),
    ],
)
@pytest.mark.parametrize("project", [NOBODYS, "68a1f0c2d4e5f6a7b8c9d0e1", "not-an-id", "..", "83ba7359"])
def test_a_project_never_written_to_is_not_found(
    emulator: ServedEmulator, prefix: str, method: str, path: str, body: dict[str, object], project: str
) -> None:
    body = {key: project if value == "{id}" else value for key, value in body.items()}
    response = emulator.client.request(
        method, prefix + path.replace("{id}", project.replace(".", "%2e")), json=body
    )
    assert response.status_code == 404
    assert response.json() == {"success": False, "message": "Automation project not found or access denied"}


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "project", ["not-an-id", "83ba7359-d8eb-4374-8ecb-055af01fddf", "68a1f0c2d4e5f6a7b8c9d0e"]
)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_writing_to_an_id_of_neither_form_is_not_found(
    emulator: ServedEmulator, prefix: str, project: str, method: str
) -> None:
    body = {"path": "main.ts", "content": ""}
    response = emulator.client.request(method, f"{prefix}/automation/file/{project}", json=body)
    assert response.status_code == 404
    assert response.json() == {"success": False, "message": "Automation project not found or access denied"}
    assert not emulator.project_folder(project).exists()


@pytest.mark.parametrize("prefix", PREFIXES)
def test_devices_that_are_offline_or_unknown_refuse_launches_and_stops(
    emulator: ServedEmulator, prefix: str, project: str
) -> None:
    emulator.write(project, "main.js", "")
    online, offline = emulator.device_id(), emulator.device_id(online=False)
    for command in ("start", "stop"):
        for device in (offline, "device_123456"):
            direct = {"device_id": device, "launch_id": LAUNCH, "command": command, "code": "1"}
            saved = {"device_ids": [online, device], "automationId": project, "command": command}
            for path, body in (("launchDirectAutomation", direct), ("launchAutomation", saved)):
                response = emulator.client.post(f"{prefix}/devices/{path}", json=body)
                assert response.status_code == 400
                assert response.json() == {"success": False, "message": "Some devices offline or not found."}
    assert project not in emulator.running()


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    ("path", "body"), [("stopAllAutomations", {}), ("automationLogs", {"automation_ids": ["a"]})]
)
def test_an_unknown_device_has_nothing_to_stop_and_no_logs(
    emulator: ServedEmulator, prefix: str, path: str, body: dict[str, object]
) -> None:
    response = emulator.client.post(f"{prefix}/devices/{path}", json={"device_id": "device_1", **body})
    assert response.status_code == 400
    assert response.json() == {"success": False, "message": "Invalid device_id or device not found"}


def test_a_project_without_a_compiled_entry_is_not_launched(emulator: ServedEmulator, project: str) -> None:
    emulator.write(project, "other.js", "")
    body = {"device_ids": [emulator.device_id()], "automationId": project, "command": "start"}
    response = emulator.client.post("/api/v2/devices/launchAutomation", json=body)
    assert response.status_code == 400
    assert response.json() == {"success": False, "message": "The automation project has no main.js"}


def test_device_records_have_the_documented_fields_and_types(emulator: ServedEmulator) -> None:
    documented = {
        "remote_device_id": str,
        "added": str,
        "automations": list,
        "brand": str,
        "country": str,
        "isEmulator": bool,
        "model": str,
        "name": str,
        "networkType": str,
        "numberOfCores": int,
        "online": bool,
        "processor": str,
        "ramMb": int,
        "sdkVersion": str,
        "version": str,
    }
    records = emulator.devices()
    assert [record["online"] for record in records] == [True, False]
    for record in records:
        # The emulator's own, there once something has run on the device.
        record.pop("finishedAutomations", None)
        assert {name: type(value) for name, value in record.items()} == documented
        uuid.UUID(str(record["remote_device_id"]))
