from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from node_host import HostRun, run_in_node, write_files

from xgodo_dev.errors import BundleFailed, ToolchainError
from xgodo_dev.toolchain.bundle import bundle, strip_types
from xgodo_dev.toolchain.tools import Toolchain

Run = Callable[..., Awaitable[HostRun]]


async def failure_of(toolchain: Toolchain, root: Path, files: dict[str, str]) -> BundleFailed:
    write_files(root, files)
    with pytest.raises(BundleFailed) as raised:
        await bundle(toolchain, root, "main.ts")
    return raised.value


async def test_live_bindings_and_circular_imports_work(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { current } from "./state";\nimport { start } from "./stages/index";\n'
            "console.log(current);\nstart();\nconsole.log(current);\n",
            "state.ts": 'export let current = "none";\n'
            "export function enter(name: string) { current = name; }\n",
            "stages/index.ts": 'import { first } from "./first";\nexport const stages = { first };\n'
            "export function start() { stages.first(); }\n",
            "stages/first.ts": 'import { enter } from "../state";\nimport { stages } from "./index";\n'
            "export function first() { enter(Object.keys(stages).join()); }\n",
        }
    )
    assert done.lines == ["none", "first"]


async def test_a_plain_import_of_a_type_is_dropped(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { Shape, area } from "./shapes";\n'
            'import { Declared } from "./types/declared";\n'
            "const shape: Shape = { side: 3 };\nconst unused: Declared | null = null;\n"
            "console.log(area(shape), unused);\n",
            "shapes.ts": 'export { Shape } from "./shape";\nimport { Shape } from "./shape";\n'
            "export function area(shape: Shape) { return shape.side ** 2; }\n",
            "shape.ts": "export interface Shape { side: number }\n",
            "types/declared.d.ts": "export interface Declared { a: number }\n",
            # the bundle follows the platform, which does not read this
            "tsconfig.json": '{ "compilerOptions": { "verbatimModuleSyntax": true, "target": "ES5" } }',
        }
    )
    assert done.lines == ["9 null"]


async def test_imports_with_a_js_ending_name_the_typescript_file(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { a } from "./a.js";\nimport { b } from "./plain.js";\nconsole.log(a, b);\n',
            "a.ts": "export const a = 1;\n",
            "plain.js": 'import { a } from "./a.js";\nexport const b = a + 1;\n',
        }
    )
    assert done.lines == ["1 2"]


async def test_json_and_dynamic_imports_are_part_of_the_bundle(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import data from "./data.json";\nconst late = await import("./late");\n'
            "console.log(data.n + late.n);\n",
            "data.json": '{ "n": 40 }',
            "late.ts": "export const n = 2;\n",
        }
    )
    assert done.lines == ["42"]


TSCONFIG = """
// With comments and trailing commas, as tsconfig.json may have them.
{
  "extends": "./base/tsconfig.json",
  "compilerOptions": { "target": "ES2022", "useDefineForClassFields": true, "verbatimModuleSyntax": true, },
}
"""
BASE = '{ "compilerOptions": { "paths": { "@lib/*": ["../src/lib/*"], "~config": ["../src/config.ts"] } } }'


async def test_the_paths_of_tsconfig_are_followed_and_the_platforms_options_are_kept(run: Run) -> None:
    done = await run(
        {
            "tsconfig.json": TSCONFIG,
            "base/tsconfig.json": BASE,
            "main.ts": 'import { deep, Shape } from "@lib/deep/shape";\nimport config from "~config";\n'
            'import { twin } from "@lib/twin.js";\n'
            "class Base { set size(n: number) { console.log('set', n); } }\n"
            "class Box extends Base { size = config.size; }\n"
            "const shape: Shape = { box: new Box() };\nconsole.log(deep, twin, typeof shape);\n",
            "src/lib/deep/shape.ts": "export interface Shape { box: object }\nexport const deep = 'deep';\n",
            "src/lib/twin.ts": "export const twin = 'twin';\n",
            "src/config.ts": "export default { size: 3 };\n",
        }
    )
    # A field is assigned, as the platform's compiler has it, and not defined anew.
    assert done.lines == ["set 3", "deep twin object"]


