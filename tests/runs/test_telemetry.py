"""Run logs and spans on their way to a collector, and collectors that don't take them."""

from __future__ import annotations

import asyncio
import gzip
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, SeverityNumber
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.scripted_server import Answer, Request, ScriptedServer, scripted_server
from xgodo_dev.errors import ConfigurationError, UsageError
from xgodo_dev.runs import telemetry as telemetry_module
from xgodo_dev.runs.events import Event, Exit, Launch, Log, Notice, RunStatus
from xgodo_dev.runs.telemetry import Telemetry

TAKEN = Answer(200, b"", {"Content-Type": "application/x-protobuf"})
DEADLINE = 60.0
# Less than any wait that is to be avoided, which is made very long, and more than a busy machine needs.
SOON, LONG = 30.0, 600.0


@dataclass
class Collector:
    """A collector that takes what it is sent, unless ``server.answers`` say otherwise."""

    server: ScriptedServer
    notices: list[str] = field(default_factory=list)
    said_in: set[int] = field(default_factory=set)

    def telemetry(self, endpoint: str | None = "") -> Telemetry:
        return Telemetry(self.server.url if endpoint == "" else endpoint, project="Notes", say=self.say)

    def say(self, event: Event) -> None:
        assert isinstance(event, Notice)
        self.notices.append(event.message)
        self.said_in.add(threading.get_ident())

    def requests(self, path: str) -> list[Request]:
        return [each for each in self.server.requests if each.path.endswith(path)]

    def log_records(self) -> list[LogRecord]:
        requests = [ExportLogsServiceRequest.FromString(body(each)) for each in self.requests("/v1/logs")]
        return [
            record
            for request in requests
            for resource in request.resource_logs
            for scope in resource.scope_logs
            for record in scope.log_records
        ]

    def spans(self) -> list[Span]:
        requests = [ExportTraceServiceRequest.FromString(body(each)) for each in self.requests("/v1/traces")]
        return [
            span
            for request in requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def resource(self) -> dict[str, Any]:
        (request, *_) = self.requests("/v1/traces")
        return attributes(ExportTraceServiceRequest.FromString(body(request)).resource_spans[0].resource)


def body(request: Request) -> bytes:
    return gzip.decompress(request.body) if "content-encoding" in request.headers else request.body


def attributes(of: Any) -> dict[str, Any]:
    return {
        each.key: each.value.string_value if each.value.HasField("string_value") else each.value.int_value
        for each in of.attributes
    }


def launch(run: str = "r1", time: float = 1000.5) -> Launch:
    return Launch(run=run, device="Otter", entry="main.ts", time=time)


def line(message: str = "hello", run: str = "r1", level: str = "log", **more: Any) -> Log:
    given = {"source": {"file": "stages/open.ts", "line": 7}, "timestamp": 1_000_600, "time": 1000.75, **more}
    return Log(run=run, device="Otter", id="1", level=level, message=message, **given)


def end(status: RunStatus = "success", run: str = "r1", error: str | None = None) -> Exit:
    return Exit(run=run, device="Otter", status=status, ms=500, error=error, time=1001.0)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("OTEL_") or each.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    # However busy the machine is, a collector that takes everything gets it.
    monkeypatch.setattr(telemetry_module, "_FLUSHING_DEADLINE", DEADLINE)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", str(LONG))


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    until(lambda: set(threading.enumerate()) <= before)


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    async with scripted_server() as server:
        server.answers = [TAKEN]
        yield Collector(server)


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.005)


