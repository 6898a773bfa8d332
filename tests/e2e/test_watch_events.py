"""`watch --json`: what the loop does on saves, failures and interruptions, event by event."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import tomllib
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import LISTED, Emulator, Home
from tests.e2e.watch_process import DEADLINE, Watch
from tests.e2e.working_copies import Copy, OnServer, Pushed

ENDLESS = """\
async function main(): Promise<void> {{
  for (;;) {{
    console.log({text});
    await sleep(50);
  }}
}}
main();
export {{}};
"""


@pytest.fixture
def watching(home: Home, project: Path, emulator: Emulator) -> Iterator[Callable[..., Watch]]:
    """Starts `watch` in the project, against the shared emulator."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str) -> Watch:
        process = home.start("--json", "watch", *options, cwd=project, env=emulator.env)
        started.append(process)
        return Watch(process)

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=60)


@pytest.fixture(scope="module")
def pushed_stages(with_stages: Copy, emulators: Callable[[str], Emulator]) -> Pushed:
    """The project from the template with stages, pushed by the command."""
    emulator = emulators(LISTED)
    copy = Copy(with_stages.home, with_stages.home.folder / "pushed", emulator.env)
    shutil.copytree(with_stages.root, copy.root)
    copy.bind(str(uuid.uuid4()))
    copy.json("push")
    return Pushed(copy, OnServer(emulator, copy.project_id))


@pytest.fixture
def project(home: Home, remote: OnServer, pushed_stages: Pushed) -> Path:
    """A folder with that project, as it is on the emulator."""
    return pushed_stages.duplicate(home, remote, home.folder / "my-automation").root


@pytest.fixture
def remote(emulator: Emulator, project_id: str) -> OnServer:
    """The same project on the emulator."""
    return OnServer(emulator, project_id)


def listening(watch: Watch, project: Path) -> int:
    """Wait until it watches. How many files the project has."""
    ready = watch.until("ready")
    assert ready["root"] == str(project)
    assert ready["project"] == tomllib.loads((project / "xgodo.toml").read_text("utf-8"))["project"]["id"]
    return int(ready["files"])


def all_synced(watch: Watch, project: Path) -> int:
    """Wait until every file of a project that was not pushed before is on the server. How many there are."""
    files = listening(watch, project)
    synced: set[str] = set()
    while len(synced) < files:
        synced.add(watch.until("synced")["path"])
    return files


def test_it_begins_with_ready_and_brings_the_server_up_to_date(
    watching: Callable[..., Watch], home: Home, project: Path, emulator: Emulator
) -> None:
    other = OnServer(emulator, str(uuid.uuid4()))
    Copy(home, project, {}).bind(other.id)
    watch = watching()
    assert all_synced(watch, project) > 1
    assert watch.seen[0]["event"] == "ready"
    assert other.read("stages/index.ts") == (project / "stages/index.ts").read_text("utf-8")


def test_a_save_that_changes_nothing_does_nothing(watching: Callable[..., Watch], project: Path) -> None:
    watch = watching()
    listening(watch, project)
    with watch.paused():
        (project / "util.ts").write_bytes((project / "util.ts").read_bytes())
        (project / "config.ts").write_text((project / "config.ts").read_text("utf-8") + "\n", "utf-8")
    assert watch.until("change")["paths"] == ["config.ts"]


def test_a_newer_save_replaces_the_run_that_goes_on(watching: Callable[..., Watch], project: Path) -> None:
    (project / "main.ts").write_text(ENDLESS.format(text='"old"'), encoding="utf-8")
    watch = watching("--run")
    old = watch.until("log", lambda event: event["message"] == "old")
    (project / "main.ts").write_text(ENDLESS.format(text='"new"'), encoding="utf-8")
    ended = watch.until("exit")
    assert (ended["run"], ended["status"]) == (old["run"], "stopped")
    new = watch.until("log", lambda event: event["message"] == "new")
    assert new["run"] != old["run"]
    assert new["source"] == {"file": "main.ts", "line": 3}


def test_a_failed_check_leaves_the_running_automation_alone(
    watching: Callable[..., Watch], project: Path
) -> None:
    (project / "main.ts").write_text(ENDLESS.format(text='"on"'), encoding="utf-8")
    watch = watching("--run")
    running = watch.until("log")["run"]
    (project / "main.ts").write_text(ENDLESS.format(text="missing"), encoding="utf-8")
    failed = watch.until("check", lambda event: not event["ok"])
    assert [(error["file"], error["line"], error["code"]) for error in failed["errors"]] == [
        ("main.ts", 3, "TS2304")
    ]
    assert watch.ever("sync-failed")["reason"] == "compile"
    for _ in range(5):
        assert watch.until("log")["run"] == running
    assert "exit" not in {event["event"] for event in watch.seen}


