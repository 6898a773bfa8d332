"""The HTTP session that OpenTelemetry's SDK sends with: it can be broken off, and tells what went wrong.

The SDK itself has neither: a request of it that hangs keeps a thread for as long as its timeout, what went
wrong is only logged, and an answer that redirects elsewhere or rejects a part counts as a success.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import weakref
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import requests
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError

from xgodo_dev.runs import otlp_addresses

# Nobody can break off a connection that is not made yet, so it has to give up within the deadline of leaving.
_LONGEST_CONNECTING = 3.0
_LONGEST_REASON = 200
_PORT_OF_GRPC = 4317


class NotDelivered(requests.RequestException):
    """What was sent did not arrive, and sending it again makes no sense. The message says why."""


class BreakableSession(requests.Session):
    """Sends to one address. Requests are made in one thread; all else may come from any other.

    Attributes:
        trouble: why the newest request failed, as the end of a sentence; empty: it did not.
        way_out: what to do about it, as a sentence; empty where there is nothing in particular.
    """

    def __init__(self, address: str) -> None:
        super().__init__()
        self.trouble = ""
        self.way_out = ""
        self._address = address
        self._is_ending = threading.Event()
        self._is_broken_off = threading.Event()
        # Of the SDK's thread and of the one that breaks off; the lock guards the set.
        self._connections: weakref.WeakSet[Any] = weakref.WeakSet()
        self._lock = threading.Lock()
        if otlp_addresses.is_of_this_machine(address):
            self.trust_env = False
        for scheme in ("http://", "https://"):
            self.mount(scheme, _TrackingAdapter(self))

    def end_soon(self) -> None:
        """From now on, a collector that can't be connected to is not waited for."""
        self._is_ending.set()

    def break_off(self) -> None:
        """End the request that is under way, and refuse every further one."""
        self._is_broken_off.set()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            if connection.sock is not None:
                # Closing would not wake the thread that reads from it.
                with contextlib.suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def made(self, connection: Any) -> None:
        """Keep a connection in view for as long as it lives."""
        with self._lock:
            self._connections.add(connection)

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """As ``requests`` has it.

        Raises:
            NotDelivered: it is not to be tried again.
            RequestException: any other failure; the SDK decides.
        """
        if self._is_broken_off.is_set():
            # Keeps the reason of the failure that came before, which says more.
            self._fail(self.trouble or "it did not answer in time", self.way_out)
        timeout = kwargs.get("timeout")
        if isinstance(timeout, int | float):
            kwargs["timeout"] = (min(timeout, _LONGEST_CONNECTING), timeout)
        try:
            response = super().request(*args, **kwargs)
        except Exception as error:
            if self._is_broken_off.is_set():
                self._fail("it did not answer in time", "")
            self.trouble, self.way_out = _told(error, self._address)
            if self._is_ending.is_set() and _could_not_connect(error):
                raise NotDelivered(self.trouble) from error
            raise
        status = response.status_code
        if 300 <= status < 400:
            self._fail(
                f"it answered {_status(status)}", "Give the address that it redirects to: it is not followed."
            )
        if status < 300:
            rejected = _rejected(response)
            if rejected is not None:
                self._fail(f"it rejected some of them{rejected}", "")
            self.trouble, self.way_out = "", ""
        else:
            self.trouble, self.way_out = f"it answered {_status(status)}", _way_out(status)
        return response

    def _fail(self, trouble: str, way_out: str) -> None:
        self.trouble, self.way_out = trouble, way_out
        raise NotDelivered(trouble)


class _TrackingAdapter(HTTPAdapter):
    def __init__(self, session: BreakableSession) -> None:
        self._session = weakref.ref(session)
        super().__init__()

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: Any,
        proxies: Any = None,
        cert: Any = None,
    ) -> Any:
        pool: Any = super().get_connection_with_tls_context(request, verify, proxies, cert)
        if not isinstance(pool.ConnectionCls, _Tracked):
            pool.ConnectionCls = _Tracked(pool.ConnectionCls, self._session)
        return pool