async def hang(_request: Request) -> Answer:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_run_arrives_as_a_span_and_its_lines_as_log_records_in_it(collector: Collector) -> None:
    async with collector.telemetry() as telemetry:
        telemetry.take(launch())
        telemetry.take(line("hello"))
        telemetry.take(line("no place", source=None))
        telemetry.take(end())
    (span,) = collector.spans()
    assert span.name == "run main.ts"
    assert (span.start_time_unix_nano, span.end_time_unix_nano) == (1_000_500_000_000, 1_001_000_000_000)
    assert attributes(span) == {
        "xgodo.run.id": "r1",
        "xgodo.device.name": "Otter",
        "xgodo.run.status": "success",
        "code.file.path": "main.ts",
    }
    assert span.status.code == Status.STATUS_CODE_OK
    assert not span.parent_span_id
    first, second = collector.log_records()
    assert first.body.string_value == "hello"
    assert (first.time_unix_nano, first.observed_time_unix_nano) == (1_000_600_000_000, 1_000_750_000_000)
    assert (first.trace_id, first.span_id) == (span.trace_id, span.span_id)
    assert attributes(first) == {
        "xgodo.run.id": "r1",
        "xgodo.device.name": "Otter",
        "code.file.path": "stages/open.ts",
        "code.line.number": 7,
    }
    assert attributes(second) == {"xgodo.run.id": "r1", "xgodo.device.name": "Otter"}
    assert collector.resource()["service.name"] == "xgodo-dev"
    assert collector.resource()["xgodo.project"] == "Notes"
    assert collector.notices == []


async def test_each_of_two_runs_at_once_is_a_trace_of_its_own(collector: Collector) -> None:
    async with collector.telemetry() as telemetry:
        for run in ("r1", "r2"):
            telemetry.take(launch(run))
        for number in range(4):
            telemetry.take(line(str(number), run=("r1", "r2")[number % 2]))
        for run in ("r2", "r1"):
            telemetry.take(end(run=run))
    traces = {attributes(span)["xgodo.run.id"]: span.trace_id for span in collector.spans()}
    assert len(set(traces.values())) == 2
    records = collector.log_records()
    assert [record.body.string_value for record in records] == ["0", "1", "2", "3"]
    assert [record.trace_id for record in records] == [traces["r1"], traces["r2"]] * 2


@pytest.mark.parametrize(
    ("status", "error", "code", "description"),
    [
        ("success", None, Status.STATUS_CODE_OK, ""),
        ("stopped", None, Status.STATUS_CODE_UNSET, ""),
        ("failed", "Boom\n    at main.ts:3:1", Status.STATUS_CODE_ERROR, "Boom\n    at main.ts:3:1"),
        ("timeout", "It was still running.", Status.STATUS_CODE_ERROR, "It was still running."),
        ("lost", None, Status.STATUS_CODE_ERROR, ""),
    ],
)
async def test_how_a_run_ended_is_the_status_of_its_span(
    collector: Collector, status: RunStatus, error: str | None, code: Any, description: str
) -> None:
    async with collector.telemetry() as telemetry:
        telemetry.take(launch())
        telemetry.take(end(status, error=error))
    (span,) = collector.spans()
    assert (span.status.code, span.status.message) == (code, description)
    assert attributes(span)["xgodo.run.status"] == status
    exceptions = [attributes(event) for event in span.events]
    thrown = {"exception.message": "Boom", "exception.stacktrace": error}
    assert exceptions == ([thrown] if status == "failed" else [])


async def test_the_span_of_a_run_whose_end_never_came_is_ended_on_leaving(collector: Collector) -> None:
    async with collector.telemetry() as telemetry:
        telemetry.take(launch())
    (span,) = collector.spans()
    assert span.end_time_unix_nano > span.start_time_unix_nano
    assert "xgodo.run.status" not in attributes(span)
    assert span.status.code == Status.STATUS_CODE_UNSET


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        ("debug", SeverityNumber.SEVERITY_NUMBER_DEBUG),
        ("log", SeverityNumber.SEVERITY_NUMBER_INFO),
        ("info", SeverityNumber.SEVERITY_NUMBER_INFO),
        ("warn", SeverityNumber.SEVERITY_NUMBER_WARN),
        ("error", SeverityNumber.SEVERITY_NUMBER_ERROR),
        ("whatever", SeverityNumber.SEVERITY_NUMBER_INFO),
    ],
)
async def test_a_level_is_told_as_a_severity_and_in_its_own_word(
    collector: Collector, level: str, severity: Any
) -> None:
    async with collector.telemetry() as telemetry:
        telemetry.take(line(level=level))
    (record,) = collector.log_records()
    assert (record.severity_number, record.severity_text) == (severity, level)


