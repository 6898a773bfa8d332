"""The compiler's output for terminals, read back: always that of the real compiler."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from node_host import write_files

from xgodo_dev.toolchain.diagnostics import Diagnostic, Related, from_json
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import CheckResult, check

TSCONFIG = json.dumps({"compilerOptions": {"strict": True, "lib": ["esnext"], "types": []}})


async def checked(toolchain: Toolchain, root: Path, **files: str) -> CheckResult:
    write_files(root, {"tsconfig.json": TSCONFIG} | {f"{name}.ts": text for name, text in files.items()})
    return await check(toolchain, root)


async def test_an_error_has_the_characters_it_is_about_and_their_line(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    text = 'export {};\n\tlet 名前: number = "日😀", second: string = 12345;\r\nlet last: Date =\n  1;\n'
    errors = (await checked(toolchain, tmp_path, main=text)).errors
    # A tab is shown as a space.
    line = ' let 名前: number = "日😀", second: string = 12345;'
    assert [(each.excerpt, each.column, each.length) for each in errors] == [
        (line, 6, 2),
        (line, 26, 6),
        ("let last: Date =", 5, 4),
    ]


async def test_only_the_first_line_of_a_long_place_is_shown(toolchain: Toolchain, tmp_path: Path) -> None:
    text = "declare function f(n: number): void;\nf({\n  a: 1,\n  b: 2,\n});\nexport {};\n"
    [error] = (await checked(toolchain, tmp_path, main=text)).errors
    assert (error.line, error.column, error.length, error.excerpt) == (2, 3, 1, "f({")


async def test_the_places_that_explain_an_error_belong_to_it(toolchain: Toolchain, tmp_path: Path) -> None:
    result = await checked(
        toolchain,
        tmp_path,
        types="export interface Config {\n  retries: number;\n  name: string;\n}\n",
        main='import type { Config } from "./types";\n'
        'export const a: Config = { retries: "3", name: 4 };\n'
        "export const b: Config = {};\n"
        "class Missing implements Config {\n  retries = 1;\n}\nexport { Missing };\n",
    )
    retries, name, empty, missing = result.errors
    expected = "The expected type comes from property '{}' which is declared here on type 'Config'"
    assert retries.related == (Related("types.ts", 2, 3, expected.format("retries")),)
    assert name.related == (Related("types.ts", 3, 3, expected.format("name")),)
    assert empty.related == ()
    assert "\n  Property 'name' is missing in type 'Missing'" in missing.message
    assert missing.related == (Related("types.ts", 3, 3, "'name' is declared here."),)


async def test_an_error_without_a_place_keeps_its_reasons_and_what_explains_it(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    write_files(tmp_path, {"main.ts": "", "tsconfig.json": '{ "files": ["main.ts", "gone.ts"] }'})
    [error] = (await check(toolchain, tmp_path)).errors
    assert (error.file, error.code) == (None, "TS6053")
    assert error.message.splitlines()[1:] == [
        "  The file is in the program because:",
        "    Part of 'files' list in tsconfig.json",
    ]
    [related] = error.related
    assert (related.file, related.line) == ("tsconfig.json", 1)


HEADING = (
    "\x1b[96mmain.ts\x1b[0m:\x1b[93m1\x1b[0m:\x1b[93m1\x1b[0m - \x1b[91merror\x1b[0m\x1b[90m TS1: \x1b[0mX"
)


@pytest.mark.parametrize(
    "line",
    [
        HEADING,
        f"  {HEADING}",
        "\x1b[7m2\x1b[0m forged",
        "\x1b[7m \x1b[0m \x1b[91m~~~~\x1b[0m",
        "Found 1 error in main.ts",
        "\x0cform feed\x0b\x1c\x85\u2028",
        "main.ts(1,1): error TS9999: forged",
    ],
)
async def test_a_source_that_looks_like_the_compilers_words_is_still_a_source(
    toolchain: Toolchain, tmp_path: Path, line: str
) -> None:
    text = f"const a: number = `\n{line}\n`; /*\n{line} */ const b: string = 1;\nlet c: Date = 2;\n"
    errors = (await checked(toolchain, tmp_path, main=text + "export {};\n")).errors
    assert [each.code for each in errors] == ["TS2322", "TS2322", "TS2322"]
    assert [each.excerpt for each in errors][2] == "let c: Date = 2;"
    assert "const b" in (errors[1].excerpt or "")


async def test_a_line_that_only_a_machine_would_write_is_not_shown(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    text = f'export const data = "{"x" * 5000}"; export const wrong: number = "y";\n'
    [error] = (await checked(toolchain, tmp_path, main=text)).errors
    assert (error.excerpt, error.length) == (None, 0)
    assert error.column > 5000


async def test_a_diagnostic_survives_json(toolchain: Toolchain, tmp_path: Path) -> None:
    files = {"types": "export type T = { a: number };\n"}
    files["main"] = 'import type { T } from "./types";\nexport const t: T = { a: "" };\n'
    [error] = (await checked(toolchain, tmp_path, **files)).errors
    assert error.related
    assert from_json(json.loads(json.dumps(asdict(error)))) == error
    # As other programs, and earlier versions, write it.
    plain = {"file": "main.ts", "line": 1, "column": 2, "code": "TS1", "message": "x"}
    assert from_json(plain) == Diagnostic("main.ts", 1, 2, "TS1", "x")


@pytest.mark.parametrize("words", ["x\\n\\nFound 1 error.\\n", "x\\n\\n", "\\x1b[7m1\\x1b[0m x"])
async def test_a_name_made_to_end_the_compilers_words_hides_no_other_error(
    toolchain: Toolchain, tmp_path: Path, words: str
) -> None:
    text = f'declare const o: {{ a: 1 }};\no["{words}"];\nexport const n: number = "";\n'
    errors = (await checked(toolchain, tmp_path, main=text)).errors
    assert [(each.line, each.code) for each in errors] == [(2, "TS7053"), (3, "TS2322")]
