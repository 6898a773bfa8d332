"""What the URLs of screenshots and UI states lead to: ``/mobilerun/media/…``.

No API key is needed, as with the signed URLs of a store of files: who knows the URL may read it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.mobilerun import screens
from xgodo_dev.emulator.mobilerun.refusals import Missing
from xgodo_dev.emulator.mobilerun.task_store import Task
from xgodo_dev.emulator.refusals import ErrorShape
from xgodo_dev.emulator.services.endpoint import Call, Endpoint, Handler

SHAPE = ErrorShape.DETAIL

Kind = Literal["screenshots", "ui_states"]

EVENTS: Final[Mapping[Kind, str]] = {"screenshots": "ScreenshotEvent", "ui_states": "RecordUIStateEvent"}
"""The events that say that there is one more."""

_BASE = "/mobilerun/media"
_SUFFIXES: Mapping[Kind, str] = {"screenshots": "png", "ui_states": "json"}


def url(request: Request, task: Task, kind: Kind, index: int) -> str:
    """Where a picture or UI state of a task is, by the address that the request came to."""
    origin = str(request.base_url).rstrip("/")
    return f"{origin}{_BASE}/{task.id}/{task.media_key}/{kind}/{index}.{_SUFFIXES[kind]}"


async def screenshot(emulator: Emulator, call: Call) -> Response:
    """One screenshot as PNG."""
    return Response(screens.screenshot(_index(emulator, call, "screenshots")), media_type="image/png")


async def ui_state(emulator: Emulator, call: Call) -> Response:
    """One UI state as JSON."""
    return JSONResponse(screens.ui_state(_index(emulator, call, "ui_states")))


def _index(emulator: Emulator, call: Call, kind: Kind) -> int:
    task, index = emulator.mobilerun.tasks.require(call.path["task_id"]), int(call.path["index"])
    known = hmac.compare_digest(call.path["key"].encode(), task.media_key.encode())
    if not known or index >= emulator.mobilerun.tasks.count_of_events(task.id, EVENTS[kind]):
        raise Missing("Media")
    return index


def _endpoint(kind: Kind, answer: Handler) -> Endpoint:
    path = f"/{{task_id}}/{{key}}/{kind}/{{index:int}}.{_SUFFIXES[kind]}"
    return Endpoint(("GET",), path, answer, bases=(_BASE,), needs_token=False)


ENDPOINTS = (_endpoint("screenshots", screenshot), _endpoint("ui_states", ui_state))
