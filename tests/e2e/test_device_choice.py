"""Which devices `run` takes: those named, else those of last time, else those chosen at the terminal."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.e2e.conftest import COMMAND, Home, running_emulator
from tests.e2e.scripted_project import Failing, failing_project
from tests.e2e.working_copies import Copy
from tests.scripted_server import Answer, Request, json_answer

DEADLINE = 20
DOWN, ESCAPE = "\x1b[B", "\x1b"
# Chosen devices are not run on: the type check holds everything back that would follow.
BROKEN = 'const wrong: number = "text";\n'
AS_LAST_TIME = re.compile(r"On (.*), as last time; `-d` chooses another")
_STYLE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def record(name: str, *, online: bool = True) -> dict[str, Any]:
    return {"remote_device_id": f"id-{name.split()[0].lower()}", "name": name, "online": online}


def serve(failing: Failing, listed: list[dict[str, Any]]) -> None:
    async def handle(request: Request) -> Answer:
        # Nothing else is asked of the server before everything is known to be right.
        assert (request.method, request.path) == ("GET", "/api/v2/devices")
        return json_answer({"success": True, "devices": listed})

    failing.server.handler = handle


@pytest.fixture
def phones(failing: Failing, scripted: Copy) -> list[dict[str, Any]]:
    """The records that the scripted server lists; a test changes them."""
    scripted.write("main.ts", BROKEN)
    listed = [record("Atomic Mammal"), record("Silent Otter"), record("Dormant Dolphin", online=False)]
    serve(failing, listed)
    return listed


def chosen_last_time(copy: Copy, *options: str) -> str | None:
    """The device that `run` says it takes since it was chosen last time."""
    done = copy.run("run", *options)
    assert done.returncode == 1, done.stderr
    assert "TS2322" in done.stdout + done.stderr
    said = AS_LAST_TIME.search(done.stderr)
    return said[1] if said else None


def refused(copy: Copy, *options: str, exit_code: int) -> dict[str, str]:
    error: dict[str, str] = copy.json("run", *options, exit_code=exit_code)["error"]
    return error


def test_the_option_beats_the_environment_that_beats_the_settings_that_beat_the_last_choice(
    scripted: Copy, phones: list[dict[str, Any]]
) -> None:
    assert chosen_last_time(scripted, "-d", "silent") is None
    settings = (scripted.root / "xgodo.toml").read_text("utf-8")
    scripted.write("xgodo.toml", settings + '\n[run]\ndevice = "by-settings"\n')
    with_variable = Copy(scripted.home, scripted.root, {**scripted.env, "XGODO_DEVICE": "by-environment"})
    assert "'by-option'" in refused(with_variable, "-d", "by-option", exit_code=2)["message"]
    assert "'by-environment'" in refused(with_variable, exit_code=2)["message"]
    assert "'by-settings'" in refused(scripted, exit_code=2)["message"]
    scripted.write("xgodo.toml", settings)
    assert chosen_last_time(scripted) == "Silent Otter"


def test_only_what_names_devices_and_is_right_is_remembered(
    scripted: Copy, phones: list[dict[str, Any]]
) -> None:
    hint = refused(scripted, exit_code=2)["hint"]
    assert hint == "Name one with `-d`: Atomic Mammal, Silent Otter. `-d @online` is all of them."
    chosen_last_time(scripted, "-d", "@online")
    refused(scripted, "-d", "Atomic", "-d", "zzz", exit_code=2)
    refused(scripted, "-d", "Atomic", "-d", "dormant", exit_code=5)
    with_variable = Copy(scripted.home, scripted.root, {**scripted.env, "XGODO_DEVICE": "Atomic"})
    assert chosen_last_time(with_variable) is None
    refused(scripted, exit_code=2)
    chosen_last_time(scripted, "-d", "Atomic")
    assert chosen_last_time(scripted) == "Atomic Mammal"
    chosen_last_time(scripted, "-d", "id-silent")
    assert chosen_last_time(scripted) == "Silent Otter"
    # It is the phone that is remembered, not what it is called.
    phones[1]["name"] = "Loud Otter"
    assert chosen_last_time(scripted) == "Loud Otter"


def test_the_last_choice_is_not_spoken_of_where_only_results_are_wanted(
    scripted: Copy, phones: list[dict[str, Any]]
) -> None:
    chosen_last_time(scripted, "-d", "Atomic")
    assert scripted.run("-q", "run").stderr == ""
    done = scripted.run("--json", "run")
    assert done.stderr == ""
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["check"]


def test_several_phones_are_remembered_together(scripted: Copy, phones: list[dict[str, Any]]) -> None:
    phones.append(record("Gentle Heron"))
    chosen_last_time(scripted, "-d", "Silent", "-d", "Atomic")
    said = scripted.run("run").stderr
    assert "On Silent Otter, Atomic Mammal, as last time; `-d` chooses others." in said


def test_what_would_be_chosen_anyway_is_not_spoken_of(scripted: Copy, phones: list[dict[str, Any]]) -> None:
    del phones[1]
    assert chosen_last_time(scripted) is None
    assert chosen_last_time(scripted, "-d", "Atomic") is None
    assert "last time" not in scripted.run("run").stderr


def test_another_server_has_other_phones(scripted: Copy, phones: list[dict[str, Any]]) -> None:
    chosen_last_time(scripted, "-d", "Atomic")
    with failing_project() as elsewhere:
        serve(elsewhere, phones)
        there = Copy(scripted.home, scripted.root, {**scripted.env, "XGODO_API_URL": elsewhere.server.url})
        refused(there, exit_code=2)
    assert chosen_last_time(scripted) == "Atomic Mammal"


def test_a_phone_that_is_gone_is_forgotten_without_a_word(
    scripted: Copy, phones: list[dict[str, Any]]
) -> None:
    chosen_last_time(scripted, "-d", "Atomic")
    gone = phones.pop(0)
    phones.append(record("Gentle Heron"))
    error = refused(scripted, exit_code=2)
    assert error["message"] == "Several devices are online, and none was chosen."
    assert error["hint"] == "Name one with `-d`: Gentle Heron, Silent Otter. `-d @online` is all of them."
    # Somebody else may have it in between.
    phones.append(gone)
    refused(scripted, exit_code=2)


@pytest.mark.parametrize(
    ("online", "offered"),
    [(["Silent Otter"], "Online: Silent Otter."), ([], "no device is online now.")],
)
def test_no_other_phone_takes_the_place_of_one_that_is_offline_without_a_word(
    scripted: Copy, phones: list[dict[str, Any]], online: list[str], offered: str
) -> None:
    chosen_last_time(scripted, "-d", "Atomic")
    for phone in phones:
        phone["online"] = phone["name"] in online
    error = refused(scripted, exit_code=5)
    assert error["code"] == "device-offline"
    assert error["message"] == "Not connected: Atomic Mammal, chosen last time."
    assert error["hint"].endswith(offered)
    phones[0]["online"] = phones[1]["online"] = True
    assert chosen_last_time(scripted) == "Atomic Mammal"


def test_a_choice_that_can_not_be_remembered_goes_on(scripted: Copy, phones: list[dict[str, Any]]) -> None:
    scripted.run("run")
    with closing(sqlite3.connect(scripted.root / ".xgodo" / "state.db")) as state:
        state.execute(
            "CREATE TRIGGER full BEFORE INSERT ON fact WHEN NEW.name = 'chosen-devices' "
            "BEGIN SELECT RAISE(FAIL, 'no room'); END"
        )
    done = scripted.run("run", "-d", "Atomic")
    assert done.returncode == 1
    assert "TS2322" in done.stdout + done.stderr
    assert "Next time the device has to be chosen again" in done.stderr
    assert refused(scripted, "-d", "Atomic", "-d", "zzz", exit_code=2)["message"].startswith("There is no")


def test_what_another_version_remembered_otherwise_is_as_nothing(
    scripted: Copy, phones: list[dict[str, Any]]
) -> None:
    chosen_last_time(scripted, "-d", "Atomic")
    for value in ("id-atomic", "[[1], 2]", "7"):
        with closing(sqlite3.connect(scripted.root / ".xgodo" / "state.db")) as state, state:
            state.execute("UPDATE fact SET value = ? WHERE name = 'chosen-devices'", (value,))
        refused(scripted, exit_code=2)


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


def test_at_a_terminal_an_offline_phone_of_last_time_is_asked_about(
    scripted: Copy, phones: list[dict[str, Any]]
) -> None:
    chosen_last_time(scripted, "-d", "Atomic")
    phones[0]["online"] = False
    with Terminal(scripted.home, scripted.root, scripted.env, "run") as terminal:
        terminal.sees("Atomic Mammal of last time: not connected now.")
        terminal.sees("Silent Otter")
        terminal.press("\r")
        code, shown = terminal.ends()
    assert (code, "TS2322" in shown) == (1, True), shown
    phones[0]["online"] = True
    assert chosen_last_time(scripted) == "Silent Otter"


def test_whoever_gives_the_question_up_is_told_how_to_answer_it_before(
    scripted: Copy, phones: list[dict[str, Any]]
) -> None:
    with Terminal(scripted.home, scripted.root, scripted.env, "run") as terminal:
        terminal.sees("Which device?")
        terminal.press(ESCAPE)
        code, shown = terminal.ends()
    assert code == 2, shown
    assert "No device was chosen." in shown
    assert "`-d DEVICE`" in shown
    refused(scripted, exit_code=2)
