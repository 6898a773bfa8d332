"""Launches, runs and their logs, with real JavaScript in real processes."""

from __future__ import annotations

import uuid

import pytest
from served_emulator import ServedEmulator, wait_for

PERFORMED = {"success": True, "message": "Action performed successfully"}
PREFIXES = ("/api/v2", "/server/api/v2")
ENDLESS = "console.log('on'); for (;;) {}"


def test_a_direct_launch_logs_levels_and_lines(emulator: ServedEmulator) -> None:
    code = "console.log('one');\n\nconsole.warn('two');\nconsole.error('three');\nstopCurrentAutomation();\n"
    run = emulator.launch(code)
    lines = emulator.logs_until(run, lambda lines: len(lines) == 3)
    assert [(line["message"], line["messageLevel"], line["lineNumber"]) for line in lines] == [
        ("one", "log", 1),
        ("two", "warn", 3),
        ("three", "error", 4),
    ]
    assert {line["automationId"] for line in lines} == {run}
    assert len({line["id"] for line in lines}) == 3
    wait_for(emulator.running, lambda running: run not in running)


def test_parameters_and_variables_reach_the_automation(emulator: ServedEmulator) -> None:
    run = emulator.launch(
        "console.log(agent.arguments.automationParameters.maxRetries + 1);\n"
        "console.log(agent.arguments.jobVariables.email);\n"
        "stopCurrentAutomation();\n",
        automationParameters={"maxRetries": 3},
        jobVariables={"email": "user@example.com"},
    )
    assert emulator.messages(run, 2) == ["4", "user@example.com"]


def test_a_direct_launch_may_be_typescript(emulator: ServedEmulator) -> None:
    run = emulator.launch("interface A { b: number }\nconst a: A = { b: 7 };\nconsole.log(a.b);\n")
    assert emulator.messages(run, 1) == ["7"]


def test_code_that_is_neither_javascript_nor_typescript_is_an_error_in_the_log(
    emulator: ServedEmulator,
) -> None:
    run = emulator.launch("const = 1;\n")
    (line,) = emulator.logs_until(run, bool)
    assert line["messageLevel"] == "error"
    assert run not in wait_for(emulator.running, lambda running: run not in running)


def test_an_uncaught_error_is_an_error_in_the_log(emulator: ServedEmulator) -> None:
    run = emulator.launch("console.log('before');\nthrow new Error('broken here');\n")
    lines = emulator.logs_until(run, lambda lines: len(lines) >= 2)
    assert lines[-1]["messageLevel"] == "error"
    assert "broken here" in str(lines[-1]["message"])
    wait_for(emulator.running, lambda running: run not in running)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_an_endless_loop_blocks_nobody_and_is_stopped_on_command(
    emulator: ServedEmulator, prefix: str
) -> None:
    run = emulator.launch(ENDLESS)
    assert emulator.messages(run, 1) == ["on"]
    assert run in emulator.running()
    other = emulator.launch("console.log('beside it'); stopCurrentAutomation();")
    assert emulator.messages(other, 1) == ["beside it"]
    body = {"device_id": emulator.device_id(), "launch_id": run, "command": "stop", "code": ENDLESS}
    stopped = emulator.client.post(f"{prefix}/devices/launchDirectAutomation", json=body)
    assert stopped.json() == PERFORMED
    assert run not in emulator.running()


@pytest.mark.parametrize("prefix", PREFIXES)
def test_everything_on_a_device_is_stopped_at_once(emulator: ServedEmulator, prefix: str) -> None:
    runs = {emulator.launch(ENDLESS), emulator.launch("setInterval(() => {}, 1000);")}
    assert runs <= emulator.running()
    url = f"{prefix}/devices/stopAllAutomations"
    for _ in ("running", "nothing left"):
        response = emulator.client.post(url, json={"device_id": emulator.device_id()})
        assert response.status_code == 200
        assert response.json() == {"success": True, "message": "All automations stopped successfully"}
        assert emulator.running() == set()


def test_stopping_what_does_not_run_succeeds(emulator: ServedEmulator, project: str) -> None:
    device = emulator.device_id()
    direct = {"device_id": device, "launch_id": str(uuid.uuid4()), "command": "stop", "code": "1"}
    assert emulator.client.post("/api/v2/devices/launchDirectAutomation", json=direct).json() == PERFORMED
    emulator.write(project, "main.js", "")
    saved = {"device_ids": [device], "automationId": project, "command": "stop"}
    assert emulator.client.post("/api/v2/devices/launchAutomation", json=saved).json() == PERFORMED


