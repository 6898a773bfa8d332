"""What a project has in its ``node_modules`` becomes part of its bundle."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from node_host import HostRun, write_files

from xgodo_dev.errors import BundleFailed
from xgodo_dev.toolchain.bundle import bundle
from xgodo_dev.toolchain.run_report import BodyDone
from xgodo_dev.toolchain.tools import Toolchain

Run = Callable[..., Awaitable[HostRun]]


def package(name: str, manifest: dict[str, object], files: dict[str, str]) -> dict[str, str]:
    """Files of an installed package, by their paths in the project."""
    folder = f"node_modules/{name}"
    described = {"package.json": json.dumps({"name": name, "version": "1.0.0", **manifest}), **files}
    return {f"{folder}/{path}": text for path, text in described.items()}


async def failure_of(toolchain: Toolchain, root: Path, files: dict[str, str]) -> BundleFailed:
    write_files(root, files)
    with pytest.raises(BundleFailed) as raised:
        await bundle(toolchain, root, "main.ts")
    return raised.value


async def test_a_commonjs_package_is_imported_by_default_by_name_and_as_a_namespace(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import counter from "counter";\nimport { count } from "counter";\n'
            'import * as all from "counter";\n'
            "console.log(counter.count(), count(), all.count(), all.default === counter);\n",
            **package(
                "counter",
                {"main": "./lib/counter.js"},
                {
                    "lib/counter.js": "const start = require('./start');\nlet n = start.n;\n"
                    "exports.count = () => ++n;\n",
                    "lib/start.js": "module.exports = { n: 40 };\n",
                },
            ),
        }
    )
    assert done.lines == ["41 42 43 true"]


async def test_a_commonjs_package_compiled_from_modules_gives_its_own_default(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import greet, { name } from "greeter";\nconsole.log(greet(name));\n',
            **package(
                "greeter",
                {},
                {
                    "index.js": 'Object.defineProperty(exports, "__esModule", { value: true });\n'
                    'exports.default = (who) => "hello " + who;\nexports.name = "phone";\n'
                },
            ),
        }
    )
    assert done.lines == ["hello phone"]


async def test_an_esm_package_keeps_its_live_bindings(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { level, raise } from "gauge";\nconsole.log(level);\nraise();\n'
            "console.log(level);\n",
            **package(
                "gauge",
                {"type": "module", "module": "./gauge.js", "main": "./old.cjs"},
                {
                    "gauge.js": 'export * from "./state.js";\n',
                    "state.js": "export let level = 1;\nexport function raise() { level += 1; }\n",
                    "old.cjs": "exports.level = -1;\nexports.raise = () => {};\n",
                },
            ),
        }
    )
    assert done.lines == ["1", "2"]


async def test_exports_of_a_package_decide_which_of_its_files_are_meant(run: Run) -> None:
    manifest = {
        "exports": {
            ".": {"import": "./modern.mjs", "require": "./old.cjs"},
            "./part": "./lib/part.mjs",
            "./shapes/*": "./lib/shapes/*.mjs",
        },
        # Older than `exports`, which win.
        "main": "./old.cjs",
    }
    files = {
        "modern.mjs": 'export const which = "modern";\n',
        "old.cjs": 'exports.which = "old";\n',
        "lib/part.mjs": 'export const part = "part";\n',
        "lib/shapes/circle.mjs": 'export default "circle";\n',
        "lib/secret.mjs": 'export const secret = "secret";\n',
    }
    main = (
        'import { which } from "@maker/kit";\nimport { part } from "@maker/kit/part";\n'
        'import circle from "@maker/kit/shapes/circle";\nconsole.log(which, part, circle);\n'
    )
    done = await run({"main.ts": main, **package("@maker/kit", manifest, files)})
    assert done.lines == ["modern part circle"]


async def test_a_file_that_a_package_does_not_export_is_named_with_its_importer(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    failure = await failure_of(
        toolchain,
        tmp_path,
        {
            "main.ts": '\nimport { secret } from "kit/lib/secret.mjs";\nconsole.log(secret);\n',
            **package(
                "kit",
                {"exports": {".": "./index.mjs"}},
                {"index.mjs": "export {};\n", "lib/secret.mjs": "export const secret = 1;\n"},
            ),
        },
    )
    [error] = failure.errors
    assert error.startswith('main.ts:2:24: Could not resolve "kit/lib/secret.mjs"')


async def test_what_a_package_has_for_browsers_is_taken(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { where } from "transport";\nimport { hash } from "digest";\n'
            "console.log(where, hash());\n",
            **package(
                "transport",
                {"main": "./node.js", "browser": "./browser.js"},
                {
                    "node.js": "const net = require('net');\nexports.where = net;\n",
                    "browser.js": 'exports.where = "browser";\n',
                },
            ),
            **package(
                "digest",
                {"main": "./index.js", "browser": {"./native.js": "./plain.js", "crypto": False}},
                {
                    "index.js": "const crypto = require('crypto');\nconst native = require('./native.js');\n"
                    "exports.hash = () => native.name + Object.keys(crypto).length;\n",
                    "native.js": "module.exports = require('node:crypto');\n",
                    "plain.js": 'exports.name = "plain";\n',
                },
            ),
        }
    )
    assert done.lines == ["browser plain0"]


async def test_a_package_has_its_own_version_of_another_and_reads_its_json(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { outer } from "outer";\nimport { version } from "inner";\n'
            "console.log(outer, version);\n",
            **package(
                "outer",
                {"main": "./index.js"},
                {
                    "index.js": "const { version } = require('inner');\n"
                    "const { words } = require('./words.json');\nconst own = require('./package');\n"
                    "exports.outer = [own.name, words[1], version].join();\n",
                    "words.json": '{ "words": ["a", "b"] }',
                },
            ),
            **package("inner", {}, {"index.js": 'exports.version = "newer";\n'}),
            **package("outer/node_modules/inner", {}, {"index.js": 'exports.version = "older";\n'}),
        }
    )
    assert done.lines == ["outer,b,older newer"]


async def test_packages_that_ask_for_the_kind_of_environment_get_an_answer(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { kind } from "asks";\nconsole.log(kind);\n',
            **package(
                "asks",
                {},
                {"index.js": 'exports.kind = process.env.NODE_ENV === "production" ? "bare" : "checked";\n'},
            ),
        },
        # A phone has no such thing.
        setup="delete globalThis.process;",
    )
    [kind] = done.lines
    assert kind in ("bare", "checked")


async def test_a_package_is_evaluated_once_before_those_that_need_it(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import "setup";\nimport { used } from "./user";\nconsole.log("main", used);\n',
            "user.ts": 'import "setup";\nimport state from "state";\nconsole.log("user");\n'
            "export const used = state.ready;\n",
            **package("setup", {}, {"index.js": "console.log('setup');\nrequire('state').ready = true;\n"}),
            **package("state", {}, {"index.js": "console.log('state');\nexports.ready = false;\n"}),
        }
    )
    assert done.lines == ["setup", "state", "user", "main true"]
    assert done.reports == [BodyDone()]


@pytest.mark.parametrize("module", ["fs", "node:worker_threads", "fs/promises"])
@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        ("index.cjs", "\nconst it = require(%s);\nexports.it = it;\n", "2:20"),
        ("index.mjs", "export * from %s;\n", "1:15"),
    ],
)
async def test_a_package_that_needs_a_module_of_node_is_named_with_that_module(
    toolchain: Toolchain, tmp_path: Path, module: str, file: str, text: str, place: str
) -> None:
    failure = await failure_of(
        toolchain,
        tmp_path,
        {
            "main.ts": 'import { tool } from "./tool";\nconsole.log(tool);\n',
            "tool.ts": 'import * as needy from "needy";\nexport const tool = needy;\n',
            **package("needy", {"main": file}, {file: text % json.dumps(module)}),
        },
    )
    [error] = failure.errors
    assert error.startswith(f'node_modules/needy/{file}:{place}: Could not resolve "{module}"')
    assert "Node.js" in error


async def test_a_package_that_can_do_without_a_module_of_node_runs(run: Run) -> None:
    done = await run(
        {
            "main.ts": 'import { how } from "careful";\nconsole.log(how);\n',
            **package(
                "careful",
                {},
                {
                    "index.js": "let os;\ntry {\n  os = require('os');\n} catch (missing) {}\n"
                    "exports.how = os === undefined ? 'without' : 'with';\n"
                },
            ),
        }
    )
    assert done.lines == ["without"]


async def test_frames_of_a_package_lead_to_its_files(run: Run) -> None:
    made = await run(
        {
            "main.ts": 'import { explode } from "bomb";\nexplode();\n',
            **package("bomb", {}, {"index.js": "\nexports.explode = () => { throw new Error('boom'); };\n"}),
        }
    )
    assert set(made.bundle.source_map.sources) == {"main.ts", "node_modules/bomb/index.js"}
    line = next(n for n, text in enumerate(made.bundle.code.splitlines(), start=1) if "boom" in text)
    location = made.bundle.source_map.locate(line)
    assert location is not None
    assert (location.file, location.line) == ("node_modules/bomb/index.js", 2)