async def test_what_utf8_or_a_clock_cannot_hold_does_not_cost_the_other_lines(collector: Collector) -> None:
    async with collector.telemetry() as telemetry:
        telemetry.take(launch())
        telemetry.take(line("half \ud83d of \ud83d\ude00"))
        telemetry.take(line("long ago", timestamp=-5))
        telemetry.take(line("far off", timestamp=2**70))
        telemetry.take(line("odd", level="\udc00", source={"file": "\udc00.ts", "line": 1}))
        telemetry.take(line("x" * 300_000))
    half, *others, odd, long = collector.log_records()
    assert half.body.string_value == "half \ufffd of 😀"
    assert [record.time_unix_nano for record in others] == [1_000_750_000_000] * 2
    assert attributes(odd)["code.file.path"] == "\ufffd.ts"
    assert long.body.string_value.endswith("x… (cut off: it has 300,000 characters)")
    assert len(long.body.string_value) < 263_000


async def test_lines_that_are_too_much_for_one_request_come_in_several(collector: Collector) -> None:
    async with collector.telemetry() as telemetry:
        for number in range(40):
            telemetry.take(line(f"{number:02}" + "x" * 200_000))
    assert [record.body.string_value[:2] for record in collector.log_records()] == [
        f"{number:02}" for number in range(40)
    ]
    assert max(len(request.body) for request in collector.requests("/v1/logs")) < 5_000_000
    assert collector.notices == []


async def test_what_is_no_runs_business_and_runs_nobody_knows_do_no_harm(collector: Collector) -> None:
    telemetry = collector.telemetry()
    telemetry.take(line("before"))
    async with telemetry:
        telemetry.take(Notice(message="hello"))
        telemetry.take(end(run="unknown"))
        telemetry.take(line("of no run", run="unknown"))
    telemetry.take(line("after"))
    (record,) = collector.log_records()
    assert attributes(record)["xgodo.run.id"] == "unknown"
    assert not record.trace_id.strip(b"\0")
    assert collector.spans() == []


async def test_the_environment_adds_name_attributes_headers_and_compression(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.server.url + "/under/")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=hunter2")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "phones")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=desk,service.name=other")
    async with collector.telemetry(None) as telemetry:
        telemetry.take(launch())
        telemetry.take(line())
    assert {request.path for request in collector.server.requests} == {"/under/v1/logs", "/under/v1/traces"}
    assert {request.headers["x-api-key"] for request in collector.server.requests} == {"hunter2"}
    assert len(collector.log_records()) == 1
    assert collector.resource()["service.name"] == "phones"
    assert collector.resource()["deployment.environment.name"] == "desk"


async def test_a_password_in_the_url_is_sent_and_never_shown(collector: Collector) -> None:
    collector.server.answers = [Answer(403)]
    endpoint = collector.server.url.replace("//", "//me:hunter2@")
    async with collector.telemetry(endpoint) as telemetry:
        telemetry.take(line())
    (request,) = collector.server.requests
    assert request.headers["authorization"] == "Basic bWU6aHVudGVyMg=="
    (notice,) = collector.notices
    assert "hunter2" not in notice
    assert "me:" not in notice


NEVER_AGAIN = {"Retry-After": "3600"}
REJECTED = ExportLogsServiceResponse()
REJECTED.partial_success.rejected_log_records = 1
REJECTED.partial_success.error_message = "too\nold"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(400), "it answered 400 Bad Request. Why it refuses them, its own log says."),
        (Answer(401), "it answered 401 Unauthorized. Its access goes into OTEL_EXPORTER_OTLP_HEADERS"),
        (Answer(404), "it answered 404 Not Found. Is it an OTLP/HTTP collector"),
        (Answer(500), "it answered 500 Internal Server Error."),
        (Answer(503, headers=NEVER_AGAIN), "it answered 503 Service Unavailable. It is overloaded or down"),
        (Answer(302, headers={"Location": "/login"}), "it answered 302 Found. Give the address"),
        (Answer(silent=True), "the connection broke"),
        (
            Answer(200, REJECTED.SerializeToString(), {"Content-Type": "application/x-protobuf"}),
            "it rejected some of them (too old).",
        ),
    ],
    ids=["400", "401", "404", "500", "503", "redirect", "reset", "partial"],
)
async def test_a_collector_that_refuses_is_told_once_with_its_address_and_what_to_do(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, answer: Answer, why: str
) -> None:
    monkeypatch.setattr(telemetry_module, "_FLUSHING_DEADLINE", 0.5)
    monkeypatch.setenv("OTEL_BLRP_SCHEDULE_DELAY", "10")
    collector.server.answers = [answer]
    async with collector.telemetry() as telemetry:
        telemetry.take(launch())
        for number in range(3):
            telemetry.take(line())
            await asyncio.to_thread(until, lambda number=number: len(collector.server.requests) > number)
        telemetry.take(end())
    (notice,) = collector.notices
    assert notice.startswith(f"Not all telemetry reaches {collector.server.url}/v1/")
    assert why in notice
    assert "\n" not in notice
    assert collector.said_in == {threading.get_ident()}


