"""`daemon install` and `daemon uninstall`, with a `systemctl` that writes down what it is asked."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Home

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="of systemd")
TOKEN = "secret-token-of-the-environment"
SYSTEMCTL = """\
#!/bin/sh
echo "$*" >> "$HOME/asked"
test ! -e "$HOME/no-session" || { echo "Failed to connect to bus: No medium found" >&2; exit 1; }
"""


@pytest.fixture
def project(home: Home) -> Path:
    root = home.folder / "my 100% app"
    root.mkdir()
    settings = '[project]\nid = "83ba7359-d8eb-4374-8ecb-055af01fddfe"\nname = "Mine"\n'
    (root / "xgodo.toml").write_text(settings, encoding="utf-8")
    programs = home.folder / "bin"
    programs.mkdir()
    (programs / "systemctl").write_text(SYSTEMCTL, encoding="utf-8")
    (programs / "systemctl").chmod(0o755)
    home.environment["PATH"] = f"{programs}:{home.environment['PATH']}"
    home.environment["XGODO_TOKEN"] = TOKEN
    return root


def units(home: Home) -> list[Path]:
    return list((home.folder / ".config" / "systemd" / "user").glob("*"))


def test_a_service_is_kept_and_started_without_a_token_and_taken_away_again(
    home: Home, project: Path
) -> None:
    installed = home.run("--json", "daemon", "install", "--run", "-d", "Pixel", cwd=project)
    assert installed.returncode == 0, installed.stderr
    told = json.loads(installed.stdout)
    (file,) = units(home)
    assert told == {"installed": True, "name": file.stem, "file": str(file)}
    assert "sign in with `xgodo-dev login`" in installed.stderr
    text = file.read_text(encoding="utf-8")
    assert TOKEN not in text
    assert f'"-C" "{str(project).replace("%", "%%")}" "daemon" "start" "--foreground"' in text
    assert '"--run"' in text
    assert '"--device=Pixel"' in text
    assert home.json("daemon", "uninstall", cwd=project) == {"uninstalled": True, "name": file.stem}
    assert units(home) == []
    assert (home.folder / "asked").read_text().splitlines() == [
        "--user show-environment",
        "--user daemon-reload",
        f"--user enable {file.name}",
        f"--user restart {file.name}",
        "--user show-environment",
        f"--user disable --now {file.name}",
        "--user daemon-reload",
    ]


def test_without_a_session_of_systemd_one_line_says_so_and_nothing_is_kept(home: Home, project: Path) -> None:
    (home.folder / "no-session").touch()
    refused = home.run("daemon", "install", "--emulator", cwd=project)
    assert refused.returncode == 1
    error, hint = refused.stderr.splitlines()
    assert error.startswith("error: There is no systemd session of this user")
    assert "daemon start" in hint
    assert units(home) == []
    shown = home.run("daemon", "install", "--emulator", "--name", "phones", "--print", cwd=project)
    assert shown.stdout.startswith("[Unit]\n")
    assert "xgodo-dev-phones.service" in shown.stderr
