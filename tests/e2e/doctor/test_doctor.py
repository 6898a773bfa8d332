"""`doctor` in projects where something is wrong, what it mends, and how it is told."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pexpect
import pytest

from tests.e2e.conftest import COMMAND
from tests.e2e.doctor.machine import Machine, noted, statuses
from tests.e2e.scripted_project import Failing
from tests.e2e.working_copies import give_up_privileges
from tests.own_tools import TYPESCRIPT, add_tool
from tests.scripted_server import TOKEN, Answer, Request, json_answer
from xgodo_dev.toolchain.tools import Toolchain

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs scripts and symbolic links")


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_in_a_new_project_all_is_well_and_stays_as_it_is(
    machine: Machine, project: Path, toolchain: Toolchain
) -> None:
    before = files(machine.home.folder)
    parts = machine.doctor(project / "stages")
    assert noted(parts) == {"account"}, parts
    assert list(parts) == [
        "xgodo-dev",
        "python",
        "node",
        "npm",
        "typescript",
        "esbuild",
        "git",
        "folders",
        "disk",
        "watching",
        "tokens",
        "account",
        "emulator",
        "project",
        "tsconfig.json",
        "declarations",
    ]
    assert parts["typescript"]["path"] == str(toolchain.tsc)
    assert parts["typescript"]["version"] == "7.0.2"
    assert parts["esbuild"]["path"] == str(toolchain.esbuild)
    assert parts["node"]["path"] == str(machine.bin / "node")
    assert all(re.fullmatch(r"\d+\.\d+.*", str(part["version"])) for part in list(parts.values())[:7])
    assert files(machine.home.folder) == before


def test_outside_of_a_project_the_machine_is_looked_at(machine: Machine) -> None:
    parts = machine.doctor()
    assert statuses(parts).pop("project") == "note"
    assert "xgodo-dev init" in parts["project"]["hint"]
    assert not {"tsconfig.json", "declarations"} & parts.keys()


@pytest.mark.parametrize(
    ("settings", "status", "told"),
    [
        (None, "problem", "nothing can be checked"),
        ('{"include": [', "problem", "tsconfig.json(1,"),
        ('{"compilerOptions": {"moduleResolution": "node"}}', "problem", "TS5108"),
        ('{"extends": "./nowhere.json"}', "problem", "nowhere.json"),
        ('{"include": ["**/*.ts"]}', "problem", "leaves out .xgodo/types"),
        ('{"include": ["stages", ".xgodo/types/*.d.ts"]}', "note", "leaves out main.ts"),
        ('{"include": ["*.ts", ".xgodo/types/*"]}', "note", '"noImplicitReturns": true'),
    ],
)
def test_compiler_settings_are_held_against_what_an_automation_needs(
    machine: Machine, project: Path, settings: str | None, status: str, told: str
) -> None:
    if settings is None:
        (project / "tsconfig.json").unlink()
    else:
        (project / "tsconfig.json").write_text(settings)
    part = machine.doctor(project, exit_code=1 if status == "problem" else 0)["tsconfig.json"]
    assert (part["status"], part["path"]) == (status, str(project / "tsconfig.json"))
    assert told in part["message"]


def test_settings_of_a_project_that_can_not_be_used_are_a_problem(machine: Machine, project: Path) -> None:
    (project / "xgodo.toml").write_text("[project\n")
    parts = machine.doctor(project, exit_code=1)
    assert "not valid TOML" in parts["project"]["message"]
    # The rest is looked at all the same.
    assert parts["tsconfig.json"]["status"] == "ok"


def test_an_entry_that_is_not_there_and_schemas_that_can_not_be_used_are_problems(
    machine: Machine, project: Path
) -> None:
    (project / "main.ts").unlink()
    (project / "xgodo.schemas.json").write_text("[")
    parts = machine.doctor(project, exit_code=1)
    assert "main.ts, which is not there" in parts["project"]["message"]
    assert "xgodo.schemas.json" in parts["declarations"]["message"]


def test_what_can_be_mended_is_mended_and_told(machine: Machine, project: Path) -> None:
    machine.home.json("editor", "setup", "vscode", cwd=project)
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    machine.home.json("hooks", "install", cwd=project)
    hook = project / ".git/hooks/pre-commit"
    hook.write_text(hook.read_text() + "\n# of another version\n")
    settings = project / ".vscode/settings.json"
    settings.unlink()
    shutil.rmtree(project / ".xgodo")
    (project / "tsconfig.json").unlink()
    tokens = machine.home.folder / ".config/xgodo-dev/tokens.json"
    record = machine.home.folder / ".local/state/xgodo-dev/emulator.json"
    for file, content in ((tokens, "{}"), (record, '{"url": "http://127.0.0.1:1"}')):
        file.parent.mkdir(parents=True)
        file.write_text(content)
    tokens.chmod(0o644)
    troubled = machine.doctor(project, exit_code=1)
    to_mend = {"tokens", "emulator", "tsconfig.json", "declarations", "editor", "hooks"}
    assert noted(troubled) == {"account", *to_mend}
    assert not (project / ".xgodo").exists()
    for name in noted(troubled) - {"account"}:
        assert "xgodo-dev doctor --fix" in troubled[name]["hint"]
    tokens.chmod(0o644)
    mended = machine.home.json("doctor", "--fix", cwd=project, env=machine.environment)
    assert {each["name"] for each in mended["fixed"]} == to_mend
    assert settings.is_file()
    assert "another version" not in hook.read_text()
    assert mended["failed"] == []
    assert [part["name"] for part in mended["parts"] if part["status"] != "ok"] == ["account"]
    assert stat.S_IMODE(tokens.stat().st_mode) == 0o600
    assert not record.exists()
    again = machine.home.run("doctor", "--fix", cwd=project, env=machine.environment)
    assert again.stderr == "No problems.\n"
    assert machine.home.json("check", cwd=project, env=machine.environment)["ok"] is True


def test_what_can_not_be_mended_is_told_with_the_reason(machine: Machine, project: Path) -> None:
    (project / "tsconfig.json").unlink()
    project.chmod(0o555)
    done = machine.home.run(
        "doctor", "--fix", cwd=project, env=machine.environment, preexec_fn=give_up_privileges
    )
    project.chmod(0o755)
    assert done.returncode == 1
    assert "not mended  tsconfig.json:" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_server_is_asked_for_the_token_and_its_time(
    machine: Machine, project: Path, failing: Failing
) -> None:
    said = {"status": 200}

    async def handle(request: Request) -> Answer:
        assert request.path == "/api/v2/user/balance"
        answer = json_answer({"success": True, "balance": 1}, status=said["status"])
        return replace(answer, headers={**answer.headers, "date": "Sun, 06 Nov 1994 08:49:37 GMT"})

    failing.server.handler = handle
    machine.environment |= {"XGODO_API_URL": failing.server.url, "XGODO_TOKEN": TOKEN}
    parts = machine.doctor(project, exit_code=1)
    assert (parts["account"]["status"], parts["clock"]["status"]) == ("ok", "problem")
    assert "ahead of that of" in parts["clock"]["message"]
    said["status"] = 401
    refused = machine.doctor(project, exit_code=1)["account"]
    assert (refused["status"], "refused XGODO_TOKEN" in refused["message"]) == ("problem", True)
    machine.environment["XGODO_API_URL"] = "http://127.0.0.1:1"
    offline = machine.doctor(project)["account"]
    assert (offline["status"], "Can't reach" in offline["message"]) == ("note", True)


def on_terminal(machine: Machine, project: Path, **environment: str) -> str:
    shown, _ = pexpect.run(
        f"{COMMAND} doctor",
        cwd=project,
        env={**machine.home.environment, **machine.environment, **environment},
        dimensions=(24, 80),
        withexitstatus=True,
    )
    return shown.decode().replace("\r\n", "\n")


def test_on_a_terminal_the_list_is_aligned_and_fits(machine: Machine, project: Path) -> None:
    add_tool(project, TYPESCRIPT, "5.9.3", program=None)
    (project / "tsconfig.json").write_text("{}")
    colored = on_terminal(machine, project)
    assert "\x1b[32mok\x1b[0m" in colored
    assert "\x1b[33mnote\x1b[0m" in colored
    assert "\x1b[31m\x1b[1mproblem\x1b[0m" in colored
    plain = re.sub(r"\x1b\[\d+m", "", colored)
    *lines, last = plain.splitlines()
    assert last == "Problems: tsconfig.json."
    assert max(map(len, lines)) <= 80
    texts = {re.match(r"(?:(?:ok|note|problem) +[\w.-]+)? +", line).end() for line in lines}  # type: ignore[union-attr]
    assert len(texts) == 1
    assert re.search(r"\n +hint: To use the project's own: npm install", plain)
    assert on_terminal(machine, project, NO_COLOR="1") == plain


def test_off_a_terminal_each_line_is_whole_and_without_colour(machine: Machine, project: Path) -> None:
    done = machine.home.run("doctor", cwd=project, env=machine.environment)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 17
    assert "\x1b" not in done.stdout
    assert done.stderr == "No problems.\n"


def test_what_a_package_says_of_itself_is_shown_and_not_obeyed(machine: Machine, project: Path) -> None:
    evil = "5.0.0\x1b]0;title\x07\x1b[2J\x1b[31m\u202e\nok  forged"
    add_tool(project, TYPESCRIPT, evil, program=None)
    shown = on_terminal(machine, project)
    assert r"\x1b]0;title\x07" in shown
    assert not [code for code in ("\x1b]", "\x07", "\x1b[2J", "\x1b[31m", "\u202e") if code in shown]
    assert "\nok  forged" not in shown


def test_without_a_folder_the_error_is_one_object(machine: Machine) -> None:
    done = machine.home.run("--json", "-C", "nowhere", "doctor", env=machine.environment)
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["code"] == "usage"
