"""`run`, `launch`, `stop` and `logs --follow` on several phones: what is started, ended, and found again."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Emulator, Home, new_home, running_emulator
from tests.e2e.scripted_project import Failing
from tests.e2e.watch_process import DEADLINE, Watch
from tests.e2e.working_copies import Copy, new_copy
from tests.scripted_server import TOKEN, Answer, Request, json_answer
from xgodo_dev.toolchain.tools import Toolchain

TALKS_ON = """\
async function main(): Promise<void> {
  for (let number = 0; number < 100_000; number += 1) {
    console.log(`line ${number}`);
    await sleep(20);
  }
  stopCurrentAutomation();
}
main();
export {};
"""
SAYS_WHAT_IT_WAS_GIVEN = """\
const { password, user } = agent.arguments.automationParameters as Record<string, string>;
console.log(`in as ${user} with ${password}`);
console.log(JSON.stringify({ password }));
stopCurrentAutomation();
export {};
"""
FIRST, SECOND, THIRD = "Atomic Mammal", "Enormous Elephant", "Gentle Heron"


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Iterator[Emulator]:
    """An emulator with three phones online."""
    folder = tmp_path_factory.mktemp("phones")
    with running_emulator(new_home(folder / "home"), folder / "data", "--devices", "3") as emulator:
        yield emulator


class Phones:
    """What runs on them, by the phone's name."""

    def __init__(self, emulator: Emulator) -> None:
        self._client = httpx.Client(
            base_url=f"{emulator.url}/api/v2",
            headers={"Authorization": f"Bearer {emulator.token}"},
            verify=False,
            timeout=DEADLINE,
        )

    def running(self) -> dict[str, list[str]]:
        devices = self._client.get("/devices").json()
        return {each["name"]: [run["id"] for run in each["automations"]] for each in devices}

    def start(self, name: str) -> str:
        """Somebody else's run that goes on for long."""
        launch_id = str(uuid.uuid4())
        body = {
            "device_id": self._id(name),
            "launch_id": launch_id,
            "command": "start",
            "code": "sleep(60000)",
        }
        assert self._client.post("/devices/launchDirectAutomation", json=body).json()["success"]
        return launch_id

    def stop_all(self) -> None:
        for name in self.running():
            self._client.post("/devices/stopAllAutomations", json={"device_id": self._id(name)})

    def _id(self, name: str) -> str:
        devices = self._client.get("/devices").json()
        return next(each["remote_device_id"] for each in devices if each["name"] == name)


@pytest.fixture
def devices(phones: Emulator) -> Iterator[Phones]:
    found = Phones(phones)
    yield found
    found.stop_all()


@pytest.fixture
def copy(home: Home, phones: Emulator, devices: Phones) -> Copy:
    """A project that talks for longer than any test lasts."""
    return new_copy(home, phones, str(uuid.uuid4()), home.folder / "ada", {"main.ts": TALKS_ON})