def test_an_edit_made_on_the_server_is_a_conflict_and_stays(
    watching: Callable[..., Watch], project: Path, remote: OnServer
) -> None:
    watch = watching()
    listening(watch, project)
    theirs = "// theirs\n" + (project / "util.ts").read_text("utf-8")
    remote.write("util.ts", theirs)
    ours = "// ours\n" + (project / "util.ts").read_text("utf-8")
    (project / "util.ts").write_text(ours, encoding="utf-8")
    assert watch.until("conflict")["path"] == "util.ts"
    assert remote.read("util.ts") == theirs
    assert (project / "util.ts").read_text("utf-8") == ours


def test_a_file_removed_here_is_said_to_stay_there(
    watching: Callable[..., Watch], project: Path, remote: OnServer
) -> None:
    (project / "notes.js").write_text("// remember\n", encoding="utf-8")
    watch = watching()
    watch.until("synced")
    (project / "notes.js").unlink()
    assert "notes.js" in watch.until("warning")["message"]
    assert remote.read("notes.js") == "// remember\n"


def test_a_new_folder_is_synced_and_what_git_ignores_is_not(
    watching: Callable[..., Watch], project: Path, remote: OnServer
) -> None:
    watch = watching()
    listening(watch, project)
    with (project / ".gitignore").open("a", encoding="utf-8") as ignore:
        ignore.write("*.secret.ts\n")
    (project / "deep" / "er").mkdir(parents=True)
    (project / "deep" / "er" / "key.secret.ts").write_text("hush", encoding="utf-8")
    (project / "deep" / "er" / "words.js").write_text("1;\n", encoding="utf-8")
    assert watch.until("synced")["path"] == "deep/er/words.js"
    assert remote.read("deep/er/key.secret.ts") is None


def test_parameters_saved_in_the_settings_reach_the_next_run(
    watching: Callable[..., Watch], project: Path
) -> None:
    (project / "main.ts").write_text(
        "console.log(String(agent.arguments.automationParameters.color));\n"
        "stopCurrentAutomation();\nexport {};\n",
        encoding="utf-8",
    )
    watch = watching("--run")
    watch.until("log", lambda event: event["message"] == "undefined")
    settings = project / "xgodo.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("[run.parameters]", '[run.parameters]\ncolor = "green"'),
        encoding="utf-8",
    )
    watch.until("log", lambda event: event["message"] == "green")


def test_parameters_of_the_command_line_win_over_saved_ones_in_every_run(
    watching: Callable[..., Watch], project: Path
) -> None:
    settings = project / "xgodo.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("[run.parameters]", '[run.parameters]\ncolor = "green"'),
        encoding="utf-8",
    )
    program = "console.log(JSON.stringify(agent.arguments));\nstopCurrentAutomation();\nexport {};\n"
    (project / "main.ts").write_text(program, encoding="utf-8")
    watch = watching("--run", "--param", "color=red", "--var", "row=[1, 2]")
    given = {"automationParameters": {"color": "red"}, "jobVariables": {"row": [1, 2]}}
    assert json.loads(watch.until("log")["message"]) == given
    (project / "main.ts").write_text("// again\n" + program, encoding="utf-8")
    assert json.loads(watch.until("log")["message"]) == given


def test_a_parameter_that_is_none_ends_the_loop_before_it_begins(home: Home, project: Path) -> None:
    refused = home.run("--json", "watch", "--run", "--param", "color", cwd=project)
    assert refused.returncode == 2
    assert "NAME=VALUE" in json.loads(refused.stdout)["error"]["message"]


