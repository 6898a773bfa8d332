"""Order, live bindings and waiting are those of modules; ``test_bundle_as_modules`` has them at random."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from node_host import HostRun, write_files

from xgodo_dev.errors import BundleFailed
from xgodo_dev.toolchain.bundle import bundle
from xgodo_dev.toolchain.run_report import BodyDone
from xgodo_dev.toolchain.tools import Toolchain

Run = Callable[..., Awaitable[HostRun]]


async def test_a_cycle_of_three_sees_each_others_variables_change(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { left, passLeft } from "./left";\nimport { right } from "./right";\n'
            'import { middle } from "./middle";\nconsole.log(left, middle, right);\n'
            "console.log(passLeft(3));\nconsole.log(left, middle, right);\n",
            "left.ts": 'import { middle, passMiddle } from "./middle";\nexport let left = 0;\n'
            "export function passLeft(times: number): string {\n  left += 1;\n"
            "  return times === 0 ? `left after ${middle}` : passMiddle(times - 1);\n}\n",
            "middle.ts": 'import { passRight, right } from "./right";\nexport let middle = 0;\n'
            "export function passMiddle(times: number): string {\n  middle += 10;\n"
            "  return times === 0 ? `middle after ${right}` : passRight(times - 1);\n}\n",
            "right.ts": 'import { left, passLeft } from "./left";\nlet mine = 0;\nexport { mine as right };\n'
            "export function passRight(times: number): string {\n  mine += 100;\n"
            "  return times === 0 ? `right after ${left}` : passLeft(times - 1);\n}\n",
        }
    )
    assert done.lines == ["0 0 0", "left after 10", "2 10 100"]


async def test_a_variable_stays_live_through_index_files_and_under_other_names(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { current, set, named } from "./lib";\nimport * as lib from "./lib";\n'
            'import value from "./lib";\nset("changed");\n'
            "console.log(current, named.step, lib.current, lib.named.step, value);\n",
            "lib/index.ts": 'export * from "./deeper";\nexport * as named from "./state";\n'
            'export { step as default } from "./state";\n',
            "lib/deeper/index.ts": 'export { step as current, set } from "../state";\n',
            "lib/state.ts": 'let step = "initial";\nexport { step };\n'
            "export function set(to: string) { step = to; }\n",
        }
    )
    assert done.lines == ["changed changed changed changed changed"]


async def test_a_default_expression_is_a_value_and_no_variable(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import first, { raise } from "./count";\nimport { count } from "./count";\nraise();\n'
            "console.log(first, count);\n",
            "count.ts": "export let count = 1;\nexport default count;\n"
            "export function raise() { count += 1; }\n",
        }
    )
    assert done.lines == ["1 2"]


async def test_a_function_of_a_cycle_can_be_called_before_its_module_is_evaluated(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import "./a";\nconsole.log("main");\n',
            "a.ts": 'import "./b";\nconsole.log("a");\nexport function early(by: string) {\n'
            "  console.log(`early for ${by}`);\n}\n",
            "b.ts": 'import { early } from "./a";\nearly("b");\n',
        }
    )
    assert done.lines == ["early for b", "a", "main"]


async def test_modules_are_evaluated_once_in_the_order_of_their_imports(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'console.log("main");\nimport "./third";\nexport * from "./first";\n'
            'import { second } from "./second";\nconsole.log(second);\nimport "./fourth";\n',
            "first.ts": 'import "./third";\nconsole.log("first");\nexport const one = 1;\n',
            "second.ts": 'import "./first";\nexport const second = "of second";\nconsole.log("second");\n',
            "third.ts": 'import "./deep/fifth";\nconsole.log("third");\n',
            "fourth.ts": 'import "./third";\nconsole.log("fourth");\n',
            "deep/fifth.ts": 'import ".";\nconsole.log("fifth");\n',
            "deep/index.ts": 'import "../main";\nconsole.log("index");\n',
        }
    )
    assert done.lines == ["index", "fifth", "third", "first", "second", "fourth", "main", "of second"]


async def test_a_module_of_side_effects_runs_before_those_that_rely_on_it(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import "./polyfill";\nimport { used } from "./uses";\nconsole.log(used);\n',
            "polyfill.ts": "(globalThis as any).shout = (text: string) => text.toUpperCase();\n",
            "uses.ts": 'export const used = (globalThis as any).shout("loud");\n',
            # Says what is not so; the platform, which runs every file, does not read it.
            "package.json": '{ "sideEffects": false }',
        }
    )
    assert done.lines == ["LOUD"]


async def test_json_is_imported_by_default_by_name_and_as_a_namespace(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import data from "./data/words.json";\n'
            'import { words, size as much } from "./data/words.json";\n'
            'import * as all from "./data/words.json";\nimport list from "./data/list.json";\n'
            "console.log(data.words[1], words === data.words, much, all.size, list.length);\n"
            'console.log((await import("./data/words.json")).default === data, all["odd-name"]);\n',
            "data/words.json": '{ "words": ["a", "ü"], "size": 2.5, "odd-name": null }',
            "data/list.json": "[1, 2, 3]",
        }
    )
    assert done.lines == ["ü true 2.5 2.5 3", "true null"]


async def test_importers_wait_for_a_module_that_awaits(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { middle } from "./middle";\nimport { settings } from "./settings";\n'
            "console.log(middle, settings.name);\nawait null;\nconsole.log('over');\n",
            "middle.ts": 'import { settings } from "./settings";\nconsole.log("middle");\n'
            "export const middle = settings.name.length;\n",
            "settings.ts": "async function load() {\n  await new Promise((done) => setTimeout(done, 5));\n"
            '  return { name: "loaded" };\n}\nconsole.log("loading");\n'
            "export const settings = await load();\nconsole.log(settings.name);\n",
        }
    )
    assert done.lines == ["loading", "loaded", "middle", "6 loaded", "over"]
    assert done.reports == [BodyDone()]


async def test_a_module_that_awaits_can_be_imported_later(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'console.log("main");\nconst late = await import("./late");\n'
            'console.log(late.value, (await import("./late")) === late);\n',
            "late.ts": 'import { base } from "./base";\nconsole.log("late");\n'
            "export const value = (await Promise.resolve(1)) + base;\n",
            "base.ts": 'console.log("base");\nexport const base = await Promise.resolve(41);\n',
        }
    )
    assert done.lines == ["main", "base", "late", "42 true"]


async def test_an_error_of_an_imported_module_can_be_caught_and_stays(run: Run) -> None:
    done = await run(
        {
            "main.ts": "for (const attempt of [1, 2]) {\n  try {\n    await import('./broken');\n"
            "  } catch (error: any) {\n    console.log(attempt, error.message);\n  }\n}\n",
            "broken.ts": "console.log('evaluated');\nawait null;\nthrow new Error('broken');\n",
        }
    )
    assert done.lines == ["evaluated", "1 broken", "2 broken"]


async def test_modules_that_wait_side_by_side_are_evaluated_one_after_the_other(run: Run) -> None:
    """Under Node.js "fast" comes before "slow ends": there only what depends on a module waits for it."""
    done = await run(
        {
            "main.ts": 'import "./slow";\nimport "./fast";\nconsole.log("main");\n',
            "slow.ts": 'console.log("slow begins");\nawait null;\nconsole.log("slow ends");\nexport {};\n',
            "fast.ts": 'console.log("fast");\nexport {};\n',
        }
    )
    assert done.lines == ["slow begins", "slow ends", "fast", "main"]


async def refusal_of(toolchain: Toolchain, root: Path, files: dict[str, str]) -> BundleFailed:
    write_files(root, files)
    with pytest.raises(BundleFailed) as raised:
        await bundle(toolchain, root, "main.ts")
    return raised.value


async def test_what_would_be_read_before_it_is_there_is_refused(toolchain: Toolchain, tmp_path: Path) -> None:
    files = {
        "main.ts": 'import { slow } from "./index";\nconsole.log(slow);\nawait import("./slow");\n',
        "index.ts": 'export * from "./slow";\n',
        "slow.ts": "await null;\nexport const slow = 1;\n",
    }
    refused = await refusal_of(toolchain, tmp_path, files)
    assert refused.errors == ("slow.ts:1:1: Awaits outside of a function, or imports what does",)
    assert "Import them at the top" in str(refused.hint)


async def test_a_reexport_is_seen_however_it_is_written(toolchain: Toolchain, tmp_path: Path) -> None:
    refused = await refusal_of(
        toolchain,
        tmp_path,
        {
            "main.ts": 'const m = await import("./c");\nconsole.log(m.bb);\n',
            "c.ts": 'import { b } from "./a";\nexport const bb = b;\n',
            "a.ts": 'export /* all */ * from "./b\'s";\n',
            "b's.ts": "export const b = await Promise.resolve(1);\n",
        },
    )
    assert "b's.ts" in refused.errors[0]


async def test_a_reexport_under_a_name_is_waited_for(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { ns } from "./a";\nconsole.log(ns.b);\nawait import("./b");\n',
            "a.ts": 'export * as ns from "./b";\n',
            "b.ts": "export const b = await Promise.resolve(1);\n",
        }
    )
    assert done.lines == ["1"]


async def test_words_about_a_reexport_are_none(run: Run) -> None:
    done = await run(
        {
            "main.ts": "// Here export * would not be waited for.\n"
            'import { slow } from "./slow";\nconsole.log(slow);\nawait import("./slow");\n',
            "slow.ts": "await null;\nexport const slow = 1;\n",
        }
    )
    assert done.lines == ["1"]


async def test_what_would_wait_for_itself_for_ever_is_refused(toolchain: Toolchain, tmp_path: Path) -> None:
    refused = await refusal_of(
        toolchain,
        tmp_path,
        {
            "main.ts": 'const a = await import("./a");\nconsole.log("main", a.name);\n',
            "a.ts": 'import "./c";\nimport { b } from "./b";\nexport const name = "a";\nconsole.log(b());\n',
            "b.ts": 'import { name } from "./a";\nexport function b() { return typeof name; }\n',
            "c.ts": "await null;\nexport {};\n",
        },
    )
    assert [error.partition(":")[0] for error in refused.errors] == ["a.ts", "b.ts"]


async def test_a_program_that_only_quotes_such_a_module_is_not_refused(run: Run) -> None:
    quoted = '`\nvar init_main = __esm({\n  async "main.ts"() {\n`'
    done = await run(
        {
            "main.ts": 'import { text } from "./text";\nconsole.log(text.length);\n',
            "text.ts": f"export const text = {quoted};\n",
        }
    )
    assert done.lines == ["47"]


async def test_classes_and_functions_keep_their_names(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { Failed as Other } from "./other";\n'
            "class Failed extends Error {\n  static code = 1;\n"
            "  constructor() {\n    super();\n    this.name = new.target.name;\n  }\n"
            "  again() {\n    return Failed;\n  }\n}\n"
            "function act() {}\nconst later = () => {};\n"
            "console.log(new Failed().name, Other.name, act.name, later.name);\n",
            "other.ts": "export class Failed {}\nfunction act() {}\nact();\nexport const later = 1;\n",
        }
    )
    assert done.lines == ["Failed Failed act later"]


async def test_import_meta_is_refused_since_no_run_has_it(toolchain: Toolchain, tmp_path: Path) -> None:
    refused = await refusal_of(toolchain, tmp_path, {"main.ts": "\nconsole.log(import.meta.url);\n"})
    assert refused.errors[0].startswith("main.ts:2:13: ")
    assert "import.meta" in refused.errors[0]
