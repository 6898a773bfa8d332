"""`daemon`: the loop in the background, and `watch` and `run` where there is one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pexpect
import psutil
import pytest

from tests.cli.terminal.pseudo_terminal import Terminal
from tests.e2e.conftest import COMMAND, Emulator, of_listed
from tests.e2e.watch_process import DEADLINE, Watch
from tests.e2e.working_copies import Copy
from xgodo_dev.loop import control_client
from xgodo_dev.loop.checks import NOT_CHECKED
from xgodo_dev.loop.control_client import ToldError
from xgodo_dev.loop.event_log import LogReader, log_file
from xgodo_dev.loop.events import Stopped
from xgodo_dev.project.watch_lock import Holder, holder_of

pytestmark = of_listed
ENDLESS = 'async function main() { for (;;) { console.log("on"); await sleep(50); } }\nmain();\nexport {};\n'
SHORT = 'console.log("short");\nstopCurrentAutomation();\nexport {};\n'


@pytest.fixture(autouse=True)
def stopped(copy: Copy) -> Iterator[None]:
    """No daemon outlives its test, whatever becomes of that."""
    yield
    for process in daemons(copy):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def daemons(copy: Copy) -> list[psutil.Process]:
    """The processes that are, or become, the daemon of a project."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = process.info["cmdline"] or []
        if "--foreground" in line and str(copy.root) in line and process.info["status"] != "zombie":
            found.append(process)
    return found


def attached(copy: Copy, *options: str, command: str = "watch") -> Watch:
    return Watch(copy.home.start("--json", command, *options, cwd=copy.root, env=copy.env))


def daemon_of(copy: Copy) -> Holder:
    """What the daemon says of itself."""
    holder = holder_of(copy.root)
    assert holder
    return holder


def asked(copy: Copy, do: str) -> Mapping[str, Any]:
    """What the daemon answers."""
    return asyncio.run(control_client.ask(copy.root, daemon_of(copy), do))


def none_is_left(copy: Copy) -> bool:
    """Whether no daemon goes on; one that has let go of the project may still be on its way out."""
    return psutil.wait_procs(daemons(copy), timeout=DEADLINE)[1] == []


@pytest.fixture
def start(copy: Copy) -> Callable[..., dict[str, Any]]:
    return lambda *options: copy.json("daemon", "start", *options)


