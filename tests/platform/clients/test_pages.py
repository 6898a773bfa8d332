"""Iterators over pages, of servers that page as documented and of those that don't."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scripted_server import IMPATIENT, Answer, Request, ScriptedServer, json_answer, scripted_server
from xgodo_dev.errors import ApiError, ServerUnavailable
from xgodo_dev.platform.clients import Mobilerun, Xgodo, calling


class Paging:
    """Serves numbers page by page; ``total`` None leaves it out, ``most`` is all that it gives at once."""

    def __init__(self, count: int, *, size: int, total: int | None, most: int | None = None) -> None:
        self.items = [{"id": str(number)} for number in range(count)]
        self._size = size
        self._total = total
        self._most = most
        self.asked: list[tuple[str, str]] = []

    async def mobilerun(self, request: Request) -> Answer:
        asked = request.query
        self.asked.append((asked.get("page", "1"), asked.get("pageSize", "")))
        size = min(int(asked.get("pageSize", self._size)), self._most or self._size * 1000)
        start = (int(asked.get("page", 1)) - 1) * size
        pagination = {} if self._total is None else {"total": self._total}
        return json_answer({"items": self.items[start : start + size], "pagination": pagination})

    async def proxy_logs(self, request: Request) -> Answer:
        asked = request.json
        start, size = asked["offset"], asked.get("limit", 100)
        self.asked.append((str(start), str(size)))
        return json_answer(
            {"success": True, "total": self._total, "entries": self.items[start : start + size]}
        )


async def apps(remote: ScriptedServer, size: int | None) -> list[Any]:
    async with Mobilerun(remote.server, patience=IMPATIENT) as mobilerun:
        return [app async for app in mobilerun.apps.iter_list(page_size=size)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    count=st.integers(0, 25),
    size=st.none() | st.integers(1, 12),
    has_total=st.booleans(),
    most=st.none() | st.integers(1, 12),
)
def test_every_item_comes_once_however_many_a_server_gives_at_once(
    count: int, size: int | None, has_total: bool, most: int | None
) -> None:
    # Without a total and at the documented page size, a short page is the end: it may not be shortened.
    most = most if has_total or size else None
    paging = Paging(count, size=10, total=count if has_total else None, most=most)

    async def ask() -> list[Any]:
        async with scripted_server() as remote:
            remote.handler = paging.mobilerun
            return await apps(remote, size)

    assert asyncio.run(ask()) == paging.items
    assert len(set(paging.asked)) == len(paging.asked)


@pytest.mark.parametrize(
    ("count", "total", "requests"), [(10, 10, 1), (10, None, 2), (9, None, 1), (0, None, 1), (0, 0, 1)]
)
async def test_no_page_is_asked_for_behind_the_last_where_that_is_known(
    remote: ScriptedServer, count: int, total: int | None, requests: int
) -> None:
    paging = Paging(count, size=10, total=total)
    remote.handler = paging.mobilerun
    assert await apps(remote, None) == paging.items
    assert len(remote.requests) == requests


async def test_a_list_without_an_end_is_read_so_far(
    remote: ScriptedServer, mobilerun: Mobilerun, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def always_more(request: Request) -> Answer:
        number = int(request.query.get("page", 1))
        return json_answer({"items": [{"id": str(number)}], "pagination": {"total": 10**9}})

    monkeypatch.setattr(calling, "_MOST_PAGES", 3)
    remote.handler = always_more
    with pytest.raises(ServerUnavailable, match="has no end: 3 pages were read"):
        async for _device in mobilerun.devices.iter_list():
            pass
    assert len(remote.requests) == 3


@pytest.mark.parametrize("total", [None, 10**9])
async def test_a_server_that_gives_the_same_page_for_ever_is_found_out(
    remote: ScriptedServer, mobilerun: Mobilerun, total: int | None
) -> None:
    items = [{"id": str(number)} for number in range(20)]
    remote.answers = [json_answer({"items": items, "pagination": {"total": total}})]
    got = []
    with pytest.raises(ServerUnavailable, match="same page"):
        async for device in mobilerun.devices.iter_list():
            got.append(device)  # noqa: PERF401 - what came before the error counts
    assert got == items
    assert len(remote.requests) == 2


async def test_a_total_that_is_never_reached_ends_with_an_empty_page(
    remote: ScriptedServer, mobilerun: Mobilerun
) -> None:
    paging = Paging(3, size=2, total=50)
    remote.handler = paging.mobilerun
    assert [each async for each in mobilerun.devices.iter_list(page_size=2)] == paging.items
    assert len(remote.requests) == 3


async def test_offsets_move_on_by_the_size_of_a_page(remote: ScriptedServer, xgodo: Xgodo) -> None:
    paging = Paging(5, size=2, total=5)
    remote.handler = paging.proxy_logs
    moments = {"from_": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    assert [each async for each in xgodo.proxies.iter_logs(limit=2, **moments)] == paging.items
    assert paging.asked == [("0", "2"), ("2", "2"), ("4", "2")]


async def test_pages_are_asked_for_as_they_are_needed(remote: ScriptedServer, mobilerun: Mobilerun) -> None:
    remote.handler = Paging(100, size=10, total=100).mobilerun
    devices = mobilerun.devices.iter_list(page_size=10)
    for _ in range(10):
        await anext(devices)
    assert len(remote.requests) == 1
    await anext(devices)
    assert len(remote.requests) == 2
    await devices.aclose()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (json_answer({"error": "Job not found"}, 404), ApiError),
        (json_answer({"buckets": {}}), ServerUnavailable),
        (json_answer({"total": 3}), ServerUnavailable),
        (json_answer([]), ServerUnavailable),
    ],
)
async def test_a_page_that_is_none_is_an_error(
    remote: ScriptedServer, xgodo: Xgodo, answer: Answer, kind: type[Exception]
) -> None:
    remote.answers = [answer]
    with pytest.raises(kind):
        await anext(xgodo.buckets.iter_list(job_id="j"))
