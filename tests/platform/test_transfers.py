"""Files sent and fetched, and streams of events, as far as a misbehaving server lets them."""

from __future__ import annotations

import asyncio
import io
import json
import os
from contextlib import aclosing
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scripted_server import IMPATIENT, RESET, Answer, ScriptedServer, json_answer, page, scripted_server
from tests.scripted_server import Request as Received
from xgodo_dev.errors import ApiError, NotFound, ServerUnavailable, UnreachableError, UsageError, XgodoError
from xgodo_dev.platform import event_stream
from xgodo_dev.platform.answers import AnswerTooLarge, PageInstead
from xgodo_dev.platform.request import Patience, Request
from xgodo_dev.platform.transport import Transport
from xgodo_dev.platform.uploads import FileToSend, opened

CONTENT = os.urandom(200_000)
EVENTS = b"id: 0\nevent: a\ndata: one\n\n: still there\n\nid: 1\ndata: two\ndata: lines\n\n"


async def sent(
    transport: Transport, file: FileToSend, *, largest: int | None = None, progress: Any = None
) -> Any:
    async with opened("file", file, largest=largest, progress=progress) as upload:
        return await transport.send(Request("POST", "/upload", repeatable=False, upload=upload))


def form(remote: ScriptedServer) -> tuple[str | None, bytes]:
    """Name and content of the one file that the last request has."""
    request = remote.requests[-1]
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    (part,) = message_from_bytes(head + request.body).get_payload()  # type: ignore[misc,union-attr]
    content = part.get_payload(decode=True)  # type: ignore[union-attr]
    assert isinstance(content, bytes)
    return part.get_filename(), content  # type: ignore[union-attr]


async def test_a_file_is_sent_as_part_of_a_form_and_tells_how_far_it_is(
    remote: ScriptedServer, transport: Transport, tmp_path: Path
) -> None:
    remote.answers = [json_answer({"success": True})]
    file = tmp_path / 'naïve "name".bin'
    file.write_bytes(CONTENT)
    told: list[tuple[int, int | None]] = []
    assert await sent(transport, file, progress=lambda *each: told.append(each)) == {"success": True}
    assert form(remote)[1] == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in told] == sorted({done for done, _ in told})


