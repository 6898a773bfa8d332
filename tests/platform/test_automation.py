from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.platform.memory import Memory
from tests.scripted_server import (
    IMPATIENT,
    RESET,
    Answer,
    Request,
    ScriptedServer,
    json_answer,
    page,
    scripted_server,
)
from xgodo_dev.errors import (
    ApiError,
    CompileRefused,
    DeviceOffline,
    NotFound,
    ServerUnavailable,
    UnreachableError,
    XgodoError,
)
from xgodo_dev.platform.answers import RouteMissing
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.commits import NothingToCommit
from xgodo_dev.platform.transport import Transport

PROJECT = "83ba7359-d8eb-4374-8ecb-055af01fddfe"
PHONE = Device(id="phone-1", name="Silent Otter", online=True, record={})
WRITTEN = json_answer({"success": True, "path": "main.ts", "compiled": True})


def only(method: str, missing: Answer) -> Callable[[Request], Awaitable[Answer]]:
    """A server that writes files with that method only."""

    async def handle(request: Request) -> Answer:
        return WRITTEN if request.method == method else missing

    return handle


MISSING_ROUTES = {
    "page 404": page(404, "<pre>Cannot PUT /api/v2/automation/file/x</pre>"),
    "page 405": page(405),
    "empty 405": Answer(405),
    "json 405": json_answer({"detail": "Method Not Allowed"}, 405),
    "json cannot": json_answer({"message": "Cannot PUT /api/v2/automation/file/x", "statusCode": 404}, 404),
}


@pytest.mark.parametrize("missing", MISSING_ROUTES.values(), ids=MISSING_ROUTES.keys())
async def test_a_server_without_put_is_written_to_with_post_and_that_is_remembered(
    remote: ScriptedServer, transport: Transport, missing: Answer
) -> None:
    memory = Memory()
    remote.handler = only("POST", missing)
    api = AutomationApi(transport, memory)
    await api.write_file(PROJECT, "main.ts", "1")
    await api.write_file(PROJECT, "main.ts", "2")
    await AutomationApi(transport, memory).write_file(PROJECT, "main.ts", "3")
    assert [request.method for request in remote.requests] == ["PUT", "POST", "POST", "POST"]
    assert [request.json["content"] for request in remote.requests] == ["1", "1", "2", "3"]
    assert memory.facts == {"write-method": "POST"}


@pytest.mark.parametrize("remembered", ["PUT", "POST", "DELETE", ""])
async def test_what_is_remembered_of_a_server_that_changed_does_no_harm(
    remote: ScriptedServer, transport: Transport, remembered: str
) -> None:
    for method in ("PUT", "POST"):
        memory = Memory(write_method=remembered)
        remote.handler = only(method, page(404))
        await AutomationApi(transport, memory).write_file(PROJECT, "main.ts", "1")
        assert memory.facts["write-method"] == method
    assert {request.method for request in remote.requests} <= {"PUT", "POST"}


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (json_answer({"success": False, "message": "Automation project not found"}, 404), NotFound),
        (
            json_answer({"success": False, "message": "failed", "errors": ["Error at 1:1: x"]}, 400),
            CompileRefused,
        ),
        (json_answer({"success": False, "message": "No"}, 400), ApiError),
    ],
)
async def test_a_refusal_by_the_platform_itself_switches_no_method(
    remote: ScriptedServer, transport: Transport, refusal: Answer, kind: type[ApiError]
) -> None:
    memory = Memory()
    remote.answers = [refusal]
    with pytest.raises(kind):
        await AutomationApi(transport, memory).write_file(PROJECT, "main.ts", "1")
    assert [request.method for request in remote.requests] == ["PUT"]
    assert memory.facts == {"write-method": "PUT"}


async def test_a_server_that_can_not_write_at_all_is_asked_with_both_methods_once(
    remote: ScriptedServer, transport: Transport
) -> None:
    memory = Memory()
    remote.answers = [page(404)]
    with pytest.raises(RouteMissing, match="PUT"):
        await AutomationApi(transport, memory).write_file(PROJECT, "main.ts", "1")
    assert [request.method for request in remote.requests] == ["PUT", "POST"]
    assert memory.facts == {}


@pytest.mark.parametrize("failing", [RESET, page(502), page(200), json_answer({}, 429)])
async def test_a_write_is_never_repeated_blindly(
    remote: ScriptedServer, transport: Transport, failing: Answer
) -> None:
    remote.answers = [failing, WRITTEN]
    with pytest.raises(UnreachableError):
        await AutomationApi(transport).write_file(PROJECT, "main.ts", "1")
    assert len(remote.requests) == 1


