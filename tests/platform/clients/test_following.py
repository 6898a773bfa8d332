"""A task is followed to its end, whatever happens to its streams."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.scripted_server import Answer, Request, ScriptedServer, json_answer, page
from xgodo_dev.errors import ApiError, NotFound, UnreachableError
from xgodo_dev.platform.clients import Mobilerun
from xgodo_dev.platform.clients.following import FollowedTask

TASK = "0d5b6c2e-4a0e-4f54-9d0a-9f2f0b3f6d11"


def event(name: str, **data: Any) -> dict[str, Any]:
    return {"event": name, "data": data}


HISTORY = [
    event("CreatedEvent", id=TASK, streamUrl="wss://…"),
    event("StartEvent"),
    event("ToolExecutionEvent", summary="Opened Chrome"),
    event("ToolExecutionEvent", summary="Opened Chrome"),
    event("ResultEvent", success=True),
]


def stream(events: Sequence[dict[str, Any]], *, first: int | None = 0, broken: bool = False) -> Answer:
    """A stream of events with ids from ``first`` on, or without; ``broken`` loses its last bytes."""
    lines = [
        (f"id: {first + number}\n" if first is not None else "") + f"data: {json.dumps(each)}\n\n"
        for number, each in enumerate(events)
    ]
    body = "".join(lines).encode()
    return Answer(
        200, body + b": end", {"Content-Type": "text/event-stream"}, sent_bytes=len(body) if broken else None
    )


class Task:
    """A task whose streams are given in turn, and which has ended when there are none left."""

    def __init__(
        self, *streams: Answer, statuses: Sequence[str] = (), history: Sequence[dict[str, Any]] = HISTORY
    ) -> None:
        self._streams = list(streams)
        self._statuses = list(statuses)
        self._history = history

    async def answer(self, request: Request) -> Answer:
        if request.path.endswith("/status"):
            state = self._statuses.pop(0) if self._statuses else "running" if self._streams else "completed"
            return json_answer({"status": state, "succeeded": True})
        if request.path.endswith("/trajectory"):
            return json_answer({"trajectory": self._history})
        return self._streams.pop(0)


async def followed(mobilerun: Mobilerun, task: Any) -> tuple[list[Any], FollowedTask]:
    run = FollowedTask(mobilerun.tasks, task, pauses=(0.001,))
    return [each async for each in run], run


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize("broken", [True, False])
async def test_every_event_comes_once_through_streams_that_end_too_early(
    remote: ScriptedServer, mobilerun: Mobilerun, ids: bool, repeats: bool, broken: bool
) -> None:
    first = 0 if ids else None
    later = HISTORY if repeats else HISTORY[2:]
    remote.handler = Task(
        stream(HISTORY[:2], first=first, broken=broken),
        page(503) if broken else stream([]),
        stream(later, first=first if repeats or first is None else 2),
    ).answer
    started = mobilerun.tasks.stream(task="Open Chrome", llm_model="m")
    events, run = await followed(mobilerun, started)
    assert events == HISTORY
    assert run.final == {"status": "completed", "succeeded": True}
    assert run.id == TASK
    calls = remote.calls()
    assert calls[0] == "POST /tasks/stream"
    assert calls.count("POST /tasks/stream") == 1
    assert set(calls[1:]) <= {f"GET /tasks/{TASK}/{what}" for what in ("status", "attach")}


@pytest.mark.parametrize("broken", [True, False])
async def test_a_task_that_ended_while_nobody_listened_is_told_from_its_history(
    remote: ScriptedServer, mobilerun: Mobilerun, broken: bool
) -> None:
    # A history may leave out particulars that are empty.
    history = [{key: value for key, value in each.items() if value} for each in HISTORY]
    remote.handler = Task(stream(HISTORY[:3], broken=broken), statuses=["completed"], history=history).answer
    events, run = await followed(mobilerun, mobilerun.tasks.stream(task="Open Chrome", llm_model="m"))
    assert events == HISTORY
    assert run.final is not None


async def test_a_task_that_runs_already_is_followed_by_its_id(
    remote: ScriptedServer, mobilerun: Mobilerun
) -> None:
    remote.handler = Task(stream(HISTORY)).answer
    run = mobilerun.tasks.follow(TASK)
    assert [each async for each in run] == HISTORY
    assert run.final is not None


async def test_a_stream_that_breaks_before_it_tells_its_task_is_an_error(
    remote: ScriptedServer, mobilerun: Mobilerun
) -> None:
    remote.handler = Task(stream(HISTORY[1:2], broken=True)).answer
    with pytest.raises(UnreachableError):
        await followed(mobilerun, mobilerun.tasks.stream(task="Open Chrome", llm_model="m"))


async def test_a_task_that_is_missing_is_not_waited_for(remote: ScriptedServer, mobilerun: Mobilerun) -> None:
    remote.answers = [json_answer({"detail": "No such task"}, 404)]
    with pytest.raises(NotFound):
        await followed(mobilerun, TASK)


async def test_a_task_that_ends_before_it_is_attached_to_is_told_from_its_history(
    remote: ScriptedServer, mobilerun: Mobilerun
) -> None:
    ended = json_answer({"detail": "The task has ended"}, 409)
    remote.handler = Task(stream(HISTORY[:2]), ended, statuses=["running", "completed"]).answer
    events, _ = await followed(mobilerun, mobilerun.tasks.stream(task="Open Chrome", llm_model="m"))
    assert events == HISTORY


async def test_a_running_task_that_can_not_be_attached_to_is_an_error(
    remote: ScriptedServer, mobilerun: Mobilerun
) -> None:
    refused = json_answer({"detail": "No"}, 409)
    remote.handler = Task(refused, statuses=["running"] * 9).answer
    with pytest.raises(ApiError, match="No"):
        await followed(mobilerun, TASK)


async def test_events_of_a_stream_are_told_though_they_are_alike(
    remote: ScriptedServer, mobilerun: Mobilerun
) -> None:
    same = json.dumps(HISTORY[2])
    lines = ["id: 7", f"data: {json.dumps(HISTORY[0])}", "", f"data: {same}", "", f"data: {same}", "", ""]
    sticky = Answer(200, "\n".join(lines).encode(), {"Content-Type": "text/event-stream"})
    all_of_it = [HISTORY[0], HISTORY[2], HISTORY[2]]
    remote.handler = Task(sticky, sticky, history=all_of_it).answer
    events, _ = await followed(mobilerun, TASK)
    assert events == all_of_it


async def test_a_stream_without_ids_that_repeats_nothing_loses_nothing(
    remote: ScriptedServer, mobilerun: Mobilerun
) -> None:
    first, second = HISTORY[:2]
    streams = (stream([first, second], first=None), stream([second, second], first=None))
    all_of_it = [first, second, second, second]
    remote.handler = Task(*streams, history=all_of_it).answer
    events, _ = await followed(mobilerun, TASK)
    assert events == all_of_it


async def test_who_stops_listening_leaves_no_connection_behind(
    remote: ScriptedServer, mobilerun: Mobilerun
) -> None:
    remote.handler = Task(stream(HISTORY)).answer
    run = mobilerun.tasks.follow(mobilerun.tasks.stream(task="Open Chrome", llm_model="m"))
    async for each in run:
        assert each == HISTORY[0]
        break
    await run.aclose()
    assert run.final is None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('data: {"event": "A", "data": {"n": 1}}', event("A", n=1)),
        ('event: A\ndata: {"n": 1}', event("A", n=1)),
        ('data: {"event": "A"}', event("A")),
    ],
)
async def test_an_event_is_understood_in_either_form(
    remote: ScriptedServer, mobilerun: Mobilerun, line: str, told: dict[str, Any]
) -> None:
    remote.answers = [Answer(200, f"{line}\n\n".encode(), {"Content-Type": "text/event-stream"})]
    assert [each async for each in mobilerun.tasks.attach(task_id=TASK)] == [told]


@pytest.mark.parametrize("data", ["[DONE]", "[1]", '"text"', "{"])
async def test_an_event_that_is_no_object_breaks_the_stream(
    remote: ScriptedServer, mobilerun: Mobilerun, data: str
) -> None:
    remote.answers = [Answer(200, f"data: {data}\n\n".encode(), {"Content-Type": "text/event-stream"})]
    with pytest.raises(UnreachableError):
        await anext(mobilerun.tasks.attach(task_id=TASK))