class _Tracked:
    """Makes connections as the class does, in view of the session."""

    def __init__(self, connection_class: Any, session: weakref.ref[BreakableSession]) -> None:
        self._class = connection_class
        self._session = session

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        connection = self._class(*args, **kwargs)
        session = self._session()
        if session is not None:
            session.made(connection)
        return connection

    def __getattr__(self, name: str) -> Any:
        # The pool asks the class for its defaults.
        return getattr(self._class, name)


def _told(error: Exception, address: str) -> tuple[str, str]:
    """What went wrong and the way out. Texts of ``requests`` may repeat headers and passwords: not theirs."""
    is_collector_there = f"Is a collector running there? {_port_remark(address)}".rstrip()
    causes = list(_causes(error))
    if any(isinstance(each, NameResolutionError | socket.gaierror) for each in causes):
        return "its host is not known", "Is the name right, and is there a network?"
    if isinstance(error, requests.exceptions.SSLError):
        return (
            "its certificate is not trusted, or it does not speak TLS",
            "OTEL_EXPORTER_OTLP_CERTIFICATE names the file of an authority of your own.",
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return "the proxy did not let it through", "NO_PROXY names hosts that need none."
    if isinstance(error, requests.ConnectTimeout):
        return "it can't be reached", is_collector_there
    if isinstance(error, requests.Timeout):
        return "it did not answer in time", ""
    for each in causes:
        if isinstance(each, OSError) and each.strerror and not isinstance(each, requests.RequestException):
            return f"it can't be reached ({each.strerror})", is_collector_there
    if isinstance(error, requests.ConnectionError):
        return "the connection broke", is_collector_there
    if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
        # Such as a file of certificates that is not there.
        return str(error).splitlines()[0] if str(error) else type(error).__name__, ""
    return type(error).__name__, "Look at the OTEL_… variables of your environment."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it came from, as ``urllib3`` and ``requests`` nest them."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        inner = [each for each in error.args if isinstance(each, BaseException)]
        error = getattr(error, "reason", None) if isinstance(error, HTTPError) else None
        error = error or (inner[0] if inner else None) or seen[-1].__cause__ or seen[-1].__context__


def _could_not_connect(error: Exception) -> bool:
    never = (requests.ConnectTimeout, requests.exceptions.SSLError, requests.exceptions.ProxyError)
    return isinstance(error, never) or any(isinstance(each, NewConnectionError) for each in _causes(error))


def _rejected(response: requests.Response) -> str | None:
    """Why the collector rejected a part of what it took, as far as it says; None: it did not."""
    if not response.content or "protobuf" not in response.headers.get("Content-Type", ""):
        return None
    try:
        # On the wire, the answer for spans is the same.
        partly = ExportLogsServiceResponse.FromString(response.content).partial_success
    except DecodeError:
        return None
    if partly.rejected_log_records <= 0:
        return None
    message = " ".join(partly.error_message.split())[:_LONGEST_REASON]
    return f" ({message})" if message.isprintable() and message else ""


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _way_out(status: int) -> str:
    match status:
        case 401 | 403:
            return "Its access goes into OTEL_EXPORTER_OTLP_HEADERS, such as Authorization=Bearer%20TOKEN."
        case 404 | 405:
            return "Is it an OTLP/HTTP collector that takes these? (Without a path, its base URL will do.)"
        case 429 | 502 | 503 | 504:
            return "It is overloaded or down, and was asked again for a while."
        case _ if status >= 500:
            return "What is wrong there, its own log says."
    return "Why it refuses them, its own log says."


def _port_remark(address: str) -> str:
    return (
        f"Port {_PORT_OF_GRPC} is mostly gRPC's: OTLP over HTTP has 4318."
        if f":{_PORT_OF_GRPC}" in otlp_addresses.shown(address)
        else ""
    )