@pytest.mark.parametrize("kind", ["bytes", "text"])
async def test_no_kind_of_import_takes_a_file_from_outside(
    toolchain: Toolchain, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "id_rsa").write_text("secret", encoding="utf-8")
    package = {
        "node_modules/q/package.json": '{ "name": "q", "main": "i.js" }',
        "node_modules/q/i.js": f'export {{ default }} from "../../../id_rsa" with {{ type: "{kind}" }};\n',
    }
    for files in (
        {"main.ts": f'import x from "../id_rsa" with {{ type: "{kind}" }};\nconsole.log(x);\n'},
        {"main.ts": 'import x from "q";\nconsole.log(x);\n'} | package,
    ):
        failure = await failure_of(toolchain, tmp_path / "project", files)
        assert failure.errors == ("../id_rsa:1:1: Lies outside the project",)
    (tmp_path / "project" / "key").symlink_to(tmp_path / "id_rsa")
    files = {"main.ts": f'import x from "./key" with {{ type: "{kind}" }};\nconsole.log(x);\n'}
    assert "Lies outside" in (await failure_of(toolchain, tmp_path / "project", files)).errors[0]


async def test_a_text_that_only_names_files_takes_none(run: Run) -> None:
    text = "`\n// ../../somewhere/else.ts\n// /no/such/file\n`"
    assert (await run({"main.ts": f"console.log({text}.length);\n"})).lines == ["45"]


async def test_paths_do_not_lead_out_of_the_project(toolchain: Toolchain, tmp_path: Path) -> None:
    (tmp_path / "secret.ts").write_text("export const secret = 1;\n", encoding="utf-8")
    failure = await failure_of(
        toolchain,
        tmp_path / "project",
        {
            "tsconfig.json": '{ "compilerOptions": { "paths": { "x": ["../secret.ts"] } } }',
            "main.ts": 'import { secret } from "x";\nconsole.log(secret);\n',
        },
    )
    assert "Lies outside the project" in failure.errors[0]


async def test_a_broken_tsconfig_is_named_with_its_place(toolchain: Toolchain, tmp_path: Path) -> None:
    failure = await failure_of(toolchain, tmp_path, {"main.ts": "", "tsconfig.json": '{\n  "a": ]\n}\n'})
    assert failure.errors[0].startswith("tsconfig.json:2:")


async def test_an_entry_that_exports_runs_even_in_a_package_without_side_effects(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'export default 1;\nexport const a = 2;\nconsole.log("ran");\n',
            "package.json": '{ "sideEffects": false }',
        }
    )
    assert done.lines == ["ran"]


async def test_text_outside_ascii_stays_as_it_was_written(run: Run) -> None:
    done = await run({"main.ts": 'console.log("überprüft ✓ 東京 😀");\n'})
    assert done.lines == ["überprüft ✓ 東京 😀"]
    assert "überprüft ✓ 東京" in done.bundle.code


async def test_an_automation_may_declare_names_that_the_host_has(run: Run) -> None:
    source = (
        "const stop = agent.control.stopCurrentAutomation;\nfunction sleep() { return 'mine'; }\n"
        "function stopCurrentAutomation() { console.log('own'); stop(); }\n"
        "declare const agent: any;\nconsole.log(sleep());\nstopCurrentAutomation();\n"
    )
    assert (await run({"main.ts": source})).lines == ["mine", "own", "host stopped"]


