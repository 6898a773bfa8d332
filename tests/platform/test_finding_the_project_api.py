"""Whether a server has the project API, and below which base: every combination of what two bases answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from tests.platform.memory import Memory
from tests.scripted_server import IMPATIENT, RESET, Answer, Request, ScriptedServer, json_answer, page
from xgodo_dev.errors import (
    AuthenticationError,
    NotFound,
    ServerUnavailable,
    UnreachableError,
    XgodoError,
)
from xgodo_dev.platform.answers import RouteMissing
from xgodo_dev.platform.project_api import find
from xgodo_dev.platform.transport import Transport

PROJECT = "83ba7359-d8eb-4374-8ecb-055af01fddfe"
NOW = 1_700_000_000.0
DAY = 86_400
FILES = f"/api/v2/automation-project/{PROJECT}/files"
PROJECTS = "/api/v2/automation-projects"

LISTING = json_answer({"success": True, "files": [{"path": "a.ts", "hash": "0" * 40, "size": 0}]})
GONE = json_answer({"success": False, "message": "Automation project not found"}, 404)
UNKNOWN = json_answer({"detail": "Not Found"}, 404)
PAGE = page(404, f"<pre>Cannot GET {FILES}</pre>")
OWN_PROJECTS = json_answer({"success": True, "projects": []})


@dataclass(frozen=True)
class Base:
    """What a base answers to the question for files, then to that for projects, and what follows."""

    name: str
    files: Answer
    projects: Answer = PAGE
    there: bool = False
    sure: bool = True
    error: type[XgodoError] | None = None
    in_doubt: bool = False
    """Whether only the question for projects decides."""

    def requests(self, under: str) -> list[str]:
        """What it is asked, at least: a failing request is repeated."""
        asks_twice = self.files not in (LISTING, PAGE) and (self.there or self.in_doubt or not self.sure)
        return [f"GET {under}{FILES}", *([f"GET {under}{PROJECTS}"] if asks_twice else [])]


BASES = [
    Base("has it", LISTING, there=True),
    Base("page 404", PAGE),
    Base("empty 404", Answer(404)),
    Base("JSON Cannot GET", json_answer({"message": f"Cannot GET {FILES}", "statusCode": 404}, 404)),
    Base("page 405", page(405)),
    Base("JSON 405", json_answer({"detail": "Method Not Allowed"}, 405)),
    Base("project missing", GONE, OWN_PROJECTS, there=True),
    Base("project id refused", json_answer({"message": "Invalid id"}, 400), OWN_PROJECTS, there=True),
    Base("all JSON 404", UNKNOWN, UNKNOWN, in_doubt=True),
    Base("JSON 404 then page", UNKNOWN, PAGE, in_doubt=True),
    Base("JSON 404 then refusal", UNKNOWN, json_answer({"success": False, "message": "No"}), sure=False),
    Base("JSON 404 then other JSON", UNKNOWN, json_answer({"success": True, "data": []}), sure=False),
    Base("JSON 404 then odd projects", UNKNOWN, json_answer({"projects": "none"}), sure=False),
    Base("redirect", Answer(302, headers={"Location": "/login"}), Answer(302), sure=False),
    Base("JSON 404 then 401", GONE, json_answer({}, 401), sure=False, error=AuthenticationError),
    Base("JSON 404 then 500", GONE, page(500), sure=False, error=ServerUnavailable),
    Base("JSON 404 then dropped", GONE, RESET, sure=False, error=UnreachableError),
    Base("401", json_answer({"message": "Invalid API key"}, 401), error=AuthenticationError),
    Base("500", page(500), error=ServerUnavailable),
    Base("dropped", RESET, error=UnreachableError),
    Base("200 page", page(200)),
    Base("200 other JSON", json_answer({"success": True}), error=ServerUnavailable),
]
names = [base.name for base in BASES]


def serve(remote: ScriptedServer, bases: dict[str, Base]) -> None:
    async def handle(request: Request) -> Answer:
        for question in (FILES, PROJECTS):
            if request.path.endswith(question):
                base = bases[request.path.removesuffix(question)]
                return base.files if question == FILES else base.projects
        raise AssertionError(request.path)

    remote.handler = handle


def once(calls: Sequence[str]) -> list[str]:
    """Without the repetitions of a request that failed."""
    return [call for call, before in zip(calls, [None, *calls], strict=False) if call != before]


@pytest.mark.parametrize("plain", BASES, ids=names)
@pytest.mark.parametrize("server", BASES, ids=names)
async def test_server_is_asked_first_then_the_plain_base(
    remote: ScriptedServer, transport: Transport, server: Base, plain: Base
) -> None:
    serve(remote, {"/server": server, "": plain})
    memory = Memory()
    decisive, under = (server, "/server") if server.there or server.error else (plain, "")
    asked = server.requests("/server") + (plain.requests("") if under == "" else [])
    if decisive.error:
        with pytest.raises(decisive.error):
            await find(transport, PROJECT, memory, now=NOW)
        assert memory.facts == {}
    else:
        found = await find(transport, PROJECT, memory, now=NOW)
        if decisive.there:
            assert found is not None
            assert memory.facts == {"project-api": under}
            if decisive.files is LISTING:
                assert [file.path for file in await found.files()] == ["a.ts"]
        else:
            assert found is None
            assert memory.facts == ({"project-api": f"none@{NOW:.0f}"} if server.sure and plain.sure else {})
    assert once(remote.calls()) == asked


@pytest.mark.parametrize("only", BASES, ids=names)
async def test_an_address_that_ends_with_server_has_one_base(remote: ScriptedServer, only: Base) -> None:
    serve(remote, {"/server": only})
    memory = Memory()
    server = replace(remote.server, api_url=remote.url + "/server")
    async with Transport(server, patience=IMPATIENT) as transport:
        if only.error:
            with pytest.raises(only.error):
                await find(transport, PROJECT, memory, now=NOW)
        else:
            assert (await find(transport, PROJECT, memory, now=NOW) is not None) is only.there
    assert once(remote.calls()) == only.requests("/server")
    learned = "" if only.there else f"none@{NOW:.0f}"
    nothing = only.error or not (only.there or only.sure)
    assert memory.facts == ({} if nothing else {"project-api": learned})


@pytest.mark.parametrize("remembered", ["/server", ""])
async def test_a_remembered_base_is_used_without_asking(
    remote: ScriptedServer, transport: Transport, remembered: str
) -> None:
    remote.answers = [LISTING]
    memory = Memory(project_api=remembered)
    found = await find(transport, PROJECT, memory, now=NOW)
    assert remote.requests == []
    assert found is not None
    await found.files()
    assert remote.calls() == [f"GET {remembered}{FILES}"]
    assert memory.facts == {"project-api": remembered}


@pytest.mark.parametrize(
    ("remembered", "asks"),
    [
        (f"none@{NOW:.0f}", False),
        (f"none@{NOW - DAY + 1:.0f}", False),
        (f"none@{NOW - DAY:.0f}", True),
        (f"none@{NOW - 10 * DAY:.0f}", True),
        # Remembered by a clock that was ahead.
        (f"none@{NOW + 1:.0f}", True),
        ("none@", True),
        ("none@nan", True),
        ("none@soon", True),
        ("none", True),
        (f"{NOW:.0f}", True),
        ("unknown", True),
        ("/other", True),
    ],
)
async def test_that_there_is_none_is_believed_for_a_day(
    remote: ScriptedServer, transport: Transport, remembered: str, asks: bool
) -> None:
    remote.answers = [LISTING]
    memory = Memory(project_api=remembered)
    found = await find(transport, PROJECT, memory, now=NOW)
    assert (found is not None) is asks
    assert bool(remote.requests) is asks
    assert memory.facts == {"project-api": "/server" if asks else remembered}


async def test_a_server_that_lost_its_project_api_is_asked_anew(
    remote: ScriptedServer, transport: Transport
) -> None:
    memory = Memory(project_api="/server")
    remote.answers = [PAGE]
    found = await find(transport, PROJECT, memory, now=NOW)
    assert found is not None
    with pytest.raises(RouteMissing) as raised:
        await found.sync([("a.ts", b"1")])
    assert "asked anew" in raised.value.with_hint()
    assert await find(transport, PROJECT, memory, now=NOW) is None
    assert memory.facts == {"project-api": f"none@{NOW:.0f}"}


async def test_a_missing_service_or_project_is_no_missing_project_api(
    remote: ScriptedServer, transport: Transport
) -> None:
    memory = Memory(project_api="/server")
    found = await find(transport, PROJECT, memory, now=NOW)
    assert found is not None
    remote.answers = [PAGE]
    with pytest.raises(RouteMissing):
        await found.history(1)
    remote.answers = [GONE]
    with pytest.raises(NotFound):
        await found.files()
    assert memory.facts == {"project-api": "/server"}
