"""Run logs and run spans on their way through OpenTelemetry's SDK, which is loaded with this module.

The SDK batches and sends in two threads of its own. What it does not do is done here: it counts what was
lost, it bounds what waits by size as well, and it is ended within a deadline.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence

from opentelemetry._logs import SeverityNumber
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExportResult
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import Span, StatusCode, set_span_in_context

from xgodo_dev import __version__
from xgodo_dev.errors import ConfigurationError
from xgodo_dev.runs import otlp_addresses
from xgodo_dev.runs.events import Exit, Launch, Log
from xgodo_dev.runs.otlp_addresses import Addresses
from xgodo_dev.runs.otlp_session import BreakableSession

_SCOPE = "xgodo_dev"
# Characters. Collectors refuse a request above some 20 MB, and with it all the lines that it holds.
_LARGEST_BODY = 256 * 1024
_LARGEST_REQUEST = 4 * 1024 * 1024
_MOST_WAITING = 64 * 1024 * 1024
_BATCH = 512
_BATCH_VARIABLE = "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE"
_LATEST = 2**63 - 1
_SEVERITIES = {
    "trace": SeverityNumber.TRACE,
    "debug": SeverityNumber.DEBUG,
    "log": SeverityNumber.INFO,
    "info": SeverityNumber.INFO,
    "warn": SeverityNumber.WARN,
    "warning": SeverityNumber.WARN,
    "error": SeverityNumber.ERROR,
    "fatal": SeverityNumber.FATAL,
}
_ENDED_BADLY = ("failed", "timeout", "lost")
_WITHOUT_SPAN = Context()
# What the SDK and the client below it have to say would otherwise reach the terminal.
_TALKATIVE = ("opentelemetry", "urllib3", "requests")


class OtlpExport:
    """Takes what runs report, in one thread, and sends it in others. ``close`` it at the end.

    Args:
        tell: called with a sentence for a person, from any thread: once when something is lost because the
            collector fails, once when lines come faster than they can be sent, and for what the SDK finds
            odd in its settings.

    Raises:
        ConfigurationError: a setting of OpenTelemetry in the environment can't be used.
    """

    def __init__(self, addresses: Addresses, project: str, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._failed = threading.Event()
        self._fell_behind = False
        self._most = addresses.most_lines_waiting
        self._lines = 0
        self._size = 0
        self._runs: dict[str, tuple[Span, Context, dict[str, str]]] = {}
        self._sessions: list[BreakableSession] = []
        self._exporters: list[_LogExporter | _SpanExporter] = []
        self._log_exporter: _LogExporter | None = None
        self._providers: list[LoggerProvider | TracerProvider] = []
        self._said_by_sdk = _SdkRemarks()
        try:
            self._make(addresses, project)
        except (ValueError, RuntimeError) as error:
            self.close()
            raise ConfigurationError(
                f"OpenTelemetry can't be used: {error}", hint="Look at its OTEL_… environment variables."
            ) from error
        for remark in self._said_by_sdk.so_far():
            tell(f"OpenTelemetry: {remark}")

    def _make(self, addresses: Addresses, project: str) -> None:
        ours = {"service.name": "xgodo-dev", "service.version": __version__, "xgodo.project": _clean(project)}
        # In the SDK, what a program says wins over the environment. Here it is to be the other way round.
        resource = Resource.create(ours).merge(OTELResourceDetector().detect())
        logs = LoggerProvider(resource=resource, shutdown_on_exit=False)
        spans = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._providers += [logs, spans]
        if addresses.logs:
            batch = None if os.environ.get(_BATCH_VARIABLE) else min(_BATCH, self._most)
            self._log_exporter = _LogExporter(addresses.logs, self._session(addresses.logs), self._lost)
            self._exporters.append(self._log_exporter)
            logs.add_log_record_processor(
                BatchLogRecordProcessor(
                    self._log_exporter, max_export_batch_size=batch, max_queue_size=self._most
                )
            )
        if addresses.traces:
            exporter = _SpanExporter(addresses.traces, self._session(addresses.traces), self._lost)
            self._exporters.append(exporter)
            spans.add_span_processor(BatchSpanProcessor(exporter))
        self._logger = logs.get_logger(_SCOPE, __version__)
        self._tracer = spans.get_tracer(_SCOPE, __version__)

    def begin(self, launch: Launch) -> None:
        """Open the run's span, which begins a trace of its own."""
        identity = {"xgodo.run.id": _clean(launch.run), "xgodo.device.name": _clean(launch.device)}
        entry = _clean(launch.entry)
        span = self._tracer.start_span(
            f"run {entry}",
            context=_WITHOUT_SPAN,
            attributes={**identity, "code.file.path": entry},
            start_time=_nanoseconds(launch.time),
        )
        self._runs[launch.run] = span, set_span_in_context(span, Context()), identity

    def line(self, line: Log) -> None:
        """Send a line as a log record of its run's span."""
        exporter = self._log_exporter
        if exporter is None:
            return
        body = _clean(line.message)
        if len(body) > _LARGEST_BODY:
            body = f"{body[:_LARGEST_BODY]}… (cut off: it has {len(body):,} characters)"
        # The thread that sends only ever adds to its own counts, so that these may at worst seem too high.
        if (
            self._lines - exporter.finished_lines >= self._most
            or self._size - exporter.finished_size >= _MOST_WAITING
        ):
            self._drop(exporter)
            return
        self._lines += 1
        self._size += len(body)
        run = self._runs.get(line.run)
        attributes: dict[str, str | int]
        if run:
            _, context, identity = run
            attributes = {**identity}
        else:
            context = _WITHOUT_SPAN
            attributes = {"xgodo.run.id": _clean(line.run), "xgodo.device.name": _clean(line.device)}
        if line.source:
            attributes["code.file.path"] = _clean(line.source["file"])
            attributes["code.line.number"] = line.source["line"]
        observed = _nanoseconds(line.time)
        said = line.timestamp * 1_000_000
        self._logger.emit(
            # A clock that is not set says nothing that a collector could make sense of.
            timestamp=said if 0 < said <= _LATEST else observed,
            observed_timestamp=observed,
            context=context,
            severity_number=_SEVERITIES.get(line.level, SeverityNumber.INFO),
            severity_text=_clean(line.level),
            body=body,
            attributes=attributes,
        )

    def end(self, end: Exit) -> None:
        """End the run's span."""
        run = self._runs.pop(end.run, None)
        if run is None:
            return
        span = run[0]
        span.set_attribute("xgodo.run.status", end.status)
        at = _nanoseconds(end.time)
        error = _clean(end.error or "")
        if end.status in _ENDED_BADLY:
            span.set_status(StatusCode.ERROR, error or None)
        elif end.status == "success":
            span.set_status(StatusCode.OK)
        if end.status == "failed" and error:
            message, _, stack = error.partition("\n")
            about = {"exception.message": message, **({"exception.stacktrace": error} if stack else {})}
            span.add_event("exception", about, at)
        span.end(at)

    def close(self) -> None:
        """Send what waits, and end the threads. Blocks; once ``break_off`` was called, not for long."""
        # Their end is not known, and that they have one now is only our own view of them.
        while self._runs:
            self._runs.popitem()[1][0].end()
        for session in self._sessions:
            session.end_soon()
        # Together: the one must not take the other's time.
        threads = [
            threading.Thread(target=provider.shutdown, name="telemetry-closing", daemon=True)
            for provider in self._providers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._said_by_sdk.leave()

    def break_off(self) -> None:
        """Give up what is not sent yet, which is then told as lost."""
        for session in self._sessions:
            session.break_off()
        for exporter in self._exporters:
            # Wakes it where it waits for its next attempt.
            exporter.shutdown()

    def _session(self, address: str) -> BreakableSession:
        self._sessions.append(BreakableSession(address))
        return self._sessions[-1]

    def _lost(self, address: str, session: BreakableSession) -> None:
        if self._failed.is_set():
            return
        self._failed.set()
        to = otlp_addresses.shown(address)
        why = session.trouble or "OpenTelemetry could not send it"
        self._tell(f"Not all telemetry reaches {to}: {why}. {session.way_out}".rstrip())

    def _drop(self, exporter: _LogExporter) -> None:
        # A collector that fails is the cause of both, and was told then.
        if not self._fell_behind and not self._failed.is_set():
            self._tell(
                f"{otlp_addresses.shown(exporter.address)} takes lines slower than they come: "
                "those that there is no room for are not sent. (`xgodo-dev logs` has them all.)"
            )
        self._fell_behind = True


class _LogExporter(OTLPLogExporter):
    def __init__(
        self, address: str, session: BreakableSession, lost: Callable[[str, BreakableSession], None]
    ) -> None:
        super().__init__(endpoint=address, session=session)
        self.address = address
        self.finished_lines = 0
        self.finished_size = 0
        self._session = session
        self._lost = lost
        self._is_shut_down = False

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        outcome = LogRecordExportResult.SUCCESS
        for part, size in _parts(batch):
            result = super().export(part)
            if result is not LogRecordExportResult.SUCCESS:
                outcome = result
                self._lost(self.address, self._session)
            self.finished_lines += len(part)
            self.finished_size += size
        return outcome

    def shutdown(self) -> None:
        # The SDK does so again at the end, and would complain.
        if not self._is_shut_down:
            self._is_shut_down = True
            super().shutdown()  # type: ignore[no-untyped-call]


class _SpanExporter(OTLPSpanExporter):
    def __init__(
        self, address: str, session: BreakableSession, lost: Callable[[str, BreakableSession], None]
    ) -> None:
        super().__init__(endpoint=address, session=session)
        self.address = address
        self._session = session
        self._lost = lost
        self._is_shut_down = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = super().export(spans)
        if result is not SpanExportResult.SUCCESS:
            self._lost(self.address, self._session)
        return result

    def shutdown(self) -> None:
        # The SDK does so again at the end, and would complain.
        if not self._is_shut_down:
            self._is_shut_down = True
            super().shutdown()  # type: ignore[no-untyped-call]


class _SdkRemarks(logging.Handler):
    """Takes what the SDK logs, so that it is not printed, and keeps what it finds odd in its settings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._remarks: list[str] | None = []
        for name in _TALKATIVE:
            logging.getLogger(name).addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if self._remarks is None:
            return
        if record.name == "opentelemetry.util.re":
            # Its own text repeats the header, which may be a password.
            self._remarks.append("a header of OTEL_EXPORTER_OTLP_HEADERS can't be read: write NAME=VALUE.")
        else:
            self._remarks.append(record.getMessage().partition("\n")[0])

    def so_far(self) -> list[str]:
        """Each of them once. What comes later is about deliveries, whose results are looked at instead."""
        remarks, self._remarks = self._remarks or [], None
        return list(dict.fromkeys(remarks))

    def leave(self) -> None:
        for name in _TALKATIVE:
            logging.getLogger(name).removeHandler(self)


def _parts(batch: Sequence[ReadableLogRecord]) -> Iterator[tuple[Sequence[ReadableLogRecord], int]]:
    """The batch in requests that a collector takes, and the size of each."""
    part: list[ReadableLogRecord] = []
    size = 0
    for record in batch:
        length = len(str(record.log_record.body))
        if part and size + length > _LARGEST_REQUEST:
            yield part, size
            part, size = [], 0
        part.append(record)
        size += length
    if part:
        yield part, size


def _clean(text: str) -> str:
    """The text as UTF-8 can hold it: JavaScript has half characters, and one would cost a whole batch."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _nanoseconds(seconds: float) -> int:
    return min(max(int(seconds * 1e9), 0), _LATEST)
