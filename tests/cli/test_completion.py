"""What a shell is answered, from which names, and where its script is put."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from xgodo_dev import places
from xgodo_dev.cli import app, known_names
from xgodo_dev.cli.completing import answer, bash_line, grammar
from xgodo_dev.cli.completing.values import KINDS
from xgodo_dev.platform.credentials import Server

SERVER = "https://phones.example"
BREAKS = " \t\n\"'@><=;|&(:"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("XGODO_API_URL", SERVER)
    monkeypatch.chdir(tmp_path)


def offered(*words: str) -> list[str]:
    return [line.split("\t")[1] if "\t" in line else f"<{line}>" for line in answer.answer("zsh", words)]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (["wa"], ["watch"]),
        (["--json", "-C", "x", "wa"], ["watch"]),
        (["emulator", "sta"], ["start", "status"]),
        (["mobilerun", "devices", "prov"], ["provision"]),
        (["run", "--param", "x", "--excl"], ["--exclusive"]),
        (["run", "--exclusive", "--excl"], []),
        (["run", "--device", "x", "--dev"], ["--device"]),
        (["run", "-qd", "@o"], ["@online"]),
        (["run", "-d@o"], ["-d@online"]),
        (["run", "--device=@o"], ["--device=@online"]),
        (["run", ""], ["<file>"]),
        (["run", "--", "-x"], ["<file>"]),
        (["run", "main.ts", "more"], []),
        (["push", "a.ts", "b"], ["<file>"]),
        (["-C", ""], ["<dir>"]),
        (["completion", "z"], ["zsh"]),
        (["init", "--template", "mini"], ["minimal"]),
        (["nonsense", ""], []),
        (["nonsense", "--js"], ["--json"]),
        (["runs", "--status", "s"], ["success", "stopped"]),
    ],
)
def test_what_may_come_next_is_offered(words: Sequence[str], first: list[str]) -> None:
    assert offered(*words) == first


def test_a_name_that_cannot_be_told_apart_or_printed_goes_by_its_id() -> None:
    named = [("d1", "Same"), ("d2", "Same"), ("d3", "two\nlines"), ("d4", "\x1b[2J"), ("d5", "Own")]
    known_names.remember(SERVER, "devices", named)
    assert offered("run", "-d", "") == ["d1", "d2", "d3", "d4", "Own", "@online", "@all"]
    assert "\x1b" not in "".join(answer.answer("zsh", ["run", "-d", ""]))


def test_a_project_is_found_by_its_name_and_given_by_its_id() -> None:
    known_names.remember(SERVER, "projects", [("83ba", "Accounts"), ("97ba", "Other")])
    assert offered("clone", "acc") == ["83ba"]
    assert offered("clone", "9") == ["97ba"]


def test_a_list_of_projects_that_is_not_as_documented_gives_only_what_can_be_typed() -> None:
    answer = {"projects": [{"name": "No id"}, {"id": "83ba", "name": "Own"}, {"id": 7}, "text"]}
    known_names.remember_projects(Server("default", SERVER, SERVER), answer)
    assert offered("clone", "") == ["83ba"]


def test_names_are_those_of_the_server_that_the_line_selects() -> None:
    known_names.remember("https://other.example", "devices", [("d1", "Elsewhere")])
    assert offered("run", "-d", "E") == []
    assert offered("--api-url", "https://other.example/", "run", "-d", "E") == ["Elsewhere"]


def test_what_is_kept_is_for_its_owner_and_has_a_bound() -> None:
    folder = places.cache_directory() / "known-names"
    for number in range(60):
        known_names.remember(f"{SERVER}/{number}", "devices", [("d", "name")])
    known_names.remember(SERVER, "projects", [(f"id{number}", "x" * 10_000) for number in range(5000)])
    files = list(folder.iterdir())
    assert len(files) <= 51
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert max(file.stat().st_size for file in files) < 1 << 20
    assert len(known_names.known(SERVER, "projects")) > 1000


def test_a_cache_that_cannot_be_written_is_no_error() -> None:
    places.cache_directory().parent.write_text("where a folder would have to be")
    known_names.remember(SERVER, "devices", [("d", "name")])


def test_no_home_to_keep_names_in_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "")
    monkeypatch.delenv("XDG_CACHE_HOME")
    known_names.remember(SERVER, "devices", [("d", "name")])


@pytest.mark.parametrize("content", [b"", b"[]", b'{"devices": 3}', b'{"devices": {"a": 1}}', b"[" * 100_000])
def test_damaged_names_are_as_none(content: bytes) -> None:
    known_names.remember(SERVER, "devices", [("d", "name")])
    next((places.cache_directory() / "known-names").iterdir()).write_bytes(content)
    assert offered("run", "-d", "n") == []


@pytest.mark.parametrize(
    ("shell", "arguments"),
    [
        ("bash", []),
        ("bash", ['xgodo-dev run -d "$(', BREAKS]),
        ("bash", ["xgodo-dev run -d \udcff", BREAKS]),
        ("zsh", []),
        ("zsh", ["run", "-d", ""]),
        ("fish", ["run", "-d", "'\\"]),
    ],
)
def test_whatever_goes_wrong_nothing_is_said(
    shell: str,
    arguments: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.setenv("XGODO_API_URL", "not an address")
    monkeypatch.setattr(sys, "argv", ["xgodo-dev", *arguments])
    answer.main(shell)
    assert capfdbinary.readouterr() == (b"", b"")


@pytest.mark.parametrize(
    "words", [["run", "-d", ""], ["bucket", "read", "job", ""], ["backup", "restore", ""]]
)
def test_completing_loads_no_command(words: list[str]) -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "xgodo_dev", *words],
        env={**os.environ, "_XGODO_DEV_COMPLETE": "zsh"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
    assert "xgodo_dev.cli.completing.answer" in loaded
    assert not loaded & {"click", "asyncio", "httpx", "keyring", "xgodo_dev.cli.app"}


def test_each_kind_of_value_in_the_table_is_known() -> None:
    def kinds(node: dict[str, object]) -> set[str]:
        values = [option.get("value") for option in node.get("options", ())]  # type: ignore[attr-defined]
        values += [argument[0] for argument in node.get("arguments", ())]  # type: ignore[attr-defined]
        below = (kinds(each) for each in node.get("commands", {}).values())  # type: ignore[attr-defined]
        return {value for value in values if isinstance(value, str)}.union(*below)

    assert kinds(dict(grammar.table())) <= KINDS | {""}


@pytest.mark.parametrize(
    ("line", "word", "replacement"),
    [
        ("x -d At", "Atomic Mammal", "Atomic\\ Mammal"),
        ("x --device=At", "--device=Atomic Mammal", "Atomic\\ Mammal"),
        ("x -d 'it", "it's", "it'\\''s"),
        ("x -d 'it", "it'", "it'\\'''"),
        ('x -d "a', 'a"$b!', 'a\\"\\$b"\'!\'""'),
        ("x -d a:b", "a:bc", "bc"),
        ("x -d a\\:b", "a:bc", "a:bc"),
        ("x -d @o", "@online", "@online"),
        ("x -d y=@o", "y=@online", "@online"),
        ('x -d "Atomic "M', "Atomic Mammal", "Atomic\\ Mammal"),
        ("x -d A:t", "a:t", None),
    ],
)
def test_bash_is_given_what_it_puts_in_the_place_of_a_word(
    line: str, word: str, replacement: str | None
) -> None:
    assert bash_line.read(line, BREAKS).replacement(word) == replacement


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        app.main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.mark.parametrize(
    ("shell", "file"),
    [
        ("bash", "XDG_DATA_HOME/bash-completion/completions/xgodo-dev"),
        ("zsh", "XDG_DATA_HOME/zsh/site-functions/_xgodo-dev"),
        ("fish", "XDG_CONFIG_HOME/fish/completions/xgodo-dev.fish"),
    ],
)
def test_the_script_goes_where_the_shell_looks_and_replaces_nothing_else(
    shell: str, file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BASH_COMPLETION_USER_DIR", raising=False)
    assert run("completion", shell) == 0
    script = capsys.readouterr().out
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    for words in ([shell], []):
        assert run("completion", *words, "--install") == 0
        assert (tmp_path / file).read_text() == script
    (tmp_path / file).write_text("somebody's own")
    assert run("completion", shell, "--install") == 3
    assert (tmp_path / file).read_text() == "somebody's own"


def test_a_shell_that_is_not_known_has_to_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert run("completion") == 2
