"""Another program that has locked the recorded runs for itself holds up no event loop."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.runs.recorded_runs import PHONE, SERVER, begun, ended
from tests.scripted_server import IMPATIENT, json_answer, scripted_server
from xgodo_dev.errors import ConfigurationError
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.runs import open_runs
from xgodo_dev.runs.device_records import DeviceRecords
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.runs.previous import PreviousRuns
from xgodo_dev.runs.recorded_ends import RecordedEnds
from xgodo_dev.runs.store import RunStore
from xgodo_dev.runs.store_file import run_store_file


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder where a run goes on, and another has ended."""
    with RunStore(tmp_path) as store:
        store.begin(begun("ended"))
        store.end(ended("ended"))
        store.begin(begun("run"))
    return tmp_path


@contextmanager
def locked(root: Path) -> Iterator[sqlite3.Connection]:
    """As some browser of databases has it, until the connection is closed."""
    with closing(sqlite3.connect(run_store_file(root), isolation_level=None)) as database:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("BEGIN EXCLUSIVE")
        yield database


def next_opening(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set as soon as a database is opened, in whatever thread."""
    loop, opening, connect = asyncio.get_running_loop(), asyncio.Event(), sqlite3.connect

    def connecting(*args: Any, **options: Any) -> sqlite3.Connection:
        loop.call_soon_threadsafe(opening.set)
        return connect(*args, **options)

    monkeypatch.setattr(sqlite3, "connect", connecting)
    return opening


async def test_runs_that_go_on_are_waited_for_beside_the_loop_and_not_for_ever(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Event] = []
    async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
        api = AutomationApi(transport)
        previous = PreviousRuns(root, SERVER, api, DeviceRecords(api), events.append)
        with locked(root) as database:
            opening = next_opening(monkeypatch)
            asked = asyncio.create_task(previous.going_on())
            await asyncio.wait_for(opening.wait(), 60)
            database.close()
            assert [run.id for run in await asked] == ["run"]
        monkeypatch.setattr(open_runs, "_PATIENCE", 0.01)
        with locked(root):
            with pytest.raises(ConfigurationError, match="can't be used now: database is locked"):
                await previous.going_on()
            # Told once, of all that are launched on together.
            others = [replace(PHONE, id=f"other-{number}", name=f"Fox {number}") for number in range(2)]
            await asyncio.gather(*map(previous.make_room, [PHONE, *others]))
        (notice,) = events
        assert isinstance(notice, Notice)
        where = f"{PHONE.name}, Fox 0, Fox 1"
        assert notice.message.startswith(f"Whether this project still runs on {where} can't be known: ")


async def test_a_run_is_stopped_whoever_has_locked_what_is_recorded_of_it(root: Path) -> None:
    events: list[Event] = []
    with RunStore(root) as store:
        (run,) = store.open_runs(SERVER)
    async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
        server.answers = [json_answer({"success": True}), json_answer([])]
        api = AutomationApi(transport)
        previous = PreviousRuns(root, SERVER, api, DeviceRecords(api), events.append)
        with locked(root):
            assert (await previous.end(run)).status == "stopped"
    assert server.requests[0].json["command"] == "stop"
    (notice,) = events
    assert isinstance(notice, Notice)
    assert notice.message.startswith("That run run is stopped can't be recorded: ")


def test_ends_that_can_not_be_read_are_asked_for_again(root: Path) -> None:
    with RecordedEnds(root) as ends:
        with locked(root):
            assert ends(["ended"]) == {}
        assert ends(["ended"]) == {"ended": ("success", None)}
