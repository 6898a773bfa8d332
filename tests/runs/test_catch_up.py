"""Asking the platform about runs that nobody follows."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.runs.recorded_runs import PHONE, begun, line, messages, recorded
from tests.scripted_server import (
    IMPATIENT,
    RESET,
    Answer,
    Request,
    ScriptedServer,
    json_answer,
    scripted_server,
)
from xgodo_dev.errors import UnreachableError
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.runs.catch_up import catch_up, catch_up_each
from xgodo_dev.runs.store import RunStore

MARK = "@@xgodo-dev:5f1c:"
SUCCESS = MARK + json.dumps({"event": "end", "status": "success"})
NOW_MS = 1_755_811_585_000


class Platform:
    """Log lines of a run, answered in pages."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.run = "run"
        self.lines: list[dict[str, Any]] = []
        self.page_size = 1000
        self.forgets_cursors = False
        self.fails_after = 1000
        server.handler = self._handle

    def logs(self, *texts: str) -> None:
        for text in texts:
            number = len(self.lines)
            self.lines.append(
                {
                    "id": f"id-{number}",
                    "automationId": "run",
                    "message": text,
                    "lineNumber": 2,
                    "messageLevel": "log",
                    "timestamp": NOW_MS + number * 1000,
                }
            )

    def cursors(self) -> list[str | None]:
        return [request.json.get("from") for request in self.server.requests]

    async def _handle(self, request: Request) -> Answer:
        assert (request.json["device_id"], request.json["automation_ids"]) == (PHONE.id, [self.run])
        if len(self.server.requests) > self.fails_after:
            return RESET
        cursor = request.json.get("from")
        if cursor is not None and self.forgets_cursors:
            return json_answer({"success": False, "message": "Unknown log id"}, 400)
        start = 0 if cursor is None else [each["id"] for each in self.lines].index(cursor) + 1
        return json_answer({"logs": self.lines[start : start + self.page_size]})


@pytest.fixture
async def asking(tmp_path: Path) -> AsyncIterator[tuple[Platform, AutomationApi, RunStore]]:
    with RunStore(tmp_path) as store:
        store.begin(begun("run", mark=MARK, started=time.time()))
        async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
            yield Platform(server), AutomationApi(transport), store


async def test_all_pages_are_recorded_with_the_moments_they_were_printed_and_the_end(
    asking: tuple[Platform, AutomationApi, RunStore],
) -> None:
    platform, api, store = asking
    platform.logs(*map(str, range(10)), SUCCESS, "late")
    platform.page_size = 3
    assert await catch_up(api, store, recorded(store, "run")) is None
    # Also what stands behind the end: a line may come late.
    assert messages(store, "run") == [*map(str, range(10)), "late"]
    first = next(store.lines(recorded(store, "run")))
    assert (first.time, first.source, first.device) == (
        NOW_MS / 1000,
        {"file": "main.ts", "line": 2},
        PHONE.name,
    )
    run = recorded(store, "run")
    assert (run.status, run.ended) == ("success", NOW_MS / 1000 + 10)


async def test_a_failure_is_mapped_with_the_map_of_the_run(
    asking: tuple[Platform, AutomationApi, RunStore],
) -> None:
    platform, api, store = asking
    stack = "Error: lost\n    at tap (xgodo-bundle.js:3:1)"
    platform.logs(
        MARK + json.dumps({"event": "end", "status": "failed", "error": "Error: lost", "stack": stack})
    )
    await catch_up(api, store, recorded(store, "run"))
    (thrown,) = store.lines(recorded(store, "run"))
    assert (thrown.level, thrown.source) == ("error", {"file": "main.ts", "line": 3})
    assert recorded(store, "run").error == thrown.message == "Error: lost\n    at tap (main.ts:3:1)"


async def test_each_run_is_mapped_by_its_own_map(asking: tuple[Platform, AutomationApi, RunStore]) -> None:
    platform, api, store = asking
    # Line 2 of this bundle is line 1 of another file.
    other = json.dumps({"version": 3, "sources": ["other.ts"], "names": [], "mappings": ";AAAA"})
    store.begin(begun("later", mark=MARK, source_map=other))
    platform.logs("hello")
    await catch_up(api, store, recorded(store, "run"))
    assert [each.source for each in store.lines(recorded(store, "run"))] == [{"file": "main.ts", "line": 2}]
    platform.lines[0]["automationId"] = platform.run = "later"
    await catch_up(api, store, recorded(store, "later"))
    assert [each.source for each in store.lines(recorded(store, "later"))] == [
        {"file": "other.ts", "line": 1}
    ]


