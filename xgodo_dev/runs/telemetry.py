"""Run logs and run spans for a collector of OpenTelemetry: ``run --otlp URL``, or its standard variables."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from xgodo_dev.runs.events import Event, Exit, Launch, Log, Notice
from xgodo_dev.runs.otlp_addresses import addresses

if TYPE_CHECKING:
    from xgodo_dev.runs.otlp_export import OtlpExport

_FLUSHING_DEADLINE = 5.0
# Breaking off takes milliseconds, unless a name is being looked up: then the thread ends a little later.
_BREAKING_OFF_DEADLINE = 1.0
_BETWEEN_ATTEMPTS = 0.05


class Telemetry:
    """Sends runs to a collector, beside them: nothing that is wrong with it holds up or ends a run.

    Each run is a trace of one span, and each of its lines a log record in that span. Use as an async
    context manager. Entering loads OpenTelemetry's SDK, which takes some 0.2 s. Leaving sends what waits,
    for at most about 5 s. What could not be delivered is said through ``say``, once, from the event loop's
    thread; once more, where lines come faster than they can be sent.

    ``take`` costs some 15 to 20 µs a line, and another 30 µs are spent on it in the SDK's thread. At most
    32,768 lines wait (``OTEL_BLRP_MAX_QUEUE_SIZE`` sets another number), or 64 million characters.

    Args:
        endpoint: the collector's base URL, to which ``/v1/logs`` and ``/v1/traces`` are added. None: the
            standard variables decide, as ``otlp_addresses.addresses`` says. Either way they also give
            headers, timeout, compression, certificates, the service's name and attributes of the resource.
            Only OTLP over HTTP is spoken: what is declared to be for gRPC is said not to be sent.
        project: the project's name.

    Raises:
        UsageError: ``endpoint`` is no base URL; names the option ``--otlp``.
        ConfigurationError: an address in the environment is none, or, on entering, another setting there
            can't be used.
    """

    def __init__(self, endpoint: str | None, *, project: str, say: Callable[[Event], None]) -> None:
        self._addresses = addresses(endpoint, os.environ)
        self._project = project
        self._say = say
        self._export: OtlpExport | None = None
        # Filled from any thread, emptied by the event loop's.
        self._to_say: deque[str] = deque(self._addresses.remarks)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Telemetry:
        self._loop = asyncio.get_running_loop()
        if self._addresses.logs or self._addresses.traces:
            # Here, because it is a sixth of a second's work that only those pay who asked for it.
            from xgodo_dev.runs.otlp_export import OtlpExport

            self._export = OtlpExport(self._addresses, self._project, self._tell)
        self._say_what_is_new()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        export, self._export = self._export, None
        if export is not None:
            try:
                await _closed(export)
            finally:
                self._say_what_is_new()

    def take(self, event: Event) -> None:
        """Send what a run reports; other events are none of its business. Never waits and never fails."""
        if self._export is None:
            return
        if isinstance(event, Log):
            self._export.line(event)
        elif isinstance(event, Launch):
            self._export.begin(event)
        elif isinstance(event, Exit):
            self._export.end(event)

    def _tell(self, message: str) -> None:
        self._to_say.append(message)
        assert self._loop is not None, "it is set on entering"
        # The loop is closed where nobody waited for the last thread, and nobody listens any more.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._say_what_is_new)

    def _say_what_is_new(self) -> None:
        while self._to_say:
            self._say(Notice(message=self._to_say.popleft()))


async def _closed(export: OtlpExport) -> None:
    """Close it within the deadlines, in a thread, for the SDK waits for its own."""
    loop = asyncio.get_running_loop()
    finished = asyncio.Event()

    def close() -> None:
        try:
            export.close()
        finally:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(finished.set)

    thread = threading.Thread(target=close, name="telemetry-closing", daemon=True)
    thread.start()
    try:
        ended = await _within(_FLUSHING_DEADLINE, finished)
        for _ in range(round(_BREAKING_OFF_DEADLINE / _BETWEEN_ATTEMPTS)):
            if ended:
                # It has nothing more to do.
                thread.join()
                return
            # Again and again, since a connection may just be made while it is broken off.
            export.break_off()
            ended = await _within(_BETWEEN_ATTEMPTS, finished)
    except asyncio.CancelledError:
        export.break_off()
        raise


async def _within(seconds: float, event: asyncio.Event) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
            return True
    return False
