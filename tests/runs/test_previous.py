"""What a project still runs on a device ends before something new is launched there."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.runs.recorded_runs import PHONE, PROGRAM, begun, recorded
from tests.scripted_server import (
    IMPATIENT,
    Answer,
    Request,
    ScriptedServer,
    json_answer,
    page,
    scripted_server,
)
from xgodo_dev.errors import AuthenticationError
from xgodo_dev.platform import automation, connections
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project.config import STATE_DIRECTORY
from xgodo_dev.runs import launch_turns, previous, run_recorder
from xgodo_dev.runs.catch_up import catch_up
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.runs.followers import Followers
from xgodo_dev.runs.previous import PreviousRuns
from xgodo_dev.runs.run import Run
from xgodo_dev.runs.run_recorder import RunRecorder
from xgodo_dev.runs.store import RunStore

# Sooner than a server is given up that never answers.
DEADLINE = 15.0


class Command:
    """A command that runs the project of a folder on the phone; several of them are several processes."""

    def __init__(self, root: Path, server: ScriptedServer, transport: Transport) -> None:
        self.root = root
        self.server = server
        self.events: list[Event] = []
        self.api = AutomationApi(transport)
        self.followers = Followers(self.api, self.events.append)
        self.previous = PreviousRuns(root, server.url, self.api, self.followers.records, self.events.append)

    def another(self) -> Command:
        return Command(self.root, self.server, self.api._transport)

    async def launch(self) -> str:
        async with RunRecorder(self.root, self.server.url, self.events.append) as recorder, self.followers:
            run = Run(self.api, PHONE, PROGRAM, self.events.append, recorder)
            async with self.previous.room(PHONE):
                await self.followers.launch(run, {}, {}, follow=False)
        return run.id

    def told(self) -> list[str]:
        return [each.message for each in self.events if isinstance(each, Notice)]

    def commands(self) -> list[tuple[str, str]]:
        """What the phone was told, as the command and the launch id."""
        return [
            (request.json["command"], request.json["launch_id"])
            for request in self.server.requests
            if request.path.endswith("launchDirectAutomation")
        ]


@pytest.fixture
async def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Command]:
    # What is begun is recorded before its launch leaves, however busy the disk is.
    monkeypatch.setattr(run_recorder, "_SETTLING_DEADLINE", DEADLINE)
    async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
        server.answers = [json_answer({"success": True, "logs": []})]
        async with asyncio.timeout(DEADLINE):
            yield Command(tmp_path, server, transport)


def record(command: Command, *run_ids: str, device_id: str = PHONE.id) -> None:
    with RunStore(command.root) as store:
        for run_id in run_ids:
            store.begin(begun(run_id, remote=command.server.url, device_id=device_id))


def status(command: Command, run_id: str) -> str | None:
    with RunStore(command.root) as store:
        return recorded(store, run_id).status


async def test_of_two_launches_begun_together_the_later_one_ends_the_earlier(command: Command) -> None:
    first, second = await asyncio.gather(command.launch(), command.another().launch())
    started = [run for told, run in command.commands() if told == "start"]
    assert sorted(started) == sorted([first, second])
    assert command.commands() == [("start", started[0]), ("stop", started[0]), ("start", started[1])]
    assert status(command, started[0]) == "stopped"


async def test_a_stop_waits_for_a_launch_of_another_command(command: Command) -> None:
    record(command, "begun")
    (run,) = await command.previous.going_on()
    async with command.another().previous.room(PHONE, besides=["begun"]):
        stopping = asyncio.create_task(command.previous.end_in_turn(run))
        await asyncio.wait([stopping], timeout=0.05)
        assert command.commands() == []
    assert (await stopping).status == "stopped"
    assert command.commands() == [("stop", "begun")]


async def test_a_launch_that_takes_too_long_keeps_no_other_from_beginning(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch_turns, "_DEADLINE", 0.05)
    other = command.another()
    async with command.previous.room(PHONE):
        assert await other.launch()
    (told,) = other.told()
    assert PHONE.name in told


@pytest.mark.filterwarnings("ignore:flock not supported")
@pytest.mark.parametrize("lacking", [OSError(errno.ENOSYS, "none"), NotImplementedError("none")])
async def test_where_files_can_not_be_locked_everybody_has_a_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacking: Exception
) -> None:
    def flock(_file: int, _how: int) -> None:
        raise lacking

    monkeypatch.setattr("fcntl.flock", flock)
    turns, others = launch_turns.LaunchTurns(tmp_path, "server"), launch_turns.LaunchTurns(tmp_path, "server")
    async with asyncio.timeout(DEADLINE), turns.on(PHONE) as one, others.on(PHONE) as another:
        assert (one, another) == (True, True)


async def test_where_no_turn_can_be_had_it_is_launched_all_the_same(command: Command) -> None:
    (command.root / STATE_DIRECTORY).mkdir()
    (command.root / STATE_DIRECTORY / "launching").write_bytes(b"")
    assert await command.launch()


async def test_room_is_made_on_that_device_and_of_what_others_see_to_nothing_is_ended(
    command: Command,
) -> None:
    record(command, "old", "older", "my own")
    record(command, "elsewhere", device_id="phone-2")
    await command.previous.make_room(PHONE, besides=["my own"])
    assert {run for _, run in command.commands()} == {"old", "older"}
    assert (status(command, "old"), status(command, "elsewhere")) == ("stopped", None)


async def test_what_can_not_be_stopped_is_told_and_a_refused_token_is_raised(command: Command) -> None:
    record(command, "old")
    command.server.answers = [page(502)]
    await command.previous.make_room(PHONE)
    assert "could not be stopped" in command.told()[0]
    assert status(command, "old") is None
    command.server.answers = [json_answer({}, 401)]
    with pytest.raises(AuthenticationError):
        await command.previous.make_room(PHONE)


async def test_making_room_takes_no_longer_than_its_deadlines(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automation, "_STOP_WITHIN", 1.0)
    monkeypatch.setattr(previous, "_CATCHING_UP_DEADLINE", 0.1)
    record(command, "deaf", "slow")
    never = asyncio.Event()

    async def handle(request: Request) -> Answer:
        if not (request.path.endswith("launchDirectAutomation") and request.json["launch_id"] == "slow"):
            await never.wait()
        return json_answer({"success": True})

    command.server.handler = handle
    await command.previous.make_room(PHONE)
    told, cut = sorted(command.told(), reverse=True)
    assert "deaf" in told
    assert "did not answer" in told
    # It was told, though what it said last could not be read.
    assert status(command, "slow") == "stopped"
    assert "of run slow could not all be read" in cut


async def test_a_stop_that_waits_for_a_connection_is_not_late(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "_AT_ONCE", 1)
    monkeypatch.setattr(automation, "_STOP_WITHIN", 1.0)
    record(command, "old")
    arrived = asyncio.Event()

    async def handle(request: Request) -> Answer:
        if request.path.endswith("/devices"):
            arrived.set()
            # Longer than an answer to the stop is waited for.
            await asyncio.sleep(1.2)
        return json_answer({"success": True, "logs": [], "devices": []})

    command.server.handler = handle
    async with Transport(command.server.server, patience=IMPATIENT) as one_at_a_time:
        api = AutomationApi(one_at_a_time)
        other = asyncio.create_task(api.devices())
        await arrived.wait()
        records = command.followers.records
        await PreviousRuns(command.root, command.server.url, api, records, command.events.append).make_room(
            PHONE
        )
        await other
    assert command.told() == []
    assert status(command, "old") == "stopped"


async def test_what_is_stopped_while_logs_can_not_be_read_is_asked_about_later(command: Command) -> None:
    with RunStore(command.root) as store:
        store.begin(begun("cut", remote=command.server.url, secrets="fingerprints"))

    async def handle(request: Request) -> Answer:
        return page(503) if request.path.endswith("automationLogs") else json_answer({"success": True})

    usual, command.server.handler = command.server.handler, handle
    await command.previous.make_room(PHONE)
    (told,) = command.told()
    assert told == "The last lines of run cut could not all be read: `logs` asks for them."
    with RunStore(command.root) as store:
        run = recorded(store, "cut")
        assert (run.status, run.may_be_open, run.may_have_more) == ("stopped", False, True)
        # What comes yet has to be masked, too.
        assert run.secrets == "fingerprints"
        command.server.handler = usual
        run = replace(run, secrets="")
        await catch_up(command.api, store, run)
        run = recorded(store, "cut")
    assert (run.status, run.may_have_more, run.secrets) == ("stopped", False, "")


async def test_what_the_device_still_lists_is_not_recorded_as_stopped(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previous, "_ENDING_DEADLINE", 1.0)
    record(command, "deaf", "gone")
    command.api.note_runs_are_listed(at_once=True)
    phone = {"remote_device_id": PHONE.id, "name": PHONE.name, "online": True, "automations": ["deaf"]}

    async def handle(request: Request) -> Answer:
        return json_answer([phone] if request.path.endswith("/devices") else {"success": True, "logs": []})

    command.server.handler = handle
    await command.previous.make_room(PHONE)
    (told,) = command.told()
    assert "deaf" in told
    assert "not seen to do so" in told
    assert (status(command, "deaf"), status(command, "gone")) == (None, "stopped")