async def test_only_what_came_behind_the_last_recorded_line_is_asked_for(
    asking: tuple[Platform, AutomationApi, RunStore],
) -> None:
    platform, api, store = asking
    platform.logs("0", "1", "2")
    for entry in platform.lines:
        entry["timestamp"] = int(time.time() * 1000)
    for number in range(2):
        store.add(line("run", f"id-{number}", str(number)))
    for _ in range(2):
        await catch_up(api, store, recorded(store, "run"))
    assert messages(store, "run") == ["0", "1", "2"]
    assert platform.cursors() == ["id-1", "id-2", "id-2"]


async def test_a_line_that_the_platform_has_forgotten_is_not_asked_from(
    asking: tuple[Platform, AutomationApi, RunStore],
) -> None:
    platform, api, store = asking
    platform.logs("0", "1")
    store.add(line("run", "id-0", "0", time=time.time() - 580))
    await catch_up(api, store, recorded(store, "run"))
    assert messages(store, "run") == ["0", "1"]
    assert platform.cursors()[0] is None
    assert recorded(store, "run").may_be_open


async def test_a_cursor_that_the_server_forgot_is_dropped_and_no_line_comes_twice(
    asking: tuple[Platform, AutomationApi, RunStore],
) -> None:
    platform, api, store = asking
    platform.logs("0", "1", "2")
    platform.forgets_cursors = True
    store.add(line("run", "id-0", "0"))
    await catch_up(api, store, recorded(store, "run"))
    assert messages(store, "run") == ["0", "1", "2"]


async def test_what_was_read_before_an_outage_is_recorded(
    asking: tuple[Platform, AutomationApi, RunStore],
) -> None:
    platform, api, store = asking
    platform.logs("0", "1", "2", "3")
    platform.page_size, platform.fails_after = 2, 1
    with pytest.raises(UnreachableError):
        await catch_up(api, store, recorded(store, "run"))
    assert messages(store, "run") == ["0", "1"]


async def test_what_the_platform_may_have_forgotten_is_told(
    asking: tuple[Platform, AutomationApi, RunStore],
) -> None:
    platform, api, store = asking
    an_hour_ago = time.time() - 3600
    store.begin(begun("old", mark=MARK, started=an_hour_ago))
    platform.server.answers = [json_answer({"logs": []})]
    platform.server.handler = platform.server._next_answer
    gap = await catch_up(api, store, recorded(store, "old"))
    assert gap is not None
    assert gap.since == an_hour_ago
    assert gap.until == pytest.approx(time.time() - 600, abs=60)
    store.add(line("old", "1", time=time.time() - 60))
    assert await catch_up(api, store, recorded(store, "old")) is None


async def test_what_fails_for_one_run_keeps_no_other_from_being_asked_about(tmp_path: Path) -> None:
    began = time.time() - 1000

    async def handle(request: Request) -> Answer:
        (run,) = request.json["automation_ids"]
        if run == "fails":
            return RESET
        entry = {"automationId": run, "lineNumber": 2, "messageLevel": "log", "timestamp": NOW_MS}
        logged = [] if "from" in request.json else [{"id": "1", "message": f"of {run}", **entry}]
        return json_answer({"logs": logged})

    with RunStore(tmp_path) as store:
        for run in ("first", "fails", "last"):
            store.begin(begun(run, started=began))
        async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
            server.handler = handle
            result = await catch_up_each(AutomationApi(transport), store, store.runs(), 15.0)
        assert messages(store, "first") == ["of first"]
        assert messages(store, "last") == ["of last"]
    assert {run: type(error) for run, error in result.failures.items()} == {"fails": UnreachableError}
    assert {run.id for run, _ in result.gaps} == {"first", "last"}
    for _, gap in result.gaps:
        assert gap.since == began
        assert began < gap.until < time.time() - 590


async def test_a_platform_that_is_too_slow_is_not_waited_for(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def handle(request: Request) -> Answer:
        asked.set()
        await asyncio.sleep(60)
        raise AssertionError

    with RunStore(tmp_path) as store:
        store.begin(begun("run"))
        async with scripted_server() as server, Transport(server.server, patience=IMPATIENT) as transport:
            server.handler = handle
            result = await catch_up_each(AutomationApi(transport), store, store.runs(), 1.0)
    assert "too slow" in str(result.failures["run"])
    assert asked.is_set()
