from __future__ import annotations

import asyncio
import json
import stat
import sys
import tracemalloc
from pathlib import Path

import psutil
import pytest
from node_host import write_files

from xgodo_dev.errors import ConfigurationError, ToolchainError
from xgodo_dev.toolchain.diagnostics import diagnostic_line
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import check, compile_file, compile_files

TSCONFIG = json.dumps(
    {"compilerOptions": {"target": "es2017", "module": "es2015", "strict": True, "types": []}}
)


@pytest.fixture
def declarations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("declarations")
    write_files(
        folder,
        {
            "agent.d.ts": "declare const agent: { go(): Promise<void> };\n",
            "deeper/globals.d.ts": "declare function sleep(ms: number): Promise<void>;\n",
        },
    )
    return folder


def contents(root: Path) -> dict[str, str]:
    return {str(file.relative_to(root)): file.read_text() for file in root.rglob("*") if file.is_file()}


async def test_a_project_without_errors_passes(toolchain: Toolchain, tmp_path: Path) -> None:
    write_files(tmp_path, {"tsconfig.json": TSCONFIG, "main.ts": "export const a: number = 1;\n"})
    before = contents(tmp_path)
    result = await check(toolchain, tmp_path)
    assert result.ok
    assert result.errors == ()
    assert 0 < result.ms < 60_000
    assert contents(tmp_path) == before