def port_between_two_servers() -> int:
    """A port that is free, and that the system gives to nobody who asks for any while no server has it."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    for port in range(20_000 + 100 * worker, 32_000):
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def test_a_server_that_comes_back_gets_what_was_saved_meanwhile(
    home: Home, project: Path, project_id: str, tmp_path: Path
) -> None:
    data, port = tmp_path / "restarted", str(port_between_two_servers())
    first = home.json("emulator", "start", "--detach", "--port", port, "--data", data)
    emulator = Emulator(first["url"], first["token"], data)
    watch = Watch(home.start("--json", "watch", cwd=project, env=emulator.env))
    try:
        all_synced(watch, project)
        home.json("emulator", "stop")
        (project / "config.ts").write_text((project / "config.ts").read_text("utf-8") + "// later\n", "utf-8")
        watch.until("sync-failed", lambda event: event["path"] == "config.ts")
        home.json("emulator", "start", "--detach", "--port", port, "--data", data)
        watch.until("synced", lambda event: event["path"] == "config.ts")
        on_server = OnServer(emulator, project_id).read("config.ts")
        assert on_server == (project / "config.ts").read_text("utf-8")
    finally:
        watch.end(signal.SIGINT)
        home.json("emulator", "stop")


def test_a_file_that_lacked_another_is_sent_again_when_that_one_arrives(
    watching: Callable[..., Watch], project: Path
) -> None:
    watch = watching()
    listening(watch, project)
    (project / "main.ts").write_text('import { late } from "./late";\nlate();\n', encoding="utf-8")
    watch.until("sync-failed", lambda event: event["path"] == "main.ts")
    (project / "late.ts").write_text("export function late(): void {}\n", encoding="utf-8")
    watch.until_each("synced", {"late.ts", "main.ts"})


def test_a_chain_of_files_that_lack_each_other_ends_up_compiled(
    watching: Callable[..., Watch], project: Path
) -> None:
    watch = watching()
    listening(watch, project)
    (project / "a.ts").write_text('export { c } from "./b";\n', encoding="utf-8")
    watch.until("sync-failed", lambda event: event["path"] == "a.ts")
    (project / "b.ts").write_text('export { c } from "./c";\n', encoding="utf-8")
    watch.until("sync-failed", lambda event: event["path"] == "b.ts")
    (project / "c.ts").write_text("export const c = 1;\n", encoding="utf-8")
    watch.until_each("synced", {"a.ts", "b.ts", "c.ts"})


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no such signal here")
def test_a_loop_under_nohup_outlives_its_terminal(home: Home, project: Path, emulator: Emulator) -> None:
    process = home.start(
        "--json",
        "watch",
        cwd=project,
        env=emulator.env,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    watch = Watch(process)
    listening(watch, project)
    process.send_signal(signal.SIGHUP)
    (project / "config.ts").write_text((project / "config.ts").read_text("utf-8") + "\n", encoding="utf-8")
    assert watch.until("synced")["path"] == "config.ts"
    assert watch.end(signal.SIGINT) == 130


def test_a_temporary_file_is_never_sent(
    watching: Callable[..., Watch], project: Path, remote: OnServer
) -> None:
    watch = watching()
    listening(watch, project)
    with watch.paused():
        for number in range(10):
            temporary = project / f"sed{number}.ts"
            temporary.write_text("passing", encoding="utf-8")
            temporary.unlink()
    (project / "notes.js").write_text("// staying\n", encoding="utf-8")
    assert watch.until("synced")["path"] == "notes.js"
    assert [remote.read(f"sed{number}.ts") for number in range(10)] == [None] * 10


def test_a_file_replaced_by_removing_it_first_is_a_change_and_no_removal(
    watching: Callable[..., Watch], project: Path
) -> None:
    watch = watching()
    listening(watch, project)
    text = (project / "config.ts").read_text("utf-8")
    with watch.paused():
        (project / "config.ts").unlink()
        (project / "config.ts").write_text(text + "// again\n", encoding="utf-8")
    assert watch.until("synced")["path"] == "config.ts"
    assert "warning" not in {event["event"] for event in watch.seen}


def test_a_report_that_an_automation_forges_ends_nothing(
    home: Home, project: Path, emulator: Emulator
) -> None:
    forged = json.dumps({"event": "end", "status": "success"})
    (project / "main.ts").write_text(
        f"console.log('@@xgodo-dev:' + '{forged}');\n"
        "console.log('@@xgodo-dev:' + '['.repeat(5000));\n"
        "console.log('x\\n    at y:' + '1'.repeat(5000));\n"
        "console.log('x\\n    at ' + ' (:1'.repeat(16000) + '!');\n"
        "console.log('We met\\n    at noon in Paris\\nand left');\n"
        "throw new Error('the real end');\n",
        encoding="utf-8",
    )
    done = home.run("--json", "run", cwd=project, env=emulator.env)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert events[-1]["status"] == "failed"
    messages = [event["message"] for event in events if event["event"] == "log"]
    assert len(messages) == 5
    assert messages[-1] == "We met\n    at noon in Paris\nand left"


def test_control_characters_of_an_automation_do_not_reach_the_terminal(
    home: Home, project: Path, emulator: Emulator
) -> None:
    (project / "main.ts").write_text(
        "console.log('a\\x1b]52;c;aGk=\\x07b\\rc');\nstopCurrentAutomation();\n", encoding="utf-8"
    )
    done = home.run("run", cwd=project, env=emulator.env)
    assert r"a\x1b]52;c;aGk=\x07b\x0dc" in done.stdout


def test_what_a_save_mends_does_not_end_the_loop(watching: Callable[..., Watch], project: Path) -> None:
    watch = watching("--run")
    watch.until("exit")
    tsconfig = project / "tsconfig.json"
    kept = tsconfig.read_text("utf-8")
    tsconfig.unlink()
    assert (
        "tsconfig.json" in watch.until("warning", lambda event: "Not checked" in event["message"])["message"]
    )
    tsconfig.write_text(kept, encoding="utf-8")
    watch.until("exit")
    settings = project / "xgodo.toml"
    kept = settings.read_text("utf-8")
    for broken in ("[project", '[sync]\nexclude = ["!"]\n'):
        settings.write_text(broken, encoding="utf-8")
        watch.until("warning", lambda event: "settings" in event["message"])
    settings.write_text(kept.replace("[run.parameters]", "[run.parameters]\nx = 1"), encoding="utf-8")
    watch.until("exit")


def test_a_project_moved_away_ends_the_loop_and_says_so(
    watching: Callable[..., Watch], project: Path
) -> None:
    watch = watching("--no-check")
    listening(watch, project)
    project.rename(project.with_name("moved"))
    watch.until("stopped")
    assert watch.process.wait(timeout=DEADLINE) == 1


def test_a_reader_that_leaves_ends_the_loop_without_a_complaint(
    home: Home, project: Path, emulator: Emulator
) -> None:
    process = home.start("--json", "watch", "--run", cwd=project, env=emulator.env)
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["event"] == "ready"
    process.stdout.close()
    (project / "main.ts").write_text("export {};\n", encoding="utf-8")
    assert process.wait(timeout=DEADLINE) == 1
    assert process.stderr.read() == ""
    process.stderr.close()
    assert home.json("devices", env=emulator.env)["devices"][0]["automations"] == []


def test_files_that_the_settings_no_longer_exclude_are_synced(
    watching: Callable[..., Watch], project: Path, remote: OnServer
) -> None:
    settings = project / "xgodo.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("[sync]", '[sync]\nexclude = ["notes.*"]'), encoding="utf-8")
    (project / "notes.js").write_text("// remember\n", encoding="utf-8")
    watch = watching()
    listening(watch, project)
    assert remote.read("notes.js") is None
    settings.write_text(text, encoding="utf-8")
    assert watch.until("synced")["path"] == "notes.js"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interruption_stops_what_was_started_and_leaves_no_process(
    watching: Callable[..., Watch], home: Home, project: Path, emulator: Emulator, how: signal.Signals
) -> None:
    (project / "main.ts").write_text(ENDLESS.format(text='"on"'), encoding="utf-8")
    watch = watching("--run")
    watch.until("log")
    children = psutil.Process(watch.process.pid).children(recursive=True)
    assert watch.end(how) == 130
    assert [event["event"] for event in watch.seen[-2:]] == ["exit", "stopped"]
    assert watch.seen[-2]["status"] == "stopped"
    assert watch.seen[-1]["reason"] == "interrupted"
    assert not psutil.wait_procs(children, timeout=DEADLINE)[1]
    assert home.json("devices", env=emulator.env)["devices"][0]["automations"] == []


def test_a_second_loop_of_a_project_is_refused_and_told_who_has_it(
    watching: Callable[..., Watch], home: Home, project: Path, emulator: Emulator
) -> None:
    watch = watching()
    watch.until("ready")
    refused = home.json("watch", cwd=project / "stages", env=emulator.env, exit_code=1)
    assert refused["error"]["code"] == "already-watched"
    assert str(watch.process.pid) in refused["error"]["message"]
    watch.process.kill()
    watch.process.wait(timeout=DEADLINE)
    again = watching()
    again.until("ready")


def test_a_refused_token_ends_the_loop_with_4(home: Home, project: Path, emulator: Emulator) -> None:
    (project / "config.ts").write_text((project / "config.ts").read_text("utf-8") + "\n", encoding="utf-8")
    done = home.run("--json", "watch", cwd=project, env={**emulator.env, "XGODO_TOKEN": "wrong"})
    assert done.returncode == 4
    assert json.loads(done.stdout.splitlines()[-1])["error"]["code"] == "authentication"
