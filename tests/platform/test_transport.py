from __future__ import annotations

import asyncio
import gzip
import json
import socket
import time
import traceback
import tracemalloc
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scripted_server import (
    IMPATIENT,
    RESET,
    TOKEN,
    Answer,
    Request,
    ScriptedServer,
    json_answer,
    page,
    scripted_server,
)
from xgodo_dev.errors import (
    ApiError,
    AuthenticationError,
    CompileRefused,
    NoConnection,
    NotFound,
    ServerUnavailable,
    UnreachableError,
    UsageError,
    XgodoError,
)
from xgodo_dev.platform import transport as transport_module
from xgodo_dev.platform.answers import AnswerTooLarge, BodyTooLarge, PageInstead, RouteMissing
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.request import Patience
from xgodo_dev.platform.transport import Transport

CANNOT_PUT = page(404, "<pre>Cannot PUT /api/v2/automation/file/x</pre>")


async def failure(
    transport: Transport, method: str = "GET", *, repeatable: bool = True, **settings: Any
) -> XgodoError:
    """The error that a request ends with."""
    with pytest.raises(XgodoError) as raised:
        await transport.request(method, "/thing", repeatable=repeatable, **settings)
    return raised.value


async def test_a_request_carries_token_path_query_and_body(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [json_answer({"success": True, "n": 1})]
    answer = await transport.request(
        "POST", "/thing", query={"path": "a b/ü&=.ts"}, body={"text": "grüße\r\n"}, repeatable=False
    )
    (request,) = remote.requests
    assert answer == {"success": True, "n": 1}
    assert (request.method, request.path) == ("POST", "/api/v2/thing")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/json"
    assert request.query == {"path": "a b/ü&=.ts"}
    assert request.json == {"text": "grüße\r\n"}


async def test_a_server_that_takes_long_for_its_first_answer_is_told_once(
    remote: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport_module, "_SILENCE_TOLD_AFTER", 0.01)
    told = []
    silence = asyncio.Event()

    def tell() -> None:
        told.append("silent")
        silence.set()

    async def answer_when_told(_request: Request) -> Answer:
        await silence.wait()
        return json_answer({})

    remote.handler = answer_when_told
    async with Transport(remote.server, patience=IMPATIENT, on_silence=tell) as transport:
        await transport.request("GET", "/thing", repeatable=True)
        remote.latency = 0.05
        await transport.request("GET", "/thing", repeatable=True)
    assert told == ["silent"]


def packed(content: bytes, length: int) -> Answer:
    return Answer(body=gzip.compress(content)[:length], headers={"Content-Encoding": "gzip"})


async def test_an_answer_that_is_packed_is_unpacked(remote: ScriptedServer, transport: Transport) -> None:
    remote.answers = [packed(b'{"n": 1}', 100)]
    assert await transport.request("GET", "/thing", repeatable=True) == {"n": 1}
    assert remote.requests[0].headers["accept-encoding"] == "gzip"


async def test_of_an_answer_that_is_too_large_no_more_than_that_is_unpacked_and_it_is_asked_for_once(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [packed(bytes(50_000_000), 1_000_000), Answer(body=bytes(2_000_001)), json_answer({})]
    for _ in range(2):
        tracemalloc.start()
        error = await failure(transport, largest=2_000_000)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
        tracemalloc.stop()
        assert isinstance(error, AnswerTooLarge)
        assert "more than 1 MiB" in str(error)
    # The connection with the rest of it is not used again.
    assert await transport.request("GET", "/thing", repeatable=True) == {}
    assert len(remote.requests) == 3


@pytest.mark.parametrize("broken", [packed(b'{"n": 1}', 20), replace(packed(b"{}", 9), body=b"no gzip")])
async def test_an_answer_that_is_packed_wrongly_is_none(
    remote: ScriptedServer, transport: Transport, broken: Answer
) -> None:
    remote.answers = [broken, broken, json_answer({"n": 1})]
    assert await transport.request("GET", "/thing", repeatable=True) == {"n": 1}


async def test_a_path_before_the_api_is_kept(remote: ScriptedServer) -> None:
    remote.answers = [json_answer({})]
    server = replace(remote.server, api_url=remote.url + "/server")
    async with Transport(server, patience=IMPATIENT) as transport:
        await transport.request("GET", "/devices", repeatable=True)
    assert remote.calls() == ["GET /server/api/v2/devices"]


@pytest.mark.parametrize(
    ("address", "under", "path"),
    [
        ("", "", "/api/v2/thing"),
        ("", "/server", "/server/api/v2/thing"),
        ("/server", "", "/server/api/v2/thing"),
        ("/server", "/server", "/server/api/v2/thing"),
        ("/deep/server", "/server", "/deep/server/api/v2/thing"),
        ("/server/deep", "/server", "/server/deep/server/api/v2/thing"),
    ],
)
async def test_what_stands_before_the_api_is_never_doubled(
    remote: ScriptedServer, address: str, under: str, path: str
) -> None:
    remote.answers = [json_answer({}), page(404)]
    server = replace(remote.server, api_url=remote.url + address)
    async with Transport(server, patience=IMPATIENT) as transport:
        await transport.request("GET", "/thing", under=under, repeatable=True)
        error = await failure(transport, under=under)
    assert remote.calls() == [f"GET {path}"] * 2
    assert str(error).replace(" has no GET ", "") == f"{remote.url}{path}."


async def test_one_connection_carries_request_after_request(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [json_answer({"n": 1}), page(404), json_answer({"message": "no"}, 400), json_answer([])]
    await transport.request("GET", "/thing", repeatable=True)
    await failure(transport)
    await failure(transport, "POST", repeatable=False, body={"text": "x" * 100_000})
    assert await transport.request("GET", "/thing", repeatable=True) == []
    assert remote.connections_made == 1


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (json_answer({"message": "Invalid API key"}, 401), AuthenticationError, "Invalid API key"),
        (json_answer({"error": "Forbidden"}, 403), AuthenticationError, "Forbidden"),
        (page(401), AuthenticationError, "refused the token"),
        (page(403), ServerUnavailable, "no JSON"),
        (Answer(403), ServerUnavailable, "no JSON"),
        (json_answer({"success": False, "message": "No such project"}, 404), NotFound, "No such project"),
        (json_answer({"errors": [], "message": "No such project"}, 404), NotFound, "No such project"),
        (page(404), RouteMissing, "GET /api/v2/thing"),
        (page(405), RouteMissing, "GET /api/v2/thing"),
        (Answer(404), RouteMissing, "GET /api/v2/thing"),
        (Answer(405), RouteMissing, "GET /api/v2/thing"),
        (json_answer({"detail": "Method Not Allowed"}, 405), RouteMissing, "GET /api/v2/thing"),
        (json_answer({"message": "Cannot GET /api/v2/thing"}, 404), RouteMissing, "GET /api/v2/thing"),
        (json_answer("Not Found", 404), RouteMissing, "GET /api/v2/thing"),
        (json_answer({"success": False, "message": "No"}), ApiError, "No"),
        (json_answer({"success": False, "error": "Nope"}), ApiError, "Nope"),
        (json_answer({"detail": "Not so"}, 422), ApiError, "Not so"),
        (json_answer({"message": "", "error": "Second"}, 400), ApiError, "Second"),
        (json_answer({"message": "request entity too large"}, 413), BodyTooLarge, "entity too large"),
        (json_answer({"success": False, "errors": ["x"]}, 413), BodyTooLarge, "GET /api/v2/thing"),
        (page(413), BodyTooLarge, "too large"),
        (Answer(413), BodyTooLarge, "too large"),
        (json_answer({"message": {"deep": 1}}, 400), ApiError, "status 400"),
        (json_answer([1], 400), ApiError, "status 400"),
        (json_answer({"success": False, "errors": []}, 400), ApiError, "status 400"),
        (page(400), ServerUnavailable, "no JSON"),
        (page(200), PageInstead, "no JSON"),
        (page(502), ServerUnavailable, "status 502"),
        (json_answer({"message": "boom"}, 500), ServerUnavailable, "status 500"),
        (Answer(200, b'{"success": tr'), PageInstead, "no JSON"),
        (Answer(200, b"\xff\xfe\x00"), PageInstead, "no JSON"),
        (Answer(200, b"[" * 100_000), PageInstead, "no JSON"),
        (Answer(200, b"no gzip", {"Content-Encoding": "gzip"}), UnreachableError, "did not answer"),
    ],
)
async def test_each_kind_of_bad_answer_is_an_error_of_its_own(
    remote: ScriptedServer, transport: Transport, answer: Answer, kind: type[XgodoError], message: str
) -> None:
    remote.answers = [answer]
    error = await failure(transport, repeatable=False)
    assert type(error) is kind
    assert message in str(error)
    assert len(remote.requests) == 1


async def test_a_compile_refusal_brings_the_servers_own_lines(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [
        json_answer({"success": False, "message": "failed", "errors": ["Error at 5:10: x"]}, 400)
    ]
    error = await failure(transport, "PUT")
    assert isinstance(error, CompileRefused)
    assert error.errors == ("Error at 5:10: x",)


async def test_a_server_error_is_asked_again_when_that_does_no_harm(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [page(502), page(200), json_answer({"n": 1})]
    assert await transport.request("GET", "/thing", repeatable=True) == {"n": 1}
    assert len(remote.requests) == 3


@pytest.mark.parametrize("bad", [page(503), RESET, Answer(200, b'{"a": 1}', sent_bytes=3), page(200)])
async def test_a_request_that_must_not_be_repeated_is_sent_once(
    remote: ScriptedServer, transport: Transport, bad: Answer
) -> None:
    remote.answers = [bad, json_answer({})]
    assert isinstance(await failure(transport, "POST", repeatable=False), UnreachableError)
    assert len(remote.requests) == 1


@pytest.mark.parametrize("bad", [RESET, Answer(200, b'{"a": 1}', sent_bytes=3)])
async def test_a_broken_answer_is_asked_for_again(
    remote: ScriptedServer, transport: Transport, bad: Answer
) -> None:
    remote.answers = [bad, bad, json_answer({"n": 1})]
    assert await transport.request("GET", "/thing", repeatable=True) == {"n": 1}


async def test_a_server_that_stays_broken_is_given_up(remote: ScriptedServer, transport: Transport) -> None:
    remote.answers = [page(502)]
    assert isinstance(await failure(transport), ServerUnavailable)
    assert len(remote.requests) == 1 + len(IMPATIENT.retry_pauses)


async def test_an_ordinary_refusal_is_not_asked_again(remote: ScriptedServer, transport: Transport) -> None:
    remote.answers = [json_answer({"message": "no"}, 400)]
    await failure(transport)
    assert len(remote.requests) == 1


async def test_a_quota_is_waited_for_as_long_as_the_server_asks(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [json_answer({}, 429, Retry_After="0.3"), json_answer({"n": 1})]
    started = time.monotonic()
    assert await transport.request("POST", "/thing", repeatable=False) == {"n": 1}
    assert time.monotonic() - started >= 0.3


async def test_a_server_that_names_its_pause_is_asked_more_often_than_one_that_does_not(
    remote: ScriptedServer, transport: Transport
) -> None:
    busy = json_answer({}, 429, Retry_After="0.01")
    remote.answers = [busy] * 8 + [json_answer({"n": 1})]
    assert await transport.request("POST", "/thing", repeatable=False) == {"n": 1}
    assert len(remote.requests) == 9 > 1 + len(IMPATIENT.retry_pauses)


async def test_a_server_that_asks_for_pause_after_pause_is_given_up_when_the_budget_is_spent(
    remote: ScriptedServer,
) -> None:
    remote.answers = [json_answer({}, 429, Retry_After="0.05")]
    async with Transport(remote.server, patience=Patience(retry_pauses=(0.001,), budget=0.12)) as transport:
        error = await failure(transport)
    assert isinstance(error, ServerUnavailable)
    assert len(remote.requests) == 3


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "3600"},
        {"Retry-After": "Tue, 14 Nov 2023 23:13:20 GMT", "Date": "Tue, 14 Nov 2023 22:13:20 GMT"},
    ],
)
async def test_a_pause_longer_than_anybody_waits_is_told_at_once(
    remote: ScriptedServer, transport: Transport, status: int, headers: dict[str, str]
) -> None:
    remote.answers = [Answer(status, b"{}", headers)]
    error = await failure(transport)
    assert isinstance(error, ServerUnavailable)
    assert error.retry_after == 3600
    assert "for 3600 s" in error.with_hint()
    assert len(remote.requests) == 1


async def test_a_server_in_maintenance_is_asked_again_only_where_that_does_no_harm(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [Answer(503, headers={"Retry-After": "0.01"}), json_answer({"n": 1})]
    error = await failure(transport, "POST", repeatable=False)
    assert isinstance(error, ServerUnavailable)
    assert error.retry_after == 0.01
    assert await transport.request("GET", "/thing", repeatable=True) == {"n": 1}


async def test_pauses_are_spread_by_the_chance_given(remote: ScriptedServer) -> None:
    remote.answers = [page(502)]
    asked: list[float] = []

    def chance() -> float:
        asked.append(0.5)
        return 0.5

    async with Transport(remote.server, patience=IMPATIENT, random=chance) as transport:
        await failure(transport)
    assert len(asked) == len(IMPATIENT.retry_pauses)


async def test_repetitions_do_not_add_up_to_a_wait_without_end(remote: ScriptedServer) -> None:
    async def never(_: Request) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    remote.handler = never
    patience = Patience(silence=60, answer=0.1, retry_pauses=(0.01,) * 10_000, budget=0.1)
    async with Transport(remote.server, patience=patience) as transport:
        error = await failure(transport)
    assert "took too long" in str(error)
    assert len(remote.requests) <= 2


@pytest.mark.parametrize("asked", ["-5", "0"])
async def test_an_odd_retry_after_does_not_break_the_wait(
    remote: ScriptedServer, transport: Transport, asked: str
) -> None:
    remote.answers = [json_answer({}, 429, Retry_After=asked), json_answer({"n": 1})]
    assert await transport.request("GET", "/thing", repeatable=True) == {"n": 1}


async def test_a_request_that_is_no_use_later_is_not_sent_after_a_pause(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [json_answer({}, 429, Retry_After="1"), json_answer({})]
    error = await failure(transport, "PUT", repeatable=False, pausable=False)
    assert isinstance(error, ServerUnavailable)
    assert len(remote.requests) == 1


async def test_a_redirect_is_not_followed_and_the_token_stays_here(
    remote: ScriptedServer, transport: Transport
) -> None:
    async with scripted_server() as elsewhere:
        elsewhere.answers = [json_answer({"stolen": True})]
        remote.answers = [Answer(302, headers={"Location": elsewhere.url + "/api/v2/thing"})]
        error = await failure(transport)
        assert elsewhere.url in str(error)
        assert elsewhere.requests == []


async def test_a_refused_connection_is_unreachable(remote: ScriptedServer) -> None:
    with socket.socket() as unused:
        # Bound but not listening: nobody else gets the port, and a connection is refused.
        unused.bind(("127.0.0.1", 0))
        server = replace(remote.server, api_url=f"http://127.0.0.1:{unused.getsockname()[1]}")
        async with Transport(server, patience=IMPATIENT) as transport:
            error = await failure(transport, "POST", repeatable=False)
    assert type(error) is NoConnection
    assert str(error) == f"Can't reach {server.api_url}: nothing listens there."


async def test_a_silent_server_is_given_up(remote: ScriptedServer) -> None:
    async def never(_: Request) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    remote.handler = never
    async with Transport(remote.server, patience=Patience(silence=0.1, retry_pauses=())) as transport:
        error = await failure(transport)
    assert type(error) is UnreachableError
    assert "took too long" in str(error)


async def test_a_server_that_drips_its_answer_is_given_up(remote: ScriptedServer) -> None:
    remote.answers = [Answer(200, b" " * 100 + b"{}", pause_between_bytes=0.05)]
    patience = Patience(silence=5, answer=0.3, retry_pauses=())
    async with Transport(remote.server, patience=patience) as transport:
        error = await failure(transport)
    assert "took too long" in str(error)


async def test_cancelling_a_request_ends_it_at_once(remote: ScriptedServer, transport: Transport) -> None:
    arrived = asyncio.Event()

    async def never(_: Request) -> Answer:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    remote.handler = never
    task = asyncio.create_task(transport.request("GET", "/thing", repeatable=True))
    async with asyncio.timeout(60):
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(
    "answer",
    [
        json_answer({}, 401),
        page(404),
        page(502),
        RESET,
        json_answer({"message": f"bad Bearer {TOKEN}", "errors": [TOKEN]}, 400),
        Answer(302, headers={"Location": f"/login?token={TOKEN}"}),
    ],
)
async def test_the_token_is_in_no_error(remote: ScriptedServer, transport: Transport, answer: Answer) -> None:
    remote.answers = [answer]
    error = await failure(transport)
    shown = "".join(traceback.format_exception(error)) + str(error.hint) + repr(error)
    assert TOKEN not in shown
    assert TOKEN not in repr(remote.server)


@pytest.mark.parametrize("token", ["two\nlines", "ümlaut", "nul\0"])
def test_a_token_that_no_header_can_carry_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(AuthenticationError) as raised:
        Transport(Server(profile="p", api_url="http://127.0.0.1:1", remote="r", token=token))
    assert token not in "".join(traceback.format_exception(raised.value))


def test_nobody_signed_in_is_said_before_anything_is_sent() -> None:
    with pytest.raises(AuthenticationError):
        Transport(Server(profile="p", api_url="http://127.0.0.1:1", remote="r"))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}, "half \ud83d"])
