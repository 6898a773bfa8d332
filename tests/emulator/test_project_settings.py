"""The account, the list of projects, their names and schemas, and templates."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from project_api import PREFIXES, ProjectApi
from served_emulator import ServedEmulator, serve_in_thread

from xgodo_dev import resources
from xgodo_dev.emulator.server import reset
from xgodo_dev.toolchain.tools import Toolchain

NO_SCHEMAS = {"automation_parameters_schema": None, "job_variables_schema": None}
PARAMETERS = {"fields": [{"name": "maxRetries", "type": "number", "required": True, "min": 0}]}
VARIABLES = {"fields": [{"name": "email", "type": "string", "description": "whose", "shiny": 1}]}


@pytest.fixture
def api(emulator: ServedEmulator, project: str) -> ProjectApi:
    return ProjectApi(emulator, project)


def listed(emulator: ServedEmulator, prefix: str = PREFIXES[1]) -> list[dict[str, Any]]:
    document = emulator.client.get(f"{prefix}/automation-projects").json()
    assert document["success"] is True
    return list(document["projects"])


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_account_has_a_name_and_an_address(emulator: ServedEmulator, prefix: str) -> None:
    document = emulator.client.get(f"{prefix}/user/me").json()
    assert document == {"success": True, "user": {"name": "Emulator", "email": "emulator@localhost"}}


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_project_has_a_name_from_its_id_until_it_is_given_one(
    emulator: ServedEmulator, project: str, prefix: str
) -> None:
    api = ProjectApi(emulator, project, prefix)
    before = datetime.now(UTC)
    api.sync({"deep/a.txt": b"1"})
    found = api.get()["project"]
    updated = datetime.fromisoformat(found.pop("updated_at"))
    assert abs((updated - before).total_seconds()) < 60
    assert found == {
        "id": project,
        "name": f"Automation {project[:8]}",
        "description": "",
        "role": "owner",
        **NO_SCHEMAS,
        "min_android_version": None,
        "min_app_version": None,
        "is_owner": True,
        "is_template": False,
    }
    (emulator.data / "settings" / f"{project}.json").write_text('{"name": "Mine", "description": "d"}')
    (entry,) = [entry for entry in listed(emulator, prefix) if entry["id"] == project]
    assert entry.keys() == {"id", "name", "description", "role", "updated_at"}
    assert (entry["name"], entry["description"]) == ("Mine", "d")
    assert sorted(api.hashes()) == ["deep/a.txt"]


def test_only_projects_that_were_written_to_are_listed_the_latest_first(emulator: ServedEmulator) -> None:
    unknown, first, second = (str(uuid.uuid4()) for _ in range(3))
    ProjectApi(emulator, unknown).request("GET", "/files")
    emulator.write(first, "a.txt", "1")
    emulator.write(second.upper(), "a.txt", "1")
    found = [entry["id"] for entry in listed(emulator)]
    assert unknown not in found
    assert {first, second} <= set(found)
    times = [datetime.fromisoformat(entry["updated_at"]) for entry in listed(emulator)]
    assert times == sorted(times, reverse=True)


def test_a_settings_file_that_was_broken_by_hand_is_named_in_the_answer(
    api: ProjectApi, tmp_path: Path
) -> None:
    api.sync({"a.txt": b"1"})
    file = api.emulator.data / "settings" / f"{api.project}.json"
    try:
        for text in ("{", "[]", '{"name": 1}', '{"job_variables_schema": 1}'):
            file.write_text(text)
            response = api.request("GET")
            assert response.status_code == 500
            assert str(file) in response.json()["message"]
    finally:
        # Other tests list every project.
        file.unlink()


@pytest.mark.parametrize("prefix", PREFIXES)
def test_schemas_are_kept_as_they_are_given_until_they_are_taken_away(
    emulator: ServedEmulator, project: str, prefix: str
) -> None:
    api = ProjectApi(emulator, project, prefix)
    api.sync({"a.txt": b"1"})
    for given, expected in (
        ({}, NO_SCHEMAS),
        (
            {"automation_parameters_schema": PARAMETERS},
            NO_SCHEMAS | {"automation_parameters_schema": PARAMETERS},
        ),
        (
            {"job_variables_schema": VARIABLES, "bucket_schema": 1},
            {"automation_parameters_schema": PARAMETERS, "job_variables_schema": VARIABLES},
        ),
        ({"automation_parameters_schema": None}, NO_SCHEMAS | {"job_variables_schema": VARIABLES}),
    ):
        response = api.request("PATCH", "/options", json=given)
        assert response.status_code == 200, response.text
        assert response.json() == {"success": True, **expected}
        details = api.get()["project"]
        assert {name: details[name] for name in NO_SCHEMAS} == expected


def nested(depth: int) -> dict[str, Any]:
    field: dict[str, Any] = {"name": "", "type": "string"}
    for _ in range(depth):
        field = {"name": "", "type": "array", "items": field}
    return {**field, "name": "deep"}


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (1, "job_variables_schema must be an object or null"),
        ([], "job_variables_schema must be an object or null"),
        ({}, "job_variables_schema.fields is required"),
        ({"fields": [1]}, "job_variables_schema.fields must be an array of objects"),
        (
            {"fields": [{"name": "a", "type": "text"}]},
            "job_variables_schema.fields[0].type must be string, number, boolean, array, object or any",
        ),
        (
            {"fields": [{"name": "1a", "type": "any"}]},
            "job_variables_schema.fields[0].name must be letters, digits and underscores, no digit first",
        ),
        (
            {"fields": [{"name": "a", "type": "any"}, {"name": "a", "type": "any"}]},
            "job_variables_schema.fields[1].name is taken: a",
        ),
        (
            {"fields": [{"name": "a", "type": "string", "required": 1}]},
            "job_variables_schema.fields[0].required must be true or false",
        ),
        (
            {"fields": [{"name": "a", "type": "string", "enum": [True]}]},
            "job_variables_schema.fields[0].enum must be an array of strings and numbers",
        ),
        (
            {"fields": [{"name": "a", "type": "array", "items": 1}]},
            "job_variables_schema.fields[0].items must be an object",
        ),
        (
            {"fields": [{"name": "a", "type": "array", "items": {"type": "object", "properties": [{}]}}]},
            "job_variables_schema.fields[0].items.properties[0].type is required",
        ),
    ],
)
def test_a_schema_of_another_form_is_refused_and_the_old_one_stays(
    api: ProjectApi, schema: Any, message: str
) -> None:
    api.sync({"a.txt": b"1"})
    api.request("PATCH", "/options", json={"job_variables_schema": VARIABLES})
    response = api.request("PATCH", "/options", json={"job_variables_schema": schema})
    assert response.status_code == 400
    assert response.json() == {"success": False, "message": message}
    assert api.get()["project"]["job_variables_schema"] == VARIABLES


def test_a_schema_may_be_nested_but_not_without_end(api: ProjectApi) -> None:
    api.sync({"a.txt": b"1"})
    for depth, status in ((10, 200), (100, 400), (400, 400)):
        body = {"job_variables_schema": {"fields": [nested(depth)]}}
        assert api.request("PATCH", "/options", json=body).status_code == status


def test_names_and_schemas_outlive_a_restart_and_a_reset_forgets_them(
    toolchain: Toolchain, tmp_path: Path, project: str
) -> None:
    with serve_in_thread(tmp_path) as served:
        ProjectApi(served, project).sync({"a.txt": b"1"})
        body = {"job_variables_schema": VARIABLES}
        ProjectApi(served, project).request("PATCH", "/options", json=body)
    with serve_in_thread(tmp_path) as served:
        assert ProjectApi(served, project).get()["project"]["job_variables_schema"] == VARIABLES
    reset(tmp_path)
    with serve_in_thread(tmp_path) as served:
        assert listed(served) == []
        ProjectApi(served, project).sync({"a.txt": b"1"})
        assert ProjectApi(served, project).get()["project"]["job_variables_schema"] is None


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_shipped_template_can_be_applied_over_what_is_there(
    emulator: ServedEmulator, project: str, prefix: str
) -> None:
    api = ProjectApi(emulator, project, prefix)
    api.sync({"main.ts": b"export const mine = 1;\n", "mine.txt": b"mine"})
    templates = emulator.client.get(f"{prefix}/templates").json()["templates"]
    assert {template["id"] for template in templates} == {"job", "minimal", "stages"}
    for template in templates:
        assert template.keys() == {"id", "name", "description", "is_own", "is_public", "owner_username"}
        response = api.request("POST", "/template", json={"template_id": template["id"]})
        assert response.status_code == 200, response.text
        document = response.json()
        assert document["files_copied"] == len(document["files"])
        folder = resources.directory("templates") / template["id"]
        for path in document["files"]:
            assert api.get("/file", path=path)["content"] == (folder / path).read_text()
        stored = api.hashes()
        assert {path.removesuffix(".ts") + ".js" for path in document["files"]} <= stored.keys()
        assert {"mine.txt", "main.ts"} <= stored.keys()
        assert not {"template.toml", "tsconfig.json", ".gitignore", "xgodo.schemas.json"} & stored.keys()


def test_a_template_that_does_not_exist_is_not_found(api: ProjectApi) -> None:
    for template in ("shared", "../shared", "nothing"):
        response = api.request("POST", "/template", json={"template_id": template})
        assert response.status_code == 404
        assert response.json() == {"success": False, "message": "Template not found"}


def test_the_list_of_projects_survives_json_with_any_name(api: ProjectApi) -> None:
    api.sync({"a.txt": b"1"})
    file = api.emulator.data / "settings" / f"{api.project}.json"
    file.write_text(json.dumps({"name": "Été 🌞"}))
    assert api.get()["project"]["name"] == "Été 🌞"
