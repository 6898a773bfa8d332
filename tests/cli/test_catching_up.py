"""What is learned of runs that nobody follows, where the platform answers only in part."""

from __future__ import annotations

import asyncio
import io
import time
from contextlib import redirect_stderr
from pathlib import Path

import click
import pytest

from tests.runs.recorded_runs import begun
from tests.scripted_server import Answer, Request, json_answer, scripted_server
from xgodo_dev.cli import catching_up
from xgodo_dev.cli.catching_up import CaughtUp
from xgodo_dev.cli.invocation import Invocation
from xgodo_dev.platform import transport
from xgodo_dev.runs.store import RunStore

BEFORE = time.time() - 3600
REFUSED = json_answer({"success": False, "message": "not now"}, 403)


async def ask(root: Path, *, devices: Answer, refused: str = "") -> CaughtUp:
    """What comes of asking about three runs, and of one that began long ago."""

    async def handle(request: Request) -> Answer:
        if request.path.endswith("/devices"):
            return devices
        return REFUSED if request.json["automation_ids"] == [refused] else json_answer({"logs": []})

    async with scripted_server() as server:
        server.handler = handle
        with RunStore(root) as store:
            for number, run in enumerate(("aa11", "bb22", "cc33")):
                remote = server.server.remote
                store.begin(begun(run, device_id=f"phone-{number}", remote=remote))
            store.begin(begun("0ld1", device_id="phone-0", remote=server.server.remote, started=BEFORE))
            return await catching_up.ask(server.server, store, store.runs())


async def test_logs_that_are_refused_keep_nothing_from_being_known_of_other_runs(tmp_path: Path) -> None:
    asked = await ask(tmp_path, devices=json_answer({"devices": []}), refused="bb22")
    assert asked.going_on == {"aa11", "cc33"}
    (why,) = asked.unasked
    assert why.startswith("This is what was recorded of run bb22; the platform could not be asked for more. ")
    assert "not now" in why


async def test_what_was_learned_is_told_where_the_devices_can_not_be_listed(tmp_path: Path) -> None:
    asked = await ask(tmp_path, devices=REFUSED)
    assert not asked.going_on
    (gap,) = asked.gaps
    assert gap.startswith("What run 0ld1 printed ")
    (why,) = asked.unasked
    assert why.startswith("This is what was recorded of runs 0ld1, aa11, bb22, cc33; ")


async def test_that_a_server_has_not_answered_yet_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_SILENCE_TOLD_AFTER", 0.01)
    something_said = asyncio.Event()

    class Reader(io.StringIO):
        def write(self, text: str) -> int:
            something_said.set()
            return super().write(text)

    async def handle(_request: Request) -> Answer:
        await asyncio.wait_for(something_said.wait(), 60)
        return REFUSED

    said = Reader()

    context = click.Context(click.Command("logs"), obj=Invocation())
    with context.scope(cleanup=False), redirect_stderr(said):
        async with scripted_server() as server:
            server.handler = handle
            with RunStore(tmp_path) as store:
                store.begin(begun("aa11", remote=server.server.remote))
                await catching_up.ask(server.server, store, store.runs())
    assert said.getvalue() == f"Waiting for {server.url}, which has not answered yet.\n"