def test_launching_a_running_id_again_replaces_its_run(emulator: ServedEmulator) -> None:
    run = emulator.launch("console.log('first'); setInterval(() => console.log('first'), 5);")
    emulator.messages(run, 2)
    emulator.launch("console.log('second'); setInterval(() => {}, 1000);", launch_id=run)
    lines = emulator.logs_until(run, lambda lines: lines[-1]["message"] == "second")
    assert [line["message"] for line in lines].count("second") == 1
    marker = emulator.launch("console.log('later'); stopCurrentAutomation();")
    emulator.messages(marker, 1)
    assert emulator.logs(run, **{"from": lines[-1]["id"]}) == []
    assert run in emulator.running()
    emulator.client.post("/api/v2/devices/stopAllAutomations", json={"device_id": emulator.device_id()})


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_saved_project_runs_its_compiled_modules(
    emulator: ServedEmulator, project: str, prefix: str
) -> None:
    emulator.write(
        project, "util/greet.ts", "export const greet = (name: string): string => `hello ${name}`;\n"
    )
    main = (
        "import { greet } from './util/greet';\n"
        "console.log(greet(String(agent.arguments.jobVariables.name)));\n"
        "stopCurrentAutomation();\n"
    )
    written = emulator.write(project, "main.ts", main)
    assert written.status_code == 200, written.text
    body = {
        "device_ids": [emulator.device_id()] * 2,
        "automationId": project,
        "command": "start",
        "jobVariables": {"name": "phone"},
    }
    assert emulator.client.post(f"{prefix}/devices/launchAutomation", json=body).json() == PERFORMED
    (line,) = emulator.logs_until(project, bool)
    assert (line["message"], line["lineNumber"], line["automationId"]) == ("hello phone", 2, project)


def test_a_saved_project_is_stopped_by_its_id(emulator: ServedEmulator, project: str) -> None:
    emulator.write(project, "main.js", ENDLESS)
    body = {"device_ids": [emulator.device_id()], "automationId": project, "command": "start"}
    emulator.client.post("/api/v2/devices/launchAutomation", json=body)
    emulator.messages(project, 1)
    assert project in emulator.running()
    emulator.client.post("/api/v2/devices/launchAutomation", json=body | {"command": "stop"})
    assert project not in emulator.running()


def test_logs_are_paged_by_the_last_id_seen(emulator: ServedEmulator) -> None:
    run = emulator.launch("for (let i = 0; i < 5; i++) console.log(i); stopCurrentAutomation();")
    lines = emulator.logs_until(run, lambda lines: len(lines) == 5)
    assert [line["message"] for line in lines] == ["0", "1", "2", "3", "4"]
    assert emulator.logs(run, **{"from": lines[2]["id"]}) == lines[3:]
    assert emulator.logs(run, **{"from": lines[4]["id"]}) == []
    assert emulator.logs(run, **{"from": "unknown"}) == lines


def test_the_screen_stays_as_a_run_leaves_it(emulator: ServedEmulator) -> None:
    show = "console.log((await agent.actions.screenContent()).packageName); stopCurrentAutomation();"
    opened = emulator.launch("await agent.actions.launchApp('dev.xgodo.notes');" + show)
    assert emulator.messages(opened, 1) == ["dev.xgodo.notes"]
    assert emulator.messages(emulator.launch(show), 1) == ["dev.xgodo.notes"]
    (home,) = emulator.messages(emulator.launch("await agent.actions.goHome();" + show), 1)
    assert home != "dev.xgodo.notes"


def test_a_record_tells_a_run_with_nothing_left_to_do_from_one_that_was_ended(
    emulator: ServedEmulator,
) -> None:
    finished = emulator.launch("console.log('done');")
    crashed = emulator.launch("throw new Error('broken here');")
    stopped = emulator.launch("console.log('on'); setTimeout(() => {}, 60_000);")
    emulator.messages(stopped, 1)
    body = {"device_id": emulator.device_id(), "launch_id": stopped, "command": "stop", "code": "1"}
    emulator.client.post("/api/v2/devices/launchDirectAutomation", json=body)
    runs = {finished, crashed, stopped}
    wait_for(emulator.running, lambda running: not runs & running)
    (record,) = (record for record in emulator.devices() if record["online"])
    assert isinstance(record["finishedAutomations"], list)
    assert runs & set(record["finishedAutomations"]) == {finished}
