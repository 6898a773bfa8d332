"""`check` as a person, an editor and a workflow of GitHub see it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pexpect
import pytest

from tests.e2e.conftest import COMMAND, Emulator, Home
from tests.platform_settings import COMPILER_OPTIONS

MISTAKE = 'const retries: number = "three";\nconsole.log(retries);\n'


@pytest.fixture
def wrong(home: Home, project: Path) -> Path:
    """A project with one type error, in a file of its own."""
    (project / "stages" / "wrong.ts").write_text(f"export {{}};\n\n\t{MISTAKE}", encoding="utf-8")
    return project


def on_terminal(home: Home, root: Path, *arguments: str, columns: int = 80) -> str:
    shown, code = pexpect.run(
        f"{COMMAND} {' '.join(arguments)}",
        cwd=root,
        env=home.environment,
        withexitstatus=True,
        encoding="utf-8",
        dimensions=(24, columns),
        timeout=60,
    )
    assert code == 1
    return str(shown).replace("\r\n", "\n")


def test_a_terminal_shows_the_source_below_an_error(home: Home, wrong: Path) -> None:
    shown = on_terminal(home, wrong, "check")
    assert "\x1b[31m~~~~~~~\x1b[0m" in shown
    assert re.sub(r"\x1b\[\d+m", "", shown).splitlines()[:3] == [
        "stages/wrong.ts(3,8): error TS2322: Type 'string' is not assignable to type 'number'.",
        '  3 │ const retries: number = "three";',
        "    │       ~~~~~~~",
    ]
    assert "1 error in 1 file" in shown
    assert "\x1b" not in on_terminal(home, wrong, "--no-color", "check")


def test_a_narrow_terminal_cuts_the_source_and_not_the_words(home: Home, wrong: Path) -> None:
    shown = on_terminal(home, wrong, "--no-color", "check", columns=30).splitlines()
    assert max(map(len, shown[1:3])) <= 30
    assert shown[0].endswith("is not assignable to type 'number'.")


def test_off_a_terminal_there_is_one_line_that_editors_match(home: Home, wrong: Path) -> None:
    done = home.run("check", cwd=wrong)
    assert done.returncode == 1
    assert done.stdout == (
        "stages/wrong.ts(3,8): error TS2322: Type 'string' is not assignable to type 'number'.\n"
    )


def test_json_has_the_place_the_source_and_what_explains_it(home: Home, wrong: Path) -> None:
    (wrong / "b.ts").write_text("export const b: AndroidNode = { falseId: 1 } as AndroidNode;\n")
    checked = home.json("check", cwd=wrong, exit_code=1)
    explained, simple = sorted(checked["errors"], key=lambda each: each["file"])
    assert simple == {
        "file": "stages/wrong.ts",
        "line": 3,
        "column": 8,
        "code": "TS2322",
        "message": "Type 'string' is not assignable to type 'number'.",
        "length": 7,
        "excerpt": ' const retries: number = "three";',
        "related": [],
    }
    assert explained["code"] == "TS2352"
    assert checked["ok"] is False
    assert checked["warnings"] == []


def test_a_workflow_of_github_gets_annotations(home: Home, wrong: Path) -> None:
    workflow = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(wrong.parent)}
    annotation = (
        f"::error title=TS2322,file={wrong.name}/stages/wrong.ts,line=3,col=8,endColumn=15"
        "::Type 'string' is not assignable to type 'number'."
    )
    done = home.run("check", cwd=wrong, env=workflow)
    assert done.returncode == 1
    assert annotation in done.stdout.splitlines()
    as_json = home.run("--json", "check", cwd=wrong, env=workflow)
    assert json.loads(as_json.stdout)["ok"] is False
    assert annotation in as_json.stderr.splitlines()


def test_a_source_gives_github_no_commands(home: Home, project: Path) -> None:
    (project / "a.ts").write_text('import x from "./q\\n::stop-commands::abc\\n";\nconsole.log(x);\n')
    done = home.run("check", cwd=project, env={"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(project)})
    commands = [line for line in done.stdout.splitlines() if line.lstrip().startswith("::")]
    assert [line.partition(" ")[0] for line in commands] == ["::error"]


def test_projects_whose_own_folder_leads_elsewhere_are_refused(home: Home, project: Path) -> None:
    elsewhere = home.folder / "precious"
    elsewhere.mkdir()
    (elsewhere / "index.d.ts").write_text("precious")
    types = project / ".xgodo" / "types"
    shutil.rmtree(types)
    types.symlink_to(elsewhere)
    refused = home.json("check", cwd=project, exit_code=2)
    assert ".xgodo/types is a link" in refused["error"]["message"]
    assert [file.name for file in elsewhere.iterdir()] == ["index.d.ts"]
    assert (elsewhere / "index.d.ts").read_text() == "precious"


def test_await_at_the_top_level_is_a_warning_and_no_error(home: Home, project: Path) -> None:
    (project / "main.ts").write_text("await agent.actions.goHome();\nstopCurrentAutomation();\n")
    done = home.run("check", cwd=project)
    assert done.returncode == 0
    assert done.stdout.startswith("main.ts(1,1): warning TS")
    assert "`run` takes it" in done.stdout
    checked = home.json("check", cwd=project)
    assert checked["ok"] is True
    assert [each["line"] for each in checked["warnings"]] == [1]


def test_without_a_tsconfig_the_way_out_is_said(home: Home, project: Path) -> None:
    (project / "tsconfig.json").unlink()
    refused = home.json("check", cwd=project, exit_code=2)
    assert refused["error"]["code"] == "configuration"
    assert "init --force" in refused["error"]["hint"]


def test_a_broken_tsconfig_is_an_error_at_its_line(home: Home, project: Path) -> None:
    (project / "tsconfig.json").write_text('{\n  "compilerOptions": { "strict": true,, }\n}\n')
    done = home.run("check", cwd=project)
    assert done.returncode == 1
    # What follows from it, all over the project, is nobody's mistake.
    assert {line.partition("(")[0] for line in done.stdout.splitlines()} == {"tsconfig.json"}
    assert done.stdout.startswith("tsconfig.json(2,")


def test_a_tsconfig_that_leaves_out_the_declarations_is_pointed_out(home: Home, project: Path) -> None:
    settings = json.loads((project / "tsconfig.json").read_text())
    settings["include"] = ["**/*.ts"]
    (project / "tsconfig.json").write_text(json.dumps(settings))
    done = home.run("check", cwd=project)
    assert done.returncode == 1
    assert ".xgodo/types/*.d.ts" in done.stderr


def test_an_entry_that_is_not_checked_is_pointed_out(home: Home, project: Path) -> None:
    settings = json.loads((project / "tsconfig.json").read_text())
    settings["include"] = ["stages/*.ts", ".xgodo/types/*.d.ts"]
    (project / "tsconfig.json").write_text(json.dumps(settings))
    done = home.run("check", cwd=project)
    assert done.returncode == 0
    assert "main.ts, which runs start from, is not checked" in done.stderr


def test_an_entry_of_javascript_is_none_that_include_leaves_out(home: Home, project: Path) -> None:
    (project / "start.js").write_text("stopCurrentAutomation();\n")
    settings = (project / "xgodo.toml").read_text().replace('entry = "main.ts"', 'entry = "start.js"')
    (project / "xgodo.toml").write_text(settings)
    assert "is not checked" not in home.run("check", cwd=project).stderr


def test_who_reaches_for_node_is_told_that_a_phone_has_none(home: Home, project: Path) -> None:
    (project / "main.ts").write_text('import { readFileSync } from "fs";\nreadFileSync("x");\n')
    done = home.run("check", cwd=project)
    assert done.returncode == 1
    assert "A phone runs no Node.js" in done.stderr


def test_a_base_of_tsconfig_that_is_missing_is_reported_alone(home: Home, project: Path) -> None:
    (project / "tsconfig.json").write_text('{ "extends": "./gone.json" }')
    done = home.run("check", cwd=project)
    assert done.returncode == 1
    [line] = done.stdout.splitlines()
    assert line.startswith("error TS5083: Cannot read file")


# The example of a run in the platform's documentation.
DOCUMENTED_EXAMPLE = """\
const params = agent.arguments.automationParameters;
const vars = agent.arguments.jobVariables;

console.log("Max retries:", params.maxRetries);
console.log("Target URL:", vars.targetUrl);

await agent.actions.goHome();
console.log("Done!");

stopCurrentAutomation();
"""


def test_the_documentations_own_options_and_example_check_build_and_run(
    home: Home, project: Path, emulator: Emulator
) -> None:
    settings = json.loads((project / "tsconfig.json").read_text())
    settings["compilerOptions"] = COMPILER_OPTIONS
    (project / "tsconfig.json").write_text(json.dumps(settings))
    (project / "main.ts").write_text(DOCUMENTED_EXAMPLE)
    checked = home.json("check", cwd=project)
    assert (checked["ok"], checked["errors"]) == (True, [])
    assert home.json("build", cwd=project)["bytes"] > 0
    arguments = ("--param", "maxRetries=3", "--var", "targetUrl=https://example.com")
    done = home.run("--json", "run", *arguments, cwd=project, env=emulator.env)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    logs = [(event["source"]["line"], event["message"]) for event in events if event["event"] == "log"]
    assert logs == [(4, "Max retries: 3"), (5, "Target URL: https://example.com"), (8, "Done!")]
    assert events[-1]["status"] == "success"
