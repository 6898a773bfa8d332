"""Homes as containers and locked-down machines have them: nothing in them, or nothing to be written there."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e.conftest import COMMAND, LISTED, Emulator
from tests.e2e.working_copies import give_up_privileges
from xgodo_dev import places

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell and file modes")


@dataclass
class Bare:
    """A home, no terminal, no stdin, and no variable but those that say where the server is."""

    home: Path
    emulator: Emulator
    project: Path
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, ends_with: int = 0, said: str = "", token: str | None = None) -> None:
        path = f"{COMMAND.parent}:/usr/local/bin:/usr/bin:/bin"
        done = subprocess.run(
            ["sh", "-c", 'exec "$0" "$@"' if token else 'exec "$0" "$@" <&-', COMMAND, *arguments],
            cwd=self.project.parent,
            env={"PATH": path, "HOME": str(self.home), **self.emulator.env, **self.variables},
            input=token,
            capture_output=True,
            text=True,
            timeout=60,
            preexec_fn=give_up_privileges,
        )
        assert done.returncode == ends_with, (arguments, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        assert "bug" not in done.stderr
        if ends_with and arguments != ("doctor",):
            assert done.stderr.startswith("error: "), done.stderr
            assert len(done.stderr.splitlines()) <= 3, done.stderr
        assert said in done.stdout + done.stderr, (arguments, done.stdout, done.stderr)

    def init(self) -> None:
        self.run("init", str(self.project), "--project-id", str(uuid.uuid4()), "--template", "minimal")

    def in_project(self, *arguments: str, ends_with: int = 0, said: str = "") -> None:
        self.run("-C", str(self.project), *arguments, ends_with=ends_with, said=said)


@pytest.fixture
def bare(tmp_path: Path, emulators: Callable[[str], Emulator]) -> Bare:
    home = tmp_path / "home"
    home.mkdir()
    return Bare(home, emulators(LISTED), tmp_path / "project")


def test_a_fresh_home_without_a_terminal_is_enough_for_all_of_it(bare: Bare) -> None:
    # Installing it is tested elsewhere.
    (bare.home / ".cache/xgodo-dev").mkdir(parents=True)
    (bare.home / ".cache/xgodo-dev/toolchain").symlink_to(places.cache_directory() / "toolchain")
    bare.init()
    bare.in_project("push")
    bare.in_project("run", said="ended well")
    bare.run("login", "--token-stdin", token=bare.emulator.token, said="Signed in")


def test_a_read_only_home_is_said_by_what_needs_it_and_by_nothing_else(bare: Bare) -> None:
    bare.home.chmod(0o555)
    bare.init()
    bare.run("whoami", said="XGODO_TOKEN")
    bare.in_project("push", "--no-check", said="sent main.ts")
    bare.in_project("check", ends_with=1, said="XDG_CACHE_HOME")
    bare.run("login", "--token-stdin", token=bare.emulator.token, ends_with=2, said="XDG_CONFIG_HOME")
    bare.variables["XDG_CACHE_HOME"] = str(places.cache_directory().parent)
    bare.run("emulator", "start", "--port", "0", ends_with=1, said=f"{bare.home}/.local")


def test_a_home_that_can_never_be_is_no_worse_than_an_empty_one(bare: Bare) -> None:
    (bare.home / "file").touch()
    bare.home = bare.home / "file" / "home"
    bare.run("profile", "list", said="XGODO_API_URL")
    bare.run("login", "--token-stdin", token=bare.emulator.token, ends_with=2, said="XDG_CONFIG_HOME")
    bare.run("doctor", ends_with=1, said="typescript")
