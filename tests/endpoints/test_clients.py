"""Every endpoint through the Python clients, over a real socket."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.endpoints.faces import ENDPOINTS, SCENARIOS, SPECS, confirm
from tests.endpoints.scenarios import Given
from tests.endpoints.traffic import Traffic
from tests.endpoints.world import World
from xgodo_dev.platform.clients import Mobilerun, Xgodo
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.spec.reading import Operation


@pytest.mark.parametrize("platform", SPECS)
def test_there_is_a_scenario_for_every_endpoint(platform: str) -> None:
    shown = {each.id for each in SPECS[platform].operations.values() if not each.hidden}
    assert set(SCENARIOS[platform]) == shown


@pytest.mark.parametrize(("platform", "operation"), ENDPOINTS)
async def test_the_python_client_reaches_it(
    platform: str,
    operation: Operation,
    world: World,
    traffic: Traffic,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    given = SCENARIOS[platform][operation.id](world, tmp_path)
    mark = traffic.mark()
    async with client(platform, world, given) as opened:
        method = getattr(getattr(opened, operation.section), operation.name)
        named = {operation.parameter(name).python_name: value for name, value in given.arguments.items()}
        if operation.downloads:
            await method(**named, to=tmp_path / "downloaded")
            assert (tmp_path / "downloaded").stat().st_size
        elif operation.streams:
            assert [event async for event in method(**named)]
        else:
            await method(**named)
    confirm(platform, operation, "client", traffic, mark, request)


def client(platform: str, world: World, given: Given) -> Any:
    record = world.emulator.record
    if platform == "mobilerun":
        address = f"{record.url}/mobilerun/v1"
        return Mobilerun(Server("test", address, address, token=record.mobilerun_key))
    server = Server("test", record.url, record.url, token=given.token or record.token)
    return Xgodo(server, admin_token=record.admin_token)
