"""What goes beyond single endpoints on the command line: tables, editors, goals, pages, questions."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from tests.e2e.conftest import COMMAND
from tests.emulator.served_emulator import DEADLINE
from tests.endpoints.command import Done, environment, run_here, settle_in
from tests.endpoints.scenarios import Given
from tests.endpoints.world import World

Run = Callable[..., Done]


@pytest.fixture
def run(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs a command within this process, off a terminal, in an empty folder."""
    settle_in(environment(world, Given({}), tmp_path), tmp_path, monkeypatch)
    return lambda *words: run_here(words, capsys)


@contextmanager
def started(world: World, folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """The installed command while it goes on, off a terminal."""
    process = subprocess.Popen(
        [COMMAND, *words],
        env=environment(world, Given({}), folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=DEADLINE)


def editor(folder: Path, monkeypatch: pytest.MonkeyPatch, *writes: str) -> None:
    """An editor that replaces the file by these texts, one each time it is opened."""
    texts = folder / "texts.json"
    texts.write_text(json.dumps(writes))
    script = folder / "editor.py"
    script.write_text(
        "import json, pathlib, sys\n"
        f"texts = pathlib.Path({str(texts)!r})\n"
        "first, *rest = json.loads(texts.read_text())\n"
        "pathlib.Path(sys.argv[-1]).write_text(first)\n"
        "texts.write_text(json.dumps(rest))\n"
    )
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")


def test_a_table_becomes_planned_tasks_once(run: Run, world: World, tmp_path: Path) -> None:
    job = world.job(positions=500)
    lines = [f"a{number}@x.example,{number}" for number in range(120)]
    (tmp_path / "rows.csv").write_text("\n".join(["email,n", *lines]))
    of_table = ("--json", "tasks", "submit", "--job-id", job, "--csv", "rows.csv")
    shown = run(*of_table, "--dry-run").json
    assert (len(shown["inputs"]), shown["batches"]) == (120, 2)
    assert (
        "This job has no schema: values are sent as text, unchecked." in run(*of_table[1:], "--dry-run").err
    )
    assert json.loads(shown["inputs"][7]) == {"email": "a7@x.example", "n": "7"}
    assert run("--json", "planned-tasks", "list", "--job-id", job).json["data"]["total"] == 0
    added = run(*of_table).json
    again = run(*of_table)
    assert added["added"] == 120
    assert again.json == {**added, "added": 0}
    assert "submitted before" in again.err
    with (tmp_path / "rows.csv").open("a") as table:
        table.write("\nnew@x.example,1")
    for words in ((*of_table, "--dry-run"), of_table):
        grown = run(*words)
        assert "120 of these 121 rows were submitted before" in grown.err
        assert "only the other one is sent" in grown.err
    assert grown.json["added"] == 1
    listed = run("--json", "planned-tasks", "list", "--job-id", job, "--all").json["data"]["plannedTasks"]
    assert sorted(each["input"] for each in listed) == sorted(
        [*shown["inputs"], '{"email":"new@x.example","n":"1"}']
    )


def test_a_table_and_one_task_are_told_apart(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("a\n1\n")
    submit = ("tasks", "submit", "--job-id", "j")
    for words, told in (
        ((), "Missing option '--job-proof', or --csv or --jsonl"),
        (("--job-proof", "p", "--dry-run"), "--dry-run goes with --csv or --jsonl"),
        (("--csv", "rows.csv", "--status", "failed"), "--csv excludes --status"),
    ):
        done = run(*submit, *words)
        assert done.code == 2
        assert told in done.err


def test_changes_of_a_jobs_tasks_are_lines_until_it_is_interrupted(world: World, tmp_path: Path) -> None:
    job = world.job()
    task = world.task(job)
    with started(world, tmp_path, "--json", "tasks", "watch", job, "--every", "1s") as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        assert (first["before"], first["task"]["_id"], first["task"]["status"]) == (None, task, "pending")
        body = {"job_id": job, "JobTasks_Ids": [task], "status": "confirmed"}
        world.ask("PUT", "/api/v2/jobs/applicants", body)
        second = json.loads(process.stdout.readline())
        assert (second["before"], second["task"]["status"]) == ("pending", "confirmed")
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 130


def test_a_job_is_watched_until_nothing_of_it_is_planned_or_running(run: Run, world: World) -> None:
    job = world.job()
    world.task(job)
    done = run("tasks", "watch", job, "--until-done")
    assert (done.code, done.out.split()[2]) == (0, "pending")
    assert "pending: handed in; waits for your judgement" in done.err
    assert done.err.endswith("Nothing is planned or running any more: 1 pending.\n")
    world.task(job, status="declined")
    assert run("tasks", "watch", job, "--until-done").code == 1
    assert run("tasks", "watch", job, "--until-done", "--new").code == 0


def test_an_edited_bucket_is_saved_and_nothing_of_one_that_can_not_be_is_lost(
    run: Run, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, device = world.bucket()
    edit = ("bucket", "edit", job, device)
    assert "`bucket write`" in run(*edit).err.replace("xgodo-dev ", "")
    editor(tmp_path, monkeypatch, '{"token": "new", "n": [1]}')
    assert run("--json", *edit).json["bucket"]["data"] == {"token": "new", "n": [1]}
    editor(tmp_path, monkeypatch, '{"token": ')
    done = run("--json", *edit)
    assert done.code == 2
    kept = Path(done.json["error"]["hint"].removeprefix("What you wrote is in ").partition(". ")[0])
    assert kept.read_text() == '{"token": '
    assert f"bucket write {job} {device} --data-file {kept}" in done.json["error"]["hint"]
    for written, told in (
        ('{"a": 1, "a": 2}', "a is there twice"),
        ("{\xe9", "no JSON"),
        ("[]", "a JSON object"),
    ):
        editor(tmp_path, monkeypatch, written)
        assert told in run("--json", *edit).json["error"]["message"]
    editor(tmp_path, monkeypatch, '\ufeff{"token": "new", "n": [true]}')
    assert run("--json", *edit).json["bucket"]["data"] == {"token": "new", "n": [True]}


def test_an_editor_that_wrote_nothing_leaves_no_word_of_a_draft_unless_it_may_be_open_still(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = ("bucket", "edit", *world.bucket())
    for broken in ("false", "no-such-editor"):
        monkeypatch.setenv("EDITOR", broken)
        done = run("--json", *edit)
        assert done.code == 1
        assert "What you wrote" not in done.json["error"]["hint"]
        assert "$EDITOR" in done.json["error"]["hint"]
    monkeypatch.setenv("EDITOR", "true")
    done = run(*edit)
    assert done.code == 0
    assert "`code --wait`" in done.err
    assert json.loads(Path(done.err.rstrip().removesuffix(".").rpartition(" ")[2]).read_text()) == {
        "count": 1
    }


def test_what_ends_a_command_while_its_editor_runs_leaves_the_draft_and_ctrl_c_is_the_editors(
    run: Run, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = ("bucket", "edit", *world.bucket())
    script = tmp_path / "editor.py"
    script.write_text(
        "import os, pathlib, signal, sys\n"
        "os.kill(os.getppid(), getattr(signal, sys.argv[1]))\n"
        "pathlib.Path(sys.argv[-1]).write_text('{\"count\": true}')\n"
    )
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script} SIGINT")
    assert run("--json", *edit).json["bucket"]["data"]["count"] is True
    world.ask("PUT", f"/api/v2/bucket/{edit[2]}/{edit[3]}", {"data": {}})
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script} SIGTERM")
    ended = run(*edit)
    assert ended.code == 130
    assert "What you wrote is in " in ended.err


def test_a_bucket_that_changed_meanwhile_is_not_replaced(
    run: Run, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, device = world.bucket()
    script = tmp_path / "editor.py"
    script.write_text(
        "import os, subprocess, sys, pathlib\n"
        "pathlib.Path(sys.argv[-1]).write_text('{\"mine\": 1}')\n"
        f"subprocess.run([{str(COMMAND)!r}, 'bucket', 'write', {job!r}, {device!r}, '--data', 'theirs=1'],"
        " check=True, capture_output=True)\n"
    )
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
    refused = run("--json", "bucket", "edit", job, device)
    assert refused.code == 3
    assert refused.json["error"]["code"] == "refused"
    assert run("--json", "bucket", "read", job, device).json["bucket"]["data"] == {"theirs": "1"}
    assert run("--json", "bucket", "edit", job, device, "--force").code == 0
    assert run("--json", "bucket", "read", job, device).json["bucket"]["data"] == {"mine": 1}


def test_a_connection_goes_round_the_devices_that_are_online(run: Run, world: World) -> None:
    first, second = world.devices[:2]
    made = world.ask("POST", "/api/v2/devices/connections/create", {"device_id": first, "name": "round"})
    told = run("--json", "proxies", "rotate", "round").json
    assert (told["previousDeviceId"], told["deviceId"]) == (first, second)
    assert told["connectionId"] == made["connection"]["connectionId"]
    assert run("--json", "proxies", "rotate", "round").json["deviceId"] == first
    assert "There is no connection 'square'" in run("proxies", "rotate", "square").err


def test_a_connection_is_meant_by_its_name(run: Run, world: World) -> None:
    # Who has none at all is told that.
    world.connection()
    body = {"device_id": world.devices[0], "name": "by name"}
    world.ask("POST", "/api/v2/devices/connections/create", body)
    logs = run("--json", "proxies", "logs", "--connection-id", "by name", "--from", "1h", "--to", "now")
    assert logs.json["total"] == 0
    gone = run("proxies", "delete", "--connection-id", "by name", "--yes")
    assert (gone.code, "by name" in run("--json", "proxies", "list").out) == (0, False)
    assert "There is no connection 'nobody'" in run("proxies", "dissociate", "--connection-id", "nobody").err


def test_a_goal_is_followed_to_its_end_and_its_exit_code_tells_of_it(run: Run) -> None:
    done = run("mobilerun", "run", "Look at the weather", "-d", "my ph")
    assert done.code == 0
    assert done.out.splitlines()[-1].endswith("Done: Look at the weather")
    failed = run("--json", "mobilerun", "run", "fail: no way", "-d", "My phone")
    assert failed.code == 1
    events = [json.loads(line) for line in failed.out.splitlines()]
    assert events[-1]["data"]["message"] == "no way"
    nowhere = run("mobilerun", "run", "Look")
    assert nowhere.code == 2
    assert "My phone" in nowhere.err
    assert run("mobilerun", "run", "Look", "-d", "My old phone").code == 5


def test_ctrl_c_cancels_a_goal(world: World, tmp_path: Path) -> None:
    with started(world, tmp_path, "--json", "mobilerun", "run", "wait: for me", "-d", "My phone") as process:
        assert process.stdout is not None
        created = json.loads(process.stdout.readline())
        task = created["data"]["id"]
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 130
        assert process.stderr is not None
        assert f"Cancelled the task {task}." in process.stderr.read()
    assert world.mobilerun("GET", f"/tasks/{task}/status")["status"] in ("cancelling", "cancelled")


def test_a_cloud_device_comes_and_goes_by_its_name(run: Run) -> None:
    assert run("mobilerun", "devices", "up", "--name", "cloudy").code == 2
    device = run("--json", "mobilerun", "devices", "up", "--name", "cloudy", "--yes").json
    assert device["state"] == "ready"
    assert run("--json", "mobilerun", "devices", "wait", "clou").json["id"] == device["id"]
    assert run("--json", "mobilerun", "devices", "get", "cloudy").json["id"] == device["id"]
    assert run("--json", "mobilerun", "devices", "down", "cloudy", "--yes").json == {
        "terminated": [device["id"]]
    }


def test_of_several_devices_that_stay_each_is_told_with_the_reason(run: Run) -> None:
    done = run("mobilerun", "devices", "down", "My phone", "My old phone", "--yes")
    assert done.code == 1
    assert "My phone: " in done.err
    assert "My old phone: " in done.err


def test_api_shows_masks_selects_and_suggests(run: Run, world: World) -> None:
    job = world.job()
    shown = run("api", "PUT", f"bucket/{job}/d", "-f", "data[a]=b", "-F", "data[n][]=3", "--dry-run")
    assert f"PUT {world.emulator.record.url}/api/v2/bucket/{job}/d" in shown.out
    assert world.emulator.record.token not in shown.out
    assert json.loads(shown.out.partition("\n\n")[2]) == {"data": {"a": "b", "n": [3]}}
    jobs = run("api", "jobs/myjobs", "-F", "limit=1", "--paginate", "--jq", ".jobs[].job_id").out.split()
    assert job in jobs
    assert run("api", "-i", "user/balance").out.startswith("HTTP 200 OK\n")
    missing = run("--json", "api", "user/balanc")
    assert missing.code == 1
    assert missing.json["error"]["hint"] == "Did you mean GET /api/v2/user/balance?"
    asked = run("api", "payments/withdraw", "-F", "amount=1", "-f", "wallet_address=w")
    assert asked.code == 2
    assert "Withdraws money" in asked.err
    assert run("api", "-i", "jobs/myjobs", "-F", "limit=1", "--paginate").code == 2
    for path in ("https://elsewhere.example/x", "user\nbalance"):
        assert run("api", path).code == 2
    assert "total" in run("--json", "api", "admin/devices/proxies").json
    masked = run("api", "admin/devices/proxies", "-H", "Authorization: Bearer mine", "--dry-run").out
    assert masked.count("••••") == 2


def typed(line: str) -> io.TextIOWrapper:
    """What stands for standard input, where somebody pipes a line into it."""
    return io.TextIOWrapper(io.BytesIO(line.encode()))


def test_a_key_of_mobilerun_is_kept_for_it_alone(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOBILERUN_API_KEY")
    refused = run("--json", "mobilerun", "models", "list")
    assert refused.code == 4
    assert "login --mobilerun" in refused.json["error"]["hint"]
    monkeypatch.setattr(sys, "stdin", typed(world.emulator.record.token))
    assert run("login", "--mobilerun", "--token-stdin").code == 4
    monkeypatch.setattr(sys, "stdin", typed(world.emulator.record.mobilerun_key))
    assert run("login", "--mobilerun", "--token-stdin").code == 0
    assert run("whoami", "--mobilerun").code == 0
    assert run("mobilerun", "models", "list").code == 0
    assert run("logout", "--mobilerun").code == 0
    assert run("whoami", "--mobilerun").code == 4


def test_one_device_is_never_several(run: Run, world: World) -> None:
    job, _device = world.bucket()
    done = run("bucket", "read", job, "@all")
    assert done.code == 2
    assert "DEVICE is one device; @all names several." in done.err


def test_what_comes_through_a_pipe_is_uploaded_whole(run: Run) -> None:
    reading_end, writing_end = os.pipe()
    os.write(writing_end, b"piped")
    os.close(writing_end)
    before = os.dup(0)
    os.dup2(reading_end, 0)
    try:
        uploaded = run("--json", "files", "upload", "-")
    finally:
        os.dup2(before, 0)
        os.close(before)
        os.close(reading_end)
    assert run("files", "download", uploaded.json["data"]["filename"], "-o", "-").out == "piped"


def test_a_download_replaces_no_file_unless_it_may(run: Run, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("a note")
    name = run("--json", "files", "upload", "note.txt").json["data"]["filename"]
    assert run("files", "download", name, "-o", "note.txt").code == 3
    assert run("files", "download", name, "-o", "-").out == "a note"
    assert run("--json", "files", "download", name).json == {"file": str(tmp_path / name), "bytes": 6}
    assert run("files", "download", name, "-o", "note.txt", "--force").code == 0


def test_a_list_is_read_as_far_as_it_is_wanted(run: Run, world: World) -> None:
    job = world.job(positions=200)
    inputs = [f"{number:03}" for number in range(130)]
    world.ask("POST", "/api/v2/planned_tasks/submit", {"job_id": job, "inputs": inputs})
    listing = ("--json", "planned-tasks", "list", "--job-id", job, "--sort-order", "asc")

    def listed(*words: str) -> list[str]:
        return [each["input"] for each in run(*listing, *words).json["data"]["plannedTasks"]]

    assert listed() == inputs[:10]
    assert listed("--limit", "115") == inputs[:115]
    assert listed("--limit", "5", "--page", "2") == inputs[5:10]
    assert listed("--all") == inputs
    assert run(*listing, "--all", "--page", "2").code == 2
    apps = run("--json", "mobilerun", "apps", "list", "--limit", "12").json
    assert len(apps["items"]) == 12
    assert apps["pagination"]["total"] > 12


def test_a_device_is_meant_by_its_name_and_a_person_is_asked(world: World, tmp_path: Path) -> None:
    job, device = world.bucket()
    name = next(
        each["name"] for each in world.ask("GET", "/api/v2/devices") if each["remote_device_id"] == device
    )
    asked = pexpect.spawn(
        str(COMMAND),
        ["bucket", "delete", job, name.split()[0]],
        env={**environment(world, Given({}), tmp_path), "TERM": "xterm"},
        encoding="utf-8",
        dimensions=(24, 200),
        timeout=DEADLINE,
    )
    meant = f"job id {job}, device id {name} ({device})"
    asked.expect_exact(f"Deletes the bucket of the device ({meant}), at {world.emulator.record.url}. Go on?")
    asked.sendline("n")
    asked.expect_exact("Nothing was done.")
    asked.wait()
    assert asked.exitstatus == 1
    world.ask("GET", f"/api/v2/bucket/{job}/{device}")