async def test_a_value_that_json_lacks_is_a_usage_error(
    remote: ScriptedServer, transport: Transport, value: object
) -> None:
    error = await failure(transport, "POST", body={"value": value})
    assert type(error) is UsageError
    assert remote.requests == []


async def test_of_the_servers_words_a_beginning_is_passed_on(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [json_answer({"success": False, "message": "no way " * 20_000}, 400)]
    with pytest.raises(ApiError) as refused:
        await transport.request("GET", "/devices", repeatable=True)
    assert str(refused.value).startswith("no way no way")
    assert str(refused.value).endswith(" no…")
    assert len(str(refused.value)) <= 301


async def test_half_a_character_in_the_servers_words_can_be_printed(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [Answer(400, b'{"message": "cut \\ud83d"}')]
    str(await failure(transport)).encode("utf-8")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["success", "message", "error", "errors", "detail"]) | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    status=st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 405, 409, 413, 422, 500, 503]),
    content=json_values,
    cut=st.integers(0, 40) | st.none(),
)
def test_whatever_the_wire_brings_is_a_result_or_a_typed_error(
    status: int, content: object, cut: int | None
) -> None:
    body = json.dumps(content).encode()

    async def ask() -> object:
        async with scripted_server() as remote:
            remote.answers = [Answer(status, body[:cut])]
            async with Transport(remote.server, patience=IMPATIENT) as transport:
                return await transport.request("GET", "/thing", repeatable=False)

    try:
        result = asyncio.run(ask())
    except XgodoError as error:
        str(error).encode("utf-8")
    else:
        assert status < 300
        assert not (isinstance(result, dict) and result.get("success") is False)
