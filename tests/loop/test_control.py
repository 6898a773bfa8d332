"""The daemon's socket, with a real one: what is told there, to whom, and what hostile input does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xgodo_dev.errors import RefusedError
from xgodo_dev.loop import control, control_client, control_place
from xgodo_dev.loop.control import MOST_BYTES, Conversation, Inputs, Request
from xgodo_dev.loop.control_client import ToldError, is_token, shown_token
from xgodo_dev.loop.control_place import Busy, NoDaemon
from xgodo_dev.loop.event_lines import event_of
from xgodo_dev.project.watch_lock import Holder
from xgodo_dev.runs.events import Log, Notice

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="speaks to the socket as Unix has it")
DEADLINE = 30


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".xgodo").mkdir()
    return tmp_path


class Answers:
    """Answers requests, and has the conversations that go on."""

    def __init__(self) -> None:
        self.listeners: list[Conversation] = []
        self.broken_off = 0
        self.came = asyncio.Event()

    async def __call__(self, request: Request, conversation: Conversation, inputs: Inputs) -> None:
        match request.get("do"):
            case "listen":
                self.listeners.append(conversation)
                self.came.set()
                try:
                    async for asked in inputs:
                        conversation.say(heard=asked)
                finally:
                    self.broken_off += 1
            case "refuse":
                raise RefusedError("No.", hint="Yes.")
            case "dawdle":
                raise TimeoutError
            case _:
                conversation.say(done={"asked": request.get("do")})


@asynccontextmanager
async def daemon(root: Path) -> AsyncIterator[tuple[Answers, Holder]]:
    answers = Answers()
    async with asyncio.timeout(DEADLINE), control.listening(root, answers) as place:
        yield answers, Holder(pid=os.getpid(), kind="daemon", socket=place)


def line(message: str) -> Log:
    return Log(run="r", device="d", id="i", level="log", message=message, source=None, timestamp=1)


async def test_it_answers_in_a_place_that_is_its_users_alone_and_leaves_nothing_there(root: Path) -> None:
    threads = threading.active_count()
    async with daemon(root) as (_, holder):
        assert await control_client.ask(root, holder, "status") == {"asked": "status"}
        place = Path(holder.socket or "")
        assert place.stat().st_mode & 0o777 == 0o600
        assert place.parent.stat().st_mode & 0o777 == 0o700
    assert not place.exists()
    assert threading.active_count() == threads
    with pytest.raises(NoDaemon):
        await control_client.ask(root, holder, "status")


async def test_a_socket_that_a_killed_daemon_left_is_replaced(root: Path) -> None:
    async with daemon(root) as (_, holder):
        place = holder.socket
    assert place
    (root / "brought.sock").touch()
    assert not control_place.is_left(root, place)
    assert not control_place.is_left(root, str(root / "brought.sock"))
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(place)
    assert control_place.is_left(root, place)
    async with daemon(root) as (_, holder):
        assert holder.socket == place
        assert await control_client.ask(root, holder, "status") == {"asked": "status"}


async def test_a_daemon_that_ends_leaves_the_socket_of_the_one_that_came_after_it(root: Path) -> None:
    async with AsyncExitStack() as first:
        await first.enter_async_context(daemon(root))
        async with daemon(root) as (_, holder):
            await first.aclose()
            assert await control_client.ask(root, holder, "status") == {"asked": "status"}


async def test_what_somebody_made_in_the_folder_for_all_keeps_no_daemon_from_being_spoken_to(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(root))
    for name in ("runtime", "xgodo-dev"):
        (root / f"{name}-{os.getuid()}").write_bytes(b"")
    async with daemon(root) as (_, holder):
        assert await control_client.ask(root, holder, "status")


async def test_a_folder_that_is_too_deep_for_a_socket_has_one_elsewhere(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(root / ("d" * 100)))
    async with daemon(root) as (_, holder):
        assert len(holder.socket or "") <= 103
        assert await control_client.ask(root, holder, "status")


async def test_an_error_keeps_its_kind_its_exit_code_and_its_way_out(root: Path) -> None:
    async with daemon(root) as (_, holder):
        with pytest.raises(ToldError) as raised:
            await control_client.ask(root, holder, "refuse")
    error = raised.value
    assert (str(error), error.code, error.exit_code, error.hint) == ("No.", "refused", 3, "Yes.")


async def test_what_takes_too_long_does_not_pass_for_the_end_of_the_daemon(root: Path) -> None:
    async with daemon(root) as (_, holder):
        with pytest.raises(ToldError, match="too long"):
            await control_client.ask(root, holder, "dawdle")


async def test_a_conversation_goes_on_in_both_directions_until_one_leaves(root: Path) -> None:
    async with daemon(root) as (answers, holder):
        async with control_client.talk(root, holder, "listen") as talk:
            said = aiter(talk)
            talk.ask({"key": "again"})
            assert await anext(said) == {"heard": {"key": "again"}}
            answers.listeners[0].show(Notice(message="n"))
            assert event_of(await anext(said)) is not None
        async with control_client.talk(root, holder, "listen") as talk:
            said = aiter(talk)
            talk.ask({})
            await anext(said)
            answers.listeners[1].say(done={})
            assert await anext(said) == {"done": {}}
    assert answers.broken_off == 2


@pytest.mark.parametrize(("count", "length"), [(50_000, 100), (500, 100_000)])
async def test_whoever_does_not_read_holds_up_nobody_and_is_told_what_was_left_out(
    root: Path, count: int, length: int
) -> None:
    async with daemon(root) as (answers, holder):
        async with control_client.talk(root, holder, "listen") as talk:
            await answers.came.wait()
            for number in range(count):
                answers.listeners[0].show(line(f"{number} {'x' * length}"))
                if number % (count // 50) == 0:
                    # As between two answers of a server.
                    await asyncio.sleep(0)
            answers.listeners[0].say(done={})
            read = [each async for each in talk]
        assert read[-1] == {"done": {}}
        told = [each["message"] for each in read if each.get("event") == "warning"]
        lines = sum(each.get("event") == "log" for each in read)
        assert lines < count
        assert sum(int(message.split()[0]) for message in told) == count - lines
        assert await control_client.ask(root, holder, "status")


async def speak(place: str, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(place)
    with contextlib.suppress(OSError):
        writer.write(sent)
        writer.write_eof()
        await writer.drain()
    answer = b""
    with contextlib.suppress(OSError):
        answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(
    "sent",
    [
        b"\n",
        b"[]\n",
        b"\xff\xfe\x00\n",
        b'{"do":\n',
        b"[" * 100_000 + b"\n",
        b"x" * (MOST_BYTES + 10) + b"\n",
    ],
    ids=["nothing", "a list", "no text", "a part", "deep", "too much"],
)
async def test_what_is_no_request_is_refused_and_nobody_else_notices(root: Path, sent: bytes) -> None:
    async with daemon(root) as (_, holder):
        answer = await speak(holder.socket or "", sent)
        assert not answer or json.loads(answer)["error"]["code"] == "usage"
        assert await control_client.ask(root, holder, "status")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.binary(max_size=200) | st.text(max_size=50).map(lambda text: json.dumps({"do": text}).encode() + b"\n")
)
def test_nothing_that_is_sent_ends_it(tmp_path: Path, sent: bytes) -> None:
    async def check() -> None:
        (tmp_path / ".xgodo").mkdir(exist_ok=True)
        failures: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context))
        async with daemon(tmp_path) as (_, holder):
            await speak(holder.socket or "", sent + b"\n")
            assert await control_client.ask(tmp_path, holder, "status")
        assert failures == []

    asyncio.run(check())


async def test_whoever_asks_nothing_is_left_and_of_too_many_the_last_are_turned_away(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "_REQUEST_DEADLINE", 0.2)
    async with daemon(root) as (_, holder):
        assert holder.socket
        silent = [await asyncio.open_unix_connection(holder.socket) for _ in range(72)]
        for reader, _ in silent:
            # Turned away at once, or in a moment.
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
        monkeypatch.undo()
        assert await control_client.ask(root, holder, "status")
        for _, writer in silent:
            writer.close()


async def test_whoever_comes_to_too_many_is_told_so(root: Path) -> None:
    async with daemon(root) as (_, holder), AsyncExitStack() as others:
        for _ in range(32):
            await others.enter_async_context(control_client.talk(root, holder, "listen"))
        with pytest.raises(Busy, match="32 others"):
            await control_client.ask(root, holder, "status")


async def test_a_daemon_that_takes_what_is_asked_and_is_silent_is_given_up(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_client, "_ANSWER_DEADLINE", 0.2)
    place = str(root / "stopped")
    # As of a process that was stopped: the system takes connections and requests in its place.
    with socket.socket(socket.AF_UNIX) as stopped:
        stopped.bind(place)
        stopped.listen()
        with pytest.raises(NoDaemon, match="does not answer"):
            async with control_client.talk(root, Holder(1, "daemon", socket=place), "run"):
                pytest.fail("nobody has heard of it")


def test_whoever_shows_a_token_shows_only_whether_it_is_the_same() -> None:
    shown = shown_token("secret-token")
    assert "secret" not in json.dumps(shown)
    assert is_token(shown, "secret-token")
    assert not is_token(shown, "another")
    assert not is_token(shown, None)
    assert is_token(shown_token(None), "secret-token")
    assert not is_token({"nonce": 1, "digest": None}, "secret-token")


async def test_another_users_folder_is_not_used(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = root / "runtime" / "xgodo-dev"
    folder.mkdir(parents=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder.parent))
    monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)
    monkeypatch.setattr(control_place, "is_own_user", lambda _writer: True)
    with contextlib.suppress(control_place.ConfigurationError):
        async with daemon(root) as (_, holder):
            assert not (holder.socket or "").startswith(str(folder))
