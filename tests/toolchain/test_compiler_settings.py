from __future__ import annotations

import json
from pathlib import Path

import pytest

from xgodo_dev import resources
from xgodo_dev.errors import ToolchainError
from xgodo_dev.toolchain import compiler_settings
from xgodo_dev.toolchain.compiler_settings import CompilerSettings
from xgodo_dev.toolchain.tools import Toolchain


async def settings_of(toolchain: Toolchain, root: Path, files: dict[str, str]) -> CompilerSettings:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return await compiler_settings.read(toolchain.tsc, root)


async def test_the_settings_of_a_new_project_have_no_shortcomings(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    shared = resources.directory("templates") / "shared/tsconfig.json"
    files = {"tsconfig.json": shared.read_text(), "main.ts": "", ".xgodo/types/a.d.ts": ""}
    read = await settings_of(toolchain, tmp_path, files)
    assert (read.errors, read.files) == ((), {"main.ts", ".xgodo/types/a.d.ts"})
    assert list(compiler_settings.shortcomings(read, "main.ts")) == []


async def test_what_is_extended_counts_and_its_errors_too(toolchain: Toolchain, tmp_path: Path) -> None:
    files = {
        "tsconfig.json": '{"extends": "./base.json"}',
        "base.json": '{"compilerOptions": {"strict": false, "strickt": 1}}',
        "main.ts": "",
    }
    read = await settings_of(toolchain, tmp_path, files)
    assert [error.partition(":")[0] for error in read.errors] == ["base.json(1,39)"]
    assert read.options["strict"] is False


async def test_errors_of_the_program_are_not_those_of_its_settings(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    files = {
        "tsconfig.json": '{"compilerOptions": {"module": "esnext", "resolveJsonModule": true}}',
        "main.ts": 'import data from "./data.json";\nconst one: = data;\n',
        "data.json": "{ broken",
    }
    read = await settings_of(toolchain, tmp_path, files)
    assert read.errors == ()
    assert "data.json" in read.files


async def test_a_slip_comes_before_what_follows_from_it(toolchain: Toolchain, tmp_path: Path) -> None:
    read = await settings_of(toolchain, tmp_path, {"tsconfig.json": '{"include": [', "main.ts": ""})
    assert read.errors[0].startswith("tsconfig.json(1,")
    assert len(read.errors) > 1


async def test_files_are_known_by_their_place_in_a_project_that_is_reached_by_a_link(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    read = await settings_of(toolchain, tmp_path / "link", {"tsconfig.json": "{}", "main.ts": ""})
    assert read.files == {"main.ts"}


async def test_a_compiler_that_says_nothing_is_an_error(tmp_path: Path) -> None:
    silent = tmp_path / "tsc"
    silent.write_text("#!/bin/sh\nexit 3\n")
    silent.chmod(0o755)
    with pytest.raises(ToolchainError, match="code 3 and said nothing"):
        await compiler_settings.read(silent, tmp_path)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "noImplicitReturns"),
        ({"noImplicitReturns": True, "strict": False}, '"strict": true'),
        ({"noImplicitReturns": True, "strictNullChecks": False}, '"strictNullChecks": true'),
        ({"noImplicitReturns": True, "types": ["node"]}, "phones lack"),
    ],
)
def test_what_lets_pass_more_than_the_platform_is_told(options: dict[str, object], told: str) -> None:
    settings = CompilerSettings((), options, frozenset({"main.ts"}))
    (shortcoming,) = compiler_settings.shortcomings(settings, "main.ts")
    assert told in shortcoming


def test_options_that_are_as_strict_as_the_platform_are_not_told() -> None:
    options = json.loads('{"noImplicitReturns": true, "strict": true, "noUnusedLocals": false, "types": []}')
    settings = CompilerSettings((), options, frozenset({"main.ts"}))
    assert list(compiler_settings.shortcomings(settings, "main.ts")) == []
    assert list(compiler_settings.shortcomings(settings, None)) == []
    assert list(compiler_settings.shortcomings(settings, "other.ts")) != []
