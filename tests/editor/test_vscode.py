"""What is written for VS Code is what it reads, and what it looks for in lines is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import regress
from jsonschema import Draft7Validator

from tests.editor import vscode_rules
from tests.editor.matched_problems import problem_in
from xgodo_dev.editor import vscode
from xgodo_dev.editor.jsonc import Document
from xgodo_dev.editor.place import Place

RULES = {
    ".vscode/tasks.json": vscode_rules.TASKS,
    ".vscode/launch.json": vscode_rules.LAUNCH,
    ".vscode/settings.json": vscode_rules.SETTINGS,
    ".vscode/extensions.json": vscode_rules.EXTENSIONS,
}
ROOT = Path("/opened/apps/my phone")
DEVICES = ["Atomic Mammal", "Ötter's"]


def written(below: bool = False) -> dict[str, Any]:
    place = Place.of(Path("/opened") if below else ROOT, ROOT)
    return {
        file.path: Document(file.with_setup(None).content or b"").value
        for file in vscode.files(place, DEVICES)
    }


@pytest.mark.parametrize("below", [False, True])
def test_every_file_follows_the_rules_of_vs_codes_schemas(below: bool) -> None:
    files = written(below)
    assert files.keys() == RULES.keys()
    for path, value in files.items():
        Draft7Validator.check_schema(RULES[path])
        Draft7Validator(RULES[path]).validate(value)


def test_every_input_that_a_task_asks_for_is_there_and_no_shell_reads_its_answer() -> None:
    # A message may be `Don't retry`, and a device be called `$(rm -r ~)`: whichever way VS Code quotes what
    # it gives to a shell, it leaves some of that as it is.
    tasks = written(below=True)[".vscode/tasks.json"]
    asked = {each: task["type"] for task in tasks["tasks"] for each in task["args"] if "${" in each}
    assert asked == {f"${{input:{each['id']}}}": "process" for each in tasks["inputs"]}


def test_the_picker_offers_the_devices_that_are_known_and_all_that_are_connected() -> None:
    (picker,) = (each for each in written()[".vscode/tasks.json"]["inputs"] if each["type"] == "pickString")
    assert picker["options"][:2] == DEVICES
    assert picker["options"][2]["value"] == "@online"


def test_in_a_folder_above_all_paths_lead_to_the_project_and_names_are_its_own() -> None:
    files = written(below=True)
    tasks = files[".vscode/tasks.json"]["tasks"]
    there = "${workspaceFolder}/apps/my phone"
    assert {task["options"]["cwd"] for task in tasks} == {there}
    assert {task["problemMatcher"]["fileLocation"][1] for task in tasks} == {there}
    assert files[".vscode/launch.json"]["configurations"][0]["cwd"] == there
    assert all(task["label"].endswith(" (apps/my phone)") for task in tasks)
    ((pattern, schema),) = files[".vscode/settings.json"]["evenBetterToml.schema.associations"].items()
    assert regress.Regex(pattern).find("file:///opened/apps/my%20phone/xgodo.toml")
    assert not regress.Regex(pattern).find("file:///opened/apps/my%20phone/xgodo-toml")
    assert schema == "./apps/my phone/.xgodo/xgodo.schema.json"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("a (1).ts(12,3): error TS2322: no", ("a (1).ts", "12", "3", "error", "TS2322", "no")),
        (
            "a.ts(1,2): warning TS1: b(3,4): error TS5: c",
            ("a.ts", "1", "2", "warning", "TS1", "b(3,4): error TS5: c"),
        ),
        ("  a.ts(1,2): error TS1: explains another", None),
        ("  6 │ a.ts(1,2): error TS1: in a source", None),
        ("12:00:00 main.ts:6 a.ts:1: error TS1: logged", None),
        ("error TS18003: of no file", None),
    ],
)
def test_a_problem_is_found_where_a_line_tells_of_one(line: str, problem: tuple[str, ...] | None) -> None:
    matcher = written()[".vscode/tasks.json"]["tasks"][0]["problemMatcher"]
    found = problem_in(line, matcher)
    names = ("file", "line", "column", "severity", "code", "message")
    assert (found and tuple(found[name] for name in names)) == problem