async def test_an_open_file_is_sent_from_where_it_stands_and_stays_open(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [json_answer({})]
    file = io.BytesIO(b"before" + CONTENT)
    file.seek(6)
    await sent(transport, file)
    assert form(remote) == ("file", CONTENT)
    assert not file.closed


async def test_what_comes_through_a_pipe_is_sent_too(remote: ScriptedServer, transport: Transport) -> None:
    remote.answers = [json_answer({})]
    for as_path in (False, True):
        reading, writing = os.pipe()
        os.write(writing, b"piped")
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            await sent(transport, f"/dev/fd/{reading}" if as_path else pipe, largest=100)
        assert form(remote)[1] == b"piped"


async def test_what_comes_through_a_pipe_is_sent_when_all_of_it_is_there(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [json_answer({})]
    reading, writing = os.pipe()
    os.write(writing, b"first, ")
    with os.fdopen(reading, "rb", buffering=0) as pipe:
        sending = asyncio.create_task(sent(transport, pipe, largest=100))
        await asyncio.sleep(0)
        os.write(writing, b"second")
        os.close(writing)
        await sending
    assert form(remote)[1] == b"first, second"


async def test_a_pipe_that_says_nothing_holds_up_nobody(transport: Transport) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as pipe, os.fdopen(writing, "wb"):
        for file in (pipe, f"/dev/fd/{reading}"):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await sent(transport, file, largest=100)
        os.set_blocking(reading, False)
        with pytest.raises(UsageError, match="can't be read"):
            await sent(transport, pipe, largest=100)


async def test_a_file_that_is_too_large_or_not_there_is_refused_before_anything_is_sent(
    remote: ScriptedServer, transport: Transport, tmp_path: Path
) -> None:
    for file in (io.BytesIO(CONTENT), tmp_path / "missing"):
        with pytest.raises(UsageError):
            await sent(transport, file, largest=len(CONTENT) - 1)
    assert remote.requests == []


async def test_of_a_file_that_grows_meanwhile_is_sent_what_it_was(
    remote: ScriptedServer, transport: Transport, tmp_path: Path
) -> None:
    remote.answers = [json_answer({})]
    file = tmp_path / "growing"
    file.write_bytes(CONTENT)

    def grow(*_: object) -> None:
        with file.open("ab") as end:
            end.write(b"more")

    await sent(transport, file, progress=grow)
    assert form(remote)[1] == CONTENT


async def test_a_file_that_shrinks_meanwhile_is_no_upload(
    remote: ScriptedServer, transport: Transport, tmp_path: Path
) -> None:
    remote.answers = [json_answer({})]
    file = tmp_path / "shrinking"
    file.write_bytes(CONTENT)
    with pytest.raises(UsageError):
        await sent(transport, file, progress=lambda *_: os.truncate(file, 10))


async def test_an_upload_that_is_told_to_wait_is_sent_again_from_its_beginning(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [json_answer({}, 429, Retry_After="0.01"), json_answer({})]
    await sent(transport, io.BytesIO(CONTENT))
    assert len(remote.requests) == 2
    assert form(remote)[1] == CONTENT


FETCH = Request("GET", "/file", repeatable=True)


async def test_a_fetched_file_is_whole_at_its_place_whatever_was_there(
    remote: ScriptedServer, transport: Transport, tmp_path: Path
) -> None:
    broken = Answer(200, CONTENT, sent_bytes=1000)
    remote.answers = [broken, page(502), Answer(200, CONTENT, {"Content-Type": "image/png"})]
    target = tmp_path / "file"
    target.write_bytes(b"older")
    told: list[tuple[int, int | None]] = []
    written = await transport.download(FETCH, target, progress=lambda *each: told.append(each))
    assert (written.path, written.size, written.content_type) == (target, len(CONTENT), "image/png")
    assert target.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (json_answer({"success": False, "message": "File not found or expired"}, 404), NotFound),
        (Answer(200, CONTENT[:2000], sent_bytes=1000), UnreachableError),
        (RESET, UnreachableError),
        (Answer(200, CONTENT), AnswerTooLarge),
        (Answer(200, CONTENT, {"Content-Encoding": "x-unknown"}), AnswerTooLarge),
        (Answer(200, b"x", {"Content-Length": "1000000"}, sent_bytes=1), AnswerTooLarge),
    ],
)
async def test_what_can_not_be_fetched_leaves_nothing_behind_and_the_older_file_alone(
    remote: ScriptedServer, transport: Transport, tmp_path: Path, answer: Answer, kind: type[XgodoError]
) -> None:
    remote.answers = [answer]
    target = tmp_path / "file"
    target.write_bytes(b"older")
    with pytest.raises(kind) as raised:
        await transport.download(replace(FETCH, largest=len(CONTENT) - 1), target)
    assert type(raised.value) is kind
    assert target.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [target]


async def test_a_fetched_file_that_can_not_be_written_is_said(
    remote: ScriptedServer, transport: Transport, tmp_path: Path
) -> None:
    remote.answers = [Answer(200, CONTENT)]
    folder, file = tmp_path / "folder", tmp_path / "file"
    folder.mkdir()
    file.touch()
    for target in (tmp_path / "missing" / "file", folder, file / "below"):
        with pytest.raises(UsageError):
            await transport.download(FETCH, target)
    assert {*tmp_path.iterdir()} == {folder, file}


STREAM = Request("GET", "/events", repeatable=True)


def streamed(body: bytes, **how: Any) -> Answer:
    return Answer(200, body, {"Content-Type": "text/event-stream; charset=utf-8"}, **how)


async def told(transport: Transport, request: Request = STREAM) -> list[tuple[str, str, str]]:
    return [(each.id, each.event, each.data) async for each in transport.events(request)]


async def test_events_are_told_one_by_one(remote: ScriptedServer, transport: Transport) -> None:
    remote.answers = [page(502), RESET, streamed(EVENTS)]
    assert await told(transport) == [("0", "a", "one"), ("1", "message", "two\nlines")]


async def test_only_silence_ends_a_stream_before_the_server_does(remote: ScriptedServer) -> None:
    remote.answers = [streamed(EVENTS, pause_between_bytes=0.002)]
    patience = Patience(answer=0.05, stream=5, retry_pauses=())
    async with Transport(remote.server, patience=patience) as transport:
        assert len(await told(transport)) == 2
    remote.answers = [streamed(EVENTS, pause_between_bytes=60)]
    async with Transport(remote.server, patience=Patience(stream=0.05, retry_pauses=())) as transport:
        with pytest.raises(UnreachableError, match="took too long"):
            await told(transport)


async def test_a_stream_that_breaks_off_is_said_and_not_asked_for_again(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [streamed(EVENTS, sent_bytes=len(EVENTS) - 3)]
    events = transport.events(STREAM)
    assert (await anext(events)).data == "one"
    with pytest.raises(UnreachableError, match="broke off"):
        await anext(events)
    assert len(remote.requests) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (json_answer({"detail": "No such task"}, 404), NotFound),
        (json_answer({"detail": "ended"}, 409), ApiError),
        (json_answer({}), PageInstead),
        (page(503), ServerUnavailable),
    ],
)
async def test_an_answer_that_is_no_stream_is_an_error_of_its_own(
    remote: ScriptedServer, transport: Transport, answer: Answer, kind: type[XgodoError]
) -> None:
    remote.answers = [answer]
    with pytest.raises(kind) as raised:
        await told(transport)
    assert type(raised.value) is kind


