"""Clients of a server whose every answer is a test's to decide."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.scripted_server import IMPATIENT, ScriptedServer
from xgodo_dev.platform.clients import Mobilerun, Xgodo

ADMIN_TOKEN = "admin-token-77"


@pytest.fixture
async def xgodo(remote: ScriptedServer) -> AsyncIterator[Xgodo]:
    async with Xgodo(remote.server, patience=IMPATIENT, admin_token=ADMIN_TOKEN) as client:
        yield client


@pytest.fixture
async def mobilerun(remote: ScriptedServer) -> AsyncIterator[Mobilerun]:
    async with Mobilerun(remote.server, patience=IMPATIENT) as client:
        yield client
