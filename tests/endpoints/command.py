"""The command line in tests: installed, or within the test's own process."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import COMMAND
from tests.emulator.served_emulator import DEADLINE
from tests.endpoints.scenarios import Given
from tests.endpoints.world import World
from xgodo_dev.cli.app import main


@dataclass(frozen=True)
class Done:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run_installed(words: Sequence[str], settings: Mapping[str, str], folder: Path) -> Done:
    """Run the installed command, off a terminal."""
    done = subprocess.run(
        [COMMAND, *words],
        env=settings,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        cwd=folder,
        stdin=subprocess.DEVNULL,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def settle_in(settings: Mapping[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have this process's surroundings be those of a command in ``folder``."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    for name in ("CONFIG", "STATE", "CACHE", "DATA"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    # Where that is was asked for before.
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.chdir(folder)


def run_here(words: Sequence[str], capsys: pytest.CaptureFixture[str]) -> Done:
    """Run the command within this process, from its entry point to its exit."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(words)
    shown = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return Done(ended.value.code, shown.out, shown.err)


def environment(world: World, given: Given, folder: Path) -> dict[str, str]:
    record = world.emulator.record
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {
        **kept,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "XGODO_API_URL": record.url,
        "XGODO_TOKEN": given.token or record.token,
        "XGODO_ADMIN_TOKEN": record.admin_token,
        "MOBILERUN_API_URL": f"{record.url}/mobilerun/v1",
        "MOBILERUN_API_KEY": record.mobilerun_key,
    }
