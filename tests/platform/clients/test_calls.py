"""What the clients send, and what they make of what comes back."""

from __future__ import annotations

import traceback
from dataclasses import replace
from typing import Any

import pytest

from tests.platform.clients.conftest import ADMIN_TOKEN
from tests.scripted_server import IMPATIENT, TOKEN, Answer, ScriptedServer, json_answer, page
from xgodo_dev import __version__
from xgodo_dev.errors import (
    ApiError,
    ArgumentsInvalid,
    AuthenticationError,
    CompileRefused,
    NotFound,
    PermissionDenied,
    ServerUnavailable,
    TooManyRequests,
    XgodoError,
)
from xgodo_dev.platform.answers import PageInstead, RouteMissing
from xgodo_dev.platform.clients import UNSET, Mobilerun, Xgodo

LAUNCHED = json_answer({"success": True, "message": "Action performed successfully"})
BUCKET = {"_id": "b", "job_id": "j", "remote_device_id": "d", "data": {}, "updated_at": "2026-01-01"}


async def test_arguments_go_where_the_platform_has_them_in_its_own_spelling(
    remote: ScriptedServer, xgodo: Xgodo
) -> None:
    remote.answers = [json_answer({"job_tasks": []})]
    await xgodo.jobs.update_applicants(job_id="j", job_tasks_ids=("a", "b"), status="confirmed")
    remote.answers = [json_answer({"bucket": BUCKET})]
    await xgodo.buckets.read(job_id="a/b", device_id="ü ?#%2e")
    remote.answers = [json_answer({"success": True, "data": {"job": {}, "plannedTasks": [], "total": 0}})]
    await xgodo.planned_tasks.list(job_id="j", sort_order="asc", limit=100)
    one, two, three = remote.requests
    assert one.json == {"job_id": "j", "JobTasks_Ids": ["a", "b"], "status": "confirmed"}
    assert two.target == "/api/v2/bucket/a%2Fb/%C3%BC%20%3F%23%252e"
    assert three.query == {"job_id": "j", "sortOrder": "asc", "limit": "100"}
    assert {each.headers["authorization"] for each in remote.requests} == {f"Bearer {TOKEN}"}
    assert {each.headers["user-agent"] for each in remote.requests} == {f"xgodo-dev-python/{__version__}"}


async def test_a_list_in_the_query_is_a_value_again_and_again(
    remote: ScriptedServer, mobilerun: Mobilerun
) -> None:
    remote.answers = [json_answer({"items": [], "pagination": {"total": 0}})]
    await mobilerun.devices.list(state=["ready", "assigned"], page_size=5)
    assert remote.requests[0].target == "/devices?state=ready&state=assigned&pageSize=5"


async def test_null_is_sent_where_the_platform_takes_it_and_only_when_given(
    remote: ScriptedServer, xgodo: Xgodo
) -> None:
    schemas = {"automation_parameters_schema": None, "job_variables_schema": None}
    remote.answers = [json_answer({"success": True, **schemas})]
    await xgodo.projects.change_options(project_id="p", job_variables_schema=None)
    await xgodo.projects.change_options(project_id="p", job_variables_schema=UNSET)
    assert [request.json for request in remote.requests] == [{"job_variables_schema": None}, {}]


async def test_the_admin_token_goes_to_the_admins_endpoint_alone(
    remote: ScriptedServer, xgodo: Xgodo
) -> None:
    remote.answers = [json_answer({"total": 0, "proxies": []}), json_answer([])]
    await xgodo.admin.proxies()
    await xgodo.devices.list()
    admin, other = remote.requests
    assert admin.headers["x-admin-token"] == ADMIN_TOKEN
    assert "x-admin-token" not in other.headers


async def test_without_an_admin_token_nothing_is_asked(remote: ScriptedServer) -> None:
    async with Xgodo(remote.server) as xgodo:
        with pytest.raises(AuthenticationError) as raised:
            await xgodo.admin.proxies()
    assert "XGODO_ADMIN_TOKEN" in str(raised.value.hint)
    assert remote.requests == []


async def test_all_that_is_wrong_with_the_arguments_is_told_before_anything_is_sent(
    remote: ScriptedServer, xgodo: Xgodo
) -> None:
    with pytest.raises(ArgumentsInvalid) as raised:
        await xgodo.planned_tasks.list(job_id=3, limit=101, sort_order="up", search="x" * 10_001)  # type: ignore[arg-type]
    assert raised.value.problems == (
        "job_id has to be text",
        "search may have at most 10000 characters",
        "limit may be at most 100",
        "sort_order has to be one of asc, desc",
    )
    assert remote.requests == []


@pytest.mark.parametrize("part", ["", ".", ".."])
async def test_an_id_that_would_change_the_path_is_refused(
    remote: ScriptedServer, xgodo: Xgodo, part: str
) -> None:
    with pytest.raises(ArgumentsInvalid):
        await xgodo.buckets.delete(job_id="j", device_id=part)
    assert remote.requests == []


