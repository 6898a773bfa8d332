from __future__ import annotations

from typing import Any

import pytest

from tests.scripted_server import ScriptedServer, json_answer
from xgodo_dev.errors import NotFound, ServerUnavailable
from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.jobs import JobDetails, details
from xgodo_dev.platform.spec import reading
from xgodo_dev.platform.transport import Transport

SCHEMA = {"fields": [{"name": "email", "type": "string"}]}


@pytest.fixture
def calls(remote: ScriptedServer, transport: Transport) -> Calls:
    return Calls(reading.xgodo(), transport, remote.url)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            {"job_id": "j1", "automation_id": "a1", "job_variables_schema": SCHEMA, "bucket_schema": None},
            JobDetails("a1", {"job_variables_schema": SCHEMA, "bucket_schema": None}),
        ),
        ({"_id": "j1", "job_id": "short"}, JobDetails(None, {})),
        ({"automation_id": ""}, JobDetails(None, {})),
    ],
)
async def test_a_job_says_which_schemas_its_automation_has(
    remote: ScriptedServer, calls: Calls, answer: dict[str, Any], expected: JobDetails
) -> None:
    remote.answers = [json_answer(answer)]

    assert await details(calls, "j1") == expected
    assert remote.calls() == ["GET /api/v2/jobs/details"]
    assert remote.requests[0].query == {"job_id": "j1"}


@pytest.mark.parametrize("answer", [[], None, "text", {"job_id": "j2", "automation_id": "a1"}])
async def test_what_is_no_answer_about_that_job_is_not_taken_for_one(
    remote: ScriptedServer, calls: Calls, answer: object
) -> None:
    remote.answers = [json_answer(answer)]

    with pytest.raises(ServerUnavailable):
        await details(calls, "j1")


async def test_a_job_that_is_not_there_is_an_error_of_its_own(remote: ScriptedServer, calls: Calls) -> None:
    remote.answers = [json_answer({"error": "Job not found"}, 404)]

    with pytest.raises(NotFound, match="Job not found"):
        await details(calls, "j1")
