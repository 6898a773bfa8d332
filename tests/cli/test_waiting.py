"""What is said while a server takes its time."""

from __future__ import annotations

import asyncio

import click
import pytest

from xgodo_dev.cli.invocation import Invocation
from xgodo_dev.cli.waiting import waiting_for
from xgodo_dev.platform.credentials import Server

SERVER = Server("default", "https://xgodo.example", "remote")


async def test_only_who_waits_for_long_is_told_for_what(capsys: pytest.CaptureFixture[str]) -> None:
    with click.Context(click.Command("run"), obj=Invocation()):
        with waiting_for(SERVER, untold=0.01):
            pass
        told = asyncio.Event()
        with waiting_for(SERVER, untold=0.01):
            asyncio.get_running_loop().call_later(0.02, told.set)
            await told.wait()
    assert capsys.readouterr().err == "Waiting for https://xgodo.example to answer.\n"
