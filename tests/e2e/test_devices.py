"""`devices`: what is there, and what runs on it, within a project and outside of one."""

from __future__ import annotations

import re
import uuid
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.e2e.conftest import COMMAND, Emulator, Home
from tests.e2e.scripted_project import Failing
from tests.e2e.working_copies import Copy
from tests.runs.recorded_runs import begun, ended
from tests.scripted_server import Answer, Request, json_answer
from tests.sync.remote_project import PROJECT
from xgodo_dev.runs.store import RunStore

RUN, ENDED_RUN, OTHER_RUN = (str(uuid.UUID(int=number)) for number in (1, 2, 3))


def record(number: int, name: str, *, online: bool = True, automations: object = ()) -> dict[str, Any]:
    return {
        "remote_device_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{number}")),
        "name": name,
        "online": online,
        "brand": "Samsung",
        "model": "SM-G998B",
        "version": "13",
        "country": "US",
        "automations": list(automations) if isinstance(automations, tuple) else automations,
    }


@pytest.fixture
def phones(failing: Failing) -> list[dict[str, Any]]:
    """The records that the scripted server lists; a test changes them."""
    listed = [
        record(1, "Dormant Dolphin", online=False),
        record(2, "Silent Otter", automations=({"id": RUN, "name": "Direct automation"},)),
        record(3, "Atomic Mammal", automations=({"id": OTHER_RUN, "name": "Warmup"}, PROJECT, "x")),
    ]

    async def handle(request: Request) -> Answer:
        assert request.path.endswith("/devices")
        return json_answer({"success": True, "devices": listed})

    failing.server.handler = handle
    return listed


def columns(shown: str) -> list[list[str]]:
    return [re.split(r"\s{2,}", line.strip()) for line in shown.splitlines()]


def test_the_table_tells_who_is_online_and_what_runs_and_which_of_it_is_ours(
    scripted: Copy, phones: list[dict[str, Any]]
) -> None:
    with RunStore(scripted.root) as store:
        for run in (RUN, ENDED_RUN):
            store.begin(begun(run, remote=scripted.env["XGODO_API_URL"]))
        store.end(ended(ENDED_RUN))
    phones[0]["automations"] = [{"id": ENDED_RUN}]
    done = scripted.run("devices")
    assert done.returncode == 0, done.stderr
    ids = {phone["name"]: phone["remote_device_id"] for phone in phones}
    model = ["Samsung SM-G998B", "13", "US"]
    assert columns(done.stdout) == [
        ["NAME", "STATE", "MODEL", "ANDROID", "COUNTRY", "RUNNING", "ID"],
        ["Atomic Mammal", "online", *model, "this project, Warmup and 1 more", ids["Atomic Mammal"]],
        ["Silent Otter", "online", *model, "this project", ids["Silent Otter"]],
        # A run of ours that has ended here is somebody else's to explain.
        ["Dormant Dolphin", "offline", *model, "1 automation", ids["Dormant Dolphin"]],
    ]
    assert done.stderr == "2 of 3 online\n"


def test_outside_of_a_project_what_runs_is_told_by_its_name(
    scripted: Copy, phones: list[dict[str, Any]], tmp_path: Path
) -> None:
    done = scripted.home.run("devices", "--online", cwd=tmp_path, env=scripted.env)
    assert done.returncode == 0, done.stderr
    assert [row[5] for row in columns(done.stdout)[1:]] == ["Warmup and 2 more", "Direct automation"]
    assert done.stderr == "2 of 3 online\n"


def test_a_damaged_record_of_runs_hides_no_device(scripted: Copy, phones: list[dict[str, Any]]) -> None:
    (scripted.root / ".xgodo").mkdir(exist_ok=True)
    (scripted.root / ".xgodo" / "runs.db").write_bytes(b"no database" * 1000)
    done = scripted.run("devices")
    assert done.returncode == 0, done.stderr
    assert len(columns(done.stdout)) == 4
    assert "Which runs are this project's is not known." in done.stderr


def test_json_is_what_the_platform_gives_in_its_order(scripted: Copy, phones: list[dict[str, Any]]) -> None:
    assert scripted.json("devices") == {"devices": phones}
    assert scripted.json("devices", "list", "--online") == {"devices": phones[1:]}


def test_no_device_and_none_online_are_told_apart(scripted: Copy, phones: list[dict[str, Any]]) -> None:
    del phones[1:]
    assert scripted.run("devices", "--online").stderr == "No device is online.\n"
    phones.clear()
    done = scripted.run("devices", "--online")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "There are no devices on this account.\n"


def test_on_a_terminal_hundreds_of_devices_fit_its_lines_with_ids_that_choose_them(
    scripted: Copy, phones: list[dict[str, Any]]
) -> None:
    phones[:] = [record(number, f"Phone {number:03}", online=number != 7) for number in range(300)]
    shown, code = pexpect.run(
        f"{COMMAND} devices",
        cwd=scripted.root,
        env={**scripted.home.environment, **scripted.env},
        withexitstatus=True,
        encoding="utf-8",
        dimensions=(24, 80),
        timeout=60,
    )
    assert code == 0
    assert "299 of 300 online" in shown
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in shown.splitlines()]
    assert max(map(len, lines)) <= 80
    of_the_last = next(line for line in lines if line.startswith("Phone 007"))
    assert phones[7]["remote_device_id"].startswith(of_the_last.split()[-1])
    # That much of an id is enough to mean this device: it is known, and offline.
    refused = scripted.json("run", "-d", of_the_last.split()[-1], exit_code=5)["error"]
    assert refused["message"] == "Not connected: Phone 007."


def test_a_phone_of_the_emulator_tells_that_this_project_runs_there(
    home: Home, project: Path, emulator: Emulator
) -> None:
    (project / "main.ts").write_text("setInterval(() => console.log('on'), 50);\n", encoding="utf-8")
    started = home.run("run", "--no-follow", cwd=project, env=emulator.env)
    assert started.returncode == 0, started.stderr
    assert "this project" in home.run("devices", cwd=project, env=emulator.env).stdout
    elsewhere = home.run("devices", env=emulator.env).stdout
    assert "this project" not in elsewhere
    assert "Direct automation" in elsewhere