def test_a_daemon_works_apart_from_whoever_starts_it_until_it_is_stopped(
    copy: Copy, start: Callable[..., dict[str, Any]], emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = start()
    again = start()
    assert (begun["started"], again["started"], again["pid"]) == (True, False, begun["pid"])
    process = psutil.Process(begun["pid"])
    assert process.cwd() == "/"
    assert os.getsid(process.pid) == process.pid
    assert {str(Path(f"/proc/{process.pid}/fd/{each}").readlink()) for each in (0, 1, 2)} == {os.devnull}
    assert emulator.token not in " ".join(process.cmdline())
    told = copy.json("daemon", "status")
    assert (told["running"], told["pid"], told["watching"]) == (True, process.pid, True)
    assert told["project"] == copy.project_id
    refused = copy.run("daemon", "start", "--no-check")
    assert refused.returncode == 1
    assert "daemon restart" in refused.stderr
    holder = daemon_of(copy)
    assert Path(holder.socket or "").stat().st_mode & 0o077 == 0
    monkeypatch.setattr(control_client, "__version__", "0.0.9")
    with pytest.raises(ToldError, match=r"version .* and this is 0\.0\.9") as another:
        asyncio.run(control_client.ask(copy.root, holder, "follow"))
    assert "daemon restart" in (another.value.hint or "")
    assert copy.json("daemon", "stop")["stopped"] is True
    assert not Path(holder.socket or "").exists()
    kept = [file for file in (copy.root / ".xgodo").rglob("*") if file.is_file()]
    assert [file.name for file in kept if emulator.token.encode() in file.read_bytes()] == []


def test_of_daemons_that_are_started_at_once_one_wins_and_the_other_finds_it(copy: Copy) -> None:
    starting = [copy.home.start("--json", "daemon", "start", cwd=copy.root, env=copy.env) for _ in range(2)]
    told = [json.loads(each.communicate(timeout=DEADLINE)[0]) for each in starting]
    assert [each.returncode for each in starting] == [0, 0]
    assert sorted(each["started"] for each in told) == [False, True]
    assert len({each["pid"] for each in told}) == 1
    assert len(daemons(copy)) == 1


def test_a_daemon_that_can_not_begin_says_why_and_leaves_nothing_behind(copy: Copy) -> None:
    server = {"XGODO_API_URL": copy.env["XGODO_API_URL"]}
    refused = copy.home.run("--json", "daemon", "start", cwd=copy.root, env=server)
    error = json.loads(refused.stdout)["error"]
    assert (refused.returncode, error["code"]) == (4, "authentication")
    assert "xgodo-dev login" in error["hint"]
    assert none_is_left(copy)


def test_what_goes_wrong_in_a_daemon_is_written_down_where_that_is_asked_for(copy: Copy) -> None:
    library = copy.home.folder / "breaks"
    library.mkdir()
    # Of httpx's: it looks here first.
    (library / "sniffio.py").write_text("AsyncLibraryNotFoundError = current_async_library = 1 / 0\n")
    broken = copy.home.run(
        *("-vv", "daemon", "start", "--run"), cwd=copy.root, env={**copy.env, "PYTHONPATH": str(library)}
    )
    assert broken.returncode == 1
    assert "What happened is in" in broken.stderr
    (log,) = copy.home.folder.rglob("xgodo-dev.log")
    assert "ZeroDivisionError" in log.read_text()
    assert none_is_left(copy)


def test_where_a_daemon_was_killed_the_next_one_begins_as_if_there_had_been_none(
    copy: Copy, start: Callable[..., dict[str, Any]]
) -> None:
    begun = start("--no-check")
    editor = copy.home.start("watch", "--plain", cwd=copy.root, env=copy.env)
    assert editor.stderr
    # Else it would wait for the end of a check that never begins.
    assert any(f"{NOT_CHECKED}the daemon" in line for line in editor.stderr)
    os.kill(begun["pid"], signal.SIGKILL)
    assert editor.wait(timeout=DEADLINE) == 5
    told = copy.json("daemon", "status")
    assert (told["running"], told["ended"]["reason"]) == (False, f"process {begun['pid']} was killed.")
    assert copy.json("daemon", "restart")["pid"] != begun["pid"]
    assert daemon_of(copy).options["check"] is False


def test_where_its_folder_is_removed_a_daemon_stays_the_only_one_and_goes_on(
    copy: Copy, start: Callable[..., dict[str, Any]]
) -> None:
    pid = start()["pid"]
    watch = attached(copy)
    watch.until("check")
    # As `git clean -fdx` does, but at once: the daemon begins anew as soon as it misses something of it.
    (copy.root / ".xgodo").rename(copy.home.folder / "removed")
    shutil.rmtree(copy.home.folder / "removed")
    assert ".xgodo was removed" in watch.until("warning")["message"]
    watch.until("ready")
    assert watch.until("check")["ok"] is True
    copy.write("new.ts", "export const fresh = 1;\n")
    assert watch.until("synced")["path"] == "new.ts"
    again = start()
    assert (again["started"], again["pid"]) == (False, pid)
    assert ".xgodo was removed" in copy.run("daemon", "logs").stdout
    assert copy.json("daemon", "stop") == {"stopped": True, "pid": pid}
    assert none_is_left(copy)
    assert "stopped" not in {each["event"] for each in watch.seen[:-1]}


def test_a_daemon_that_a_signal_has_stopped_still_comes_to_its_own_end(
    copy: Copy, start: Callable[..., dict[str, Any]]
) -> None:
    os.kill(start()["pid"], signal.SIGSTOP)
    done = copy.run("daemon", "stop")
    assert (done.returncode, done.stderr) == (0, "")
    (*_, last) = LogReader(copy.root).last(10)
    assert isinstance(last, Stopped)
    assert none_is_left(copy)


def test_watch_and_logs_show_what_the_daemon_does_and_leave_it_at_that(copy: Copy) -> None:
    service = attached(copy, "start", "--foreground", command="daemon")
    service.until("ready")
    watch = attached(copy)
    following = attached(copy, "logs", "-f", command="daemon")
    assert watch.until("ready")["root"] == str(copy.root)
    following.until("check")
    watch.until("check")
    copy.write("util.ts", copy.read("util.ts") + "// more\n")
    for each in (watch, following):
        assert each.until("synced")["path"] == "util.ts"
    assert watch.end(signal.SIGINT) == 130
    refused = copy.run("watch", "--run")
    assert refused.returncode == 2
    assert "daemon restart" in refused.stderr
    other = copy.home.run("watch", cwd=copy.root, env={**copy.env, "XGODO_TOKEN": "another-token"})
    assert other.returncode == 2
    assert "another token" in other.stderr
    last = attached(copy)
    last.until("check")
    assert copy.json("daemon", "stop")["pid"] == service.process.pid
    for each in (last, following, service):
        assert each.until("stopped")["reason"] == "daemon stop"
    assert (last.process.wait(timeout=DEADLINE), service.process.wait(timeout=DEADLINE)) == (0, 0)
    assert following.end(signal.SIGINT) == 130
    assert log_file(copy.root).stat().st_mode & 0o777 == 0o600


def test_run_lets_the_daemon_do_the_work_and_ends_as_by_itself(
    copy: Copy, start: Callable[..., dict[str, Any]], emulator: Emulator
) -> None:
    start()
    copy.write("main.ts", SHORT)
    done = copy.run("--json", "run", "-d", "@online")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [each["event"] for each in events] == ["check", "launch", "log", "exit"]
    assert "launch" in {event.name for event in LogReader(copy.root).last(100)}
    copy.write("main.ts", "missing();\n")
    assert copy.run("run").returncode == 1
    copy.write("main.ts", ENDLESS)
    running = attached(copy, command="run")
    running.until("log")
    assert len(asked(copy, "status")["runs"]) == 1
    assert running.end(signal.SIGINT) == 130
    assert running.seen[-1]["status"] == "stopped"
    assert asked(copy, "status")["runs"] == []
    running = attached(copy, command="run")
    running.until("log")
    asyncio.run(stop_by_a_key(copy))
    assert running.process.wait(timeout=DEADLINE) == 1
    running = attached(copy, command="run")
    running.until("log")
    copy.json("daemon", "stop")
    assert running.process.wait(timeout=DEADLINE) == 1
    running.until("exit", lambda event: event["status"] == "stopped")


async def stop_by_a_key(copy: Copy) -> None:
    """Look at what the daemon was given to run, from now on, and stop it there."""
    async with asyncio.timeout(DEADLINE), control_client.talk(copy.root, daemon_of(copy), "follow") as talk:
        said = aiter(talk)
        async for each in said:
            if each.get("event") == "launch":
                break
        talk.ask({"key": "stop"})
        async for each in said:
            if each.get("event") == "exit":
                assert each["status"] == "stopped"
                return


def test_a_save_ends_what_run_has_begun_where_the_daemon_runs_on_save(
    copy: Copy, start: Callable[..., dict[str, Any]], emulator: Emulator
) -> None:
    copy.write("main.ts", ENDLESS)
    start("--run", "-d", "@online")
    watch = attached(copy)
    watch.until("launch")
    running = attached(copy, command="run")
    running.until("log")
    watch.until("exit", lambda event: event["status"] == "stopped")
    copy.write("main.ts", ENDLESS.replace('"on"', '"newer"'))
    watch.until("log", lambda event: event["message"] == "newer")
    running.until("exit", lambda event: event["status"] == "stopped")
    assert running.process.wait(timeout=DEADLINE) == 1
    watch.end(signal.SIGINT)
    leave_by_a_key(copy)
    assert len(asked(copy, "status")["runs"]) == 1
    copy.json("daemon", "stop")
    assert "exit" in {event.name for event in LogReader(copy.root).last(5)}


def leave_by_a_key(copy: Copy) -> None:
    """Look at what the daemon runs, stop it, run it again, and leave it running."""
    process = pexpect.spawn(
        str(COMMAND),
        ["watch"],
        cwd=str(copy.root),
        env={**copy.home.environment, **copy.env},
        encoding="utf-8",
        dimensions=(30, 120),
    )
    screen = Terminal(process, 120, 30)
    try:
        screen.wait(lambda: "running " in screen.shown[-1] and "q leave" in screen.shown[-1])
        screen.send("s")
        screen.wait(lambda: "was stopped" in screen.shown[-1])
        screen.send("s")
        screen.wait(lambda: any("Nothing runs." in line for line in screen.shown))
        screen.send("r")
        screen.wait(lambda: "running " in screen.shown[-1])
        screen.send("q")
        assert screen.end() == 0
        assert "The daemon goes on" in screen.shown[-1]
    finally:
        process.close(force=True)


def test_a_daemons_runs_have_its_parameters_which_it_keeps_and_shows_without_secrets(
    copy: Copy, start: Callable[..., dict[str, Any]]
) -> None:
    settings = copy.root / "xgodo.toml"
    table = '[run]\nsecrets = ["password"]'
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("[run]", table) if "[run]" in text else f"{text}\n{table}\n", "utf-8")
    (copy.root / "main.ts").write_text(
        "const { color, password } = agent.arguments.automationParameters;\n"
        "console.log(`${color} ${String(password).length}`);\nstopCurrentAutomation();\nexport {};\n",
        encoding="utf-8",
    )
    given = ["--run", "--param", "color=two words", "--param", "password=hunter2"]
    start(*given)
    assert start(*given)["started"] is False
    watch = attached(copy, "--run", "--param", "color=two words", "--param", "password=hunter2")
    watch.until("ready")
    copy.write("main.ts", (copy.root / "main.ts").read_text("utf-8") + "// again\n")
    assert watch.until("log")["message"] == "two words 7"
    for command in (["daemon", "status"], ["--json", "daemon", "status"], ["daemon", "start", "--run"]):
        told = copy.run(*command)
        assert "hunter2" not in told.stdout + told.stderr
        assert "password=•••" in told.stdout + told.stderr
    other = copy.run("watch", "--run", "--param", "color=blue")
    assert (other.returncode, "other parameters" in other.stderr) == (2, True)
    refused = copy.run("daemon", "restart", "--run", "--param", "color")
    assert (refused.returncode, "NAME=VALUE" in refused.stderr) == (2, True)
    copy.json("daemon", "restart")
    assert daemon_of(copy).options["parameters"] == ["color=two words", "password=hunter2"]
