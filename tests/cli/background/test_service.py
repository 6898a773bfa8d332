"""What a daemon keeps of its loop, and tells whoever attaches."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from xgodo_dev import __version__
from xgodo_dev.cli.background.service import Service
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.loop import control, control_client
from xgodo_dev.loop.events import Change, Check, Conflict, Ready, Synced, SyncFailed
from xgodo_dev.loop.launches import Launches
from xgodo_dev.project.config import Project
from xgodo_dev.project.watch_lock import Holder
from xgodo_dev.runs.events import Event, Exit, Launch, Notice

READY = Ready(root="/r", files=1, project="p")
PASSED = Check(ok=True, errors=[], ms=1)
UNCHECKED = Notice(message="Not checked: tsconfig.json is gone.")
UNSENT = SyncFailed(path="main.ts", reason="Can't reach it.")
LAUNCH = Launch(run="r", device="Ant", entry="main.ts")


@asynccontextmanager
async def daemon(root: Path) -> AsyncIterator[Service]:
    (root / ".xgodo").mkdir()
    service = Service(Project(root, "test"), 0, view=None, on_ready=lambda: None)
    async with asyncio.timeout(60):
        yield service


async def told(root: Path, service: Service) -> list[object]:
    """What somebody is told who attaches now."""
    async with control.listening(root, service.answer) as place:
        holder = Holder(os.getpid(), "daemon", version=__version__, socket=place)
        async with control_client.talk(root, holder, "follow") as talk:
            said = aiter(talk)
            first = await anext(said)
            assert "attached" in first
            service.show(Notice(message="the end"))
            found = []
            while (each := await anext(said)).get("message") != "the end":
                found.append(each.get("message", each["event"]))
            return found


@pytest.mark.parametrize(
    ("shown", "begins_with"),
    [
        ([], []),
        ([READY, PASSED, LAUNCH], ["ready", "check", "launch"]),
        ([READY, PASSED, LAUNCH, Exit(run="r", device="Ant", status="success", ms=1)], ["ready", "check"]),
        ([READY, PASSED, UNCHECKED], ["ready", UNCHECKED.message]),
        ([READY, UNCHECKED, PASSED], ["ready", "check"]),
        ([READY, PASSED, UNSENT], ["ready", "check", "sync-failed"]),
        ([READY, UNSENT, Conflict(path="main.ts"), PASSED], ["ready", "check", "conflict"]),
        ([READY, PASSED, UNSENT, Synced(path="main.ts", ms=1, bytes=1)], ["ready", "check"]),
        ([READY, PASSED, UNSENT, Change(paths=["main.ts"])], ["ready", "check"]),
    ],
    ids=lambda events: " ".join(each if isinstance(each, str) else each.name for each in events) or "nothing",
)
async def test_whoever_attaches_is_told_how_things_stand(
    tmp_path: Path, shown: list[Event], begins_with: list[str]
) -> None:
    async with daemon(tmp_path) as service:
        for event in shown:
            service.show(event)
        assert await told(tmp_path, service) == begins_with


async def test_of_the_branch_before_nothing_is_told_any_more(tmp_path: Path) -> None:
    async with daemon(tmp_path) as service:
        service.show(READY)
        service.show(PASSED)
        service.show(UNSENT)
        service.face(cast(Workspace, None), [])
        assert await told(tmp_path, service) == []


async def test_who_was_told_to_stop_between_two_sessions_ends_the_next_one(tmp_path: Path) -> None:
    async with daemon(tmp_path) as service:
        ends: list[str] = []
        launches = cast(Launches, None)
        async with service.listening(launches, lambda _why: None):
            # That session is over already, and has not heard it.
            service._stop()
        async with service.listening(launches, ends.append):
            assert ends == ["daemon stop"]
