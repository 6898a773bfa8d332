"""A scripted server, and a transport to it that does not wait as long as a person would."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail

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


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of its own: no settings, no tokens, and a keyring that does not work."""
    for name in ("XGODO_TOKEN", "XGODO_API_URL", "XGODO_PROFILE", "MOBILERUN_API_KEY", "MOBILERUN_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CONFIG", "STATE", "CACHE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield tmp_path
    keyring.set_keyring(before)
