"""Where run logs and run spans are sent: by ``--otlp``, or by OpenTelemetry's own variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from xgodo_dev.errors import ConfigurationError, UsageError

# The SDK's own 2,048 are a fifth of a second of a busy run: less than one slow answer of a collector.
_MOST_LINES_WAITING = 32_768
_QUEUE_VARIABLE = "OTEL_BLRP_MAX_QUEUE_SIZE"
_DEFAULT_BASE = "http://localhost:4318"
_PATHS = {"LOGS": "/v1/logs", "TRACES": "/v1/traces"}


@dataclass(frozen=True)
class Addresses:
    """Where each kind of telemetry goes; None: nowhere. An address may hold a password: see ``shown``."""

    logs: str | None
    traces: str | None
    most_lines_waiting: int = _MOST_LINES_WAITING
    """Lines that are kept while the collector is slow; what comes on top is dropped."""
    remarks: tuple[str, ...] = ()
    """What is odd about the settings; for a person to read."""


def addresses(endpoint: str | None, environment: Mapping[str, str]) -> Addresses:
    """Where to send, by the collector's base URL, or by the environment where that is None.

    As for every program of OpenTelemetry, ``OTEL_EXPORTER_OTLP_ENDPOINT`` is a base URL, and
    ``OTEL_EXPORTER_OTLP_LOGS_ENDPOINT`` and ``…_TRACES_ENDPOINT`` are whole addresses that win over it.
    Where only one of these two is set, the other kind is not sent. ``OTEL_LOGS_EXPORTER`` and
    ``OTEL_TRACES_EXPORTER`` leave a kind out with ``none``, and ``OTEL_SDK_DISABLED`` all.

    What is sent is OTLP over HTTP, in protobuf. An endpoint of the environment that is declared to be gRPC's
    is left alone, with a remark: it is meant for other programs, whose settings are no reason not to run.
    An endpoint given to the command is taken for one of HTTP, whatever the environment says of its own.

    Raises:
        UsageError: ``endpoint`` is no base URL.
        ConfigurationError: an address in the environment is none; names the variable.
    """
    if endpoint is not None:
        _require_base(endpoint)
    if is_disabled(environment):
        said = ("Run logs and traces are not sent, since OTEL_SDK_DISABLED is true.",) if endpoint else ()
        return Addresses(None, None, remarks=said)
    most, remarks = _most_lines_waiting(environment)
    found: dict[str, str | None] = {}
    of_grpc: list[str] = []
    for kind, path in _PATHS.items():
        found[kind] = None
        if environment.get(f"OTEL_{kind}_EXPORTER", "").strip().lower() == "none":
            continue
        if endpoint is not None:
            found[kind] = endpoint.removesuffix("/") + path
            continue
        variable, address = _of_environment(kind, path, environment)
        if address is None:
            continue
        problem = _problem(address)
        if problem:
            raise ConfigurationError(f"{variable} is not the address of a collector: {problem}.")
        if _protocol(kind, environment) == "grpc":
            of_grpc.append(shown(address).removesuffix(path))
            continue
        found[kind] = address
    if of_grpc:
        remarks.append(
            f"Telemetry is not sent to {' and '.join(dict.fromkeys(of_grpc))}, since gRPC is not supported: "
            "set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf and the collector's port for HTTP, mostly 4318."
        )
    return Addresses(found["LOGS"], found["TRACES"], most, tuple(remarks))


def is_disabled(environment: Mapping[str, str]) -> bool:
    """Whether OpenTelemetry is switched off."""
    return environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"


def shown(address: str) -> str:
    """The address without what may be secret: the user, the password and the query."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def is_of_this_machine(address: str) -> bool:
    """Whether the address is one of loopback, which no proxy can reach for us."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _require_base(endpoint: str) -> None:
    problem = _problem(endpoint)
    path = next((each for each in _PATHS.values() if endpoint.rstrip("/").endswith(each)), None)
    if not problem and path:
        problem = f"{path} is added to it, and has to be left out"
    if not problem and ("?" in endpoint or "#" in endpoint):
        problem = "paths are added to it, so that it can't have a ? or #"
    if problem:
        raise UsageError(
            f"--otlp needs the base URL of an OTLP/HTTP collector: {problem}.",
            hint="Such as `--otlp http://localhost:4318`.",
        )


def _problem(address: str) -> str | None:
    """Why it can't be an address; never repeats it, for it may hold a password."""
    if any(not each.isprintable() or each.isspace() for each in address):
        return "there is a space or a control character in it"
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "its host or port can't be read"
    if parts.scheme not in ("http", "https"):
        return "it has to begin with http:// or https://"
    return None if host else "there is no host in it"


def _of_environment(kind: str, path: str, environment: Mapping[str, str]) -> tuple[str, str | None]:
    own, base = f"OTEL_EXPORTER_OTLP_{kind}_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"
    if environment.get(own):
        return own, environment[own]
    if environment.get(base):
        return base, environment[base].removesuffix("/") + path
    is_other_set = any(environment.get(f"OTEL_EXPORTER_OTLP_{each}_ENDPOINT") for each in _PATHS)
    return base, None if is_other_set else _DEFAULT_BASE + path


def _protocol(kind: str, environment: Mapping[str, str]) -> str:
    name = environment.get(f"OTEL_EXPORTER_OTLP_{kind}_PROTOCOL")
    return (name or environment.get("OTEL_EXPORTER_OTLP_PROTOCOL", "")).strip().lower()


def _most_lines_waiting(environment: Mapping[str, str]) -> tuple[int, list[str]]:
    text = environment.get(_QUEUE_VARIABLE, "").strip()
    if not text:
        return _MOST_LINES_WAITING, []
    if text.isascii() and text.isdigit() and int(text[:9]) > 0 and len(text) < 9:
        return int(text), []
    return _MOST_LINES_WAITING, [f"{_QUEUE_VARIABLE} is no usable number: {_MOST_LINES_WAITING} counts."]