async def test_what_a_collector_takes_at_the_second_attempt_is_not_lost(collector: Collector) -> None:
    collector.server.answers = [Answer(503, headers={"Retry-After": "0"}), TAKEN]
    async with collector.telemetry() as telemetry:
        telemetry.take(line())
    assert len(collector.server.requests) == 2
    assert collector.notices == []


def a_port_where_nobody_listens() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def test_a_port_where_nobody_listens_does_not_delay_the_end(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry_module, "_FLUSHING_DEADLINE", LONG)
    address = f"http://127.0.0.1:{a_port_where_nobody_listens()}"
    async with collector.telemetry(address) as telemetry:
        telemetry.take(launch())
        telemetry.take(line())
        leaving = time.monotonic()
    assert time.monotonic() - leaving < SOON
    (notice,) = collector.notices
    assert notice.startswith(f"Not all telemetry reaches {address}/v1/")
    assert "it can't be reached (Connection refused). Is a collector running there?" in notice


async def drip(_request: Request) -> Answer:
    return Answer(200, b"x" * 1000, pause_between_bytes=0.05)


@pytest.mark.parametrize("handler", [hang, drip])
async def test_a_collector_that_hangs_holds_up_nothing_and_the_end_for_no_longer_than_the_deadline(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, handler: Any
) -> None:
    monkeypatch.setattr(telemetry_module, "_FLUSHING_DEADLINE", 0.6)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", str(LONG))
    collector.server.handler = handler
    before = set(threading.enumerate())
    turns = 0

    async def watch_the_loop() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1

    async with collector.telemetry() as telemetry:
        for number in range(2000):
            telemetry.take(line(str(number)))
        watching = asyncio.create_task(watch_the_loop())
        leaving = time.monotonic()
    took = time.monotonic() - leaving
    watching.cancel()
    assert 0.6 <= took < SOON
    # It went on meanwhile.
    assert turns > 1
    assert set(threading.enumerate()) <= before
    (notice,) = collector.notices
    assert "/v1/logs: it did not answer in time." in notice


async def test_a_long_way_to_wait_for_the_next_attempt_is_cut_short(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry_module, "_FLUSHING_DEADLINE", 0.3)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", str(LONG))
    collector.server.answers = [Answer(503, headers={"Retry-After": "90"})]
    before = set(threading.enumerate())
    async with collector.telemetry() as telemetry:
        telemetry.take(line())
        leaving = time.monotonic()
    assert time.monotonic() - leaving < SOON
    assert set(threading.enumerate()) <= before
    (notice,) = collector.notices
    assert "503" in notice


