"""A real engine on the real Node.js."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from xgodo_dev.emulator.phone.engine import Engine
from xgodo_dev.toolchain.node import find_node


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    async with Engine(find_node()) as entered:
        yield entered
