"""Starting, finding and stopping an emulator."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from served_emulator import DEADLINE, ServedEmulator, serve_in_thread

from xgodo_dev import places
from xgodo_dev.emulator import server
from xgodo_dev.emulator.data_folder import EmulatorRunning
from xgodo_dev.emulator.record import EMULATOR_NAME, EmulatorRecord, running_record, write_record
from xgodo_dev.emulator.server import PortTaken, reset, serve
from xgodo_dev.errors import ToolchainMissing, UsageError

# Less than connections are kept open for, and time enough for a busy machine.
STOP_SECONDS = 15.0

pytestmark = pytest.mark.usefixtures("toolchain")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user state folder of this test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def test_token_instance_and_devices_are_the_same_after_a_restart(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        with serve_in_thread(tmp_path, device_count=3) as served:
            assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
            names = [(device["remote_device_id"], device["name"]) for device in served.devices()]
            seen.append((served.record.token, served.record.instance, names))
    assert seen[0] == seen[1]
    assert len({name for _, name in seen[0][2]}) == 4


def test_only_loopback_can_connect(emulator: ServedEmulator) -> None:
    port = urlsplit(emulator.record.url).port
    listening = [c for c in psutil.Process().net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert {c.laddr.ip for c in listening if c.laddr.port == port} == {"127.0.0.1"}


def test_who_it_is_needs_no_token_and_tells_no_secret(emulator: ServedEmulator) -> None:
    answer = httpx.get(f"{emulator.record.url}/_emulator", trust_env=False)
    assert answer.json() == {"name": "xgodo-dev emulator", "instance": emulator.record.instance}


def test_stopping_needs_the_token(emulator: ServedEmulator) -> None:
    assert httpx.post(f"{emulator.record.url}/_emulator/stop", trust_env=False).status_code == 401
    assert emulator.devices()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "tokens"),
        ("POST", "clock"),
        ("POST", "stop"),
        ("POST", "proxies/traffic"),
        ("GET", "mobilerun/deliveries"),
    ],
)
def test_only_the_owner_controls_the_emulator(emulator: ServedEmulator, method: str, path: str) -> None:
    for token in (emulator.record.colleague_token, running_automation(emulator)):
        headers = {"Authorization": f"Bearer {token}"}
        assert emulator.client.request(method, f"/_emulator/{path}", headers=headers).status_code == 403


def test_a_running_automation_posts_no_jobs(emulator: ServedEmulator) -> None:
    headers = {"Authorization": f"Bearer {running_automation(emulator)}"}
    assert emulator.client.post("/_emulator/jobs", headers=headers).status_code == 403


def running_automation(emulator: ServedEmulator) -> str:
    """The token of one that works for the owner."""
    token = str(uuid.uuid4())
    owner = emulator.client.get("/_emulator/tokens").json()["account"]["id"]
    with contextlib.closing(sqlite3.connect(emulator.data / "platform.db")) as database, database:
        database.execute("INSERT INTO agent_tokens VALUES (?, ?, 'device', 'task')", (token, owner))
    return token


def test_a_second_emulator_on_the_same_data_says_who_holds_it(emulator: ServedEmulator) -> None:
    with pytest.raises(EmulatorRunning) as raised, serve_in_thread(emulator.data):
        pass
    assert emulator.record.url in str(raised.value)
    assert str(emulator.record.pid) in str(raised.value)
    assert emulator.devices()


def test_a_taken_port_that_was_asked_for_is_an_error(emulator: ServedEmulator, tmp_path: Path) -> None:
    port = urlsplit(emulator.record.url).port
    with pytest.raises(PortTaken, match=str(port)), serve_in_thread(tmp_path, port=port):
        pass


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_does_not_exist_is_an_error(tmp_path: Path, port: int) -> None:
    with pytest.raises(PortTaken), serve_in_thread(tmp_path, port=port):
        pass


def test_a_taken_default_port_is_left_to_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        # Of the real one, nobody knows who else takes it, and for how long.
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(server, "DEFAULT_PORT", port)
        with serve_in_thread(tmp_path, port=None) as served:
            assert urlsplit(served.record.url).port != port


@pytest.mark.parametrize("count", [-1, 65])
def test_a_number_of_devices_out_of_range_is_an_error(tmp_path: Path, count: int) -> None:
    with pytest.raises(UsageError), serve_in_thread(tmp_path, device_count=count):
        pass


def test_an_emulator_without_git_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolchainMissing, match="git"), serve_in_thread(tmp_path / "data"):
        pass


def test_a_listed_emulator_is_found_while_it_runs(tmp_path: Path, state: Path) -> None:
    assert running_record() is None
    with serve_in_thread(tmp_path / "data", listed=True) as served:
        assert running_record() == served.record
        assert places.emulator_record_file().is_relative_to(state)
        assert stat.S_IMODE(places.emulator_record_file().stat().st_mode) == 0o600
    assert running_record() is None
    assert not places.emulator_record_file().exists()


def test_a_record_of_a_dead_or_different_emulator_is_stale(emulator: ServedEmulator, state: Path) -> None:
    file = places.emulator_record_file()
    write_record(file, emulator.record)
    assert running_record() == emulator.record
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{unused.getsockname()[1]}"
        for stale in (
            replace(emulator.record, instance="00000000-0000-4000-8000-000000000000"),
            replace(emulator.record, url=dead),
            replace(emulator.record, url="http://127.0.0.1"),
            replace(emulator.record, url="not a url"),
            replace(emulator.record, url=emulator.record.url.replace("127.0.0.1", "localhost")),
        ):
            write_record(file, stale)
            assert running_record() is None
    for text in ("", "{}", "[]", "null", '{"url": 1}', "\0"):
        file.write_text(text)
        assert running_record() is None


def test_a_server_that_never_answers_is_stale_within_seconds(emulator: ServedEmulator, state: Path) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        write_record(places.emulator_record_file(), replace(emulator.record, url=url))
        started = time.monotonic()
        assert running_record() is None
        assert time.monotonic() - started < STOP_SECONDS


def test_an_emulator_that_has_much_else_to_do_is_found_all_the_same(
    emulator: ServedEmulator, state: Path
) -> None:
    with socket.socket() as slow, ThreadPoolExecutor(1) as answering:
        slow.bind(("127.0.0.1", 0))
        slow.listen()
        record = replace(emulator.record, url=f"http://127.0.0.1:{slow.getsockname()[1]}")
        write_record(places.emulator_record_file(), record)

        def answer() -> None:
            connection, _ = slow.accept()
            with connection:
                connection.recv(4096)
                time.sleep(1.5)
                told = json.dumps({"name": EMULATOR_NAME, "instance": record.instance})
                connection.sendall(f"HTTP/1.0 200 OK\r\n\r\n{told}".encode())

        answered = answering.submit(answer)
        assert running_record() == record
        answered.result()


def test_the_record_of_a_later_emulator_is_left_alone(tmp_path: Path, state: Path) -> None:
    with serve_in_thread(tmp_path / "later", listed=False) as later:
        with serve_in_thread(tmp_path / "earlier", listed=True):
            write_record(places.emulator_record_file(), later.record)
        assert running_record() == later.record


def test_open_connections_and_waiting_requests_do_not_delay_the_stop(tmp_path: Path) -> None:
    with contextlib.ExitStack() as connections:
        with serve_in_thread(tmp_path) as served:
            address = urlsplit(served.record.url)
            host = address.hostname, address.port
            idle = connections.enter_context(socket.create_connection(host))
            unfinished = connections.enter_context(socket.create_connection(host))
            unfinished.sendall(unfinished_write(served.record))
            served.devices()
            started = time.monotonic()
        assert time.monotonic() - started < STOP_SECONDS
        for connection in (idle, unfinished):
            connection.settimeout(DEADLINE)
            with contextlib.suppress(ConnectionResetError):
                while connection.recv(4096):
                    pass


async def test_cancelling_closes_every_connection_though_the_event_loop_goes_on(tmp_path: Path) -> None:
    ready: asyncio.Future[EmulatorRecord] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(tmp_path, port=0, listed=False, on_ready=ready.set_result))
    async with asyncio.timeout(DEADLINE):
        record = await ready
        project = tmp_path / "projects" / "68a1f0c2d4e5f6a7b8c9d0e1"
        project.mkdir()
        size = 32 * 1024 * 1024
        (project / "large.txt").write_bytes(b"x" * size)
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(record.url).port)
        writer.write(
            f"GET /api/v2/automation/file/{project.name}?path=large.txt HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {record.token}\r\n\r\n".encode()
        )
        await reader.readuntil(b"xxx")
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        # What this end had not taken by then is lost: nobody is left to send it.
        received = 0
        with contextlib.suppress(ConnectionResetError):
            while part := await reader.read(1024 * 1024):
                received += len(part)
        assert received < size / 2
        writer.close()
    reset(tmp_path)


@pytest.mark.parametrize("how", ["interrupt", "terminate", "hang up", "request"])
def test_a_stopped_emulator_leaves_no_process_behind(tmp_path: Path, how: str) -> None:
    with emulator_process(tmp_path) as (process, record):
        with httpx.Client(
            base_url=record.url, headers={"Authorization": f"Bearer {record.token}"}, trust_env=False
        ) as client:
            served = ServedEmulator(record, tmp_path, client)
            run = served.launch("console.log('on'); for (;;) {}")
            assert served.messages(run, 1) == ["on"]
            children = psutil.Process(process.pid).children(recursive=True)
            assert children
            started = time.monotonic()
            if how == "request":
                assert client.post("/_emulator/stop").status_code == 200
            else:
                numbers = {"interrupt": signal.SIGINT, "terminate": signal.SIGTERM, "hang up": signal.SIGHUP}
                process.send_signal(numbers[how])
            code = process.wait(DEADLINE)
            assert time.monotonic() - started < STOP_SECONDS
        assert code == (130 if how == "interrupt" else 0)
        assert process.stderr is not None
        assert process.stderr.read() == ""
        assert psutil.wait_procs(children, timeout=0)[1] == []


def test_reset_forgets_everything_but_not_under_a_running_emulator(tmp_path: Path, project: str) -> None:
    with serve_in_thread(tmp_path) as first:
        first.write(project, "a.txt", "1")
        first.commit(project, "m")
        with pytest.raises(EmulatorRunning):
            reset(tmp_path)
        assert first.commit(project, "m").status_code == 400
        before = first.record
    reset(tmp_path)
    with serve_in_thread(tmp_path) as second:
        assert second.record.token != before.token
        assert second.record.instance != before.instance
        assert second.commit(project, "m").status_code == 404


def test_resetting_what_never_was_does_nothing(tmp_path: Path) -> None:
    reset(tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()


def unfinished_write(record: EmulatorRecord) -> bytes:
    """A request whose body never comes."""
    return (
        "PUT /api/v2/automation/file/68a1f0c2d4e5f6a7b8c9d0e1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {record.token}\r\nContent-Length: 100\r\n\r\n{{"
    ).encode()


@contextlib.contextmanager
def emulator_process(data: Path) -> Iterator[tuple[subprocess.Popen[str], EmulatorRecord]]:
    """A served emulator as a process of its own, killed at the latest when the block ends."""
    script = Path(__file__).with_name("emulator_process.py")
    with subprocess.Popen(
        [sys.executable, str(script), str(data)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, EmulatorRecord(**json.loads(process.stdout.readline()))
        finally:
            if process.poll() is None:
                process.kill()
