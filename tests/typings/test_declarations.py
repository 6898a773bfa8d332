"""The declarations of the device API, judged by the real compiler."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.platform_settings import COMPILER_OPTIONS
from xgodo_dev import resources
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import CheckResult, check

PROGRAMS = Path(__file__).parent / "programs"
# What a template asks for, and what the platform compiles with.
LIBRARIES = pytest.mark.parametrize("library", [["esnext"], ["esnext", "dom"]], ids="+".join)

PLATFORM_SETTINGS = {"compilerOptions": COMPILER_OPTIONS, "include": ["**/*.ts"]}


async def check_with_declarations(
    toolchain: Toolchain, root: Path, library: list[str], **overrides: object
) -> CheckResult:
    shutil.copytree(resources.directory("typings"), root / ".xgodo" / "types")
    settings = json.loads((resources.directory("templates") / "shared" / "tsconfig.json").read_bytes())
    settings["compilerOptions"] |= {"lib": library, **overrides}
    (root / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    return await check(toolchain, root)


@LIBRARIES
async def test_the_declarations_have_no_error_of_their_own(
    toolchain: Toolchain, tmp_path: Path, library: list[str]
) -> None:
    result = await check_with_declarations(
        toolchain, tmp_path, library, skipLibCheck=False, exactOptionalPropertyTypes=True
    )

    assert result.errors == ()


@LIBRARIES
async def test_what_automations_may_do_is_no_error(
    toolchain: Toolchain, tmp_path: Path, library: list[str]
) -> None:
    shutil.copytree(PROGRAMS / "accepted", tmp_path, dirs_exist_ok=True)

    assert (await check_with_declarations(toolchain, tmp_path, library)).errors == ()


async def test_what_automations_may_do_is_no_error_under_the_options_of_the_platforms_documentation(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    shutil.copytree(PROGRAMS / "accepted", tmp_path, dirs_exist_ok=True)
    shutil.copytree(resources.directory("typings"), tmp_path / "types")
    (tmp_path / "tsconfig.json").write_text(json.dumps(PLATFORM_SETTINGS), encoding="utf-8")

    assert (await check(toolchain, tmp_path)).errors == ()


@LIBRARIES
async def test_mistakes_are_caught_where_they_are_made(
    toolchain: Toolchain, tmp_path: Path, library: list[str]
) -> None:
    shutil.copytree(PROGRAMS / "refused", tmp_path, dirs_exist_ok=True)
    expected = [
        (file.name, number, found[1])
        for file in sorted((PROGRAMS / "refused").iterdir())
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if (found := re.search(r"// expect (TS\d+)$", line))
    ]

    errors = (await check_with_declarations(toolchain, tmp_path, library)).errors

    assert sorted((error.file, error.line, error.code) for error in errors) == expected
    assert len(expected) > 140


def test_there_are_programs_for_every_part_of_the_api() -> None:
    parts = {"actions", "utils", "job", "buckets", "files", "nodes", "constants", "info", "environment"}

    for kind in ("accepted", "refused"):
        assert parts <= {file.stem for file in (PROGRAMS / kind).iterdir()}


async def test_the_mistaken_name_of_a_property_is_answered_with_the_right_one(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    (tmp_path / "main.ts").write_text("agent.actions.screenContent().then((node) => node.isClickable);\n")

    (error,) = (await check_with_declarations(toolchain, tmp_path, ["esnext"])).errors

    assert "Did you mean 'clickable'?" in error.message


async def test_a_project_can_declare_its_own_arguments(toolchain: Toolchain, tmp_path: Path) -> None:
    (tmp_path / "project.d.ts").write_text("interface JobVariables { email: string }\n")
    (tmp_path / "main.ts").write_text(
        "console.log(agent.arguments.jobVariables.email.length);\n"
        "const phone: number = agent.arguments.jobVariables.phone;\n"
    )

    result = await check_with_declarations(toolchain, tmp_path, ["esnext"])

    assert [(error.line, error.code) for error in result.errors] == [(2, "TS2322")]


async def test_browser_globals_that_no_device_is_known_to_have_are_not_there_by_default(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    (tmp_path / "main.ts").write_text("document.title;\nlocalStorage.clear();\n")

    result = await check_with_declarations(toolchain, tmp_path, ["esnext"])

    assert [error.line for error in result.errors] == [1, 2]


def test_every_declaration_file_is_reachable_from_the_index() -> None:
    typings = resources.directory("typings")
    referenced = set(re.findall(r'path="\./(.+?)"', (typings / "index.d.ts").read_text(encoding="utf-8")))

    assert referenced == {file.name for file in typings.iterdir()} - {"index.d.ts"}


def test_no_declaration_file_is_a_module_because_its_names_would_not_be_global() -> None:
    for file in resources.directory("typings").iterdir():
        assert not re.search(r"^(import|export)\b", file.read_text(encoding="utf-8"), re.MULTILINE), file.name
