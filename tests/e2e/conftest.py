"""The installed command, run as a person runs it, in a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from xgodo_dev import places
from xgodo_dev.toolchain.tools import Toolchain

COMMAND = Path(sys.executable).with_name("xgodo-dev")
PROJECT_ID = "83ba7359-d8eb-4374-8ecb-055af01fddfe"


@dataclass(frozen=True)
class Home:
    """A home folder with nothing in it, and the environment that makes it one's own."""

    folder: Path
    environment: dict[str, str]

    def run(
        self, *arguments: str | Path, cwd: Path | None = None, **settings: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run the command to its end, off a terminal."""
        environment = {**self.environment, **settings.pop("env", {})}
        return subprocess.run(
            [COMMAND, *arguments],
            cwd=cwd or self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL if "input" not in settings else None,
            **settings,
        )

    def json(self, *arguments: str | Path, exit_code: int = 0, **settings: Any) -> Any:
        """Run the command with --json, expect that exit code, and decode its one document."""
        done = self.run("--json", *arguments, **settings)
        assert done.returncode == exit_code, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def start(
        self, *arguments: str | Path, cwd: Path | None = None, **settings: Any
    ) -> subprocess.Popen[str]:
        """Start the command with pipes; the caller ends it."""
        return subprocess.Popen(
            [COMMAND, *arguments],
            cwd=cwd or self.folder,
            env={**self.environment, **settings.pop("env", {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            **settings,
        )


@pytest.fixture
def home(tmp_path: Path, toolchain: Toolchain) -> Home:
    """A new home. Only the cache is the real one: the toolchain is not installed anew for each test."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "SYSTEMROOT") if name in os.environ}
    folder = tmp_path / "home"
    folder.mkdir()
    environment = {
        **kept,
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(places.cache_directory().parent),
        "TERM": "xterm-256color",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "PYTHONUTF8": "1",
    }
    return Home(folder, environment)


@dataclass(frozen=True)
class Emulator:
    """A running emulator, and the environment that selects it."""

    url: str
    token: str
    data: Path

    @property
    def env(self) -> dict[str, str]:
        """Selects this emulator as any server is selected."""
        return {"XGODO_API_URL": self.url, "XGODO_TOKEN": self.token}


@pytest.fixture
def emulator(home: Home, tmp_path: Path) -> Iterator[Emulator]:
    """An emulator of the test's own, on a free port."""
    data = tmp_path / "emulator"
    process = home.start("--json", "emulator", "start", "--port", "0", "--data", data)
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first, process.stderr.read() if process.stderr else ""
        address = json.loads(first)
        yield Emulator(address["url"], address["token"], data)
    finally:
        process.terminate()
        process.communicate(timeout=15)


@pytest.fixture
def project(home: Home) -> Path:
    """A new project from the template with stages, bound to a project of the platform."""
    root = home.folder / "my-automation"
    home.json("init", root, "--template", "stages", "--project-id", PROJECT_ID)
    return root
