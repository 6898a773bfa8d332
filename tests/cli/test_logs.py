"""What `logs` shows of what is recorded, and what it says where that is nothing."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from contextlib import ExitStack, redirect_stderr
from pathlib import Path

import click
import pytest

from tests.runs.recorded_runs import begun, ended, line
from xgodo_dev.cli.app import main
from xgodo_dev.cli.invocation import Invocation
from xgodo_dev.cli.log_output import LogOutput
from xgodo_dev.cli.recorded_logs import Wanted
from xgodo_dev.project.watch_lock import watch_lock
from xgodo_dev.runs.store import RunStore

NOW = time.time()
OTTER = {"device_id": "d-1", "device": "Silent Otter"}
MAMMAL = {"device_id": "d-2", "device": "Atomic Mammal"}

Command = Callable[..., tuple[str, str]]


@pytest.fixture
def logs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs the command in a project, and returns what it has written to stdout and stderr."""
    (tmp_path / "xgodo.toml").write_text("")

    def run(*options: str, exit_code: int = 0) -> tuple[str, str]:
        with pytest.raises(SystemExit) as end:
            main(["-C", str(tmp_path), "logs", *options])
        shown = capsys.readouterr()
        assert end.value.code == exit_code, shown
        return shown.out, shown.err

    return run


@pytest.fixture
def said(logs: Command) -> Callable[..., list[str]]:
    def messages(*options: str) -> list[str]:
        out, _ = logs("--json", *options)
        return [json.loads(each)["message"] for each in out.splitlines()]

    return messages


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """One launch on two devices, of which one failed, and an older one on one of them."""
    with RunStore(tmp_path) as opened:
        opened.begin(begun("0ld1", mark="old", started=NOW - 7200, **OTTER))
        opened.add(line("0ld1", "1", "long ago", time=NOW - 7200))
        opened.end(ended("0ld1"))
        for run, device, moment in (("aa11", OTTER, NOW - 50), ("bb22", MAMMAL, NOW - 40)):
            opened.begin(begun(run, mark="new", started=NOW - 60, **device))
            for number, (level, message) in enumerate(
                [("log", f"one {run}"), ("warn", "two"), ("error", "three"), ("log", "four")]
            ):
                opened.add(line(run, str(number), message, level=level, time=moment + number))
        opened.end(ended("aa11"))
        opened.end(ended("bb22", "failed", "three"))
        return opened


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        (["-d", "silent"], ["one aa11", "two", "three", "four"]),
        (["-d", "silent", "-d", "d-2", "--grep", "one"], ["one aa11", "one bb22"]),
        (["--run", "BB", "--level", "warn"], ["two", "three"]),
        (["--run", "bb", "--level", "error"], ["three"]),
        (["--run", "bb", "--grep", "^t|our$"], ["two", "three", "four"]),
        (["--run", "bb", "-n", "1"], ["four"]),
        (["--run", "bb", "-n", "0"], []),
        (["--run", "bb", "--level", "warn", "--grep", "o", "-n", "5"], ["two"]),
        (["--run", "0ld1"], ["long ago"]),
        (["--since", "1d", "--grep", "one|ago"], ["long ago", "one aa11", "one bb22"]),
        (["--since", "3600", "--grep", "one|ago"], ["one aa11", "one bb22"]),
    ],
)
def test_lines_are_chosen_by_device_run_level_expression_age_and_number(
    store: RunStore, said: Callable[..., list[str]], options: list[str], messages: list[str]
) -> None:
    assert said(*options) == messages


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--grep", "five"], "Of runs aa11, bb22: 8 lines, none that --grep fits."),
        (["--run", "0ld", "--level", "warn"], "Of run 0ld1: 1 line, none at level warn or above."),
        (
            ["--run", "aa11", "--level", "error", "--grep", "o"],
            "4 lines, 1 at level error, none that --grep fits.",
        ),
        (
            ["--run", "aa11", "--level", "warn", "-n", "0"],
            "4 lines, 2 at level warn or above, and -n 0 shows none.",
        ),
        (["--since", "20s"], ": 9 lines, none since "),
        (["--since", "0.000001s"], "No recorded run has ended since"),
    ],
)
def test_why_nothing_is_shown_is_said(store: RunStore, logs: Command, options: list[str], why: str) -> None:
    out, err = logs(*options)
    assert out == ""
    assert why in err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--grep", "("), "is not a regular expression"),
        (("--since", "soon"), "90 (seconds), 90s, 5m or 1h"),
        (("--level", "debug"), "'log', 'warn', 'error'"),
        (("--run", "zzz"), "No recorded run begins with 'zzz'"),
        (("--run", ""), "No recorded run begins with ''"),
        (("-d", "Atomic Mamal"), "Atomic Mammal"),
    ],
)
def test_what_can_not_be_meant_is_a_usage_error(
    store: RunStore, logs: Command, options: tuple[str, ...], words: str
) -> None:
    out, _ = logs("--json", *options, exit_code=2)
    refused = json.loads(out)["error"]
    assert refused["code"] == "usage"
    assert words in refused["message"]


def test_a_launch_on_several_devices_is_named_with_how_its_runs_ended(store: RunStore, logs: Command) -> None:
    _, err = logs()
    first, second, *_ = err.splitlines()
    assert first.startswith("The newest launch: main.ts on Atomic Mammal, Silent Otter, ")
    assert second == "Of 2 devices: 1 failed, 1 ended well (`runs --run aa11` lists them)"
    assert logs("-q")[1] == ""