async def test_a_documented_size_is_held_before_anything_is_sent(
    remote: ScriptedServer, xgodo: Xgodo
) -> None:
    with pytest.raises(ArgumentsInvalid) as raised:
        await xgodo.automation.write_file(project_id="p", path="a.ts", content="ü" * (26 * 1024 * 1024))
    assert "50 MB" in str(raised.value)
    assert remote.requests == []


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (json_answer({"error": "Invalid API key"}, 401), AuthenticationError, "Invalid API key"),
        (json_answer({"success": False, "message": "Not yours"}, 403), PermissionDenied, "Not yours"),
        (json_answer({"detail": "device_slot limit reached"}, 403), PermissionDenied, "device_slot"),
        (json_answer({"error": "Job with this Id not found"}, 404), NotFound, "Job with this Id not found"),
        (page(404), RouteMissing, None),
        (json_answer({"msg": "below minimum"}, 400), ApiError, "below minimum"),
        (
            json_answer({"message": "No title.", "errors": ["No title.", "Price too low."]}, 400),
            ApiError,
            "No title; Price too low.",
        ),
        (json_answer({"errors": [{"path": "title", "msg": "Invalid"}]}, 400), ApiError, "title: Invalid"),
        (
            json_answer(
                {"detail": [{"loc": ["body", "task"], "msg": "Field required", "type": "missing"}]}, 422
            ),
            ApiError,
            "task: Field required",
        ),
        (json_answer({"error": {"message": "Deep"}}, 400), ApiError, "Deep"),
        (json_answer({"success": False, "error": "No"}), ApiError, "No"),
        (json_answer({"detail": "15 a day"}, 429, Retry_After="3600"), TooManyRequests, "15 a day"),
        (json_answer({"error": "Orchestrator away"}, 502), ServerUnavailable, "Orchestrator away"),
        (page(200), PageInstead, None),
        (json_answer(["unexpected"]), ServerUnavailable, None),
        (json_answer(None), ServerUnavailable, None),
    ],
)
async def test_an_error_has_the_status_the_endpoint_and_the_servers_words(
    remote: ScriptedServer, xgodo: Xgodo, answer: Answer, kind: type[XgodoError], words: str | None
) -> None:
    remote.answers = [answer]
    with pytest.raises(kind) as raised:
        await xgodo.jobs.details(job_id="j")
    error: Any = raised.value
    assert type(error) is kind
    assert error.endpoint == "GET /api/v2/jobs/details"
    assert (error.server_message or "").startswith(words or "")
    assert (error.server_message is None) is (words is None)
    if words:
        assert error.status == answer.status
        assert words in str(error)
    assert TOKEN not in "".join(traceback.format_exception(error))


async def test_errors_of_a_compiler_are_those_of_writing_a_file(remote: ScriptedServer, xgodo: Xgodo) -> None:
    remote.answers = [
        json_answer({"success": False, "message": "failed", "errors": ["Error at 5:10: x"]}, 400)
    ]
    with pytest.raises(CompileRefused) as raised:
        await xgodo.automation.write_file(project_id="p", path="a.ts", content="")
    assert raised.value.errors == ("Error at 5:10: x",)


async def test_what_spends_or_starts_something_is_sent_once_and_what_asks_is_sent_again(
    remote: ScriptedServer, xgodo: Xgodo
) -> None:
    remote.answers = [page(502), page(502), json_answer({"unique": True})]
    with pytest.raises(ServerUnavailable):
        await xgodo.payments.withdraw(amount=10, wallet_address="0x1")
    assert await xgodo.jobs.check_uniqueness(search="x") == {"unique": True}
    assert remote.calls() == ["POST /api/v2/payments/withdraw", *["POST /api/v2/jobs/check-uniquenes"] * 2]


async def test_an_answer_without_content_is_none(remote: ScriptedServer, xgodo: Xgodo) -> None:
    remote.answers = [Answer(204)]
    await xgodo.jobs.update_status(job_id="j", status="inactive")
    assert remote.requests[0].json == {"job_id": "j", "status": "inactive"}


async def test_the_reading_of_the_documents_that_a_server_has_is_found_and_remembered(
    remote: ScriptedServer, xgodo: Xgodo
) -> None:
    remote.answers = [
        page(404, "Cannot PUT /api/v2/automation/file/p"),
        json_answer({"success": True, "path": "a.ts"}),
    ]
    for _ in range(2):
        await xgodo.automation.write_file(project_id="p", path="a.ts", content="")
    assert [request.method for request in remote.requests] == ["PUT", "POST", "POST"]


async def test_feedback_is_sent_beside_the_version_where_it_is_not_below(remote: ScriptedServer) -> None:
    remote.answers = [json_answer({"detail": "Not Found"}, 404), json_answer({"success": True}, 201)]
    server = replace(remote.server, api_url=f"{remote.url}/v1")
    async with Mobilerun(server, patience=IMPATIENT) as mobilerun:
        for _ in range(2):
            await mobilerun.feedback.submit(title="Great", feedback="It worked perfectly.", rating=5)
    assert remote.calls() == ["POST /v1/api/feedback", "POST /api/feedback", "POST /api/feedback"]


async def test_a_project_is_found_below_the_server_whatever_the_address_ends_with(
    remote: ScriptedServer, xgodo: Xgodo
) -> None:
    remote.answers = [json_answer({"success": True, "projects": []})]
    await xgodo.projects.list()
    async with Xgodo(replace(remote.server, api_url=f"{remote.url}/server")) as other:
        await other.projects.list()
    assert remote.calls() == ["GET /server/api/v2/automation-projects"] * 2


def test_a_client_shows_no_token(remote: ScriptedServer) -> None:
    client = Xgodo(remote.server, admin_token=ADMIN_TOKEN)
    assert remote.url in repr(client)
    assert TOKEN not in repr(client) + repr(vars(client))
    assert ADMIN_TOKEN not in repr(client) + repr(vars(client))
