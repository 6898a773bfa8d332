"""`logs` and `runs`: what is known of a run afterwards, from this disk and from the platform."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import LISTED, Emulator, Home, running_emulator
from tests.e2e.watch_process import DEADLINE, Watch
from tests.e2e.working_copies import Copy, give_up_privileges, new_copy

TALK = """\
console.log("one");
console.warn("two:", agent.arguments.jobVariables.pin === "s3cret");
console.error("three");
console.log("four");
stopCurrentAutomation();
export {};
"""
ENDLESS = """\
async function main(): Promise<void> {
  for (let number = 0; ; number += 1) {
    console.log(`line ${number}`);
    await sleep(20);
  }
}
main();
export {};
"""
FAILS_AS_TEMPLATES_DO = """\
async function main(): Promise<void> {
  throw new Error("the order is lost");
}

main()
  .catch((error) => {
    console.error(error);
    throw error;
  })
  .finally(agent.control.stopCurrentAutomation);
export {};
"""


@pytest.fixture
def shared(emulators: Callable[[str], Emulator]) -> Emulator:
    return emulators(LISTED)


@pytest.fixture
def copy(home: Home, shared: Emulator) -> Copy:
    """A project that says four things, and was not run yet."""
    return new_copy(home, shared, str(uuid.uuid4()), home.folder / "ada", {"main.ts": TALK})


@pytest.fixture
def nothing_goes_on(shared: Emulator) -> Iterator[None]:
    """Leaves no run behind on a phone that other tests use."""
    yield
    shared.stop_runs()


def lines(shown: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert shown.returncode == 0, (shown.stdout, shown.stderr)
    return [json.loads(line) for line in shown.stdout.splitlines()]


def logs(copy: Copy, *options: str) -> list[dict[str, Any]]:
    events = lines(copy.run("--json", "logs", *options))
    assert {event["event"] for event in events} <= {"log"}
    return events


def said(copy: Copy, *options: str) -> list[str]:
    return [event["message"] for event in logs(copy, *options)]


def run(copy: Copy, *options: str, exit_code: int = 0) -> list[dict[str, Any]]:
    done = copy.run("--json", "run", *options)
    assert done.returncode == exit_code, (done.stdout, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_logs_of_a_run_are_those_that_it_showed(copy: Copy) -> None:
    shown = [event for event in run(copy, "--var", "pin=s3cret") if event["event"] == "log"]
    assert [event["message"] for event in shown] == ["one", "two: true", "three", "four"]
    # Long after that, with nobody to ask.
    nowhere = Copy(copy.home, copy.root, {})
    assert logs(nowhere) == shown
    assert [event["source"]["line"] for event in shown] == [1, 2, 3, 4]
    assert b"s3cret" not in b"".join(file.read_bytes() for file in (copy.root / ".xgodo").glob("runs.db*"))


def test_a_failed_run_is_read_again_as_it_was(copy: Copy) -> None:
    first = run(copy)[-1]
    copy.write("main.ts", FAILS_AS_TEMPLATES_DO)
    ran = copy.run("run")
    assert ran.returncode == 1
    read = copy.run("logs")
    assert read.stdout.splitlines() == ran.stdout.splitlines()
    for shown in (ran, read):
        # The automation has logged its error itself: once is enough for a person …
        assert (shown.stdout + shown.stderr).count("the order is lost") == 1
        assert "failed" in shown.stderr
    # … while a program finds the place of the throw, too.
    logged, thrown = logs(copy)
    assert logged["source"]["line"] == 7
    assert thrown["source"] == {"file": "main.ts", "line": 2}
    assert thrown["message"].splitlines()[0] == "Error: the order is lost"
    second, oldest = copy.json("runs")["runs"]
    assert (second["status"], second["error"]) == ("failed", thrown["message"])
    assert (oldest["run"], oldest["status"], oldest["ms"]) == (first["run"], "success", first["ms"])


def test_a_launch_that_nobody_followed_is_read_from_the_platform(copy: Copy) -> None:
    (launch,) = (event for event in run(copy, "--no-follow") if event["event"] == "launch")
    copy.write("main.ts", "// something else now\n")
    deadline = time.monotonic() + DEADLINE
    while (listed := copy.json("runs")["runs"][0])["status"] is None:
        assert time.monotonic() < deadline
    assert (listed["run"], listed["status"]) == (launch["run"], "success")
    # Now it is known here, whoever is there.
    nowhere = Copy(copy.home, copy.root, {})
    assert [(event["message"], event["source"]["line"]) for event in logs(nowhere)] == [
        ("one", 1),
        ("two: false", 2),
        ("three", 3),
        ("four", 4),
    ]


def test_what_a_killed_command_did_not_see_is_read_from_the_platform(
    copy: Copy, nothing_goes_on: None
) -> None:
    copy.write("main.ts", ENDLESS)
    process = copy.home.start("--json", "run", cwd=copy.root, env=copy.env)
    following = Watch(process)
    last = following.until("log", lambda event: event["message"] == "line 5")
    process.kill()
    process.wait(DEADLINE)
    deadline = time.monotonic() + DEADLINE
    while "line 30" not in (messages := said(copy)):
        assert time.monotonic() < deadline
    assert messages == [f"line {number}" for number in range(len(messages))]
    listed = copy.run("runs")
    assert re.search(rf"^{last['run'][:8]} .* running 0:\d\d$", listed.stdout, re.MULTILINE)
    assert "`logs -f` follows what runs" in listed.stderr
    assert f"Run {last['run'][:8]} goes on" in copy.run("logs").stderr


def test_a_watch_records_each_of_its_runs(copy: Copy) -> None:
    process = copy.home.start("--json", "watch", "--run", "--no-push", cwd=copy.root, env=copy.env)
    watch = Watch(process)
    try:
        first = watch.until("exit")
        copy.write("main.ts", ENDLESS)
        watch.until("log", lambda event: event["message"] == "line 3")
    finally:
        process.terminate()
        process.wait(DEADLINE)
    newest, oldest = copy.json("runs")["runs"]
    assert (oldest["run"], oldest["status"]) == (first["run"], "success")
    assert newest["status"] == "stopped"
    assert said(copy)[:4] == [f"line {number}" for number in range(4)]
    assert said(copy, "--run", first["run"])[0] == "one"


def test_a_store_that_is_damaged_stops_no_run(copy: Copy) -> None:
    store = copy.root / ".xgodo" / "runs.db"
    store.parent.mkdir(exist_ok=True)
    store.write_bytes(b"damaged" * 1000)
    refused = copy.json("logs", exit_code=2)["error"]
    assert refused["code"] == "runs-unusable"
    assert str(store) in refused["message"]
    # What goes on can't be known, and is not said to be nothing.
    error = copy.json("stop", exit_code=2)["error"]
    assert error["code"] == "runs-unusable"
    assert "`stop --all -d DEVICE`" in error["hint"]
    events = run(copy)
    assert [event["status"] for event in events if event["event"] == "exit"] == ["success"]
    # One of them by the thread that records.
    warnings = sorted(event["message"] for event in events if event["event"] == "warning")
    assert len(warnings) == 2, warnings
    assert any("still runs on Atomic Mammal can't be known" in each for each in warnings), warnings
    assert any("was set aside" in each for each in warnings), warnings
    assert len(said(copy)) == 4


def test_a_launch_on_several_phones_is_read_as_one(home: Home, tmp_path: Path) -> None:
    with running_emulator(home, tmp_path / "emulator", "--devices", "2") as emulator:
        copy = new_copy(home, emulator, str(uuid.uuid4()), home.folder / "ada", {"main.ts": TALK})
        shown = [event for event in run(copy, "-d", "@online") if event["event"] == "log"]
        devices = {event["device"] for event in shown}
        assert len(devices) == 2
        again = logs(copy)
        assert sorted(again, key=lambda event: event["id"]) == sorted(shown, key=lambda event: event["id"])
        read = copy.run("logs")
        assert all(device in read.stdout for device in devices)
        _, listed = copy.run("runs").stdout.splitlines()
        assert "  2 devices  main.ts  2 ended well  " in listed


@pytest.mark.skipif(sys.platform == "win32", reason="its folders have no such permissions")
@pytest.mark.parametrize("beside_it", ["nothing", "what a killed process leaves"])
def test_recorded_runs_can_be_read_where_nothing_can_be_written(copy: Copy, beside_it: str) -> None:
    run(copy)
    folder = copy.root / ".xgodo"
    if beside_it != "nothing":
        leave = "from pathlib import Path; from xgodo_dev.runs.store import *; import os, sys;"
        leave += "s = RunStore(Path(sys.argv[1])); r = s.runs()[0]; s._rows('UPDATE run SET entry = 1');"
        leave += "os._exit(0)"
        subprocess.run([sys.executable, "-c", leave, copy.root], check=True)
        assert (folder / "runs.db-wal").stat().st_size
    for file in folder.glob("runs.db*"):
        file.chmod(0o400)
    folder.chmod(0o500)
    try:
        shown = copy.run("--json", "logs", preexec_fn=give_up_privileges)
        assert [event["message"] for event in lines(shown)] == ["one", "two: false", "three", "four"]
        (listed,) = copy.json("runs", preexec_fn=give_up_privileges)["runs"]
        assert listed["status"] == "success"
        assert listed["entry"] == ("main.ts" if beside_it == "nothing" else "1")
    finally:
        folder.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="its folders have no such permissions")
def test_what_can_not_be_recorded_is_not_asked_for(copy: Copy, nothing_goes_on: None) -> None:
    copy.write("main.ts", ENDLESS)
    run(copy, "--no-follow")
    folder = copy.root / ".xgodo"
    (folder / "runs.db").chmod(0o400)
    folder.chmod(0o500)
    try:
        shown = copy.run("logs", preexec_fn=give_up_privileges)
    finally:
        folder.chmod(0o700)
    assert (shown.returncode, shown.stdout) == (0, "")
    assert "The platform was not asked for more" in shown.stderr


def test_a_watch_says_what_is_not_recorded_before_its_last_word(copy: Copy) -> None:
    (copy.root / ".xgodo" / "runs.db").mkdir(parents=True)
    process = copy.home.start("--json", "watch", "--run", "--no-push", cwd=copy.root, env=copy.env)
    watch = Watch(process)
    try:
        ran = watch.until("exit")
        assert ran["status"] == "success"
    finally:
        process.terminate()
    warning = watch.until("warning")
    assert f"everything of run {ran['run'][:8]}" in warning["message"]
    assert "is a folder" in warning["message"]
    watch.until("stopped")
    assert process.wait(DEADLINE) is not None
