"""The declarations that the platform hands out: a project on disk type checks with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from project_api import PREFIXES, ProjectApi
from served_emulator import ServedEmulator

from tests.platform_settings import COMPILER_OPTIONS
from xgodo_dev.toolchain.diagnostics import diagnostic_line
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import check

# What the platform's own client writes beside a project: it takes in types/*.ts as files of the project.
TSCONFIG = json.dumps(
    {"compilerOptions": COMPILER_OPTIONS, "include": ["**/*.ts"], "exclude": ["node_modules"]}
)
SCHEMA = {
    "fields": [
        {"name": "retries", "type": "number", "required": True, "description": "how often */ ever\nso"},
        {"name": "mode", "type": "string", "enum": ["fast", 'sl"ow', 3], "defaultValue": "fast"},
        {
            "name": "grid",
            "type": "array",
            "items": {"name": "", "type": "array", "items": {"name": "", "type": "number"}},
        },
        {
            "name": "people",
            "type": "array",
            "required": True,
            "items": {
                "name": "",
                "type": "object",
                "properties": [{"name": "email", "type": "string", "required": True}],
            },
        },
        {"name": "rest", "type": "object"},
        {"name": "on", "type": "boolean"},
        {"name": "whatever", "type": "any"},
    ]
}
USE = """\
const parameters = agent.arguments.automationParameters;
const retries: number = parameters.retries;
// A default value makes nothing certain: no document says that the platform fills it in.
const mode: 'fast' | 'sl"ow' | 3 | undefined = parameters.mode;
const first: number | undefined = parameters.grid?.[0]?.[0];
const emails: string[] = parameters.people.map((person) => person.email);
const on: boolean | undefined = parameters.on;
const rest = parameters.rest?.anything;
export { retries, mode, first, emails, on, rest };
"""


def write_types(api: ProjectApi, folder: Path) -> None:
    """Puts the three texts where the platform's own client has them."""
    client = api.emulator.client
    (folder / "types").mkdir()
    (folder / "types/node-types.ts").write_text(
        client.get(f"{api.prefix}/types/node-types").json()["content"]
    )
    bootstrap = client.get(f"{api.prefix}/types/bootstrap").json()
    assert type(bootstrap["version"]) is int
    (folder / "types/bootstrap.ts").write_text(bootstrap["content"])
    (folder / "types/arguments.ts").write_text(api.get("/types/arguments")["content"])
    (folder / "tsconfig.json").write_text(TSCONFIG)


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_a_template_type_checks_with_the_types_of_the_platform(
    emulator: ServedEmulator, project: str, prefix: str, toolchain: Toolchain, tmp_path: Path
) -> None:
    api = ProjectApi(emulator, project, prefix)
    applied = api.request("POST", "/template", json={"template_id": "stages"}).json()
    for path in applied["files"]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(api.get("/file", path=path)["content"])
    write_types(api, tmp_path)
    result = await check(toolchain, tmp_path)
    assert [diagnostic_line(error) for error in result.errors] == []


async def test_schemas_become_types_for_the_editor_and_for_the_compiler(
    emulator: ServedEmulator, project: str, toolchain: Toolchain, tmp_path: Path
) -> None:
    api = ProjectApi(emulator, project)
    (before,) = api.sync({"main.ts": USE.encode()})
    assert before["compiled"] is False
    response = api.request("PATCH", "/options", json={"automation_parameters_schema": SCHEMA})
    assert response.status_code == 200, response.text
    (after,) = api.sync({"main.ts": USE.encode()})
    assert after["compiled"] is True, after
    (wrong,) = api.sync({"wrong.ts": b"agent.arguments.automationParameters.none;\n"})
    assert wrong["errors"] == [
        "Error at 1:38: Property 'none' does not exist on type 'AutomationParameters'."
    ]
    (variables,) = api.sync({"other.ts": b"export const v: unknown = agent.arguments.jobVariables.any;\n"})
    assert variables["compiled"] is True
    write_types(api, tmp_path)
    (tmp_path / "main.ts").write_text(USE)
    (tmp_path / "wrong.ts").write_text(
        "agent.arguments.automationParameters.none;\n"
        "export const mode: string | number = agent.arguments.automationParameters.mode;\n"
    )
    found = [(error.file, error.code) for error in (await check(toolchain, tmp_path)).errors]
    assert found == [("wrong.ts", "TS2339"), ("wrong.ts", "TS2322")]
