"""`run --otlp`: what a collector gets of a run, and a collector that nobody reaches."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.e2e.conftest import LISTED, Emulator, Home
from tests.e2e.scripted_project import Failing
from tests.e2e.working_copies import Copy, new_copy
from tests.scripted_server import Answer, Request

PROGRAM = """\
console.log("hello");
console.warn(agent.arguments.automationParameters.pin);
stopCurrentAutomation();
export {};
"""


@pytest.fixture
def copy(home: Home, emulators: Callable[[str], Emulator]) -> Copy:
    made = new_copy(home, emulators(LISTED), str(uuid.uuid4()), home.folder / "ada", {"main.ts": PROGRAM})
    made.write("xgodo.toml", (made.root / "xgodo.toml").read_text() + '\n[run]\nsecrets = ["pin"]\n')
    return made


@pytest.mark.parametrize("by_option", [True, False], ids=["option", "variable"])
def test_a_collector_gets_the_lines_and_the_span_of_a_run(
    copy: Copy, failing: Failing, by_option: bool
) -> None:
    got: list[Request] = []

    async def collect(request: Request) -> Answer:
        got.append(request)
        return Answer(200, b"", {"Content-Type": "application/x-protobuf"})

    failing.server.handler = collect
    option = ("--otlp", failing.server.url) if by_option else ()
    variable = {} if by_option else {"OTEL_EXPORTER_OTLP_ENDPOINT": failing.server.url}
    done = copy.home.run(
        "run", "--param", "pin=4711-4711", *option, cwd=copy.root, env={**copy.env, **variable}
    )
    assert done.returncode == 0, done.stderr
    # One request, unless the second line came that much later.
    logs = [ExportLogsServiceRequest.FromString(each.body) for each in got if each.path == "/v1/logs"]
    scopes = [scope for each in logs for scope in each.resource_logs[0].scope_logs]
    lines = [record for scope in scopes for record in scope.log_records]
    assert [record.body.string_value for record in lines] == ["hello", "•••"]
    (spans,) = (ExportTraceServiceRequest.FromString(each.body) for each in got if each.path == "/v1/traces")
    (span,) = spans.resource_spans[0].scope_spans[0].spans
    assert {record.span_id for record in lines} == {span.span_id}
    assert not any(b"4711" in each.body for each in got)


def test_a_collector_that_nobody_reaches_is_said_and_ends_no_run(copy: Copy) -> None:
    done = copy.run("run", "--param", "pin=4711-4711", "--otlp", "http://127.0.0.1:9")
    assert done.returncode == 0
    assert "http://127.0.0.1:9" in done.stderr
    refused = copy.json("run", "--otlp", "localhost", exit_code=2)["error"]
    assert "--otlp" in refused["message"] + refused.get("hint", "")
