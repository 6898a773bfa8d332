"""Runs on several devices at once, where one of them goes wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.runs.recorded_runs import PROGRAM
from tests.runs.test_run import DEADLINE, SUCCESS, entry
from tests.scripted_server import (
    IMPATIENT,
    RESET,
    Answer,
    Request,
    ScriptedServer,
    json_answer,
    scripted_server,
)
from xgodo_dev.errors import AuthenticationError, DeviceOffline, UnreachableError
from xgodo_dev.platform import connections
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project.arguments import Arguments
from xgodo_dev.runs import followers as followers_module
from xgodo_dev.runs.events import Event, Exit, Launch, Notice
from xgodo_dev.runs.fleet import Outcome, run_all
from xgodo_dev.runs.followers import Followers
from xgodo_dev.runs.run import Run

NAMES = ("Fox", "Owl", "Elk")
PHONES = [Device(id=name.lower(), name=name, online=True, record={}) for name in NAMES]


class Platform:
    """Three phones, each of which says its name and ends, unless the test has it otherwise."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        server.handler = self._handle
        self.refuses: dict[str, Answer] = {}
        self.endless: set[str] = set()
        self.started: dict[str, str] = {}
        self.stopped: list[str] = []
        self.prepared: list[str] = []
        self.deaf: set[str] = set()

    async def _handle(self, request: Request) -> Answer:
        if request.path.endswith("/devices"):
            offline = {device for device, answer in self.refuses.items() if answer.status == 400}
            return json_answer(
                [
                    {"remote_device_id": each.id, "name": each.name, "online": each.id not in offline}
                    for each in PHONES
                ]
            )
        device = request.json["device_id"]
        if request.path.endswith("automationLogs"):
            lines = [("1", device)] + ([] if device in self.endless else [("2", SUCCESS)])
            return json_answer({"logs": [entry(request.json["automation_ids"][0], *line) for line in lines]})
        if request.json["command"] == "stop":
            if device in self.deaf:
                await asyncio.Event().wait()
            self.stopped.append(device)
        elif device in self.refuses:
            return self.refuses[device]
        else:
            self.started[device] = request.json["launch_id"]
        return json_answer({"success": True})


@pytest.fixture
async def platform() -> AsyncIterator[tuple[Platform, AutomationApi]]:
    async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
        yield Platform(server), AutomationApi(transport)


async def run_on_all(
    platform: Platform, api: AutomationApi, emit: Callable[[Event], None], *, follow: bool = True
) -> list[Outcome]:
    @asynccontextmanager
    async def room(device: Device) -> AsyncIterator[None]:
        assert device.id not in platform.started
        platform.prepared.append(device.id)
        yield

    async with asyncio.timeout(DEADLINE), Followers(api, emit) as followers:
        runs = [Run(api, phone, PROGRAM, emit) for phone in PHONES]
        return await run_all(runs, followers, room, Arguments({}, {}), follow=follow)


async def test_each_phone_has_a_launch_id_of_its_own(platform: tuple[Platform, AutomationApi]) -> None:
    wire, api = platform
    events: list[Event] = []
    assert await run_on_all(wire, api, events.append) == ["success"] * 3
    assert len(set(wire.started.values())) == 3
    assert sorted(wire.prepared) == sorted(wire.started) == ["elk", "fox", "owl"]


async def test_a_phone_that_went_offline_keeps_no_other_from_running(
    platform: tuple[Platform, AutomationApi],
) -> None:
    wire, api = platform
    wire.refuses["owl"] = json_answer(
        {"success": False, "message": "Some devices offline or not found."}, 400
    )
    events: list[Event] = []
    first, second, third = await run_on_all(wire, api, events.append)
    assert (first, third) == ("success", "success")
    assert isinstance(second, DeviceOffline)
    assert [event.device for event in events if isinstance(event, Exit)] != []
    assert {event.device for event in events if isinstance(event, Exit)} == {"Fox", "Elk"}


