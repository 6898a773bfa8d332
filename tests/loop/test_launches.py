"""The runs of a loop, on a platform that takes its time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.runs.recorded_runs import BUNDLE, PHONE, begun
from tests.scripted_server import (
    IMPATIENT,
    Answer,
    Request,
    ScriptedServer,
    json_answer,
    page,
    scripted_server,
)
from xgodo_dev.loop.launches import Launches, RunsOn
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project.arguments import Arguments
from xgodo_dev.runs import launch_turns
from xgodo_dev.runs.events import Event, Exit, Launch, Notice
from xgodo_dev.runs.launch_turns import LaunchTurns
from xgodo_dev.runs.recorder import NO_RECORDER
from xgodo_dev.runs.store import RunStore

OTHER = Device(id="phone-2", name="Gentle Fox", online=True, record={})
NOTHING = Arguments({}, {})
DEADLINE = 60.0


class Platform:
    """Two phones; ``log`` is what they were told, as (command, device, code or launch id)."""

    def __init__(self, server: ScriptedServer) -> None:
        server.handler = self._handle
        self.log: list[tuple[str, str, str]] = []
        self.slow_stops: dict[str, asyncio.Event] = {}
        self.stop_arrived = asyncio.Event()
        self.answers: dict[tuple[str, str], list[Answer]] = {}

    async def _handle(self, request: Request) -> Answer:
        if request.path.endswith("/devices"):
            return json_answer(
                [{"remote_device_id": each.id, "name": each.name, "online": True} for each in (PHONE, OTHER)]
            )
        if request.path.endswith("automationLogs"):
            return json_answer({"logs": []})
        body = request.json
        command, device = body["command"], body["device_id"]
        self.log.append((command, device, body["code"] if command == "start" else body["launch_id"]))
        if command == "stop":
            self.stop_arrived.set()
            if body["launch_id"] in self.slow_stops:
                await self.slow_stops[body["launch_id"]].wait()
        answers = self.answers.get((command, device))
        return answers.pop(0) if answers else json_answer({"success": True})

    def started(self) -> list[tuple[str, str]]:
        return [(device, code) for command, device, code in self.log if command == "start"]


class Looping:
    """The runs of a loop, and what they have reported."""

    launches: Launches

    def __init__(self, platform: Platform, remote: str) -> None:
        self.platform = platform
        self.remote = remote
        self.events: list[Event] = []
        self._more = asyncio.Event()

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self._more.set()

    async def until(self, count: int, kind: type[Event] = Launch) -> None:
        async with asyncio.timeout(DEADLINE):
            while len([each for each in self.events if isinstance(each, kind)]) < count:
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def looping(root: Path, *devices: Device, earlier: bool = False) -> AsyncIterator[Looping]:
    """``earlier``: another process has left a run on the phone."""
    async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
        platform = Platform(server)
        if earlier:
            with RunStore(root) as store:
                store.begin(begun("earlier", remote=server.server.remote, device_id=PHONE.id))
            platform.slow_stops["earlier"] = asyncio.Event()
        made = Looping(platform, server.server.remote)
        where = RunsOn(devices, NO_RECORDER, server.server)
        made.launches = launches = Launches(root, AutomationApi(transport), where, made.emit)
        running = asyncio.create_task(launches.run())
        try:
            yield made
        finally:
            running.cancel()
            await asyncio.wait([running])
            await launches.stop()


@pytest.fixture
async def loop(tmp_path: Path) -> AsyncIterator[Looping]:
    async with looping(tmp_path, PHONE, OTHER) as made:
        yield made


async def test_the_newest_save_wins_also_while_room_is_made_for_the_one_before(tmp_path: Path) -> None:
    async with looping(tmp_path, PHONE, earlier=True) as loop:
        loop.launches.offer(replace(BUNDLE, code="old"), NOTHING)
        await asyncio.wait_for(loop.platform.stop_arrived.wait(), DEADLINE)
        loop.launches.offer(replace(BUNDLE, code="new"), NOTHING)
        # Time for the loop to take the newest up.
        await asyncio.sleep(0.05)
        loop.platform.slow_stops["earlier"].set()
        await loop.until(1)
    assert loop.platform.started() == [(PHONE.id, "new")]
    assert loop.platform.log[-1][0] == "stop"


async def test_what_is_stopped_while_room_is_made_for_it_is_never_launched(tmp_path: Path) -> None:
    async with looping(tmp_path, PHONE, earlier=True) as loop:
        loop.launches.offer(BUNDLE, NOTHING)
        await asyncio.wait_for(loop.platform.stop_arrived.wait(), DEADLINE)
        loop.launches.stop_running()
        await asyncio.sleep(0.05)
        loop.platform.slow_stops["earlier"].set()
        loop.launches.again()
        await loop.until(1)
    # That is the one that was asked for afterwards.
    assert len(loop.platform.started()) == 1


async def test_a_run_of_another_command_is_ended_before_each_launch(tmp_path: Path) -> None:
    async with looping(tmp_path, PHONE, earlier=True) as loop:
        loop.platform.slow_stops["earlier"].set()
        loop.launches.offer(BUNDLE, NOTHING)
        await loop.until(1)
        with RunStore(tmp_path) as store:
            remote = store.runs()[0].remote
            store.begin(begun("meanwhile", remote=remote, device_id=PHONE.id))
            assert store.runs()[-1].status == "stopped"
        loop.launches.again()
        await loop.until(2)
    stopped = [launch_id for command, _, launch_id in loop.platform.log if command == "stop"]
    assert stopped[0] == "earlier"
    assert "meanwhile" in stopped
    assert len(stopped) == 4, "and each of its own, once"


async def test_a_launch_waits_for_those_of_another_command_and_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch_turns, "_TOLD_AFTER", 0.05)
    async with looping(tmp_path, PHONE, OTHER) as loop:
        turns = LaunchTurns(tmp_path, loop.remote)
        async with turns.on(PHONE), turns.on(OTHER):
            loop.launches.offer(BUNDLE, NOTHING)
            await loop.until(1, Notice)
            assert loop.platform.started() == []
        await loop.until(2)
    (notice,) = [each for each in loop.events if isinstance(each, Notice)]
    assert f"launching on {PHONE.name}, {OTHER.name}: waiting" in notice.message


async def test_what_was_lost_sight_of_long_ago_is_stopped_before_the_next_launch(tmp_path: Path) -> None:
    async with looping(tmp_path, PHONE) as loop:
        for launches in (1, 2):
            loop.launches.offer(BUNDLE, NOTHING)
            await loop.until(launches)
        lost = next(each.run for each in loop.events if isinstance(each, Launch))
        with RunStore(tmp_path) as store:
            store.begin(begun(lost, remote=loop.remote, device_id=PHONE.id))
        loop.launches.again()
        await loop.until(3)
    assert [run for command, _, run in loop.platform.log if command == "stop"].count(lost) == 2


async def test_when_the_server_is_back_only_what_was_missed_is_launched(loop: Looping) -> None:
    loop.platform.answers["start", OTHER.id] = [page(502)]
    loop.launches.offer(BUNDLE, NOTHING)
    await loop.until(1, Notice)
    await loop.until(1)
    loop.launches.retry_missed()
    await loop.until(2)
    assert [device for device, _ in loop.platform.started()].count(PHONE.id) == 1
    assert not [each for each in loop.events if isinstance(each, Exit)]


async def test_other_devices_are_run_on_and_those_before_are_left_in_peace(loop: Looping) -> None:
    loop.launches.offer(BUNDLE, NOTHING)
    await loop.until(2)
    loop.launches.use([OTHER])
    await loop.until(3)
    ends = [each for each in loop.events if isinstance(each, Exit)]
    assert {each.device for each in ends} == {PHONE.name, OTHER.name}
    assert loop.platform.started()[-1][0] == OTHER.id


async def test_what_a_server_says_of_a_refused_launch_is_told_without_secrets(loop: Looping) -> None:
    refusal = json_answer({"success": False, "message": "password 'hunter2' is too short"}, 400)
    loop.platform.answers["start", PHONE.id] = [refusal]
    loop.launches.offer(BUNDLE, Arguments({"password": "hunter2"}, {}), ["password"])
    await loop.until(1, Notice)
    told = [each.message for each in loop.events if isinstance(each, Notice)]
    assert "password '•••' is too short" in told[0]
    assert not any("hunter2" in each for each in told)
