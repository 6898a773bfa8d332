from __future__ import annotations

import pytest

from xgodo_dev.project import imports


@pytest.mark.parametrize(
    ("source", "specifiers"),
    [
        ('import a from "./a"', ["./a"]),
        ("import { a, type B } from '../lib/a.js';", ["../lib/a.js"]),
        ('import * as a from "./a"', ["./a"]),
        ('import "./effect"', ["./effect"]),
        ('import type { A } from "./types"', ["./types"]),
        ('export { a } from "./a"', ["./a"]),
        ('export * from "./a"', ["./a"]),
        ('export type { A } from "./a"', ["./a"]),
        ('import a = require("./a")', ["./a"]),
        ('const a = require("./a")', ["./a"]),
        ('const a = await import("./a")', ["./a"]),
        ('import("./a").then(() => require("./b"))', ["./a", "./b"]),
        ('import data from "./data.json" with { type: "json" }', ["./data.json"]),
        ('import a from "."; import b from ".."; import c from "./"', [".", "..", "./"]),
        ('import a from "./a"\nimport b from "./b"\nimport c from "./a"', ["./a", "./b"]),
        ('import b from "./b"\nconst x = `${await import("./a")}`', ["./b", "./a"]),
        ('import a from "./ünïcode 😀"', ["./ünïcode 😀"]),
        # An escape is left as it is: it is no part of any name of a file.
        (r'import a from "./\u0061"', [r"./\u0061"]),
        ('\ufeffimport a from "./a"', ["./a"]),
        ('import a from "./a"\r\nimport b from "./b"\r\n', ["./a", "./b"]),
        # Not of this project, or no import at all.
        ('import fs from "fs"; import x from "@scope/x"; import y from "/abs"; import z from ".x"', []),
        ('import x from "https://example.com/x.js"', []),
        ('// import a from "./a"\n/* import b from "./b" */\n/** require("./c") */', []),
        ('const text = \'import a from "./a"\'; const other = `import b from "./b"`', []),
        ("import(name); require(name); import(`./${name}`)", []),
        ('foo("./a"); agent.require("./b")', []),
        ("", []),
        # What does not parse gives what can be made out.
        ('import a from "./a"\nconst = = ;\n', ["./a"]),
    ],
)
def test_the_relative_imports_of_a_text_in_their_order(source: str, specifiers: list[str]) -> None:
    assert imports.imported(source.encode()) == specifiers


def test_bytes_that_are_no_text_have_no_imports() -> None:
    assert imports.imported(b"\x89PNG\xff\x00\x01") == []


SOURCES = [".ts", ".d.ts", ".js", "/index.ts", "/index.d.ts", "/index.js"]


@pytest.mark.parametrize(
    ("importer", "specifier", "paths"),
    [
        ("main.ts", "./a", [f"a{tail}" for tail in SOURCES]),
        ("src/main.ts", "./a", [f"src/a{tail}" for tail in SOURCES]),
        ("src/main.ts", "../a", [f"a{tail}" for tail in SOURCES]),
        ("src/main.ts", "./deep/../a", [f"src/a{tail}" for tail in SOURCES]),
        ("main.ts", "./a.b", [f"a.b{tail}" for tail in SOURCES]),
        ("main.ts", "./a.ts", ["a.ts"]),
        ("main.ts", "./a.d.ts", ["a.d.ts"]),
        ("main.ts", "./a.js", ["a.ts", "a.d.ts", "a.js", *(f"a.js{tail}" for tail in SOURCES)]),
        ("main.ts", "./data.json", ["data.json"]),
        ("src/main.ts", "../data.json", ["data.json"]),
        ("main.ts", ".", ["index.ts", "index.d.ts", "index.js"]),
        ("main.ts", "./", ["index.ts", "index.d.ts", "index.js"]),
        ("src/main.ts", "..", ["index.ts", "index.d.ts", "index.js"]),
        ("src/deep/main.ts", "../", ["src/index.ts", "src/index.d.ts", "src/index.js"]),
        ("src/deep/main.ts", "..", ["src/index.ts", "src/index.d.ts", "src/index.js"]),
        ("main.ts", "./lib/", ["lib/index.ts", "lib/index.d.ts", "lib/index.js"]),
        # Outside of the project.
        ("main.ts", "../a", []),
        ("main.ts", "..", []),
        ("main.ts", "../", []),
        ("src/main.ts", "../../a", []),
        ("src/main.ts", "../../src/a", []),
        ("main.ts", "./a/../../b", []),
        ("main.ts", "./" + "../" * 20 + "etc/passwd", []),
        # Inside after all.
        ("src/main.ts", "../src/a.ts", ["src/a.ts"]),
    ],
)
def test_the_paths_that_an_import_may_mean_likeliest_first(
    importer: str, specifier: str, paths: list[str]
) -> None:
    assert imports.candidates(importer, specifier) == paths


@pytest.mark.parametrize(
    ("path", "can"), [("a.ts", True), ("a.js", True), ("a.d.ts", True), ("a.json", False), ("ts", False)]
)
def test_only_sources_can_import(path: str, can: bool) -> None:
    assert imports.is_source(path) is can