async def test_leaving_that_is_cancelled_ends_the_threads_too(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector.server.handler = hang
    monkeypatch.setattr(telemetry_module, "_FLUSHING_DEADLINE", LONG)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", str(LONG))
    before = set(threading.enumerate())

    async def session() -> None:
        async with collector.telemetry() as telemetry:
            telemetry.take(line())

    task = asyncio.create_task(session())
    await asyncio.to_thread(until, lambda: bool(collector.server.requests))
    task.cancel()
    cancelled = time.monotonic()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.to_thread(
        until, lambda: not {each.name for each in set(threading.enumerate()) - before} - POOL
    )
    assert time.monotonic() - cancelled < SOON


# Of asyncio.to_thread itself.
POOL = {"asyncio_0", "asyncio_1", "asyncio_2"}


async def test_lines_that_come_faster_than_they_are_taken_are_dropped_and_that_is_said_once(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_BLRP_MAX_QUEUE_SIZE", "10")
    taken = asyncio.Event()

    async def wait(_request: Request) -> Answer:
        await taken.wait()
        return TAKEN

    collector.server.handler = wait
    async with collector.telemetry() as telemetry:
        for number in range(100):
            telemetry.take(line(str(number)))
        await asyncio.sleep(0)
        assert len(collector.notices) == 1
        taken.set()
    assert [record.body.string_value for record in collector.log_records()] == [
        str(each) for each in range(10)
    ]
    (notice,) = collector.notices
    assert notice.startswith(f"{collector.server.url}/v1/logs takes lines slower than they come")


async def test_a_collector_that_fails_is_not_called_slow_as_well(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telemetry_module, "_FLUSHING_DEADLINE", 0.1)
    monkeypatch.setenv("OTEL_BLRP_MAX_QUEUE_SIZE", "10")

    async def refuse_and_hang(request: Request) -> Answer:
        return Answer(400) if len(collector.server.requests) == 1 else await hang(request)

    collector.server.handler = refuse_and_hang
    async with collector.telemetry() as telemetry:
        for number in range(10):
            telemetry.take(line(str(number)))
        await asyncio.to_thread(until, lambda: bool(collector.notices))
        for number in range(100):
            telemetry.take(line(str(number)))
    (notice,) = collector.notices
    assert "400" in notice


async def test_what_waits_is_bounded_by_its_size_too(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All of it waits, however long it takes to come.
    monkeypatch.setenv("OTEL_BLRP_SCHEDULE_DELAY", "600000")
    async with collector.telemetry() as telemetry:
        for _ in range(300):
            telemetry.take(line("x" * 250_000))
    (notice,) = collector.notices
    assert "slower than they come" in notice
    assert 250 <= len(collector.log_records()) < 300


async def test_settings_of_the_sdk_that_it_finds_odd_are_said_without_passwords(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "hunter2,x-more=1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "soon")
    async with collector.telemetry() as telemetry:
        telemetry.take(line())
    assert len(collector.log_records()) == 1
    assert len(collector.notices) == 2
    said = "\n".join(collector.notices)
    assert "hunter2" not in said
    assert "OTEL_EXPORTER_OTLP_HEADERS" in said
    assert "soon" in said


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "many", "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT"),
        # Found only when the thread for the lines is at work already.
        ("OTEL_BSP_MAX_QUEUE_SIZE", "10", "max_export_batch_size must be less"),
    ],
)
async def test_a_setting_of_the_sdk_that_it_cannot_use_is_an_error_before_anything_runs(
    collector: Collector, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=said):
        async with collector.telemetry():
            raise AssertionError


async def test_a_url_that_is_none_is_refused_before_anything_runs(collector: Collector) -> None:
    with pytest.raises(UsageError, match="--otlp"):
        collector.telemetry("localhost:4318")


async def test_what_cannot_be_sent_at_all_is_said_on_entering(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.server.url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    async with collector.telemetry(None) as telemetry:
        assert len(collector.notices) == 1
        telemetry.take(launch())
        telemetry.take(line())
    assert collector.server.requests == []
    assert len(collector.notices) == 1


def test_nothing_of_a_failing_collector_reaches_the_terminal() -> None:
    script = f"""
import asyncio
from xgodo_dev.runs.events import Launch, Log
from xgodo_dev.runs.telemetry import Telemetry

async def main():
    said = []
    collector = "http://127.0.0.1:{a_port_where_nobody_listens()}"
    async with Telemetry(collector, project="p", say=said.append) as it:
        it.take(Launch(run="r", device="d", entry="main.ts"))
        it.take(Log(run="r", device="d", id="1", level="log", message="m", source=None, timestamp=1))
    assert len(said) == 1

asyncio.run(main())
"""
    finished = subprocess.run(
        [sys.executable, "-W", "default", "-c", script], capture_output=True, text=True, timeout=60
    )
    assert (finished.stdout, finished.stderr, finished.returncode) == ("", "", 0)
