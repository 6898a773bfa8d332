"""Each command against a running emulator: results, exit codes and JSON of the contract."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.cli.terminal.pseudo_terminal import terminal
from tests.e2e.conftest import COMMAND, Emulator, Home
from tests.e2e.working_copies import OnServer

ANCHOR = "async function main(): Promise<void> {\n"


def edit(file: Path, line: str) -> None:
    file.write_text(file.read_text("utf-8").replace(ANCHOR, ANCHOR + line), encoding="utf-8")


def test_init_makes_a_project_that_checks_and_builds(home: Home, project: Path) -> None:
    checked = home.json("check", cwd=project)
    assert checked["ok"] is True
    assert checked["errors"] == []
    built = home.json("build", "-o", "out.js", cwd=project)
    assert Path(built["output"]) == project / "out.js"
    assert json.loads(Path(built["map"]).read_text("utf-8"))["version"] == 3
    assert built["bytes"] == (project / "out.js").stat().st_size


def test_init_into_a_folder_that_is_not_empty_is_refused_and_changes_nothing(
    home: Home, project: Path
) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    refused = home.json("init", project, exit_code=3)
    assert refused["error"]["code"] == "refused"
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_a_type_error_is_printed_as_tsc_prints_it(home: Home, project: Path) -> None:
    edit(project / "main.ts", '  const retries: number = "three";\n')
    done = home.run("check", cwd=project / "stages")
    assert done.returncode == 1
    assert "main.ts(6,9): error TS2322: Type 'string' is not assignable to type 'number'." in done.stdout


def test_a_file_to_run_that_is_not_there_is_answered_with_the_one_that_may_be_meant(
    home: Home, project: Path, emulator: Emulator
) -> None:
    refused = home.json("run", "mian.ts", cwd=project, env=emulator.env, exit_code=2)["error"]
    assert refused["message"] == "There is no file mian.ts in this project."
    assert refused["hint"] == "Did you mean main.ts?"
    (project / "loop.ts").symlink_to("loop.ts")
    looping = home.json("run", "loop.ts", cwd=project, env=emulator.env, exit_code=2)["error"]
    assert looping["message"] == "There is no file loop.ts in this project."


def test_before_the_first_push_the_way_to_a_project_is_told(
    home: Home, project: Path, emulator: Emulator
) -> None:
    for arguments in (["status", "--remote"], ["pull"], ["diff"], ["commit", "--no-push", "-m", "First"]):
        missing = home.json(*arguments, cwd=project, env=emulator.env, exit_code=1)["error"]
        assert missing["code"] == "not-found"
        assert "`id` in xgodo.toml" in missing["hint"], arguments


def test_devices_are_listed_as_the_platform_gives_them(home: Home, emulator: Emulator) -> None:
    listed = home.json("devices", env=emulator.env)["devices"]
    assert [device["online"] for device in listed] == [True, False]
    assert {"remote_device_id", "name", "automations", "sdkVersion"} <= set(listed[0])
    assert len(home.json("devices", "--online", env=emulator.env)["devices"]) == 1


def test_run_reports_its_events_and_ends_with_the_automations_outcome(
    home: Home, project: Path, emulator: Emulator
) -> None:
    done = home.run("--json", "run", cwd=project, env=emulator.env)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events[:2]] == ["check", "launch"]
    assert events[-1]["event"] == "exit"
    assert events[-1]["status"] == "success"
    sources = {event["source"]["file"] for event in events if event["event"] == "log" and event["source"]}
    assert sources == {"main.ts", "stages/checkNote.ts"}
    assert all(event["run"] == events[1]["run"] for event in events[1:])


def test_an_uncaught_error_fails_the_run_and_names_its_typescript_line(
    home: Home, project: Path, emulator: Emulator
) -> None:
    (project / "main.ts").write_text(
        "interface Order { id: number }\n\nfunction fail(order: Order): never {\n"
        "  throw new Error(`order ${order.id} is lost`);\n}\n\nfail({ id: 7 });\n",
        encoding="utf-8",
    )
    done = home.run("--json", "run", cwd=project, env=emulator.env)
    assert done.returncode == 1
    end = json.loads(done.stdout.splitlines()[-1])
    assert end["status"] == "failed"
    assert "order 7 is lost" in end["error"]
    assert "main.ts:4:" in end["error"]
    assert "main.ts:7:" in end["error"]


def test_parameters_and_variables_reach_the_automation(home: Home, project: Path, emulator: Emulator) -> None:
    (project / "main.ts").write_text(
        "console.log(JSON.stringify([agent.arguments.automationParameters, agent.arguments.jobVariables]));\n"
        "stopCurrentAutomation();\n",
        encoding="utf-8",
    )
    done = home.run(
        "--json", "run", "--param", "retries=3", "--param", "name=Ada", "--var", "ok=true",
        cwd=project, env=emulator.env,
    )  # fmt: skip
    logs = [json.loads(line) for line in done.stdout.splitlines()]
    message = next(event["message"] for event in logs if event["event"] == "log")
    assert json.loads(message) == [{"retries": 3, "name": "Ada"}, {"ok": True}]


def test_arguments_come_from_a_file_beside_the_project(home: Home, project: Path, emulator: Emulator) -> None:
    (project / "main.ts").write_text(
        "console.log(String(agent.arguments.jobVariables.email));\nstopCurrentAutomation();\n",
        encoding="utf-8",
    )
    (project / "args.json").write_text('{"jobVariables": {"email": "a@example.com"}}', encoding="utf-8")
    done = home.run("-C", project, "--json", "run", "--args", "args.json", env=emulator.env)
    assert "a@example.com" in done.stdout
    assert home.run("-C", project, "run", "--args", "none.json", env=emulator.env).returncode == 2


def test_a_run_that_takes_too_long_is_stopped(home: Home, project: Path, emulator: Emulator) -> None:
    (project / "main.ts").write_text("for (;;) {}\nexport {};\n", encoding="utf-8")
    done = home.run("--json", "run", "--timeout", "1", cwd=project, env=emulator.env)
    assert done.returncode == 1
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "timeout"
    assert home.json("devices", env=emulator.env)["devices"][0]["automations"] == []


@pytest.mark.parametrize(
    ("device", "exit_code", "code"),
    [("dormant", 5, "device-offline"), ("Atomic Mamal", 2, "usage"), ("@all", 5, "device-offline")],
)
def test_a_device_that_can_not_run_is_refused_before_anything_is_launched(
    home: Home, project: Path, emulator: Emulator, device: str, exit_code: int, code: str
) -> None:
    refused = home.json("run", "-d", device, cwd=project, env=emulator.env, exit_code=exit_code)
    assert refused["error"]["code"] == code


def test_a_folder_that_is_not_an_emulators_is_neither_used_nor_emptied(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    (folder / "projects" / "thesis").mkdir(parents=True)
    (folder / "projects" / "thesis" / "chapter.txt").write_text("precious", encoding="utf-8")
    (folder / "token").write_text("mine", encoding="utf-8")
    for arguments in (("start", "--port", "0"), ("start", "--port", "0", "--detach"), ("reset", "--yes")):
        refused = home.json("emulator", *arguments, "--data", folder, exit_code=3)
        assert refused["error"]["code"] == "refused"
    assert (folder / "projects" / "thesis" / "chapter.txt").read_text("utf-8") == "precious"
    assert (folder / "token").read_text("utf-8") == "mine"
    assert sorted(entry.name for entry in folder.iterdir()) == ["projects", "token"]


def test_an_emulator_that_was_killed_in_its_first_moments_can_start_again(home: Home, tmp_path: Path) -> None:
    data = tmp_path / "data"
    home.json("emulator", "start", "--detach", "--port", "0", "--data", data)
    home.json("emulator", "stop")
    (data / "token").unlink()
    (data / ".0123.part").write_text("half a token", encoding="utf-8")
    home.json("emulator", "start", "--detach", "--port", "0", "--data", data)
    assert home.json("emulator", "stop")["stopped"] is True


def test_a_killed_emulator_leaves_nothing_that_the_next_one_does_not_take_away(
    home: Home, tmp_path: Path
) -> None:
    data, temporary = tmp_path / "data", tmp_path / "temporary"
    temporary.mkdir()
    start = ("emulator", "start", "--detach", "--port", "0", "--data", data)
    home.json(*start, env={"TMPDIR": str(temporary)})
    process = psutil.Process(home.json("emulator", "status")["pid"])
    family = [process, *process.children(recursive=True)]
    process.kill()
    assert not psutil.wait_procs(family, timeout=60)[1]
    assert list(temporary.iterdir()) == []
    home.json(*start, env={"TMPDIR": str(temporary)})
    home.json("emulator", "stop")
    assert list((data / "staging").iterdir()) == []


def test_the_emulators_process_has_no_token_of_a_person(home: Home, tmp_path: Path) -> None:
    secret = {"XGODO_TOKEN": "s3cr3t-of-a-person", "XGODO_ADMIN_TOKEN": "s3cr3t-of-an-admin"}
    home.json("emulator", "start", "--detach", "--port", "0", "--data", tmp_path / "data", env=secret)
    try:
        pid = home.json("emulator", "status")["pid"]
        assert b"s3cr3t" not in Path(f"/proc/{pid}/environ").read_bytes()
    finally:
        home.json("emulator", "stop")


@pytest.mark.parametrize("output", ["/dev/full", None])
@pytest.mark.parametrize("arguments", [("--help",), ("devices",), ("init", "--list")])
def test_an_output_that_can_not_be_written_to_is_no_traceback(
    home: Home, emulator: Emulator, arguments: tuple[str, ...], output: str | None
) -> None:
    redirection = f"> {output}" if output else ">&-"
    done = subprocess.run(
        ["bash", "-c", f'"$0" "$@" {redirection}', COMMAND, *arguments],
        env={**home.environment, **emulator.env},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr


def test_a_script_takes_no_file_from_outside_the_project(home: Home, project: Path) -> None:
    (home.folder / "secret.json").write_text('{"token": "s3cr3t"}', encoding="utf-8")
    (project / "linked.json").symlink_to(home.folder / "secret.json")
    for specifier in ("../secret.json", "./linked.json"):
        (project / "main.ts").write_text(
            f'import secret from "{specifier}";\nconsole.log(secret);\n', encoding="utf-8"
        )
        refused = home.json("build", cwd=project, exit_code=1)
        assert refused["error"]["code"] == "bundle-failed"
        assert "outside" in refused["error"]["message"]


def test_a_setting_that_nobody_reads_is_a_slip_and_said_so(home: Home, project: Path) -> None:
    settings = project / "xgodo.toml"
    settings.write_text(settings.read_text("utf-8").replace("entry =", "entri ="), encoding="utf-8")
    refused = home.json("check", cwd=project, exit_code=2)
    assert "Did you mean `entry`?" in refused["error"]["message"]


def test_the_emulator_that_runs_is_found_by_its_profile_and_takes_jobs_for_phones(
    home: Home, own_emulator: Emulator, project: Path, project_id: str
) -> None:
    assert home.json("whoami", "--profile", "emulator")["api_url"] == own_emulator.url
    assert home.json("emulator", "status")["url"] == own_emulator.url
    schema = {"fields": [{"name": "email", "type": "string"}]}
    (project / "xgodo.schemas.json").write_text(json.dumps({"job_variables_schema": schema}), "utf-8")
    post = ("emulator", "job", "--title", "Notes")
    missing = home.json(*post, cwd=project, exit_code=1)["error"]
    assert missing["message"] == f"The emulator has no files of the project {project_id}."
    OnServer(own_emulator, project_id).write("notes.txt", "of no interest to phones")
    job = home.json(*post, "--positions", "2", "--share-with-colleague", "view", cwd=project)
    assert (job["job_type"], job["positions"]) == ("devices_automation", "2")
    assert (job["automation_id"], job["job_variables_schema"]) == (project_id, schema)
    shown = ("--profile", "emulator", "jobs", "details", "--job-id", job["job_id"])
    assert home.json(*shown) == job
    refused = home.json(*post, "--project", project_id, "--price", "1000", exit_code=1)["error"]
    assert "Insufficient balance" in refused["message"]


def test_without_an_emulator_no_job_is_posted(home: Home) -> None:
    refused = home.json("emulator", "job", "--project", "x", "--title", "Notes", exit_code=2)["error"]
    assert refused["message"] == "No emulator runs."


def test_the_projects_own_profile_selects_the_server_of_every_command(
    home: Home, project: Path, own_emulator: Emulator
) -> None:
    settings = project / "xgodo.toml"
    settings.write_text(
        settings.read_text("utf-8").replace("[project]", '[project]\nprofile = "emulator"'), encoding="utf-8"
    )
    assert home.json("whoami", cwd=project)["api_url"] == own_emulator.url
    assert len(home.json("devices", cwd=project)["devices"]) == 2
    assert home.json("whoami", exit_code=4)["error"]["code"] == "authentication"


def test_a_second_emulator_leaves_the_profile_to_the_first(
    home: Home, own_emulator: Emulator, tmp_path: Path
) -> None:
    second = home.start("emulator", "start", "--port", "0", "--data", tmp_path / "second")
    try:
        assert second.stdout is not None
        assert second.stdout.readline().startswith("The emulator listens at")
        assert home.json("emulator", "status")["url"] == own_emulator.url
    finally:
        second.terminate()
        _out, said = second.communicate(timeout=60)
    assert "goes on meaning the one at" in said
    assert home.json("emulator", "status")["url"] == own_emulator.url


def test_a_failed_start_in_the_background_is_told_as_it_was(home: Home, own_emulator: Emulator) -> None:
    arguments = ("emulator", "start", "--detach", "--data", own_emulator.data)
    refused = home.json(*arguments, exit_code=1)
    assert refused["error"]["code"] == "emulator-running"
    shown = home.run(*arguments)
    assert shown.stderr.count("error:") == 1


def test_a_reset_without_anybody_to_ask_needs_a_yes(home: Home, tmp_path: Path) -> None:
    refused = home.json("emulator", "reset", "--data", tmp_path / "data", exit_code=2)
    assert "--yes" in refused["error"]["hint"]


@pytest.mark.parametrize(
    "arguments", [("build", "-o", "nowhere/x.js"), ("emulator", "start", "--data", "/proc/nowhere")]
)
def test_a_place_that_can_not_be_written_to_is_named_and_no_bug(
    home: Home, project: Path, arguments: tuple[str, ...]
) -> None:
    done = home.run(*arguments, cwd=project)
    assert done.returncode in (1, 2)
    assert "nowhere" in done.stderr
    assert "bug" not in done.stderr


def test_the_emulator_runs_in_the_background_until_it_is_stopped(home: Home, tmp_path: Path) -> None:
    data = tmp_path / "background"
    started = home.json("emulator", "start", "--detach", "--port", "0", "--data", data)
    try:
        assert home.json("whoami", "--profile", "emulator")["api_url"] == started["url"]
    finally:
        assert home.json("emulator", "stop")["stopped"] is True
    assert home.json("emulator", "status", exit_code=1) == {"running": False}
    assert home.json("emulator", "reset", "--yes", "--data", data)["reset"] == str(data)


def test_the_demo_proves_the_loop_and_leaves_nothing_behind(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    done = home.run("demo", env={"TMPDIR": str(folder)})
    assert done.returncode == 0, done.stderr
    assert "The loop works" in done.stdout
    for shown in (
        "saved main.ts",
        "types are right",
        "1 type error",
        "synced main.ts",
        "running main.ts",
        "main.ts:6",
        "A line you just saved",
    ):
        assert shown in done.stdout
    assert list(folder.iterdir()) == []


def test_the_demo_can_leave_its_project_to_go_on_with(home: Home, tmp_path: Path) -> None:
    done = home.run("--json", "demo", "--keep", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["project"] == str(tmp_path / "xgodo-demo")
    assert home.json("check", cwd=tmp_path / "xgodo-demo")["ok"] is True
    # The emulator that `--emulator` uses has it, and its commit.
    home.json("emulator", "start", "--detach", "--port", "0")
    try:
        repository = next((home.folder / ".local/share/xgodo-dev/emulator/projects").iterdir())
        logged = subprocess.run(
            ["git", "-C", repository, "log", "--format=%H"], capture_output=True, text=True, check=True
        )
        assert logged.stdout.strip() == last["commit"]
        demo = tmp_path / "xgodo-demo"
        assert home.json("push", "--profile", "emulator", cwd=demo)["pushed"] == []
        edit(demo / "main.ts", '  console.log("going on");\n')
        assert home.json("push", "--profile", "emulator", cwd=demo)["pushed"] == ["main.ts"]
    finally:
        home.json("emulator", "stop")
    refused = home.run("demo", "--keep", cwd=tmp_path)
    assert refused.returncode == 3
    assert refused.stdout == "", "it is refused before anything is started"
    assert home.run("demo", "--keep", cwd=demo / "stages").returncode == 3


def test_the_demo_breaks_no_word_at_the_edge_of_a_terminal(home: Home) -> None:
    with terminal("", shell=f"'{COMMAND}' demo", lines=100, environment=home.environment) as screen:
        assert screen.end() == 0
        shown = screen.shown
    words = {word.strip(",") for line in shown for word in line.split()}
    assert {"stages/checkNote.ts", "stages/openApp.ts", "stages/writeNote.ts", "util.ts"} <= words
    assert any(
        line.startswith("The loop works: saved, checked, synced, run, and committed as") for line in shown
    )


def test_python_m_stands_for_the_command(home: Home) -> None:
    shown = subprocess.run(
        [COMMAND.with_name("python"), "-m", "xgodo_dev", "--version"],
        env=home.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.startswith("xgodo-dev ")