@pytest.fixture
def started(copy: Copy) -> Iterator[Callable[..., Watch]]:
    """Starts a command with --json in that folder; it is killed at the end."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> Watch:
        processes.append(copy.home.start("--json", *arguments, cwd=copy.root, env=copy.env))
        return Watch(processes[-1])

    yield start
    for process in processes:
        process.kill()
        process.wait(DEADLINE)


def events(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def is_line(number: int) -> Callable[[dict[str, Any]], bool]:
    return lambda event: event["message"] == f"line {number}"


def launched(copy: Copy, *options: str) -> dict[str, str]:
    """The run that is started on each phone, and left alone."""
    done = copy.run("--json", "run", "--no-follow", *options)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return {each["device"]: each["run"] for each in events(done) if each["event"] == "launch"}


def test_each_phone_has_a_run_of_its_own_and_a_new_one_ends_what_went_before(
    copy: Copy, devices: Phones
) -> None:
    somebody_elses = devices.start(FIRST)
    before = launched(copy, "-d", FIRST, "-d", SECOND)
    assert len(set(before.values())) == 2
    after = launched(copy, "-d", FIRST)
    assert devices.running()[FIRST] == [somebody_elses, after[FIRST]]
    assert devices.running()[SECOND] == [before[SECOND]]
    recorded = {each["run"]: each["status"] for each in copy.json("runs")["runs"]}
    assert recorded == {after[FIRST]: None, before[FIRST]: "stopped", before[SECOND]: None}


def test_exclusive_ends_everything_on_the_phone_first(copy: Copy, devices: Phones) -> None:
    devices.start(FIRST)
    untouched = devices.start(SECOND)
    done = copy.run("run", "--no-follow", "-d", FIRST, "--exclusive")
    assert done.returncode == 0, done.stderr
    assert f"Stopped on {FIRST} first: Direct automation." in done.stderr
    (run,) = copy.json("runs")["runs"]
    assert devices.running()[FIRST] == [run["run"]]
    assert devices.running()[SECOND] == [untouched]


def test_stop_ends_the_runs_of_this_project_and_tells_which(copy: Copy, devices: Phones) -> None:
    somebody_elses = devices.start(FIRST)
    runs = launched(copy, "-d", "@online")
    only = copy.json("stop", "-d", SECOND)["stopped"]
    assert [(each["run"], each["device"]) for each in only] == [(runs[SECOND], SECOND)]
    rest = copy.json("stop")["stopped"]
    assert {each["run"] for each in rest} == {runs[FIRST], runs[THIRD]}
    assert devices.running()[FIRST] == [somebody_elses]
    assert copy.json("stop") == {"stopped": []}
    found = copy.json("runs")["runs"]
    assert {each["status"] for each in found} == {"stopped"}, found


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
def test_stop_needs_neither_room_on_the_disk_nor_what_the_project_remembers(
    copy: Copy, devices: Phones
) -> None:
    import resource

    run = launched(copy, "-d", FIRST)[FIRST]
    (copy.root / ".xgodo" / "state.db").write_bytes(b"no database")
    full_disk = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))}
    done = copy.home.run("stop", cwd=copy.root, env=copy.env, **full_disk)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"Stopped run {run[:8]} on {FIRST}.\n"
    assert f"That run {run[:8]} is stopped can't be recorded: " in done.stderr
    assert devices.running()[FIRST] == []
    # Where it was last time is remembered there.
    assert "`-d DEVICE`" in copy.json("stop", "--all", exit_code=2)["error"]["hint"]


def test_a_run_that_another_command_stops_is_told_to_be_stopped(
    copy: Copy, started: Callable[..., Watch]
) -> None:
    # Its body is done at once: by the phone's record alone it might have come to its own end.
    copy.write("main.ts", 'setInterval(() => console.log("tick"), 50);\nexport {};\n')
    run = started("run", "-d", FIRST)
    run.until("log")
    copy.json("stop")
    assert run.until("exit")["status"] == "stopped"
    assert run.process.wait(DEADLINE) == 1
    again = started("run", "-d", FIRST)
    again.until("log")
    launched(copy, "-d", FIRST)
    assert again.until("exit")["status"] == "stopped"


def test_stop_all_ends_what_others_have_started(copy: Copy, devices: Phones) -> None:
    devices.start(FIRST)
    devices.start(SECOND)
    run = launched(copy, "-d", FIRST)[FIRST]
    (stopped,) = copy.json("stop", "--all", "-d", FIRST)["stopped"]
    assert (stopped["device"], stopped["run"], stopped["runs"]) == (FIRST, None, [run])
    assert sorted(each["id"] == run for each in stopped["automations"]) == [False, True]
    (idle,) = copy.json("stop", "--all", "-d", FIRST)["stopped"]
    assert (idle["runs"], idle["automations"]) == ([], [])
    assert (devices.running()[FIRST], len(devices.running()[SECOND])) == ([], 1)
    where_run_would = Copy(copy.home, copy.root, {**copy.env, "XGODO_DEVICE": SECOND}).run("stop", "--all")
    assert where_run_would.stdout == f"Stopped everything on {SECOND}: Direct automation.\n"
    assert where_run_would.stderr == "Only there; `-d @online` means all devices that are online.\n"


def test_an_interrupt_stops_every_run_that_was_started_and_says_so(
    copy: Copy, devices: Phones, started: Callable[..., Watch]
) -> None:
    run = started("run", "-d", "@online")
    for _ in range(3):
        run.until("launch")
    assert run.end(signal.SIGINT) == 130
    ends = {event["device"]: event["status"] for event in run.seen if event["event"] == "exit"}
    assert ends == {FIRST: "stopped", SECOND: "stopped", THIRD: "stopped"}
    assert not any(devices.running().values())


def test_a_reader_that_leaves_stops_every_run_too(copy: Copy, devices: Phones) -> None:
    process = copy.home.start("run", "-d", "@online", cwd=copy.root, env=copy.env)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    process.stderr.close()
    assert process.wait(DEADLINE) == 1
    assert not any(devices.running().values())
    found = copy.json("runs")["runs"]
    assert {each["status"] for each in found} == {"stopped"}, found


def test_a_killed_run_is_found_followed_to_its_end_and_shown_once(
    copy: Copy, started: Callable[..., Watch]
) -> None:
    copy.write("main.ts", TALKS_ON.replace("100_000", "100"))
    first = started("run", "-d", FIRST)
    run = first.until("log", is_line(15))["run"]
    first.process.kill()
    first.process.wait(DEADLINE)
    again = started("logs", "--follow")
    again.until("log", is_line(40))
    again.process.kill()
    again.process.wait(DEADLINE)
    done = copy.run("--json", "logs", "-f")
    assert done.returncode == 0, done.stderr
    lines = events(done)
    assert {each["event"] for each in lines} == {"log"}
    assert [each["message"] for each in lines] == [f"line {number}" for number in range(100)]
    assert {each["run"] for each in lines} == {run}
    # And so it is kept.
    assert [each["message"] for each in events(copy.run("--json", "logs"))] == [
        f"line {number}" for number in range(100)
    ]
    assert copy.json("runs")["runs"][0]["status"] == "success"


def test_following_shows_the_lines_that_are_wanted_and_leaves_the_run_alone(
    copy: Copy, devices: Phones, started: Callable[..., Watch]
) -> None:
    run = launched(copy, "-d", FIRST)[FIRST]
    following = started("logs", "-f", "--run", run[:8], "--grep", "0$", "-n", "0")
    first = following.until("log")
    assert first["message"].endswith("0")
    assert following.until("log")["message"].endswith("0")
    assert following.end(signal.SIGINT) == 130
    assert devices.running()[FIRST] == [run]
    person = copy.home.start("logs", "-f", "-n", "0", cwd=copy.root, env=copy.env)
    assert person.stdout is not None
    person.stdout.readline()
    person.send_signal(signal.SIGINT)
    _, said = person.communicate(timeout=DEADLINE)
    assert said.endswith("The run goes on; `stop` ends it.\n")


def test_a_saved_project_is_launched_and_older_lines_of_it_are_not_its_own(
    copy: Copy, devices: Phones, started: Callable[..., Watch]
) -> None:
    copy.json("push", "--no-check")
    before = started("launch", "-d", FIRST)
    before.until("log", is_line(3))
    assert before.end(signal.SIGINT) == 130
    assert before.seen[-1]["status"] == "stopped"
    assert devices.running()[FIRST] == []
    again = started("launch", "-d", FIRST)
    assert again.until("launch")["entry"] == "main.ts"
    shown = [again.until("log") for _ in range(5)]
    assert [each["message"] for each in shown] == [f"line {number}" for number in range(5)]
    assert shown[0]["source"] is None
    assert again.end(signal.SIGINT) == 130
    now = started("launch", "-d", FIRST, "--timeout", "1")
    assert now.until("exit")["status"] == "timeout"
    assert now.process.wait(DEADLINE) == 1
    assert devices.running()[FIRST] == []


def test_a_launch_points_out_what_the_platform_does_not_have(copy: Copy) -> None:
    never_sent = copy.run("launch", "-d", FIRST, "--no-follow")
    assert never_sent.returncode == 1
    assert "nothing was sent from here yet: `push` sends it." in never_sent.stderr
    assert "Is `id` in xgodo.toml the one" in never_sent.stderr
    assert "Follow with" not in never_sent.stderr
    copy.json("push", "--no-check")
    copy.write("main.ts", TALKS_ON + "\n")
    done = copy.run("launch", "-d", FIRST, "--no-follow")
    assert done.returncode == 0, done.stderr
    assert "The platform runs what it has: main.ts differs here." in done.stderr
    assert "Follow with `xgodo-dev logs -f`;" in done.stderr


def test_a_token_that_is_refused_at_the_launch_is_said_so_and_not_shown(
    scripted: Copy, failing: Failing
) -> None:
    async def handle(request: Request) -> Answer:
        if request.method == "GET":
            phone = {"remote_device_id": "id-1", "name": FIRST, "online": True}
            return json_answer({"success": True, "devices": [phone]})
        return json_answer({"success": False, "message": f"Bad token {TOKEN}"}, 401)

    failing.server.handler = handle
    done = scripted.run("launch", "-d", FIRST)
    assert done.returncode == 4
    assert "refused XGODO_TOKEN: Bad token •••" in done.stderr
    assert "hint: Set XGODO_TOKEN to another token" in done.stderr
    assert TOKEN not in done.stderr + done.stdout


def test_a_saved_project_left_running_is_stopped_from_any_folder(
    copy: Copy, devices: Phones, home: Home, phones: Emulator
) -> None:
    copy.json("push", "--no-check")
    project = json.loads(copy.run("--json", "launch", "-d", FIRST, "--no-follow").stdout)
    assert project["event"] == "launch"
    (identifier,) = devices.running()[FIRST]
    elsewhere = new_copy(home, phones, identifier, home.folder / "bob", {"main.ts": TALKS_ON})
    (stopped,) = elsewhere.json("stop")["stopped"]
    assert (stopped["device"], stopped["run"]) == (FIRST, None)
    assert devices.running()[FIRST] == []


def test_what_is_marked_secret_is_neither_shown_nor_kept(copy: Copy) -> None:
    settings = (copy.root / "xgodo.toml").read_text() + '\n[run]\nsecrets = ["password"]\n'
    copy.write("xgodo.toml", settings)
    copy.write("main.ts", SAYS_WHAT_IT_WAS_GIVEN)
    given = ("--param", "password=hunter2-hunter2", "--param", "user=ada")
    shown = copy.run("run", "-d", FIRST, *given)
    assert shown.returncode == 0, shown.stderr
    assert "in as ada with •••" in shown.stdout
    kept = b"".join(file.read_bytes() for file in (copy.root / ".xgodo").glob("runs.db*"))
    assert b"hunter2" not in kept
    assert "hunter2" not in shown.stdout + shown.stderr
    # Read by a command that was not told what the secret is.
    left = copy.run("run", "-d", FIRST, "--no-follow", *given)
    assert left.returncode == 0, left.stderr
    deadline = time.monotonic() + DEADLINE
    while len(lines := events(copy.run("--json", "logs"))) < 2:
        assert time.monotonic() < deadline
    assert [each["message"] for each in lines] == ["in as ada with •••", '{"password":"•••"}']


def test_beside_a_watch_every_line_of_every_run_is_followed(
    copy: Copy, started: Callable[..., Watch]
) -> None:
    quick = TALKS_ON.replace("sleep(20)", "sleep(4)").replace("100_000", "100")
    copy.write("main.ts", quick)
    watch = started("watch", "--run", "--no-push", "-d", FIRST)
    watch.until("log", is_line(20))
    following = started("logs", "-f")
    for number in range(2):
        following.until("log", is_line(99))
        copy.write("main.ts", quick + f"// {number}\n")
    following.until("log", is_line(99))
    assert watch.end(signal.SIGTERM) == 130
    # With the loop, there is nothing left to follow.
    assert following.process.wait(DEADLINE) == 0
    shown: dict[str, list[str]] = {}
    for event in following.seen:
        if event["event"] == "log":
            shown.setdefault(event["run"], []).append(event["message"])
    assert len(shown) == 3
    assert all(lines == [f"line {number}" for number in range(100)] for lines in shown.values())
