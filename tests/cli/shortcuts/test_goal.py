"""Goals whose streams break where the server does not say how the task stands."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from tests.scripted_server import Answer, Request, json_answer, scripted_server
from xgodo_dev.cli.invocation import Invocation
from xgodo_dev.cli.shortcuts import goal
from xgodo_dev.errors import ApiError

_CREATED = f"event: CreatedEvent\ndata: {json.dumps({'event': 'CreatedEvent', 'data': {'id': 't1'}})}\n\n"


async def _stream_and_no_status(request: Request) -> Answer:
    if request.method == "GET":
        return json_answer({"detail": "No"}, 400)
    return Answer(200, _CREATED.encode(), {"Content-Type": "text/event-stream"})


async def test_a_task_that_can_not_be_followed_further_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MOBILERUN_API_KEY", "key-5f1c")
    values = {"task": "Look", "llmModel": "a/b", "deviceId": "d1"}
    async with scripted_server() as server:
        server.handler = _stream_and_no_status
        monkeypatch.setenv("MOBILERUN_API_URL", server.url)
        with (
            click.Context(click.Command("run"), obj=Invocation(json=True)),
            pytest.raises(ApiError) as broken,
        ):
            await goal._run(values)
    for command in ("attach", "cancel"):
        assert f"`xgodo-dev mobilerun tasks {command} t1`" in str(broken.value.hint)


def test_no_option_is_there_twice() -> None:
    flags = [flag for parameter in goal.make_run().params for flag in parameter.opts]
    assert len(set(flags)) == len(flags)
