"""How recorded runs are listed, and written as files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.runs.recorded_runs import begun, ended, line
from xgodo_dev.cli.app import main
from xgodo_dev.runs.store import RunStore

NOW = time.time()
FLEET = [f"f{number:03}0000-0" for number in range(30)]


@pytest.fixture
def runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[str, str]]:
    """Runs the command in a project, and returns what it has written to stdout and stderr."""
    (tmp_path / "xgodo.toml").write_text("")

    def run(*options: str, exit_code: int = 0) -> tuple[str, str]:
        with pytest.raises(SystemExit) as end:
            main(["-C", str(tmp_path), "runs", *options])
        shown = capsys.readouterr()
        assert end.value.code == exit_code, shown
        return shown.out, shown.err

    return run


@pytest.fixture
def listed(runs: Callable[..., tuple[str, str]]) -> Callable[..., list[dict[str, Any]]]:
    def read(*options: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(runs("--json", *options)[0])["runs"]
        return found

    return read


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """A run, a launch on thirty devices of which two failed, and another run."""
    with RunStore(tmp_path) as opened:
        opened.begin(begun("aa110000-0", mark="a", started=NOW - 90_000, device="Old\nName"))
        opened.end(ended("aa110000-0", "stopped"))
        with opened.together():
            for number, run in enumerate(FLEET):
                device = {"device_id": f"d-{number}", "device": f"Phone {number:02}"}
                opened.begin(begun(run, mark="fleet", started=NOW - 50 + number / 100, **device))
                opened.end(ended(run, *(("failed", "no") if number in (3, 8) else ("success",))))  # type: ignore[arg-type]
        opened.begin(begun("cc330000-0", mark="c", started=NOW - 5, device="x" * 20_000))
        opened.add(line("cc330000-0", "1", "hello"))
        opened.end(ended("cc330000-0"))
        return opened


def test_a_launch_on_many_devices_is_one_line_that_says_how_its_runs_ended(
    store: RunStore, runs: Callable[..., tuple[str, str]]
) -> None:
    out, err = runs()
    heading, newest, fleet, oldest = out.splitlines()
    assert heading.split() == ["RUN", "WHEN", "DEVICE", "ENTRY", "STATUS", "TOOK"]
    assert fleet.split()[0] == "f0000000"
    assert "  30 devices  " in fleet
    assert fleet.endswith("  main.ts  28 ended well, 2 failed  1.2 s")
    assert "  Old\\x0aName  " in oldest
    assert "  was stopped  " in oldest
    assert max(map(len, out.splitlines())) < 130
    assert newest.startswith("cc330000  ")
    assert "`runs --run f0000000` lists the runs of that launch" in err


def test_each_run_of_a_launch_is_listed_when_it_is_named_by_any_of_them(
    store: RunStore, runs: Callable[..., tuple[str, str]]
) -> None:
    rows = runs("--run", "f017")[0].splitlines()[1:]
    assert [row.split()[0] for row in rows] == [run[:8] for run in reversed(FLEET)]
    assert len(runs("--run", "f017", "-n", "3")[0].splitlines()) == 4
    assert len(runs("--run", "aa11")[0].splitlines()) == 2
    (row,) = runs("-d", "Phone 03")[0].splitlines()[1:]
    assert row.startswith("f0030000")
    assert row.endswith("Phone 03  main.ts  failed  1.2 s")


def test_runs_are_chosen_by_how_they_ended(store: RunStore, runs: Callable[..., tuple[str, str]]) -> None:
    (row,) = runs("--status", "failed")[0].splitlines()[1:]
    assert "  2 devices  main.ts  2 failed  " in row
    assert len(runs("--status", "failed", "--run", "f000")[0].splitlines()) == 3
    assert len(runs("--status", "stopped", "--status", "success")[0].splitlines()) == 4
    assert len(runs("-n", "1")[0].splitlines()) == 2
    assert runs("--status", "timeout") == ("", "Of these runs, none took too long.\n")
    assert runs("--status", "running") == ("", "Of these runs, none is running.\n")


def test_a_program_reads_every_run_for_itself_and_which_belong_together(
    store: RunStore, listed: Callable[..., list[dict[str, Any]]]
) -> None:
    everything = listed("-n", "100")
    assert [each["run"] for each in everything] == ["cc330000-0", *reversed(FLEET), "aa110000-0"]
    assert {each["launch"] for each in everything} == {"cc330000-0", FLEET[0], "aa110000-0"}
    assert listed("-n", "1") == everything[:1]
    failed = listed("--status", "failed", "-d", "Phone 08")
    assert failed == [each for each in everything if each["run"] == FLEET[8]]
    assert failed[0] == {
        "run": FLEET[8],
        "launch": FLEET[0],
        "time": pytest.approx(NOW - 49.92),
        "device": "Phone 08",
        "device_id": "d-8",
        "entry": "main.ts",
        "status": "failed",
        "ms": 1234.5,
        "error": "no",
    }
    assert "error" not in everything[0]


def test_an_end_that_nobody_knows_is_not_made_up(
    tmp_path: Path,
    runs: Callable[..., tuple[str, str]],
    listed: Callable[..., list[dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XGODO_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("XGODO_TOKEN", "token")
    with RunStore(tmp_path) as store:
        store.begin(begun("aa110000-0", remote="http://127.0.0.1:9"))
    out, err = runs()
    assert out.splitlines()[1].endswith("main.ts  end not known")
    assert "could not be asked for more. Can't reach http://127.0.0.1:9" in err
    assert "stop" not in err
    (run,) = listed()
    assert (run["status"], run["ms"]) == (None, None)


def test_without_a_run_the_list_is_empty(
    runs: Callable[..., tuple[str, str]], listed: Callable[..., list[dict[str, Any]]]
) -> None:
    assert runs() == ("", "No run of this project is recorded yet. `xgodo-dev run` makes one.\n")
    assert listed() == []
    assert "No run of this project is recorded yet." in runs("-o", "kept", exit_code=2)[1]


def test_what_is_recorded_of_a_run_is_written_as_files_that_other_programs_read(
    store: RunStore, tmp_path: Path, runs: Callable[..., tuple[str, str]]
) -> None:
    told = json.loads(runs("--json", "--run", "cc33", "-o", ".kept")[0])
    folder = tmp_path / ".kept"
    # Its bundle was not recorded.
    files = [str(folder / name) for name in ("events.jsonl", "bundle.js.map")]
    assert told == {"run": "cc330000-0", "files": files}
    kept = [json.loads(each) for each in (folder / "events.jsonl").read_text().splitlines()]
    assert [event["event"] for event in kept] == ["launch", "log", "exit"]
    assert json.loads((folder / "bundle.js.map").read_text())["sources"] == ["main.ts"]
    assert (folder / "events.jsonl").stat().st_mode & 0o077 == 0
    assert json.loads(runs("--json", "-o", ".kept", exit_code=3)[0])["error"]["code"] == "refused"
    assert json.loads(runs("--json", "--run", "3", "-o", ".x", exit_code=2)[0])["error"]["code"] == "usage"
    assert runs("--status", "failed", "-d", "Phone 08", "-o", ".failed")[0].startswith(str(tmp_path))
    for status, told in (("timeout", "none took too long"), ("running", "none is running")):
        assert told in runs("--status", status, "-o", ".none", exit_code=2)[1]
    assert not (tmp_path / ".none").exists()


def test_files_of_a_run_are_not_written_where_a_push_would_send_them(
    store: RunStore, tmp_path: Path, runs: Callable[..., tuple[str, str]]
) -> None:
    _, refused = runs("-o", "kept", exit_code=2)
    assert "kept/bundle.js would count as a file of the project." in refused
    assert not (tmp_path / "kept").exists()
    (tmp_path / ".gitignore").write_text("kept/\n")
    assert runs("-o", "kept")[0]
