"""A scripted server, and a transport to it that does not wait as long as a person would."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.scripted_server import IMPATIENT, ScriptedServer, scripted_server
from xgodo_dev.platform.transport import Transport


@pytest.fixture
async def remote() -> AsyncIterator[ScriptedServer]:
    async with scripted_server() as served:
        yield served


@pytest.fixture
async def transport(remote: ScriptedServer) -> AsyncIterator[Transport]:
    async with Transport(remote.server, patience=IMPATIENT) as opened:
        yield opened
