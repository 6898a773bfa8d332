"""Mobilerun as the served emulator has it, and the same account without a server."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from emulated_mobilerun import Mobilerun, OpenAccount
from served_emulator import DEADLINE, ServedEmulator

from tests.spec_conformance import hold_against_specs
from xgodo_dev.emulator.app import tables
from xgodo_dev.emulator.background import Background
from xgodo_dev.emulator.clock import Clock
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.identity import Identity
from xgodo_dev.emulator.mobilerun.account import MobilerunAccount


@pytest.fixture(scope="session")
def mobilerun(emulator: ServedEmulator) -> Iterator[Mobilerun]:
    """The emulator's Mobilerun."""
    headers = {"Authorization": f"Bearer {emulator.record.mobilerun_key}"}
    base = f"{emulator.record.url}/mobilerun/v1"
    hooks = {"response": [hold_against_specs]}
    with httpx.Client(
        base_url=base, headers=headers, timeout=DEADLINE, trust_env=False, event_hooks=hooks
    ) as client:
        yield Mobilerun(client)


@pytest.fixture
def device(mobilerun: Mobilerun) -> Iterator[str]:
    """The id of a ready cloud device of the test's own."""
    device_id = mobilerun.provision()
    mobilerun.get(f"devices/{device_id}/wait")
    yield device_id
    mobilerun.terminate(device_id)


@pytest.fixture
def clock() -> Clock:
    """The clock of ``open_account``."""
    return Clock()


@pytest.fixture
def open_account(tmp_path: Path, clock: Clock) -> OpenAccount:
    """The account of a data folder of the test's own."""
    identity = Identity(uuid.uuid4(), "token")

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[MobilerunAccount]:
        with contextlib.closing(Database(tmp_path / "platform.db", tables())) as database:
            async with Background() as background:
                account = MobilerunAccount(identity, "user", database, clock, background)
                account.carry_on()
                yield account

    return opened