async def test_whether_the_phones_of_many_refused_launches_are_connected_is_asked_once(
    platform: tuple[Platform, AutomationApi],
) -> None:
    wire, api = platform
    offline = json_answer({"success": False, "message": "Some devices offline or not found."}, 400)
    wire.refuses.update({phone.id: offline for phone in PHONES})
    outcomes = await run_on_all(wire, api, [].append)
    assert [type(each) for each in outcomes] == [DeviceOffline] * 3
    assert wire.server.calls().count("GET /api/v2/devices") == 1


async def test_a_refused_token_stops_what_was_started(platform: tuple[Platform, AutomationApi]) -> None:
    wire, api = platform
    wire.endless.update(["fox", "elk"])
    wire.refuses["owl"] = json_answer({"message": "Unauthorized"}, 401)
    events: list[Event] = []
    with pytest.raises(ExceptionGroup) as raised:
        await run_on_all(wire, api, events.append)
    assert raised.group_contains(AuthenticationError)
    assert sorted(wire.stopped) == sorted(wire.started)
    assert json.dumps([event.to_json() for event in events])


async def test_of_runs_that_nobody_follows_each_is_told_and_none_stopped_for_another(
    platform: tuple[Platform, AutomationApi],
) -> None:
    wire, api = platform
    wire.refuses["owl"] = json_answer({"message": "Unauthorized"}, 401)
    events: list[Event] = []
    first, second, third = await run_on_all(wire, api, events.append, follow=False)
    assert (first, third) == (None, None)
    assert isinstance(second, AuthenticationError)
    assert sorted(event.device for event in events if isinstance(event, Launch)) == ["Elk", "Fox"]
    assert wire.stopped == []


@pytest.mark.parametrize("follow", [True, False])
async def test_a_launch_whose_answer_was_lost_is_stopped(
    platform: tuple[Platform, AutomationApi], follow: bool
) -> None:
    wire, api = platform
    wire.refuses["owl"] = RESET
    _, second, _ = await run_on_all(wire, api, [].append, follow=follow)
    assert isinstance(second, UnreachableError)
    assert wire.stopped == ["owl"]


async def test_phones_that_do_not_answer_are_stopped_within_one_deadline_and_named(
    platform: tuple[Platform, AutomationApi], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followers_module, "_STOPPING_DEADLINE", 2.0)
    # All of them are taken by questions for logs when it is to be stopped.
    monkeypatch.setattr(connections, "_AT_ONCE", len(PHONES))
    wire, _ = platform
    events: asyncio.Queue[Event] = asyncio.Queue()
    told: list[str] = []

    async def handle(request: Request) -> Answer:
        if request.json.get("command") == "start":
            return json_answer({"success": True})
        if request.json.get("command") == "stop":
            told.append(request.json["device_id"])
        await asyncio.Event().wait()
        raise AssertionError

    wire.server.handler = handle
    async with Transport(wire.server.server, patience=IMPATIENT) as transport, asyncio.timeout(DEADLINE):
        running = asyncio.create_task(run_on_all(wire, AutomationApi(transport), events.put_nowait))
        for _ in PHONES:
            assert isinstance(await events.get(), Launch)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert sorted(told) == ["elk", "fox", "owl"]
    notice = events.get_nowait()
    assert isinstance(notice, Notice)
    assert notice.message == "Perhaps still running on Fox, Owl, Elk: `xgodo-dev stop` ends it."
    assert events.empty()


async def test_when_stopping_is_broken_off_those_that_may_go_on_are_named(
    platform: tuple[Platform, AutomationApi],
) -> None:
    wire, api = platform
    wire.endless.update(device.id for device in PHONES)
    wire.deaf.add("owl")
    events: asyncio.Queue[Event] = asyncio.Queue()
    running = asyncio.create_task(run_on_all(wire, api, events.put_nowait))

    async def until(kind: type[Event], count: int) -> None:
        async with asyncio.timeout(DEADLINE):
            while count:
                count -= isinstance(await events.get(), kind)

    await until(Launch, 3)
    running.cancel()
    await until(Exit, 2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sorted(wire.stopped) == ["elk", "fox"]
    told = events.get_nowait()
    assert isinstance(told, Notice)
    assert told.message == "Perhaps still running on Owl: `xgodo-dev stop` ends it."
