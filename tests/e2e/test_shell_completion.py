"""What Tab writes in a real shell is what the program is then given, whatever a device is called."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from tests.e2e.conftest import Emulator, Home

DEADLINE_S = 60
SERVER = "https://phones.example"
NAMES = [
    "Atomic Mammal",
    "Cost $HOME $(touch pwned) `touch pwned`",
    'it\'s "new"!',
    "Größe 手机",
    "~pipe | & ; > * ? \\ %",
    "x:y=z@w",
]
HOSTILE = "two\nlines \x1b]0;title\x07"
# How a shell is started, and has the script: read at once, or found in its place when it is needed first.
START = {
    "bash": (["--norc", "--noprofile", "-i"], "source <(xgodo-dev completion bash)"),
    "zsh": (
        ["-f", "-i"],
        "xgodo-dev completion zsh --install && fpath=(~/.local/share/zsh/site-functions $fpath)"
        " && autoload -U compinit && compinit -u -D",
    ),
    "fish": (["-i"], "xgodo-dev completion fish --install"),
}
Typed = Callable[[str], list[str]]


@pytest.fixture(scope="module")
def shell_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with names of devices in its cache, and a program that writes down what it is called with."""
    folder = tmp_path_factory.mktemp("home")
    program = folder / "bin" / "xgodo-dev"
    program.parent.mkdir()
    # A shell's script, as each Tab and each line starts it.
    program.write_text(
        "#!/bin/sh\n"
        'if [ -n "$_XGODO_DEV_COMPLETE" ] || [ "$1" = completion ]; then\n'
        f'    exec {shlex.quote(sys.executable)} -m xgodo_dev "$@"\n'
        "fi\n"
        'printf "%s\\0" "$@" > "$HOME/given"\n'
        "echo was given\n"
    )
    program.chmod(0o755)
    (folder / "values of $it.json").touch()
    (folder / "folder").mkdir()
    (folder / "folder" / "inner.ts").touch()
    remember = (
        "import json, sys\nfrom xgodo_dev.cli import known_names\n"
        "named = [(f'device_{n}', name) for n, name in enumerate(json.loads(sys.argv[1]))]\n"
        f"known_names.remember({SERVER!r}, 'devices', named)"
    )
    subprocess.run(
        [sys.executable, "-c", remember, json.dumps([*NAMES, HOSTILE])], env=environment(folder), check=True
    )
    return folder


def environment(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm",
        "XGODO_API_URL": SERVER,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


@pytest.fixture(scope="module", params=sorted(START))
def typed(request: pytest.FixtureRequest, shell_home: Path) -> Iterator[Typed]:
    """Types a line into a shell, of which ``<Tab>`` is the key, and returns what the program is given."""
    shell = shutil.which(request.param)
    if shell is None:
        pytest.skip(f"{request.param} is not installed")
    arguments, source = START[request.param]
    terminal = pexpect.spawn(
        shell,
        arguments,
        cwd=shell_home,
        env=environment(shell_home),
        dimensions=(50, 250),
        encoding="utf-8",
        timeout=DEADLINE_S,
    )
    terminal.delaybeforesend = None

    def given(line: str) -> list[str]:
        terminal.send(line.replace("<Tab>", "\t") + "\r")
        terminal.expect_exact("was given\r")
        return (shell_home / "given").read_text("utf-8").split("\0")[:-1]

    try:
        terminal.send(f"{source}\r")
        given("xgodo-dev ready")
        yield given
    finally:
        terminal.close(force=True)
    assert not (shell_home / "pwned").exists()


# The first is in the lines below.
@pytest.mark.parametrize("name", NAMES[1:])
def test_a_devices_name_reaches_the_program_as_it_is(typed: Typed, name: str) -> None:
    begun = "'~" if name.startswith("~") else name[:2]
    assert typed(f"xgodo-dev run -d {begun}<Tab>") == ["run", "-d", name]


@pytest.mark.parametrize(
    ("line", "given"),
    [
        (
            "true; xgodo-dev mobilerun dev<Tab>prov<Tab>--na<Tab>x",
            ["mobilerun", "devices", "provision", "--name", "x"],
        ),
        ("xgodo-dev run --device=Ato<Tab>", ["run", "--device=Atomic Mammal"]),
        ('xgodo-dev run -d "Atomic M<Tab>', ["run", "-d", "Atomic Mammal"]),
        ("xgodo-dev run -d 'it<Tab>", ["run", "-d", 'it\'s "new"!']),
        ('xgodo-dev run -d "it<Tab>', ["run", "-d", 'it\'s "new"!']),
        ('xgodo-dev run -d "Cost<Tab>', ["run", "-d", NAMES[1]]),
        ("xgodo-dev run -d Atomic\\ M<Tab>", ["run", "-d", "Atomic Mammal"]),
        ("xgodo-dev run -d @on<Tab>", ["run", "-d", "@online"]),
        ("xgodo-dev run -d x:y=<Tab>", ["run", "-d", "x:y=z@w"]),
        ("xgodo-dev run -d atom<Tab>", ["run", "-d", "Atomic Mammal"]),
        ("xgodo-dev run --args=val<Tab>", ["run", "--args=values of $it.json"]),
        ("xgodo-dev push fold<Tab>inn<Tab>", ["push", "folder/inner.ts"]),
        ("xgodo-dev -C fold<Tab>", ["-C", "folder"]),
    ],
)
def test_a_begun_word_is_completed(typed: Typed, line: str, given: list[str]) -> None:
    # The slash at a folder's end is written by some shells, and taken back by others.
    assert [word.removesuffix("/") for word in typed(line)] == given


def test_what_a_command_has_listed_is_completed_afterwards(
    home: Home, emulator: Emulator, tmp_path: Path
) -> None:
    env = {**emulator.env, "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def offered(*words: str) -> set[str]:
        told = home.run(*words, env={**env, "_XGODO_DEV_COMPLETE": "zsh"})
        return {line.split("\t")[1] for line in told.stdout.splitlines()}

    assert offered("run", "-d", "") == {"@online", "@all"}
    devices = home.json("devices", env=env)["devices"]
    projects = home.json("projects", "list", env=env)["projects"]
    assert {device["name"] for device in devices} <= offered("stop", "-d", "")
    assert {project["id"] for project in projects} == offered("clone", "")
