"""The top of the command line: what it lists, what it loads, and how it fails."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import click
import pytest

from xgodo_dev.cli.app import _SECTIONS, cli, main

LISTED = [
    (name, module, summary) for section in _SECTIONS.values() for name, (module, summary) in section.items()
]


@pytest.mark.parametrize(("name", "module", "summary"), LISTED)
def test_a_listed_command_exists_and_says_of_itself_what_the_list_says(
    name: str, module: str, summary: str
) -> None:
    command = getattr(importlib.import_module(f"xgodo_dev.cli.{module}"), name.replace("-", "_"))
    assert isinstance(command, click.Command)
    assert command.get_short_help_str(limit=200) == summary


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["jobs", "--help"], ["jobs", "list-mine", "--help"]]
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom xgodo_dev.cli.app import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        "heavy = {'httpx', 'asyncio', 'git', 'keyring', 'watchdog', 'uvicorn', 'sqlite3', 'pathspec'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"


def test_a_command_that_asks_a_server_loads_nothing_for_httpxs_own_command(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "xgodo_dev", "--api-url", "http://127.0.0.1:1", "devices"],
        env={"HOME": str(tmp_path), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
        capture_output=True,
        text=True,
    ).stderr
    assert "Not signed in" in told
    assert "httpx._client" in told
    assert "rich.console" not in told


@pytest.mark.parametrize("name", [name for name, _module, _summary in LISTED])
def test_global_options_work_before_and_after_a_command(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    flags = {flag for parameter in command.params for flag in parameter.opts}
    assert {"-C", "--profile", "--api-url", "--json", "--no-color", "-q", "-v"} <= flags


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["bild"], "Did you mean 'build'?"),
        (["emulator", "strt"], "Did you mean 'start'?"),
        (["run", "--devise", "x"], "Did you mean '--device'?"),
        (["push", "--dry"], "No such option '--dry'. Did you mean '--dry-run'?"),
        (["run", "--parm", "a=1"], "Did you mean '--param'?"),
        (["version"], "Did you mean '--version'?"),
        (["help"], "Did you mean '--help'?"),
        (["help", "run"], "Did you mean 'run --help'?"),
        (["deploy"], "Did you mean 'push'?"),
        (["dev"], "Did you mean 'devices'?"),
        (["editor", "setup", "vsode"], "error: 'vsode' is not one of 'vscode',"),
        (["run", "-d"], "See `xgodo-dev run --help`."),
        (["log", "-n", "x"], "'x' is not a valid whole number."),
        (["logs", "--level", "wran"], "Did you mean 'warn'?"),
        (["devices", "market", "--sort-direction=desk"], "Did you mean 'desc'?"),
        (["-C", "/nowhere/at/all", "check"], "There is no folder"),
        (["--api-url", "ftp://example.com", "devices"], "is not the address of a server"),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_words_that_help(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XGODO_API_URL", raising=False)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert words in shown.err
    assert shown.out == ""


def test_a_current_folder_that_was_deleted_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    with pytest.raises(SystemExit) as ended:
        main(["check"])
    assert ended.value.code == 2
    assert "The current folder was deleted." in capsys.readouterr().err
