"""A project belongs to who wrote it first; to everybody else it is not there."""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from typing import Any

import pytest
from job_board import JobBoard
from platform_api import PlatformApi
from served_emulator import ServedEmulator

NOT_FOUND = {"success": False, "message": "Automation project not found or access denied"}
NO_FILE = {"success": False, "message": "File or automation project not found"}
FILE = {"path": "main.js", "content": "console.log(1);"}
SYNC = {"files": [{"path": "main.js", "content": ""}]}


@pytest.fixture
def theirs(colleague: PlatformApi, project: str) -> str:
    """The id of a project of the colleague."""
    colleague.ask("PUT", f"automation/file/{project}", json=FILE)
    colleague.ask("POST", f"automation/commit/{project}", json={"message": "First"})
    return project


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "automation/file/{}", FILE),
        ("GET", "automation/file/{}?path=main.js", None),
        ("POST", "automation/commit/{}", {"message": "Mine"}),
        ("GET", "automation-project/{}", None),
        ("GET", "automation-project/{}/files", None),
        ("GET", "automation-project/{}/file?path=main.js", None),
        ("POST", "automation-project/{}/sync", SYNC),
        ("POST", "automation-project/{}/template", {"template_id": "minimal"}),
        ("PATCH", "automation-project/{}/options", {"job_variables_schema": None}),
        ("GET", "automation-project/{}/types/arguments", None),
        ("GET", "automation-project/{}/git/status", None),
        ("GET", "automation-project/{}/git/history", None),
        ("GET", "automation-project/{}/git/diff-working/abcd", None),
        ("DELETE", "../v1/automation-project/{}/file?path=main.js", None),
    ],
)
def test_a_project_of_somebody_else_is_not_found(
    owner: PlatformApi, theirs: str, method: str, path: str, body: dict[str, Any] | None
) -> None:
    refused = owner.ask(method, path.format(theirs), 404, **({} if body is None else {"json": body}))
    assert refused == (NO_FILE if method == "GET" and "/file" in path and "?" in path else NOT_FOUND)


def test_projects_are_listed_to_their_owners_alone(
    owner: PlatformApi, colleague: PlatformApi, theirs: str
) -> None:
    def listed(api: PlatformApi) -> list[str]:
        return [each["id"] for each in api.get("automation-projects")["projects"]]

    assert (theirs in listed(colleague), theirs in listed(owner)) == (True, False)
    assert colleague.get(f"automation-project/{theirs}")["project"]["is_owner"] is True


def test_a_project_of_somebody_else_is_not_launched(
    owner: PlatformApi, emulator: ServedEmulator, theirs: str
) -> None:
    device = emulator.device_id()
    body = {"automationId": theirs, "device_ids": [device]}
    for command in ("start", "stop"):
        assert owner.post("devices/launchAutomation", 404, command=command, **body) == NOT_FOUND


def test_phones_run_no_project_of_somebody_else_and_its_schemas_stay_unknown(
    owner: PlatformApi, colleague: PlatformApi, emulator: ServedEmulator, theirs: str
) -> None:
    schema = {"fields": [{"name": "secret", "type": "string"}]}
    colleague.ask("PATCH", f"automation-project/{theirs}/options", json={"job_variables_schema": schema})
    board = JobBoard(emulator)
    job = board.automate(theirs)
    assert board.details(job)["job_variables_schema"] is None
    # Nor do they say anything of what it is given.
    inputs = ['{"secret": 1}']
    planned = owner.post("planned_tasks/submit", job_id=job, inputs=inputs, run_immediately=True)
    assert planned["assignment_results"][0]["assigned"] is False
    owner.control("jobs", 404, automation_id=theirs, title="T", job_variables_schema=schema)


def test_a_running_automation_writes_for_the_account_of_its_job(
    owner: PlatformApi, colleague: PlatformApi, emulator: ServedEmulator, project: str
) -> None:
    account = owner.emulator.client.get("/_emulator/tokens").json()["account"]["id"]
    agent = PlatformApi(emulator, str(uuid.uuid4()))
    with contextlib.closing(sqlite3.connect(emulator.data / "platform.db")) as database, database:
        row = (agent.token, account, "device", "task")
        database.execute("INSERT INTO agent_tokens VALUES (?, ?, ?, ?)", row)
    agent.ask("PUT", f"automation/file/{project}", json=FILE)
    assert owner.get(f"automation-project/{project}/files")["files"]
    assert colleague.get(f"automation-project/{project}/files", 404) == NOT_FOUND


def test_a_refused_first_write_gives_the_project_to_nobody(
    owner: PlatformApi, colleague: PlatformApi, project: str
) -> None:
    colleague.ask("PUT", f"automation/file/{project}", 400, json={**FILE, "path": "../main.js"})
    owner.ask("PUT", f"automation/file/{project}", json=FILE)
