"""What a server is asked, and how patiently it is waited for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from xgodo_dev.errors import UsageError
from xgodo_dev.platform.answers import Answer, Refusals

if TYPE_CHECKING:
    from xgodo_dev.platform.uploads import Upload

_REFUSALS = Refusals()
LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes of an answer, unpacked."""
LARGEST_ANSWER_WITH_FILE = 320 * 1024 * 1024
"""Of one with a file in it: 50 MB, each byte of which may take six as JSON."""


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for, and how often it is asked again. Times are seconds."""

    connect: float = 10
    silence: float = 60
    """Without a byte of an answer. Compiling a large project may take the server a while."""
    answer: float = 300
    """For a whole answer: a server that sends a byte now and then is never silent."""
    stream: float = 300
    """Without a byte of a stream of events, which may pause while an agent thinks."""
    transfer: float = 3600
    """For a whole file that is sent or fetched."""
    retry_pauses: tuple[float, ...] = (0.2, 0.4, 0.8, 1.6)
    """Pauses of our own before the same request is sent again, each cut by up to its half at random."""
    budget: float = 20
    """For all pauses of one request together, those included that the server asks for.

    A request with all its repetitions ends after ``answer`` (or ``transfer``) and ``budget`` at the latest.
    """


@dataclass(frozen=True)
class Request:
    """What a server is asked, and how patiently."""

    method: str
    path: str
    """Below the server's address. ``/server`` at its begin is left out where that address ends with it."""
    _: KW_ONLY
    repeatable: bool
    """Sending it twice does no more than sending it once; only then is it sent again after it may have
    reached the server."""
    query: Mapping[str, str | Sequence[str]] | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = None
    """Sent as JSON, or as the fields of a form where there is an ``upload``."""
    upload: Upload | None = None
    pausable: bool = True
    """It means the same after a pause; else it is sent now or not at all."""
    on_sent: Callable[[], None] | None = None
    """Called when the whole request has left, long before it is answered."""
    on_answer: Callable[[Answer], None] | None = None
    """Called with each whole answer, before it is known what it means."""
    refusals: Refusals = _REFUSALS
    silence: float | None = None
    """Seconds without a byte of an answer, where less than usual is to be waited for it."""
    within: float | None = None
    """Seconds for all of it, where less than usual is to be waited; what it takes until a connection is
    free does not count."""
    in_background: bool = False
    """Others are not to wait for it: it leaves some connections to them."""
    largest: int = LARGEST_ANSWER
    """How many bytes of an answer are taken, unpacked."""

    @property
    def endpoint(self) -> str:
        """Method and path."""
        return f"{self.method} {self.path}"

    def sent(self) -> dict[str, Any]:
        """Its query, headers, content and hooks, as httpx takes them; once for each attempt.

        Raises:
            UsageError: a value can't be sent as JSON.
        """
        headers = dict(self.headers)
        sent: dict[str, Any] = {
            "params": self.query,
            "headers": headers,
            "extensions": _tracing(self.on_sent),
        }
        if self.upload is not None:
            sent["data"] = dict(self.body or {})
            sent["files"] = {self.upload.part: (self.upload.name, self.upload.content())}
        elif self.body is not None:
            sent["content"] = self._encoded
            headers.setdefault("Content-Type", "application/json")
        return sent

    @cached_property
    def _encoded(self) -> bytes:
        try:
            text = json.dumps(self.body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            return text.encode("utf-8")
        except (TypeError, ValueError, RecursionError) as error:
            raise UsageError(f"A value given can't be sent as JSON: {error}.") from error


def _tracing(on_sent: Callable[[], None] | None) -> dict[str, Any]:
    """httpx's hook into a request's progress, for one moment of it."""
    if on_sent is None:
        return {}

    async def trace(event: str, _details: dict[str, Any]) -> None:
        if event.endswith("send_request_body.complete"):
            on_sent()

    return {"trace": trace}