async def test_an_event_without_end_is_not_read_to_its_end(
    remote: ScriptedServer, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "LARGEST_EVENT", 100_000)
    remote.answers = [streamed(EVENTS + b"data: " + b"x" * 1_000_000)]
    with pytest.raises(AnswerTooLarge):
        await told(transport)


@pytest.mark.parametrize("pause", [0, 0.0001])
async def test_many_small_events_are_not_taken_for_a_large_one_however_they_are_cut(
    remote: ScriptedServer, transport: Transport, monkeypatch: pytest.MonkeyPatch, pause: float
) -> None:
    monkeypatch.setattr(event_stream, "LARGEST_EVENT", 100)
    remote.answers = [streamed(b"data: 12345\r\n\r\n" * 30, pause_between_bytes=pause)]
    assert len(await told(transport)) == 30


async def test_streams_keep_nobody_else_from_asking(remote: ScriptedServer, transport: Transport) -> None:
    all_begun = asyncio.Event()

    async def answer(request: Received) -> Answer:
        if request.path != STREAM.path:
            return json_answer({"n": 1})
        if len(remote.requests) == len(streams):
            all_begun.set()
        return streamed(EVENTS, pause_between_bytes=60)

    remote.handler = answer
    streams = [asyncio.create_task(told(transport)) for _ in range(40)]
    async with asyncio.timeout(60):
        await all_begun.wait()
        assert await transport.request("GET", "/thing", repeatable=True) == {"n": 1}
    for stream in streams:
        stream.cancel()
    await asyncio.gather(*streams, return_exceptions=True)


async def test_a_slow_upload_has_more_time_than_another_request(remote: ScriptedServer) -> None:
    remote.latency = 0.2
    remote.answers = [json_answer({})]
    patience = Patience(answer=0.05, budget=0.01, transfer=20, retry_pauses=())
    async with Transport(remote.server, patience=patience) as transport:
        await sent(transport, io.BytesIO(CONTENT))
        with pytest.raises(UnreachableError):
            await transport.request("GET", "/thing", repeatable=True)


async def test_who_stops_listening_gives_the_connection_back(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [streamed(EVENTS * 1000)]
    for _ in range(33):
        async with aclosing(transport.events(STREAM)) as events:
            async for _event in events:
                break
    remote.answers = [json_answer({})]
    async with asyncio.timeout(60):
        await transport.request("GET", "/thing", repeatable=True)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=9), max_size=4),
    newline=st.sampled_from(["\n", "\r", "\r\n"]),
    drip=st.booleans(),
)
def test_events_are_the_same_however_they_are_cut_and_ended(
    texts: list[str], newline: str, drip: bool
) -> None:
    body = "".join(f"data: {json.dumps(text)}{newline * 2}" for text in texts).encode()

    async def ask() -> list[str]:
        async with scripted_server() as remote:
            remote.answers = [streamed(body, pause_between_bytes=0.0001 if drip else 0)]
            async with Transport(remote.server, patience=IMPATIENT) as transport:
                return [json.loads(data) for _, _, data in await told(transport)]

    assert asyncio.run(ask()) == texts
