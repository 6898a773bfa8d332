"""One emulator whose traffic is recorded, and the endpoints that each passing test reached."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.emulator.served_emulator import ServedEmulator, serve_in_thread
from tests.endpoints.traffic import Traffic
from tests.endpoints.world import World
from xgodo_dev.toolchain.tools import Toolchain


@pytest.fixture(scope="session")
def traffic() -> Traffic:
    return Traffic()


@pytest.fixture(scope="session")
def emulator(
    toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory, traffic: Traffic
) -> Iterator[ServedEmulator]:
    """A served emulator with two connected devices; all tests of a worker share it."""
    with serve_in_thread(tmp_path_factory.mktemp("endpoints"), device_count=2, around=traffic) as served:
        yield served


@pytest.fixture(scope="session")
def world(emulator: ServedEmulator) -> World:
    return World(emulator)
