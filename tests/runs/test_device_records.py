"""Waiting until a device's record lists a run no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.runs.recorded_runs import PHONE
from tests.scripted_server import (
    IMPATIENT,
    Answer,
    ScriptedServer,
    json_answer,
    page,
    scripted_server,
)
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.runs.device_records import DeviceRecords


def record(*running: str, online: bool = True) -> Answer:
    listed = [{"id": each} for each in running]
    return json_answer([{"remote_device_id": PHONE.id, "online": online, "automations": listed}])


Asking = tuple[ScriptedServer, DeviceRecords]


@pytest.fixture
async def asking() -> AsyncIterator[Asking]:
    async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
        api = AutomationApi(transport)
        api.note_runs_are_listed()
        yield server, DeviceRecords(api)


async def test_a_run_is_gone_once_the_record_lists_it_no_more(asking: Asking) -> None:
    server, records = asking
    server.answers = [record("old", "theirs"), record("theirs")]
    assert await records.wait_until_gone(PHONE, ["old"], 15.0)
    assert len(server.requests) == 2


@pytest.mark.parametrize("answer", [record(), record("old", online=False), json_answer([])])
async def test_where_nothing_is_listed_nothing_runs(asking: Asking, answer: Answer) -> None:
    server, records = asking
    server.answers = [answer]
    assert await records.wait_until_gone(PHONE, None, 15.0)


@pytest.mark.parametrize("answer", [record("theirs"), page(404)])
async def test_nothing_is_certain_of_what_goes_on_or_can_not_be_asked(asking: Asking, answer: Answer) -> None:
    server, records = asking
    server.answers = [answer]
    assert not await records.wait_until_gone(PHONE, None, 0.08)


async def test_many_who_wait_ask_together(asking: Asking) -> None:
    server, records = asking
    server.answers = [record()]
    assert all(await asyncio.gather(*(records.wait_until_gone(PHONE, ["old"], 15.0) for _ in range(50))))
    assert len(server.requests) <= 2


async def test_a_server_that_lists_no_runs_is_not_asked() -> None:
    async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
        assert await DeviceRecords(AutomationApi(transport)).wait_until_gone(PHONE, None, 15.0)
        assert server.requests == []
