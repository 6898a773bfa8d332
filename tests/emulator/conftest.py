"""One emulator for all tests of a worker that don't start or stop their own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from platform_api import PlatformApi
from served_emulator import ServedEmulator, serve_in_thread

from xgodo_dev.toolchain.tools import Toolchain


@pytest.fixture(scope="session")
def emulator(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedEmulator]:
    """A served emulator with one connected device."""
    with serve_in_thread(tmp_path_factory.mktemp("emulator")) as served:
        yield served


@pytest.fixture
def project() -> str:
    """The id of a project that nobody has written to."""
    return str(uuid.uuid4())


@pytest.fixture(scope="session")
def owner(emulator: ServedEmulator) -> PlatformApi:
    """The account that the emulator's token belongs to."""
    return PlatformApi(emulator, emulator.record.token)


@pytest.fixture(scope="session")
def colleague(emulator: ServedEmulator) -> PlatformApi:
    """The other account."""
    return PlatformApi(emulator, emulator.record.colleague_token)


@pytest.fixture(scope="session")
def nobody(emulator: ServedEmulator) -> PlatformApi:
    """Somebody with a token that is none."""
    return PlatformApi(emulator, "wrong")
