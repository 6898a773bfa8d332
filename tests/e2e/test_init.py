"""`init` at a terminal asks what matters, and ends with what to type next; off a terminal it asks nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.e2e.conftest import COMMAND, Emulator, Home
from tests.e2e.test_device_choice import DOWN, Terminal
from tests.e2e.working_copies import OnServer

ID = "83ba7359-d8eb-4374-8ecb-055af01fddfe"


def settings_of(root: Path) -> dict[str, dict[str, str]]:
    return tomllib.loads((root / "xgodo.toml").read_text("utf-8"))


def typed_next(shown: str) -> list[str]:
    lines = shown.replace("\r\n", "\n").partition("Type next:\n")[2].partition("\n\n")[0]
    return [line.strip().replace(str(COMMAND), "xgodo-dev") for line in lines.splitlines()]


def test_whoever_knows_no_project_yet_gets_one_that_runs_on_the_emulator(home: Home) -> None:
    with Terminal(home, home.folder, {}, "init", "my app") as terminal:
        terminal.sees("(Enter: none yet):")
        terminal.press("https://xgodo.com/automations\r")
        terminal.sees("holds no project's id")
        terminal.sees("(Enter: none yet):")
        terminal.press("my-automation\r")
        terminal.sees("does not look like an id of Xgodo")
        terminal.sees("(Enter: none yet):")
        terminal.press("\r")
        terminal.sees("Which template?")
        terminal.press(DOWN, DOWN, "\r")
        terminal.sees("Which editor shall be set up?")
        terminal.press("code", "\r")
        code, shown = terminal.ends()
    assert code == 0, shown
    project = settings_of(home.folder / "my app")["project"]
    assert (project["id"], project["profile"]) == ("", "emulator")
    assert (home.folder / "my app/Stage.ts").is_file()
    assert ".vscode/tasks.json" in shown
    assert (home.folder / "my app/.vscode/tasks.json").is_file()
    assert typed_next(shown) == ["cd 'my app'", "xgodo-dev watch --run --emulator"]
    # The server that the next commands go to is the emulator, without a word about it.
    refused = home.json("status", cwd=home.folder / "my app", exit_code=5)["error"]
    assert refused["message"] == "No emulator runs on this machine."


def test_whoever_is_signed_in_chooses_a_project_and_its_files_are_brought(
    home: Home, emulator: Emulator, project_id: str
) -> None:
    OnServer(emulator, project_id).write("main.ts", "console.log('there');\n")
    with Terminal(home, home.folder, emulator.env, "init", "mine") as terminal:
        terminal.sees("None yet")
        # Typing narrows the list to it.
        terminal.press(project_id)
        terminal.press("\r")
        terminal.sees("has files there already.")
        terminal.press("\r")
        terminal.sees("Which editor shall be set up?")
        terminal.press("\r")
        code, shown = terminal.ends()
    assert code == 0, shown
    assert settings_of(home.folder / "mine")["project"]["id"] == project_id
    assert (home.folder / "mine/main.ts").read_text("utf-8") == "console.log('there');\n"


def test_only_what_no_option_says_is_asked_and_the_address_of_a_page_is_understood(
    home: Home, tmp_path: Path
) -> None:
    (tmp_path / ".gitignore").write_text("*.log\n")
    page = f"https://xgodo.com/automations/{ID}/edit"
    given = ("--template", "job", "--project-id", page, "--editor", "none")
    with Terminal(home, tmp_path, {}, "init", *given) as terminal:
        terminal.sees("[y/N]")
        terminal.press("y\r")
        code, shown = terminal.ends()
    assert code == 0, shown
    assert settings_of(tmp_path)["project"]["id"] == ID
    assert "profile" not in settings_of(tmp_path)["project"]
    assert typed_next(shown) == ["xgodo-dev login", "xgodo-dev watch --run"]
    assert "add .xgodo/ to it" in shown
    assert (tmp_path / ".gitignore").read_text() == "*.log\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a program's own path is not quoted there")
def test_off_a_terminal_nothing_is_asked_and_what_to_type_next_can_be_pasted(home: Home) -> None:
    repository = home.folder / "repository"
    repository.mkdir()
    given = ("--project-id", ID, "--editor", "zed")
    done = home.run("init", repository, *given, env={"XGODO_TOKEN": "a-token"})
    assert done.returncode == 0, done.stderr
    assert typed_next(done.stderr) == ["cd repository", "xgodo-dev watch --run"]
    assert ".zed/tasks.json" in done.stdout
    refused = home.json("init", repository, exit_code=3)["error"]
    assert "is a project already" in refused["message"]
    entered = done.stderr.partition("Type next:\n")[2].splitlines()[0].strip()
    where = subprocess.run(
        ["sh", "-c", f"{entered} && pwd -P"], cwd=home.folder, capture_output=True, text=True
    )
    assert where.stdout.strip() == os.path.realpath(repository)


def test_a_project_within_another_is_refused_unless_that_one_leaves_it_out(home: Home) -> None:
    above = home.folder / "above"
    above.mkdir()
    (above / "xgodo.toml").write_text('[project]\nname = "above"\n')
    for arguments in (("init", "new"), ("clone", ID, "new"), ("init", "deep/new", "--force")):
        refused = home.json(*arguments, cwd=above, env={"XGODO_TOKEN": "a-token"}, exit_code=3)["error"]
        assert f"is inside the project at {above}" in refused["message"]
        assert 'new/" into `exclude`' in refused["hint"]
        assert [each.name for each in above.iterdir()] == ["xgodo.toml"]
    (above / "xgodo.toml").write_text('[project]\nname = "above"\n[sync]\nexclude = ["/new/"]\n')
    home.json("init", "new", cwd=above)
    # What it is made of is added to, wherever it is.
    (above / "xgodo.toml").write_text('[project]\nname = "above"\n')
    (above / "new/main.ts").unlink()
    assert "main.ts" in home.json("init", "new", "--force", cwd=above)["files"]
