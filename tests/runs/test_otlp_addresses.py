"""Where telemetry is sent, by the command line and by OpenTelemetry's variables."""

from __future__ import annotations

import pytest

from xgodo_dev.errors import ConfigurationError, UsageError
from xgodo_dev.runs.otlp_addresses import addresses, is_of_this_machine, shown

LOGS, TRACES = "/v1/logs", "/v1/traces"
HERE = "http://localhost:4318"


@pytest.mark.parametrize(
    ("endpoint", "base"),
    [
        (HERE, HERE),
        (HERE + "/", HERE),
        ("https://otlp.example.com/otlp/", "https://otlp.example.com/otlp"),
        ("https://user:pass@otlp.example.com", "https://user:pass@otlp.example.com"),
        ("http://[::1]:4318", "http://[::1]:4318"),
    ],
)
def test_the_paths_of_both_kinds_are_added_to_a_base_url(endpoint: str, base: str) -> None:
    for found in (addresses(endpoint, {}), addresses(None, {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint})):
        assert (found.logs, found.traces) == (base + LOGS, base + TRACES)


@pytest.mark.parametrize(
    ("environment", "logs", "traces"),
    [
        ({}, HERE + LOGS, HERE + TRACES),
        ({"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://a/x"}, "http://a/x", None),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a/x"}, None, "http://a/x"),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://b", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://a/x"},
            "http://b/v1/logs",
            "http://a/x",
        ),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, HERE + LOGS, HERE + TRACES),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://b", "OTEL_LOGS_EXPORTER": "none"},
            None,
            "http://b/v1/traces",
        ),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://b", "OTEL_SDK_DISABLED": "TRUE"}, None, None),
    ],
)
def test_the_environment_says_where_each_kind_goes(
    environment: dict[str, str], logs: str | None, traces: str | None
) -> None:
    found = addresses(None, environment)
    assert (found.logs, found.traces, found.remarks) == (logs, traces, ())


def test_the_option_wins_over_the_environment() -> None:
    environment = {
        "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "no address",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://b",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc",
    }
    found = addresses(HERE, environment)
    assert (found.logs, found.traces, found.remarks) == (HERE + LOGS, HERE + TRACES, ())


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "localhost:4318",
        "ftp://localhost",
        "http://",
        "http://:4318",
        "http://localhost:port",
        "http://localhost:99999",
        "http://[::1",
        "http://local host",
        "http://localhost\n",
        "http://localhost/?key=hunter2",
        "http://localhost/#hunter2",
        "https://user:hunter2@",
        "user:hunter2@localhost",
        "http://localhost/v1/logs",
        "http://localhost/v1/traces/",
    ],
)
def test_what_is_no_base_url_is_refused_by_the_options_name_without_repeating_it(endpoint: str) -> None:
    with pytest.raises(UsageError, match=r"^--otlp needs the base URL") as raised:
        addresses(endpoint, {})
    assert "hunter2" not in raised.value.with_hint()
    assert "\n" not in raised.value.with_hint()


@pytest.mark.parametrize(
    "variable",
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"],
)
def test_a_variable_that_holds_no_address_is_named(variable: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{variable} is not the address") as raised:
        addresses(None, {variable: "user:hunter2@localhost:4318"})
    assert "hunter2" not in raised.value.with_hint()


@pytest.mark.parametrize("variable", ["OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL"])
def test_what_is_meant_for_grpc_is_left_alone_and_said(variable: str) -> None:
    found = addresses(None, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://me:hunter2@host:4317", variable: "grpc"})
    assert found.logs is None
    assert (found.traces is None) == (variable == "OTEL_EXPORTER_OTLP_PROTOCOL")
    (remark,) = found.remarks
    assert remark.startswith("Telemetry is not sent to http://host:4317, since gRPC")
    assert "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf" in remark


def test_an_option_without_effect_is_said_to_have_none() -> None:
    found = addresses(HERE, {"OTEL_SDK_DISABLED": "true"})
    assert (found.logs, found.traces) == (None, None)
    assert found.remarks == ("Run logs and traces are not sent, since OTEL_SDK_DISABLED is true.",)


@pytest.mark.parametrize(
    ("text", "most", "is_odd"),
    [
        ("", 32_768, False),
        (" 100 ", 100, False),
        ("0", 32_768, True),
        ("-5", 32_768, True),
        ("x", 32_768, True),
    ],
)
def test_how_many_lines_may_wait_can_be_set(text: str, most: int, is_odd: bool) -> None:
    found = addresses(HERE, {"OTEL_BLRP_MAX_QUEUE_SIZE": text})
    assert found.most_lines_waiting == most
    assert bool(found.remarks) is is_odd


def test_an_address_is_shown_without_what_may_be_secret_in_it() -> None:
    assert shown("https://me:hunter2@host:4318/v1/logs?key=hunter3#x") == "https://host:4318/v1/logs"
    assert shown("http://[::1]:4318/v1/logs") == "http://[::1]:4318/v1/logs"


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        (HERE, True),
        ("http://127.0.0.2", True),
        ("http://[::1]:1", True),
        ("http://host", False),
        ("http://127.example.com", False),
    ],
)
def test_addresses_of_this_machine_are_known(address: str, is_here: bool) -> None:
    assert is_of_this_machine(address) is is_here
