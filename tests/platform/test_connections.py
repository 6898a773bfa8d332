from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from tests.scripted_server import (
    IMPATIENT,
    TOKEN,
    Answer,
    Request,
    ScriptedServer,
    json_answer,
    scripted_server,
)
from xgodo_dev.errors import ConfigurationError, UnreachableError
from xgodo_dev.platform.connections import Connections
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.transport import Transport


async def test_requests_that_go_out_together_again_and_again_share_a_few_connections(
    remote: ScriptedServer, transport: Transport
) -> None:
    under_way = most_at_once = 0
    all_turns_taken = asyncio.Event()

    async def together(_: Request) -> Answer:
        nonlocal under_way, most_at_once
        under_way += 1
        most_at_once = max(most_at_once, under_way)
        if under_way == 32:
            all_turns_taken.set()
        await all_turns_taken.wait()
        under_way -= 1
        return json_answer({"n": 1})

    remote.handler = together
    async with asyncio.timeout(60):
        for _ in range(5):
            asked = [transport.request("GET", "/thing", repeatable=True) for _ in range(60)]
            assert await asyncio.gather(*asked) == [{"n": 1}] * 60
    assert most_at_once == 32
    assert remote.connections_made <= 32


async def test_requests_cancelled_at_any_moment_leave_a_connection_for_every_turn(
    remote: ScriptedServer, transport: Transport
) -> None:
    remote.answers = [json_answer({"n": 1})]
    async with asyncio.timeout(60):
        for steps in range(120):
            cancelled = [
                asyncio.ensure_future(transport.request("GET", "/thing", repeatable=True)) for _ in range(4)
            ]
            # Each step is one turn of the loop: together they come by every place a request can be at.
            for _ in range(steps % 40):
                await asyncio.sleep(0)
            for each in cancelled:
                each.cancel()
            await asyncio.gather(*cancelled, return_exceptions=True)
        asked = [transport.request("GET", "/thing", repeatable=True) for _ in range(64)]
        async with asyncio.timeout(60):
            assert await asyncio.gather(*asked) == [{"n": 1}] * 64


async def test_this_machines_servers_are_not_asked_through_a_proxy(
    remote: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.answers = [json_answer({"n": 1})]
    async with scripted_server() as proxy:
        proxy.answers = [json_answer({"proxied": True})]
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        async with Transport(remote.server, patience=IMPATIENT) as transport:
            assert await transport.request("GET", "/thing", repeatable=True) == {"n": 1}
        assert proxy.requests == []


@pytest.mark.parametrize("address", ["https://platform.invalid", "HTTPS://platform.invalid"])
async def test_certificates_are_read_for_https_and_for_nothing_else(
    remote: ScriptedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    certificates = tmp_path / "certificates.pem"
    certificates.write_text("no certificate", encoding="utf-8")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates))
    remote.answers = [json_answer({"n": 1})]
    async with Transport(remote.server, patience=IMPATIENT) as transport:
        assert await transport.request("GET", "/thing", repeatable=True) == {"n": 1}
    with pytest.raises(ConfigurationError, match="certificates"):
        Transport(replace(remote.server, api_url=address))


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "gopher://127.0.0.1:1"])
def test_unusable_proxy_settings_are_named(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    with pytest.raises(ConfigurationError, match="proxy"):
        Transport(Server(profile="p", api_url="https://platform.invalid", remote="r", token=TOKEN))


async def test_requests_in_the_background_leave_connections_to_the_others() -> None:
    release, waiting = asyncio.Event(), 0
    enough = asyncio.Event()

    async def handle(request: Request) -> Answer:
        nonlocal waiting
        if request.path.endswith("/slow"):
            waiting += 1
            if waiting == 20:
                enough.set()
            await release.wait()
        return json_answer({"success": True})

    async with scripted_server() as server, Transport(server.server) as transport, asyncio.timeout(60):
        server.handler = handle
        async with asyncio.TaskGroup() as tasks:
            for _ in range(40):
                tasks.create_task(transport.request("GET", "/slow", repeatable=True, in_background=True))
            await enough.wait()
            await transport.request("GET", "/quick", repeatable=True)
            assert waiting == 20
            release.set()


async def test_the_time_until_a_connection_is_free_is_not_the_servers() -> None:
    release, all_taken, waiting = asyncio.Event(), asyncio.Event(), 0

    async def handle(request: Request) -> Answer:
        nonlocal waiting
        if request.path.endswith("/slow"):
            waiting += 1
            if waiting == 32:
                all_taken.set()
            await release.wait()
        return json_answer({"success": True})

    async with scripted_server() as server, Transport(server.server) as transport, asyncio.timeout(60):
        server.handler = handle
        async with asyncio.TaskGroup() as tasks:
            for _ in range(32):
                tasks.create_task(transport.request("GET", "/slow", repeatable=True))
            await all_taken.wait()
            stop = tasks.create_task(transport.request("POST", "/stop", repeatable=True, within=1.0))
            # Longer than the server would be waited for.
            await asyncio.sleep(1.2)
            assert not stop.done()
            release.set()
            assert await stop == {"success": True}


async def test_who_connects_anew_waits_for_no_dead_connection(remote: ScriptedServer) -> None:
    remote.answers = [json_answer({})]
    async with Transport(remote.server, patience=IMPATIENT) as transport:
        await transport.request("GET", "/thing", repeatable=True)
        asked = len(remote.requests)
        remote.latency = 60
        waiting = asyncio.create_task(transport.request("GET", "/thing", repeatable=False))
        async with asyncio.timeout(60):
            while len(remote.requests) == asked:  # noqa: ASYNC110 - of another task, which tells nobody
                await asyncio.sleep(0.005)
            await transport.reconnect()
            with pytest.raises(UnreachableError):
                await waiting
            remote.latency = 0
            await transport.request("GET", "/thing", repeatable=True)


async def test_a_connection_that_was_lent_while_they_were_renewed_is_used_no_more(
    remote: ScriptedServer,
) -> None:
    remote.answers = [json_answer({})]
    connections = Connections(httpx.URL(remote.url), {}, httpx.Timeout(60))
    async with connections.one() as lent:
        await connections.renew()
    async with connections.one() as another:
        assert another is not lent
        assert (await another.get("/thing")).status_code == 200
    await connections.close()