async def test_errors_have_their_file_place_code_and_whole_message(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    write_files(
        tmp_path,
        {
            "tsconfig.json": TSCONFIG,
            "main.ts": 'import { a } from "./deep/a (1)";\na.b.c = "text";\n'
            "let x: { p: { q: number } } = { p: a };\n",
            "deep/a (1).ts": "export const a = { b: { c: 1 } };\nexport const wrong: string = 5;\n",
        },
    )
    result = await check(toolchain, tmp_path)
    assert not result.ok
    assert sorted((e.file, e.line, e.column, e.code) for e in result.errors) == [
        ("deep/a (1).ts", 2, 14, "TS2322"),
        ("main.ts", 2, 1, "TS2322"),
        ("main.ts", 3, 33, "TS2741"),
    ]
    wrong = next(e for e in result.errors if e.file == "deep/a (1).ts")
    assert diagnostic_line(wrong) == (
        "deep/a (1).ts(2,14): error TS2322: Type 'number' is not assignable to type 'string'."
    )


async def test_the_reasons_below_an_error_stay_in_its_message(toolchain: Toolchain, tmp_path: Path) -> None:
    source = "declare let a: (n: number) => number;\nlet b: (n: number) => string = a;\nlet c: string = 1;\n"
    write_files(tmp_path, {"tsconfig.json": TSCONFIG, "main.ts": source})
    first, second = (await check(toolchain, tmp_path)).errors
    assert first.message.splitlines() == [
        "Type '(n: number) => number' is not assignable to type '(n: number) => string'.",
        "  Type 'number' is not assignable to type 'string'.",
    ]
    assert (second.line, second.message) == (3, "Type 'number' is not assignable to type 'string'.")


async def test_the_platforms_documented_options_and_a_top_level_await_pass(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    # The options that the platform's own client writes, and the example of a run in its documentation.
    options = {"target": "ES2017", "module": "ES2015", "lib": ["esnext", "dom"], "strict": True}
    options |= {"noImplicitReturns": True, "noEmit": True, "skipLibCheck": True, "typeRoots": ["./types"]}
    write_files(
        tmp_path,
        {
            "tsconfig.json": json.dumps({"compilerOptions": options}),
            "agent.d.ts": "declare const agent: any;\ndeclare function stopCurrentAutomation(): void;\n",
            "main.ts": "const params = agent.arguments.automationParameters;\n"
            "const vars = agent.arguments.jobVariables;\n"
            'console.log("Max retries:", params.maxRetries);\n'
            'console.log("Target URL:", vars.targetUrl);\n'
            "await agent.actions.goHome();\n"
            'console.log("Done!");\n'
            "stopCurrentAutomation();\n",
            "waits.ts": "export const n = await Promise.resolve(1);\nfor await (const each of [n]) each;\n",
        },
    )
    result = await check(toolchain, tmp_path)
    assert result.errors == ()
    assert [(each.file, each.line) for each in result.warnings] == [
        ("main.ts", 5),
        ("waits.ts", 1),
        ("waits.ts", 2),
    ]
    assert "the platform may not compile" in result.warnings[0].message


async def test_an_incremental_project_is_checked_in_whole_and_nothing_is_written(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    options = {"compilerOptions": {"composite": True, "incremental": True, "strict": True, "types": []}}
    write_files(
        tmp_path,
        {
            "tsconfig.json": json.dumps(options),
            "global.d.ts": "declare const limit: number;\n",
            "main.ts": "const most: number = limit;\nexport { most };\n",
        },
    )
    before = contents(tmp_path)
    assert (await check(toolchain, tmp_path)).ok
    assert contents(tmp_path) == before
    (tmp_path / "global.d.ts").write_text("declare const limit: string;\n")
    assert [error.code for error in (await check(toolchain, tmp_path)).errors] == ["TS2322"]


async def test_an_error_in_tsconfig_is_an_error_of_that_file(toolchain: Toolchain, tmp_path: Path) -> None:
    write_files(tmp_path, {"tsconfig.json": '{ "compilerOptions": { "shiny": true } }', "main.ts": ""})
    [error] = (await check(toolchain, tmp_path)).errors
    assert (error.file, error.line, error.code) == ("tsconfig.json", 1, "TS5023")


async def test_errors_of_what_tsconfig_extends_are_reported_alone(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    write_files(
        tmp_path,
        {
            "tsconfig.json": '{ "extends": "./base.json", "compilerOptions": { "resolveJsonModule": true } }',
            "base.json": '{ "compilerOptions": { "strct": true } }',
            "main.ts": 'import data from "./data.json";\nexport const a: string = data;\n',
            "data.json": "[]",
        },
    )
    result = await check(toolchain, tmp_path)
    assert {error.file for error in result.errors} == {"base.json"}
    write_files(tmp_path, {"base.json": "{}", "data.json": '{ "a": 1, "a": 2 }'})
    # An imported file is a part of the program.
    assert {error.file for error in (await check(toolchain, tmp_path)).errors} >= {"main.ts"}


async def test_files_beside_the_project_are_none_of_it(toolchain: Toolchain, tmp_path: Path) -> None:
    root = tmp_path / "app"
    write_files(root, {"tsconfig.json": TSCONFIG, "main.ts": 'import "../app-lib/a";\n'})
    write_files(tmp_path / "app-lib", {"a.ts": "export {};\n"})
    assert (await check(toolchain, root)).files == {"main.ts"}
    link = tmp_path / "link"
    link.symlink_to(root)
    assert (await check(toolchain, link)).files == {"main.ts"}


async def test_an_error_that_can_not_be_read_is_never_passed_over(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    write_files(
        tmp_path,
        {
            "tsconfig.json": TSCONFIG,
            "main.ts": "await Promise.resolve(1);\nexport {};\n",
            "a\nb.ts": "const x: string = 5;\nexport {};\n",
        },
    )
    with pytest.raises(ToolchainError, match="found 2 errors, of which only 1"):
        await check(toolchain, tmp_path)


async def test_one_line_of_very_many_errors_takes_little_memory(toolchain: Toolchain, tmp_path: Path) -> None:
    line = "".join(f"export let a{n}: string = {n};" for n in range(600))
    write_files(tmp_path, {"tsconfig.json": TSCONFIG, "main.ts": line})
    tracemalloc.start()
    try:
        result = await check(toolchain, tmp_path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(result.errors) == 600
    # The compiler repeats those 18 kB 600 times.
    assert peak < 60_000_000


async def test_the_files_that_were_checked_are_told(toolchain: Toolchain, tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            "tsconfig.json": '{ "include": ["main.ts"] }',
            "main.ts": 'import "./a/b";\n',
            "a/b.ts": "export {};\n",
            "c.ts": "",
        },
    )
    assert (await check(toolchain, tmp_path)).files == {"main.ts", "a/b.ts"}


async def test_an_error_of_no_file_has_none(toolchain: Toolchain, tmp_path: Path) -> None:
    write_files(tmp_path, {"tsconfig.json": TSCONFIG})
    [error] = (await check(toolchain, tmp_path)).errors
    assert (error.file, error.line, error.column, error.code) == (None, 0, 0, "TS18003")
    assert diagnostic_line(error).startswith("error TS18003: No inputs were found")


async def test_a_project_without_tsconfig_is_told_the_way_out(toolchain: Toolchain, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"has no tsconfig\.json") as raised:
        await check(toolchain, tmp_path)
    assert raised.value.hint


@pytest.mark.skipif(sys.platform == "win32", reason="needs a script as the compiler")
async def test_a_compiler_that_crashes_is_not_a_failed_check(toolchain: Toolchain, tmp_path: Path) -> None:
    write_files(tmp_path, {"tsconfig.json": TSCONFIG, "tsc": "#!/bin/sh\necho 'panic: lost' >&2\nexit 2\n"})
    crashing = tmp_path / "tsc"
    crashing.chmod(crashing.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(ToolchainError, match="panic: lost"):
        await check(Toolchain(tsc=crashing, esbuild=toolchain.esbuild, source="cache"), tmp_path)


async def test_a_cancelled_check_leaves_no_compiler_behind(toolchain: Toolchain, tmp_path: Path) -> None:
    heavy = "\n".join(f"export const v{n} = {{ a: [{n}], b: {{ c: '{n}' }} }};" for n in range(60_000))
    write_files(tmp_path, {"tsconfig.json": TSCONFIG, "main.ts": heavy})
    running = asyncio.create_task(check(toolchain, tmp_path))
    children: list[psutil.Process] = []
    async with asyncio.timeout(30):
        while not children:
            assert not running.done()
            await asyncio.sleep(0.001)
            # Only the compiler's: an emulator of another test may run in this process too.
            children = [child for child in psutil.Process().children() if child.name().startswith("tsc")]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not any(child.is_running() for child in children)


async def test_a_file_is_compiled_as_the_platform_does(
    toolchain: Toolchain, tmp_path: Path, declarations: Path
) -> None:
    write_files(
        tmp_path,
        {
            "stages/login.ts": 'import { State, enter } from "../state";\n'
            'import { done } from "./done.js";\n\n// wait a little\n'
            "export async function login(state: State) {\n  await sleep(5);\n  await agent.go();\n"
            "  enter(state.name || done);\n}\n",
            "stages/done.ts": 'export const done = "done";\n',
            "state.ts": "export interface State { name: string | null }\n"
            "export function enter(name: string) { name; }\n",
            # the project's own settings are not the platform's
            "tsconfig.json": '{ "compilerOptions": { "target": "esnext", "sourceMap": true } }',
        },
    )
    before = contents(tmp_path)
    compiled = await compile_file(
        toolchain, tmp_path, "stages/login.ts", declarations=declarations, niceness=5
    )
    assert compiled.errors == ()
    assert compiled.javascript == (
        'import { enter } from "../state";\nimport { done } from "./done.js";\n// wait a little\n'
        "export async function login(state) {\n    await sleep(5);\n    await agent.go();\n"
        "    enter(state.name || done);\n}\n"
    )
    assert contents(tmp_path) == before


async def test_only_the_errors_of_the_compiled_file_count(
    toolchain: Toolchain, tmp_path: Path, declarations: Path
) -> None:
    write_files(
        tmp_path,
        {
            "main.ts": 'import { a } from "./a";\nimport { gone } from "./gone";\n'
            "export function f(): number { if (a) return gone; }\nawait sleep(1);\n",
            "a.ts": "export const a: string = 1;\nunknown();\n",
        },
    )
    compiled = await compile_file(toolchain, tmp_path, "main.ts", declarations=declarations)
    assert {error.file for error in compiled.errors} == {"main.ts"}
    assert [(error.line, error.code) for error in compiled.errors] == [
        (2, "TS2307"),
        (3, "TS2366"),
        (4, "TS1378"),
    ]
    assert 'from "./gone"' in compiled.javascript


async def test_a_file_with_a_syntax_error_still_has_javascript(
    toolchain: Toolchain, tmp_path: Path, declarations: Path
) -> None:
    write_files(tmp_path, {"main.ts": "let a = ;\nconsole.log(1);\n"})
    compiled = await compile_file(toolchain, tmp_path, "main.ts", declarations=declarations)
    [error] = compiled.errors
    assert diagnostic_line(error) == "main.ts(1,9): error TS1109: Expression expected."
    assert "console.log(1);" in compiled.javascript


async def test_compiling_writes_nothing_even_for_imports_from_outside_of_the_root(
    toolchain: Toolchain, tmp_path: Path, declarations: Path
) -> None:
    write_files(
        tmp_path,
        {
            "project/main.ts": 'import { a } from "../outside";\nconsole.log(a);\n',
            "outside.ts": "export const a = 1;\n",
        },
    )
    before = contents(tmp_path)
    compiled = await compile_file(toolchain, tmp_path / "project", "main.ts", declarations=declarations)
    assert "console.log(a);" in compiled.javascript
    assert contents(tmp_path) == before


async def test_compiling_a_file_that_does_not_exist_is_a_toolchain_error(
    toolchain: Toolchain, tmp_path: Path, declarations: Path
) -> None:
    with pytest.raises(ToolchainError, match=r"no JavaScript of gone\.ts"):
        await compile_file(toolchain, tmp_path, "gone.ts", declarations=declarations)


def shipped(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.d.ts"))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a script as the compiler")
async def test_many_files_are_compiled_in_one_run_each_with_its_own_errors(
    toolchain: Toolchain, tmp_path: Path, declarations: Path
) -> None:
    runs = tmp_path / "runs"
    counting = tmp_path / "tsc"
    counting.write_text(f"#!/bin/sh\necho run >> '{runs}'\nexec '{toolchain.tsc}' \"$@\"\n")
    counting.chmod(0o755)
    paths = [f"part{number}.ts" for number in range(30)]
    good = {path: f"export const n: number = {number};\n" for number, path in enumerate(paths)}
    root = tmp_path / "project"
    root.mkdir()
    write_files(
        root,
        {
            **good,
            "part7.ts": "export const n: string = 7;\n",
            "deep/main.ts": 'import { n } from "../part7";\nn.gone;\n',
        },
    )
    compiled = await compile_files(
        Toolchain(tsc=counting, esbuild=toolchain.esbuild, source="cache"),
        root,
        [*paths, "deep/main.ts"],
        declarations=shipped(declarations),
    )
    assert runs.read_text().splitlines() == ["run"]
    assert compiled["part3.ts"].javascript == "export const n = 3;\n"
    broken = {path: [(e.line, e.code) for e in file.errors] for path, file in compiled.items() if file.errors}
    assert broken == {"part7.ts": [(1, "TS2322")], "deep/main.ts": [(2, "TS2339")]}


async def test_scripts_compiled_together_may_declare_the_same_names(
    toolchain: Toolchain, tmp_path: Path, declarations: Path
) -> None:
    write_files(
        tmp_path,
        {
            "a.ts": "const n: number = 1;\nagent.go();\n",
            "b.ts": "const n: string = 'b';\nlet wrong: number = 'x';\n",
            "c.ts": "export const n = await sleep(1);\n",
        },
    )
    compiled = await compile_files(
        toolchain, tmp_path, ["a.ts", "b.ts", "c.ts"], declarations=shipped(declarations)
    )
    found = {path: [(error.line, error.code) for error in file.errors] for path, file in compiled.items()}
    assert found == {"a.ts": [], "b.ts": [(2, "TS2322")], "c.ts": [(1, "TS1378")]}
    alone = await compile_files(toolchain, tmp_path, ["a.ts"], declarations=shipped(declarations))
    assert compiled["a.ts"] == alone["a.ts"]
    assert compiled["a.ts"].javascript == '"use strict";\nconst n = 1;\nagent.go();\n'
