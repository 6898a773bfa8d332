"""What the toolkit asks by itself is what the spec has, though no spec is read for it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest

from tests.platform.memory import Memory
from tests.scripted_server import Request, ScriptedServer, json_answer
from xgodo_dev.errors import ServerUnavailable
from xgodo_dev.platform import project_api
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.project_api import ProjectApi
from xgodo_dev.platform.spec import reading
from xgodo_dev.platform.transport import Transport

PROJECT = "83ba7359-d8eb-4374-8ecb-055af01fddfe"
LAUNCH = "0d5b6c2e-4a0e-4f54-9d0a-9f2f0b3f6d11"
PHONE = Device(id="phone-1", name="Silent Otter", online=True, record={})
GIVEN = {"automationParameters": {"a": 1}, "jobVariables": {"b": "2"}}
DIRECT = {"device_id": PHONE.id, "launch_id": LAUNCH}
SAVED = {"device_ids": [PHONE.id], "automationId": PROJECT}

Case = tuple[str, dict[str, Any], Callable[[Any], Awaitable[object]]]
AUTOMATION: list[Case] = [
    (
        "automation.write_file",
        {"id": PROJECT, "path": "main.ts", "content": "1"},
        lambda api: api.write_file(PROJECT, "main.ts", "1"),
    ),
    (
        "automation.read_file",
        {"id": PROJECT, "path": "a b.ts"},
        lambda api: api.read_file(PROJECT, "a b.ts"),
    ),
    ("automation.commit", {"id": PROJECT, "message": "m"}, lambda api: api.commit(PROJECT, "m")),
    ("devices.list", {}, lambda api: api.devices()),
    (
        "devices.launch_direct_automation",
        {**DIRECT, "command": "start", "code": "1", **GIVEN},
        lambda api: api.launch_direct(PHONE, LAUNCH, "1", *GIVEN.values()),
    ),
    (
        "devices.launch_direct_automation",
        {**DIRECT, "command": "stop", "code": "// stop"},
        lambda api: api.stop_direct(PHONE, LAUNCH),
    ),
    (
        "devices.launch_automation",
        {**SAVED, "command": "start", **GIVEN},
        lambda api: api.launch_saved(PHONE, PROJECT, *GIVEN.values()),
    ),
    (
        "devices.launch_automation",
        {**SAVED, "command": "stop"},
        lambda api: api.stop_saved(PHONE, PROJECT),
    ),
    ("devices.stop_all_automations", {"device_id": PHONE.id}, lambda api: api.stop_all(PHONE)),
    (
        "devices.automation_logs",
        {"device_id": PHONE.id, "automation_ids": [LAUNCH], "from": "7"},
        lambda api: api.logs(PHONE, [LAUNCH], "7"),
    ),
]
PROJECTS: list[Case] = [
    ("projects.files", {"id": PROJECT}, lambda api: api.files()),
    ("projects.read_file", {"id": PROJECT, "path": "a b.ts"}, lambda api: api.read("a b.ts")),
    (
        "projects.sync",
        {"id": PROJECT, "files": [{"path": "main.ts", "content": b64encode(b"1").decode()}]},
        lambda api: api.sync([("main.ts", b"1")]),
    ),
    ("projects.commit", {"id": PROJECT, "message": "m"}, lambda api: api.commit("m")),
    ("projects.get", {"id": PROJECT}, lambda api: api.details()),
    ("projects.history", {"id": PROJECT, "limit": 5}, lambda api: api.history(5)),
    ("projects.git_status", {"id": PROJECT}, lambda api: api.uncommitted()),
]


@pytest.mark.parametrize(("operation", "arguments", "ask"), AUTOMATION + PROJECTS)
async def test_the_toolkit_asks_as_the_clients_made_from_the_spec_do(
    remote: ScriptedServer,
    transport: Transport,
    operation: str,
    arguments: dict[str, Any],
    ask: Callable[[Any], Awaitable[object]],
) -> None:
    remote.answers = [json_answer({})]
    is_project = operation.startswith("projects.")
    with suppress(ServerUnavailable):
        await ask(ProjectApi(transport, PROJECT, "/server") if is_project else AutomationApi(transport))
    own = asked(remote.requests[0])
    remote.requests.clear()
    with suppress(ServerUnavailable):
        await Calls(reading.xgodo(), transport, remote.url).call(operation, arguments)
    assert own == asked(remote.requests[0])


async def test_projects_are_listed_where_the_spec_has_them(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [json_answer({"message": "no such project"}, 404)]
    await project_api.find(transport, PROJECT, Memory(), now=0)
    listed = reading.xgodo().operations["projects.list"]
    assert f"{listed.method} {listed.path}" in remote.calls()


def asked(request: Request) -> tuple[str, str, dict[str, str], Any]:
    return request.method, request.path, request.query, json.loads(request.body or "null")