@pytest.mark.parametrize("answer", [Answer(200), json_answer({}), json_answer([]), json_answer("ok")])
async def test_a_write_that_is_not_confirmed_did_not_succeed(
    remote: ScriptedServer, transport: Transport, answer: Answer
) -> None:
    remote.answers = [answer]
    with pytest.raises(ServerUnavailable):
        await AutomationApi(transport).write_file(PROJECT, "main.ts", "1")


async def test_a_project_id_stays_one_part_of_the_path(remote: ScriptedServer, transport: Transport) -> None:
    remote.answers = [json_answer({"success": True, "content": "x"})]
    await AutomationApi(transport).read_file("../a?b=c#d/e\n", "main.ts")
    (request,) = remote.requests
    assert request.path == "/api/v2/automation/file/../a?b=c#d/e\n"
    assert request.query == {"path": "main.ts"}


async def test_a_file_that_is_not_there_reads_as_none(remote: ScriptedServer, transport: Transport) -> None:
    remote.answers = [json_answer({"success": False, "message": "File not found"}, 404)]
    assert await AutomationApi(transport).read_file(PROJECT, "main.ts") is None


@pytest.mark.parametrize("answer", [page(404), Answer(404), page(200), json_answer({"success": True})])
async def test_an_answer_that_says_nothing_of_the_file_is_not_taken_for_its_absence(
    remote: ScriptedServer, transport: Transport, answer: Answer
) -> None:
    remote.answers = [answer]
    with pytest.raises((RouteMissing, ServerUnavailable)):
        await AutomationApi(transport).read_file(PROJECT, "main.ts")


async def test_content_arrives_as_it_was_sent(remote: ScriptedServer, transport: Transport) -> None:
    content = "\ufeffa\r\nb\rc\n\u2028\0😀"
    remote.answers = [json_answer({"success": True, "content": content})]
    assert await AutomationApi(transport).read_file(PROJECT, "a b/ü.ts") == content
    assert remote.requests[0].query == {"path": "a b/ü.ts"}


async def test_a_commit_brings_its_hash(remote: ScriptedServer, transport: Transport) -> None:
    remote.answers = [json_answer({"success": True, "commit": {"hash": "a1b2", "message": "m"}})]
    assert (await AutomationApi(transport).commit(PROJECT, "m")).hash == "a1b2"