def test_a_person_reads_an_error_that_the_run_has_logged_itself_once(
    tmp_path: Path, logs: Command, said: Callable[..., list[str]]
) -> None:
    with RunStore(tmp_path) as store:
        store.begin(begun("aa11"))
        for log_id, number in (("logged", 7), ("thrown", 2)):
            source = {"file": "main.ts", "line": number}
            store.add(line("aa11", log_id, "Error: lost\n    at x", level="error", source=source))
        store.end(ended("aa11", "failed", "Error: lost\n    at x"))
    out, err = logs()
    assert (out + err).count("lost") == 1
    assert "main.ts:7" in out
    assert err.count("running main.ts") == 1
    assert "failed" in err
    # A program finds the place of the throw, too.
    assert len(said()) == 2


def test_without_a_run_there_is_nothing_to_show_and_no_file_is_made(tmp_path: Path, logs: Command) -> None:
    assert logs() == ("", "No run of this project is recorded yet. `xgodo-dev run` makes one.\n")
    assert logs("--json") == ("", "")
    assert json.loads(logs("--json", "--run", "a", exit_code=2)[0])["error"]["code"] == "usage"
    assert not (tmp_path / ".xgodo").exists()


@pytest.mark.parametrize(
    ("remote", "told"),
    [
        ("emulator:1", "the emulator, which was not asked: add --profile emulator."),
        ("https://other.example", "https://other.example, which was not asked: add --api-url https://other"),
    ],
)
def test_of_a_run_that_was_launched_elsewhere_the_way_to_ask_there_is_said(
    tmp_path: Path, logs: Command, remote: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XGODO_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("XGODO_TOKEN", "token")
    with RunStore(tmp_path) as store:
        store.begin(begun("aa11", remote=remote))
    which, launch, nothing, end = logs()[1].splitlines()
    assert which.startswith(f"Run aa11 was launched on {told}")
    assert launch.startswith("The newest launch: main.ts")
    assert nothing == "Nothing that run aa11 logged is recorded here."
    assert end == "The end of run aa11 is not known."


def test_how_many_runs_ended_is_told_before_what_is_not_known(
    tmp_path: Path, logs: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XGODO_API_URL", "http://127.0.0.1:9")
    with RunStore(tmp_path) as store:
        for number in range(6):
            run = f"f{number}"
            phone = {"device_id": f"phone-{number}", "device": f"Phone {number}"}
            store.begin(begun(run, mark="one launch", started=NOW - 60, **phone))
            store.add(line(run, "1", time=NOW - 50))
            if number:
                store.end(ended(run))
    *_, ends, unknown = logs()[1].splitlines()
    assert "the runs on 5 devices ended well" in ends
    assert unknown == "The end of run f0 is not known."


class Reader(io.StringIO):
    """Does something when it reads that nothing was recorded."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self._then = then

    def write(self, text: str) -> int:
        if "No recorded run has ended" in text:
            self._then()
        return super().write(text)


def test_a_launch_is_followed_on_devices_of_which_no_older_run_is_shown(
    tmp_path: Path, logs: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XGODO_TOKEN", "token")

    def a_launch(name: str) -> None:
        with RunStore(tmp_path) as recording:
            for number in range(6):
                run = f"{name}-{number}"
                phone = {"device_id": f"phone-{number}", "device": f"Phone {number}"}
                recording.begin(begun(run, mark=name, started=NOW, **phone))
                recording.add(line(run, "1", f"hello {run}"))
                recording.end(ended(run))

    def a_watch_launches_and_ends() -> None:
        a_launch("new")
        watching.close()

    a_launch("old")
    reader = Reader(a_watch_launches_and_ends)
    wanted = [option for number in range(5) for option in ("-d", f"phone-{number}")]
    with ExitStack() as watching:
        watching.enter_context(watch_lock(tmp_path))
        with redirect_stderr(reader):
            out, _ = logs("-f", *wanted, "--since", "0.000001s")
    assert [each.split()[-1] for each in out.splitlines()] == [f"new-{number}" for number in range(5)]
    assert "running main.ts on 5 devices" in reader.getvalue()


def test_a_second_phone_of_the_same_name_that_joins_makes_lines_say_of_which_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with RunStore(tmp_path) as recording:
        recording.begin(begun("aa11", **OTTER))
        recording.begin(begun("bb22", **{**OTTER, "device_id": "d-2"}))
        second, first = recording.runs()
    with click.Context(click.Command("logs"), obj=Invocation()):
        shown = LogOutput(Wanted(), tmp_path, [first])
        shown.live(line("aa11", "1", "alone"))
        shown.join([second])
        shown.live(line("bb22", "1", "beside"))
    alone, beside = capsys.readouterr().out.splitlines()
    assert ("Silent Otter" in alone, "Silent Otter" in beside) == (False, True)


def test_that_there_is_nothing_to_follow_is_said(
    tmp_path: Path, logs: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XGODO_TOKEN", "token")
    with RunStore(tmp_path) as recording:
        recording.begin(begun("aa11"))
        recording.add(line("aa11", "1", "hello"))
        recording.end(ended("aa11"))
    out, err = logs("-f")
    assert out.endswith("hello\n")
    assert err.endswith("\nNothing of that runs now.\n")


@pytest.mark.parametrize(
    ("token", "told"),
    [("token", "Can't reach http://127.0.0.1:9"), ("", "Not signed in")],
)
def test_who_can_not_be_asked_is_said_to_programs_too_and_what_is_recorded_is_shown(
    tmp_path: Path, logs: Command, token: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XGODO_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("XGODO_TOKEN", token)
    # Nobody is signed in there.
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with RunStore(tmp_path) as store:
        store.begin(begun("aa11", remote="http://127.0.0.1:9"))
        store.add(line("aa11", "1", "hello"))
    out, err = logs("--json")
    assert json.loads(out)["message"] == "hello"
    assert f"the platform could not be asked for more. {told}" in err
