from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.own_tools import ESBUILD, TYPESCRIPT, add_tool
from xgodo_dev import places
from xgodo_dev.toolchain import tools
from xgodo_dev.toolchain.bundle import bundle
from xgodo_dev.toolchain.tools import PassedOver, Toolchain
from xgodo_dev.toolchain.typescript import check

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs scripts and symbolic links")


@posix_only
async def test_the_projects_own_pair_wins_and_needs_neither_cache_nor_node(
    toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    tsc = add_tool(project, TYPESCRIPT, "7.1.0", program=toolchain.tsc)
    esbuild = add_tool(project, ESBUILD, "0.25.0", program=toolchain.esbuild)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(places, "cache_directory", lambda: tmp_path / "cache")
    told: list[str] = []
    assert await tools.ensure(project, progress=told.append) == Toolchain(tsc, esbuild, "project")
    assert told == []
    assert not (tmp_path / "cache").exists()


@posix_only
async def test_a_project_with_only_a_compiler_gets_the_bundler_of_the_cache(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    tsc = add_tool(tmp_path, TYPESCRIPT, "7.0.2", program=toolchain.tsc)
    found = tools.find(tmp_path)
    assert found == Toolchain(tsc, toolchain.esbuild, "both")
    (tmp_path / "main.ts").write_text("const one: number = 'two';\nconsole.log(one);\n")
    (tmp_path / "tsconfig.json").write_text("{}")
    assert [error.code for error in (await check(found, tmp_path)).errors] == ["TS2322"]
    assert "two" in (await bundle(found, tmp_path, "main.ts")).code


@posix_only
def test_a_project_with_only_a_bundler_gets_the_compiler_of_the_cache(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    esbuild = add_tool(tmp_path, ESBUILD, "0.25.12", program=toolchain.esbuild)
    assert tools.find(tmp_path) == Toolchain(toolchain.tsc, esbuild, "both")


@posix_only
@pytest.mark.parametrize("version", ["5.9.3", "6.0.1", "8.0.0", "70.1.0", "seven", ""])
def test_a_projects_typescript_that_is_not_7_is_passed_over(
    toolchain: Toolchain, tmp_path: Path, version: str
) -> None:
    add_tool(tmp_path, TYPESCRIPT, version, program=toolchain.tsc)
    assert tools.find(tmp_path) == toolchain
    assert tools.passed_over(tools.TYPESCRIPT, tmp_path) == PassedOver(version, "it is not 7.x")


@posix_only
@pytest.mark.parametrize(
    ("version", "used"),
    [("0.24.2", False), ("0.25.0", True), ("0.28.2", True), ("0.100.1", True), ("1.0.0", False)],
)
def test_a_projects_esbuild_is_used_from_the_version_on_that_can_do_what_is_asked_of_it(
    toolchain: Toolchain, tmp_path: Path, version: str, used: bool
) -> None:
    own = add_tool(tmp_path, ESBUILD, version, program=toolchain.esbuild)
    found = tools.find(tmp_path)
    assert found is not None
    assert found.esbuild == (own if used else toolchain.esbuild)
    rejected = tools.passed_over(tools.ESBUILD, tmp_path)
    assert rejected == (None if used else PassedOver(version, "it is not 0.25 or newer, below 1.0"))


@posix_only
def test_typescript_5_which_has_no_native_program_is_told_by_its_version(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    add_tool(tmp_path, TYPESCRIPT, "5.9.3", program=None)
    assert tools.find(tmp_path) == toolchain
    assert tools.passed_over(tools.TYPESCRIPT, tmp_path) == PassedOver("5.9.3", "it is not 7.x")


@posix_only
def test_typescript_7_without_its_native_program_is_passed_over(toolchain: Toolchain, tmp_path: Path) -> None:
    add_tool(tmp_path, TYPESCRIPT, "7.0.2", program=None)
    assert tools.find(tmp_path) == toolchain
    rejected = tools.passed_over(tools.TYPESCRIPT, tmp_path)
    assert rejected is not None
    assert rejected.reason.startswith("it has no program for ")


def test_of_tools_that_a_project_does_not_have_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    assert tools.passed_over(tools.TYPESCRIPT, tmp_path) is None


@posix_only
def test_a_program_that_may_not_be_started_is_passed_over(toolchain: Toolchain, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.touch(mode=0o644)
    add_tool(tmp_path, TYPESCRIPT, "7.0.2", program=text)
    assert tools.find(tmp_path) == toolchain


@posix_only
def test_the_program_inside_of_the_package_comes_before_one_beside_it(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    add_tool(tmp_path, ESBUILD, "0.27.0", program=toolchain.esbuild)
    inside = add_tool(tmp_path / "node_modules/esbuild", ESBUILD, "0.28.0", program=toolchain.esbuild)
    found = tools.find(tmp_path)
    assert found is not None
    assert found.esbuild == inside


@posix_only
def test_the_program_is_found_in_the_store_that_the_package_is_a_link_to(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    # As pnpm lays it out.
    project = tmp_path / "project"
    store = project / "node_modules/.pnpm/typescript@7.0.2"
    stored = add_tool(store, TYPESCRIPT, "7.0.2", program=toolchain.tsc)
    (project / "node_modules/typescript").symlink_to(store / "node_modules/typescript")
    found = tools.find(project)
    assert found is not None
    assert found.tsc == stored


@posix_only
def test_binaries_of_a_folder_above_the_project_are_not_run(toolchain: Toolchain, tmp_path: Path) -> None:
    add_tool(tmp_path, TYPESCRIPT, "7.0.2", program=toolchain.tsc)
    add_tool(tmp_path, ESBUILD, "0.28.2", program=toolchain.esbuild)
    project = tmp_path / "project"
    (project / "node_modules").mkdir(parents=True)
    assert tools.find(project) == toolchain


@posix_only
@pytest.mark.parametrize("manifest", [b"{", b"[]", b"\xff", b"[" * 100_000, b'{"version": 7}'])
def test_a_package_that_can_not_be_read_is_passed_over(
    toolchain: Toolchain, tmp_path: Path, manifest: bytes
) -> None:
    own = add_tool(tmp_path, TYPESCRIPT, "7.0.2", program=toolchain.tsc)
    (own.parent.parent / "package.json").write_bytes(manifest)
    assert tools.find(tmp_path) == toolchain


async def test_a_warm_cache_needs_neither_node_nor_network(
    toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    told: list[str] = []
    assert await tools.ensure(tmp_path, progress=told.append) == toolchain
    assert told == []


def test_the_version_of_a_cached_tool_is_the_pinned_one(toolchain: Toolchain) -> None:
    pinned = json.loads((Path(tools.__file__).parent / "lock/package.json").read_text())["dependencies"]
    for kind in (tools.TYPESCRIPT, tools.ESBUILD):
        found = tools.find_tool(kind, None)
        assert found is not None
        assert (found.version, found.source) == (pinned[kind.package], "cache")
        assert kind.accepts(found.version)