async def test_a_commit_of_nothing_is_an_error_of_its_own(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [json_answer({"success": False, "message": "No changes to commit"}, 400)]
    with pytest.raises(NothingToCommit):
        await AutomationApi(transport).commit(PROJECT, "m")


async def test_a_commit_is_sent_once(remote: ScriptedServer, transport: Transport) -> None:
    remote.answers = [page(502)]
    with pytest.raises(ServerUnavailable):
        await AutomationApi(transport).commit(PROJECT, "m")
    assert len(remote.requests) == 1


@pytest.mark.parametrize(
    "bad", [page(502), RESET, Answer(200, b'{"success": true}', sent_bytes=4), page(200)]
)
async def test_a_launch_is_sent_exactly_once(
    remote: ScriptedServer, transport: Transport, bad: Answer
) -> None:
    remote.answers = [bad, json_answer({"success": True})]
    with pytest.raises(UnreachableError):
        await AutomationApi(transport).launch_direct(PHONE, "id-1", "1", {"a": 1}, {"b": "ü"})
    (request,) = remote.requests
    assert request.json == {
        "device_id": "phone-1",
        "launch_id": "id-1",
        "command": "start",
        "code": "1",
        "automationParameters": {"a": 1},
        "jobVariables": {"b": "ü"},
    }


async def test_a_stop_is_sent_again(remote: ScriptedServer, transport: Transport) -> None:
    remote.answers = [page(502), json_answer({"success": True})]
    await AutomationApi(transport).stop_direct(PHONE, "id-1")
    assert len(remote.requests) == 2
    assert remote.requests[0].json["code"]


@pytest.mark.parametrize("listed", [[], [{"remote_device_id": "phone-1", "online": False}]])
async def test_a_launch_refused_for_a_phone_that_is_not_connected_names_the_phone(
    remote: ScriptedServer, transport: Transport, listed: list[dict[str, object]]
) -> None:
    refusal = json_answer({"success": False, "message": "Some devices offline or not found."})
    remote.answers = [refusal, json_answer(listed)]
    with pytest.raises(DeviceOffline, match=r"Silent Otter: Some devices offline"):
        await AutomationApi(transport).launch_direct(PHONE, "id-1", "1", {}, {})


async def test_a_launch_refused_for_another_reason_is_not_blamed_on_the_phone(
    remote: ScriptedServer, transport: Transport
) -> None:
    refusal = json_answer({"success": False, "message": "code must be a string"}, 400)
    remote.answers = [refusal, json_answer([{"remote_device_id": "phone-1", "online": True}])]
    with pytest.raises(ApiError, match="code must be a string"):
        await AutomationApi(transport).launch_direct(PHONE, "id-1", "1", {}, {})


async def test_logs_are_asked_for_after_the_last_one_known(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [json_answer({"logs": []})]
    api = AutomationApi(transport)
    await api.logs(PHONE, ["run"], None)
    await api.logs(PHONE, ["run"], "log-7")
    assert [request.json for request in remote.requests] == [
        {"device_id": "phone-1", "automation_ids": ["run"]},
        {"device_id": "phone-1", "automation_ids": ["run"], "from": "log-7"},
    ]


async def test_a_log_line_survives_odd_members(remote: ScriptedServer, transport: Transport) -> None:
    remote.answers = [
        Answer(
            200,
            b'{"logs": [{"id": "1", "automationId": null, "message": "half \\ud83d", "lineNumber": "x",'
            b' "messageLevel": null, "timestamp": 1e999}, {"id": "2", "message": 5, "timestamp": 1.9e3}]}',
        )
    ]
    first, second = await AutomationApi(transport).logs(PHONE, ["run"], None)
    # A server that leaves the id out can only mean the run that was asked for.
    assert (first.automation_id, first.line, first.level, first.timestamp) == ("run", 0, "log", 0)
    assert first.message.encode("utf-8").startswith(b"half ")
    assert (second.message, second.timestamp) == ("5", 1900)


@pytest.mark.parametrize("wrapped", [False, True])
async def test_devices_are_listed_bare_or_wrapped(
    remote: ScriptedServer, transport: Transport, wrapped: bool
) -> None:
    records = [
        {"remote_device_id": "a", "name": "Otter", "online": True},
        {"remote_device_id": "b", "online": 1},
    ]
    remote.answers = [json_answer({"devices": records} if wrapped else records)]
    first, second = await AutomationApi(transport).devices()
    assert (first.id, first.name, first.online) == ("a", "Otter", True)
    assert (second.id, second.name, second.online) == ("b", "b", False)


@pytest.mark.parametrize(
    ("automations", "runs"),
    [
        (None, None),
        ("x", None),
        ([], False),
        ([{"id": "run-1"}], True),
        (["run-1"], True),
        ([{"deep": {"launchId": "run-1"}}], True),
        ([{"id": "other"}], False),
    ],
)
def test_a_device_record_tells_what_runs_where_it_has_a_list(automations: object, runs: bool | None) -> None:
    device = Device(id="a", name="a", online=True, record={"automations": automations})
    assert device.runs("run-1") is runs


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "success",
                    "message",
                    "errors",
                    "content",
                    "commit",
                    "hash",
                    "logs",
                    "id",
                    "timestamp",
                    "lineNumber",
                    "devices",
                    "remote_device_id",
                    "name",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
CALLS: dict[str, Callable[[AutomationApi], Awaitable[object]]] = {
    "write": lambda api: api.write_file(PROJECT, "main.ts", "1"),
    "read": lambda api: api.read_file(PROJECT, "main.ts"),
    "commit": lambda api: api.commit(PROJECT, "m"),
    "devices": lambda api: api.devices(),
    "launch": lambda api: api.launch_direct(PHONE, "id-1", "1", {}, {}),
    "stop": lambda api: api.stop_direct(PHONE, "id-1"),
    "stop all": lambda api: api.stop_all(PHONE),
    "logs": lambda api: api.logs(PHONE, ["run"], None),
}


@settings(max_examples=40)
@given(status=st.sampled_from([200, 200, 200, 400, 404, 405, 429, 500]), content=json_values)
def test_whatever_a_server_answers_no_call_fails_with_an_error_of_python(
    status: int, content: object
) -> None:
    async def call_everything() -> None:
        async with scripted_server() as remote, Transport(remote.server, patience=IMPATIENT) as transport:
            remote.answers = [Answer(status, json.dumps(content).encode(), {"Retry-After": "0"})]
            for call in CALLS.values():
                try:
                    await call(AutomationApi(transport))
                except XgodoError as error:
                    str(error).encode("utf-8")

    asyncio.run(call_everything())
