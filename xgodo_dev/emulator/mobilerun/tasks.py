"""Goals in plain words, and what the agent does about them: ``/tasks`` and what is below it.

``agent`` says what becomes of which task. Where the documentation is silent: tasks given to one device are
carried out one after the other; a stream that breaks off leaves its task alone; ``attach`` begins with the
first event, or after the one that ``Last-Event-ID`` names, and serves tasks that have ended too; one
screenshot and one UI state belong to each step, under URLs that need no API key.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.mobilerun import media, task_store
from xgodo_dev.emulator.mobilerun.models import MODELS
from xgodo_dev.emulator.mobilerun.paging import listed
from xgodo_dev.emulator.mobilerun.refusals import Missing, Unusable
from xgodo_dev.emulator.mobilerun.task_store import Happened, Task
from xgodo_dev.emulator.paging import Page
from xgodo_dev.emulator.refusals import ErrorShape
from xgodo_dev.emulator.services.endpoint import Call, Document, mobilerun_endpoint

SHAPE = ErrorShape.DETAIL
TABLES = task_store.TABLES

KEEP_ALIVE = ": still there\n"
"""A comment, sent where nothing else is for long. An empty line after it would be the end of an event without
data to the official SDK, which then fails."""

# What a task was given where nothing is said, beside the defaults that the spec has.
_UNSAID: dict[str, Any] = {
    "apps": [],
    "credentials": [],
    "files": [],
    "outputSchema": None,
    "vpnCountry": None,
}


async def run(emulator: Emulator, call: Call) -> Document:
    """Begins a task."""
    task = _begin(emulator, call)
    device = emulator.mobilerun.devices.require(task.device_id)
    return {
        "id": task.id,
        "status": task.status,
        "streamUrl": task.stream_url,
        "token": device.stream_token,
    }


async def stream(emulator: Emulator, call: Call) -> StreamingResponse:
    """Begins a task, and streams what happens in it."""
    return _stream(emulator, call.request, _begin(emulator, call), -1)


async def list_tasks(emulator: Emulator, call: Call) -> Document:
    """One page of the tasks in a state whose text has a query in it."""
    asked = call.arguments
    page = Page(asked["page"], asked["pageSize"])
    found, total = emulator.mobilerun.tasks.page(
        page,
        order_by=asked["orderBy"],
        descending=asked["orderByDirection"] == "desc",
        status=asked.get("status"),
        query=asked.get("query"),
    )
    return listed(page, [task.document(emulator.mobilerun.user_id) for task in found], total)


async def get(emulator: Emulator, call: Call) -> Document:
    """One task."""
    return {"task": _task(emulator, call).document(emulator.mobilerun.user_id)}


async def status(emulator: Emulator, call: Call) -> Document:
    """How a task stands."""
    task = _task(emulator, call)
    return {
        "status": task.status,
        "succeeded": task.succeeded,
        "steps": task.steps,
        "message": task.message,
        "output": None if task.output is None else dict(task.output),
    }


async def cancel(emulator: Emulator, call: Call) -> Document:
    """Ends a task."""
    emulator.mobilerun.runner.cancel(call.arguments["task_id"])
    return {"cancelled": True}


async def attach(emulator: Emulator, call: Call) -> StreamingResponse:
    """Streams what happens in a task."""
    known = call.request.headers.get("last-event-id", "")
    # More digits than a task has events name none of them.
    after = int(known) if known.isascii() and known.isdecimal() and len(known) < 10 else -1
    return _stream(emulator, call.request, _task(emulator, call), after)


async def trajectory(emulator: Emulator, call: Call) -> Document:
    """Everything that happened in a task."""
    task = _task(emulator, call)
    events = emulator.mobilerun.tasks.events(task.id)
    return {"trajectory": [_shown(call.request, task, happened) for happened in events]}


async def screenshots(emulator: Emulator, call: Call) -> Document:
    """The URLs of a task's screenshots."""
    return _urls(emulator, call, "screenshots")


async def screenshot(emulator: Emulator, call: Call) -> Document:
    """The URL of one screenshot."""
    return _url(emulator, call, "screenshots")


async def ui_states(emulator: Emulator, call: Call) -> Document:
    """The URLs of a task's UI states."""
    return _urls(emulator, call, "ui_states")


async def ui_state(emulator: Emulator, call: Call) -> Document:
    """The URL of one UI state."""
    return _url(emulator, call, "ui_states")


def _begin(emulator: Emulator, call: Call) -> Task:
    asked = call.arguments
    if asked["llmModel"] not in MODELS:
        raise Unusable(f"Unknown model: {asked['llmModel']}")
    settings = _UNSAID | {name: value for name, value in asked.items() if name not in ("task", "deviceId")}
    return emulator.mobilerun.runner.run(asked["task"], asked.get("deviceId"), settings)


def _task(emulator: Emulator, call: Call) -> Task:
    return emulator.mobilerun.tasks.require(call.arguments["task_id"])


def _urls(emulator: Emulator, call: Call, kind: media.Kind) -> Document:
    task = _task(emulator, call)
    count = emulator.mobilerun.tasks.count_of_events(task.id, media.EVENTS[kind])
    return {"urls": [media.url(call.request, task, kind, index) for index in range(count)]}


def _url(emulator: Emulator, call: Call, kind: media.Kind) -> Document:
    task, index = _task(emulator, call), call.arguments["index"]
    if index >= emulator.mobilerun.tasks.count_of_events(task.id, media.EVENTS[kind]):
        raise Missing("Media")
    return {"url": media.url(call.request, task, kind, index)}


def _stream(emulator: Emulator, request: Request, task: Task, after: int) -> StreamingResponse:
    async def lines() -> AsyncIterator[str]:
        async for happened in emulator.mobilerun.runner.follow(task.id, after):
            if happened is None:
                yield KEEP_ALIVE
                continue
            data = json.dumps(_shown(request, task, happened))
            yield f"id: {happened.number}\nevent: {happened.event.name}\ndata: {data}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-cache"})


def _shown(request: Request, task: Task, happened: Happened) -> dict[str, Any]:
    event, data = happened.event, dict(happened.event.data)
    for kind, name in media.EVENTS.items():
        if event.name == name:
            data["url"] = media.url(request, task, kind, data["index"])
    return {"event": event.name, "data": data}


ENDPOINTS = (
    mobilerun_endpoint("tasks.run", run),
    mobilerun_endpoint("tasks.stream", stream),
    mobilerun_endpoint("tasks.list", list_tasks),
    mobilerun_endpoint("tasks.get", get),
    mobilerun_endpoint("tasks.status", status),
    mobilerun_endpoint("tasks.cancel", cancel),
    mobilerun_endpoint("tasks.attach", attach),
    mobilerun_endpoint("tasks.trajectory", trajectory),
    mobilerun_endpoint("tasks.screenshots", screenshots),
    mobilerun_endpoint("tasks.screenshot", screenshot),
    mobilerun_endpoint("tasks.ui_states", ui_states),
    mobilerun_endpoint("tasks.ui_state", ui_state),
)
