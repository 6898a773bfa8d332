"""Waiting for a device that a server does not tell of at once."""

from __future__ import annotations

from typing import Any

import click
import pytest

from tests.scripted_server import IMPATIENT, RESET, Answer, json_answer, page, scripted_server
from xgodo_dev.cli.invocation import Invocation
from xgodo_dev.cli.shortcuts import readiness
from xgodo_dev.errors import ApiError, UnreachableError
from xgodo_dev.platform.clients import Mobilerun

_READY = json_answer({"id": "d", "name": "phone", "state": "ready"})


async def _wait(monkeypatch: pytest.MonkeyPatch, *answers: Answer, deadline: float = 20) -> tuple[Any, int]:
    monkeypatch.setattr(readiness, "_PAUSE_S", 0.001)
    async with scripted_server() as server:
        server.answers = list(answers)
        async with Mobilerun(server.server, patience=IMPATIENT) as client:
            with click.Context(click.Command("wait"), obj=Invocation(quiet=True)):
                return await readiness.until_ready(client, "d", deadline), len(server.requests)


async def test_a_server_that_lets_nobody_wait_longer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    device, asked = await _wait(monkeypatch, json_answer({}, 408), json_answer({}, 408), _READY)
    assert (device["state"], asked) == ("ready", 3)


@pytest.mark.parametrize("answer", [json_answer({"error": "x"}, 404), page(502), RESET])
async def test_a_server_that_fails_is_told_of_at_once(
    monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    with pytest.raises((ApiError, UnreachableError)) as failed:
        await _wait(monkeypatch, answer)
    assert "not ready" not in str(failed.value)


async def test_what_the_server_said_last_is_told_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UnreachableError, match="not ready after 1 s") as late:
        await _wait(monkeypatch, json_answer({"message": "Still booting"}, 408), deadline=1.0)
    assert "Still booting" in str(late.value)
    assert isinstance(late.value.__cause__, ApiError)
