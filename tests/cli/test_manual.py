"""What is made from the commands is what they say now, and is shown as it is meant."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from xgodo_dev.cli import app
from xgodo_dev.cli.manual import facts, made, man_page

PACKAGE = Path(app.__file__).parents[1]
FILES = made.files()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_what_is_made_from_the_commands_is_fresh(file: Path) -> None:
    is_fresh = file.read_text(encoding="utf-8") == FILES[file]
    assert is_fresh, (
        "A command or its help has changed since: run `make generate`, and commit what it writes."
    )


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.suffix in (".md", ".1")], ids=lambda file: file.name
)
def test_every_command_is_in_it(file: Path) -> None:
    text = FILES[file].replace("\\-", "-")
    for _title, names in app.sections():
        for name in names:
            assert re.search(rf"(### `|xgodo-dev ){name}\b", text), name


def test_every_environment_variable_that_is_read_is_told_of() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py"))
    read = set(re.findall(r'"((?:XGODO|MOBILERUN)_[A-Z_]+|NO_COLOR)"', source))
    told = {name for names, _ in facts.ENVIRONMENT for name in names.split(", ")}
    assert read - told == set()


@pytest.mark.parametrize(
    "told",
    [".TH is no request", "'tis", "C:\\new\\*(x", "--no-color -q ~/x ^`'\"", "Größe 1…", "a\\", "%^&"],
)
def test_any_text_is_shown_by_roff_as_it_is(told: str) -> None:
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    page = f'.TH X 1 "" x x\n.nh\n.SH NAME\n{man_page.marked(told)}\n.PP\n\\&{man_page.escaped(told)}\n'
    shown = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", "-P-cbou"], input=page, capture_output=True, text=True, check=True
    )
    assert shown.stderr == ""
    assert [line.strip() for line in shown.stdout.splitlines()].count(told) == 2


@pytest.mark.parametrize("command", ["groff -man -ww -Tutf8", "mandoc -Tlint -W error"])
def test_the_manual_page_is_one_without_a_warning(command: str) -> None:
    words = command.split()
    if not shutil.which(words[0]):
        pytest.skip(f"{words[0]} is not installed")
    page = next(text for file, text in FILES.items() if file.suffix == ".1")
    ended = subprocess.run(words, input=page, capture_output=True, text=True, check=True)
    assert ended.stderr == ""
