"""Mobilerun's devices as a server lists them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scripted_server import json_answer, scripted_server
from xgodo_dev.cli.endpoints import mobilerun_devices
from xgodo_dev.errors import ServerUnavailable
from xgodo_dev.platform.clients import Mobilerun


@pytest.mark.parametrize("item", [1, {"id": "d"}, {"id": "d", "name": None, "state": "ready"}])
async def test_what_is_no_list_of_devices_is_the_servers_failure(item: Any) -> None:
    async with scripted_server() as server:
        server.answers = [json_answer({"items": [item], "pagination": {"total": 1}})]
        async with Mobilerun(server.server) as client:
            with pytest.raises(ServerUnavailable, match="unknown shape"):
                await mobilerun_devices.there(client)
