"""A person at a terminal is asked which devices to run on, and what is answered is taken the next time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.e2e.conftest import COMMAND, Home, running_emulator
from tests.e2e.scripted_project import Failing
from tests.e2e.working_copies import Copy
from tests.scripted_server import Answer, Request, json_answer

DEADLINE = 60
DOWN, ESCAPE = "\x1b[B", "\x1b"
# Chosen devices are not run on: the type check holds everything back that would follow.
BROKEN = 'const wrong: number = "text";\n'
_STYLE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture
def phones(failing: Failing, scripted: Copy) -> list[dict[str, Any]]:
    """The records that the scripted server lists; a test changes them."""
    scripted.write("main.ts", BROKEN)
    listed = [
        {"remote_device_id": f"id-{number}", "name": name, "online": True}
        for number, name in enumerate(("Atomic Mammal", "Silent Otter", "Gentle Heron"))
    ]

    async def handle(request: Request) -> Answer:
        # Nothing else is asked of the server before everything is known to be right.
        assert (request.method, request.path) == ("GET", "/api/v2/devices")
        return json_answer({"success": True, "devices": listed})

    failing.server.handler = handle
    return listed


class Terminal:
    """A command in a pseudo-terminal."""

    def __init__(self, home: Home, cwd: Path, env: dict[str, str], *arguments: str) -> None:
        self._child = pexpect.spawn(
            str(COMMAND),
            list(arguments),
            cwd=str(cwd),
            env={**home.environment, **env},
            encoding="utf-8",
            timeout=DEADLINE,
            dimensions=(24, 100),
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.close(force=True)

    def sees(self, text: str) -> None:
        self._child.expect_exact(text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self._child.send(key)

    def ends(self) -> tuple[int, str]:
        """The exit code, and what was shown since the last look."""
        self._child.expect(pexpect.EOF)
        self._child.wait()
        assert self._child.exitstatus is not None
        return self._child.exitstatus, _STYLE.sub("", self._child.before or "")


@pytest.fixture
def two_phones(home: Home, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment that selects an emulator with two phones online."""
    with running_emulator(home, tmp_path / "emulator", "--devices", "2") as started:
        yield started.env


def test_a_phone_chosen_with_the_arrow_keys_is_the_one_of_the_next_run(
    home: Home, project: Path, two_phones: dict[str, str]
) -> None:
    (project / "main.ts").write_text("console.log('hello');\nstopCurrentAutomation();\n", encoding="utf-8")
    names = [each["name"] for each in home.json("devices", "--online", env=two_phones)["devices"]]
    with Terminal(home, project, two_phones, "run") as terminal:
        terminal.sees("Which device?")
        terminal.sees(names[1])
        terminal.press(DOWN, "\r")
        code, shown = terminal.ends()
    assert code == 0, shown
    assert f"running main.ts on {names[1]}" in shown
    # The line at the bottom.
    assert "Ctrl-C stops" in shown
    assert f"on {names[0]}" not in shown
    again = home.run("run", cwd=project, env=two_phones)
    assert f"On {names[1]}, as last time; `-d` chooses another." in again.stderr
    assert [run["device"] for run in home.json("runs", cwd=project)["runs"]] == [names[1], names[1]]


def test_an_offline_phone_of_last_time_is_asked_about_and_nothing_runs_without_an_answer(
    scripted: Copy, phones: list[dict[str, Any]]
) -> None:
    assert scripted.run("run", "-d", "Atomic").returncode == 1
    phones[0]["online"] = False
    with Terminal(scripted.home, scripted.root, scripted.env, "run") as terminal:
        terminal.sees("Atomic Mammal of last time: not connected now.")
        terminal.press(ESCAPE)
        code, shown = terminal.ends()
    assert code == 2, shown
    assert "No device was chosen." in shown
    assert "`-d DEVICE`" in shown
    with Terminal(scripted.home, scripted.root, scripted.env, "run") as terminal:
        terminal.sees("Atomic Mammal of last time: not connected now.")
        terminal.sees("Silent Otter")
        terminal.press(DOWN, "\r")
        code, shown = terminal.ends()
    assert (code, "TS2322" in shown) == (1, True), shown
    phones[0]["online"] = True
    assert "On Silent Otter, as last time; `-d` chooses another." in scripted.run("run").stderr