async def test_the_map_names_sources_relative_to_the_root_and_nothing_else(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    write_files(
        tmp_path,
        {
            "main.ts": 'import { helper } from "./deep/er/helper";\n\n\nconsole.log(helper());\n',
            "deep/er/helper.ts": "export const helper = () => 1;\n",
        },
    )
    made = await bundle(toolchain, tmp_path, "main.ts")
    assert set(made.source_map.sources) == {"main.ts", "deep/er/helper.ts"}
    line = next(n for n, text in enumerate(made.code.splitlines(), start=1) if "console.log(helper" in text)
    location = made.source_map.locate(line)
    assert location is not None
    assert (location.file, location.line) == ("main.ts", 4)
    assert "sourceMappingURL" not in made.code
    assert made.source_map.locate(1) is None
    assert made.ms > 0


async def test_an_entry_in_a_folder_or_with_odd_characters_is_found(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    entry = "a b/it's $1 (100%25 new) ü.ts"
    write_files(tmp_path, {entry: "console.log('odd');\n"})
    made = await bundle(toolchain, tmp_path, entry)
    assert made.source_map.sources == (entry,)
    host = tmp_path / "host"
    host.mkdir()
    assert run_in_node(made, host).lines == ["odd"]


async def test_a_missing_entry_is_named_with_the_setting(toolchain: Toolchain, tmp_path: Path) -> None:
    with pytest.raises(BundleFailed, match=r"start\.ts does not exist") as raised:
        await bundle(toolchain, tmp_path, "start.ts")
    assert "`entry` in xgodo.toml" in str(raised.value.hint)


async def test_an_unresolved_import_names_its_importer(toolchain: Toolchain, tmp_path: Path) -> None:
    failure = await failure_of(
        toolchain,
        tmp_path,
        {
            "main.ts": 'import { a } from "./a";\nconsole.log(a);\n',
            "a.ts": '\nimport b from "./gone";\nimport c from "left-pad";\nexport const a = [b, c];\n',
        },
    )
    assert failure.errors == (
        'a.ts:2:15: Could not resolve "./gone"',
        'a.ts:3:15: Could not resolve "left-pad"',
    )
    assert "a.ts:2:15" in str(failure)


@pytest.mark.parametrize("module", ["fs", "node:path"])
async def test_a_module_of_node_is_refused_by_name(toolchain: Toolchain, tmp_path: Path, module: str) -> None:
    failure = await failure_of(
        toolchain, tmp_path, {"main.ts": f'import * as it from "{module}";\nconsole.log(it);\n'}
    )
    [error] = failure.errors
    assert error.startswith(f'main.ts:1:21: Could not resolve "{module}"')
    assert "Node.js" in error


async def test_an_import_whose_name_only_the_run_would_know_is_refused(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    failure = await failure_of(
        toolchain,
        tmp_path,
        {
            "main.ts": "const name = String(Math.random());\nawait import(name);\nrequire(name);\n",
        },
    )
    assert [error.partition(": ")[0] for error in failure.errors] == ["main.ts:2:7", "main.ts:3:1"]
    assert "is not a string literal" in failure.errors[0]
    assert "[" not in failure.errors[0]


async def test_a_package_may_try_to_require_what_it_can_do_without(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { found } from "trying";\nconsole.log(found);\n',
            "node_modules/trying/package.json": '{ "name": "trying", "main": "index.js" }',
            "node_modules/trying/index.js": "let found = 'nothing';\nconst name = 'f' + 's';\n"
            "try { found = require(name); } catch (error) {}\nexports.found = found;\n",
        }
    )
    assert done.lines == ["nothing"]


async def test_a_base_of_tsconfig_that_is_missing_is_refused(toolchain: Toolchain, tmp_path: Path) -> None:
    failure = await failure_of(
        toolchain, tmp_path, {"main.ts": "", "tsconfig.json": '{ "extends": "./gone.json" }'}
    )
    assert failure.errors == ('tsconfig.json:1:14: Cannot find base config file "./gone.json"',)


async def test_an_empty_tsconfig_is_as_good_as_none(run: Run) -> None:
    assert (await run({"main.ts": 'console.log("ran");\n', "tsconfig.json": ""})).lines == ["ran"]


async def test_an_import_from_the_network_is_refused(toolchain: Toolchain, tmp_path: Path) -> None:
    text = '`\nimport text from "https://example.com/text.js";\n`'
    files = {"main.ts": f'console.log({text});\nimport "./a";\n', "a.ts": ""}
    write_files(tmp_path, files)
    await bundle(toolchain, tmp_path, "main.ts")  # the text of a template literal is no import
    files["a.ts"] = '\nimport z from "https://example.com/z.js";\nconsole.log(z);\n'
    failure = await failure_of(toolchain, tmp_path, files)
    [error] = failure.errors
    assert error.startswith("a.ts:2:")
    assert "https://example.com/z.js" in error


async def test_a_syntax_error_has_its_place(toolchain: Toolchain, tmp_path: Path) -> None:
    failure = await failure_of(toolchain, tmp_path, {"main.ts": "let a = 1;\nlet b = ;\n"})
    assert failure.errors == ('main.ts:2:9: Unexpected ";"',)


async def test_an_older_compiled_file_never_runs_in_place_of_its_source(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    files = {
        "main.ts": 'import { a } from "./lib/a.js";\nconsole.log(a);\n',
        "lib/a.ts": 'export const a = "new";\n',
        "lib/a.js": 'export const a = "old";\n',
    }
    failure = await failure_of(toolchain, tmp_path, files)
    assert "lib/a.js" in failure.errors[0]
    assert "Delete lib/a.js" in str(failure.hint)
    (tmp_path / "main.ts").write_text('import { a } from "./lib/a";\nconsole.log(a);\n', encoding="utf-8")
    assert '"new"' in (await bundle(toolchain, tmp_path, "main.ts")).code


@pytest.mark.parametrize(
    ("specifier", "checked", "other"),
    [
        ("./b.mjs", "b.mts", "b.mjs"),
        ("./c.js", "c.tsx", "c.js"),
        ("./d.cjs", "d.cts", "d.cjs"),
        ("./e.jsx", "e.ts", "e.jsx"),
    ],
)
async def test_no_other_file_runs_than_the_one_that_was_checked(
    toolchain: Toolchain, tmp_path: Path, specifier: str, checked: str, other: str
) -> None:
    files = {"main.ts": f'import "{specifier}";\n', checked: "console.log('new');\n"}
    failure = await failure_of(toolchain, tmp_path, files | {other: "console.log('old');\n"})
    assert failure.errors[0].startswith(f"{other}:1:1: Would be bundled in place of its source {checked}")


async def test_without_an_ending_typescripts_order_counts(run: Run) -> None:
    files = {"main.ts": 'import "./a";\n', "a.ts": "console.log('ts');\n", "a.tsx": "console.log('tsx');\n"}
    assert (await run(files)).lines == ["ts"]


async def test_a_tool_that_does_not_start_is_a_toolchain_error(toolchain: Toolchain, tmp_path: Path) -> None:
    write_files(tmp_path, {"main.ts": ""})
    broken = Toolchain(tsc=toolchain.tsc, esbuild=tmp_path / "nothing", source="cache")
    with pytest.raises(ToolchainError, match="can't be started"):
        await bundle(broken, tmp_path, "main.ts")


async def test_types_are_stripped_and_await_and_imports_stay(toolchain: Toolchain) -> None:
    javascript = await strip_types(
        toolchain,
        'import { a } from "./a";\nconst n: number = await (a as Promise<number>);\nconsole.log(n);\n',
    )
    assert javascript == 'import { a } from "./a";\nconst n = await a;\nconsole.log(n);\n'


async def test_a_script_that_is_no_typescript_is_refused_with_its_line(toolchain: Toolchain) -> None:
    with pytest.raises(BundleFailed) as raised:
        await strip_types(toolchain, "let a = 1;\nlet = = 2;\n")
    assert "<stdin>:2:" in raised.value.errors[0]


async def test_many_bundles_at_once_do_not_mix(toolchain: Toolchain, tmp_path: Path) -> None:
    write_files(tmp_path, {f"e{n}.ts": f"console.log('only {n}');\n" for n in range(6)})
    made = await asyncio.gather(*(bundle(toolchain, tmp_path, f"e{n}.ts") for n in range(6)))
    assert [f"only {n}" in one.code for n, one in enumerate(made)] == [True] * 6
