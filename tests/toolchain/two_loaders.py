"""Runs programs as modules of Node.js, made by TypeScript's own compiler, and as bundles on a phone."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from module_files import Program
from node_host import write_files
from random_programs import ENTRY

from xgodo_dev.emulator.phone.engine import Engine, LogLine, Outcome
from xgodo_dev.emulator.phone.engine import Program as PhoneProgram
from xgodo_dev.emulator.phone.screen import Phone
from xgodo_dev.errors import BundleFailed
from xgodo_dev.toolchain import run_report, tool_process
from xgodo_dev.toolchain.bundle import bundle
from xgodo_dev.toolchain.tools import Toolchain

DEADLINE = 60.0

# As the platform compiles, but nothing is made older than it is written.
COMPILER_OPTIONS = {
    "target": "esnext",
    "module": "esnext",
    "moduleResolution": "bundler",
    "useDefineForClassFields": False,
    "verbatimModuleSyntax": False,
    "noCheck": True,
    "noLib": True,
    "types": [],
    "outDir": "made",
    "rootDir": "written",
}
# What the compiler can't do without.
GLOBAL_TYPES = "".join(
    f"interface {name} {{}}\n"
    for name in (
        "Array<T>",
        "Boolean",
        "CallableFunction",
        "Function",
        "IArguments",
        "NewableFunction",
        "Number",
        "Object",
        "RegExp",
        "String",
    )
)
# They start at once, so none can keep another from running.
ALL_ENTRIES = """
for (const [name, entry] of %s)
  import(entry).catch((error) => console.log(`${name} uncaught ${error}`));
"""

Printed = dict[str, list[str]]
"""What each program printed, by its name."""


@dataclass(frozen=True)
class OnPhone:
    """What became of programs as bundles: each is a key of only one of the two."""

    printed: Printed
    refused: dict[str, BundleFailed]


async def run_in_node(toolchain: Toolchain, node: Path, root: Path, named: Mapping[str, Program]) -> Printed:
    """Run programs with Node.js's own loader, all in one process."""
    files = {
        f"written/{name}/{path}": text
        for name, it in named.items()
        for path, text in it.for_node(name).items()
    }
    entry = ENTRY.removesuffix(".ts") + ".mjs"
    files["written/global.d.ts"] = GLOBAL_TYPES
    files["tsconfig.json"] = json.dumps({"compilerOptions": COMPILER_OPTIONS, "include": ["written/**/*"]})
    files["all.mjs"] = ALL_ENTRIES % json.dumps([(name, f"./made/{name}/{entry}") for name in named])
    write_files(root, files)
    for command in ([toolchain.tsc, "-p", "."], [node, "all.mjs"]):
        finished = await tool_process.run(
            command, directory=root, environment=tool_process.inherited_environment(), deadline=DEADLINE
        )
        said = (finished.stdout + finished.stderr).decode("utf-8")
        assert finished.exit_code == 0, said
    return _sorted_by_program(said.split("\n"))


async def run_on_phone(
    toolchain: Toolchain, engine: Engine, root: Path, named: Mapping[str, Program]
) -> OnPhone:
    """Run the bundles of programs on a phone, all in one run: each begins where the one before waits."""
    marks = {name: f"{run_report.PLAIN_MARK}{name}:" for name in named}
    for name, program in named.items():
        write_files(root / name, program.typescript(name))
    refused: dict[str, BundleFailed] = {}

    async def code_of(name: str) -> str:
        try:
            return (await bundle(toolchain, root / name, ENTRY, mark=marks[name])).code
        except BundleFailed as failure:
            refused[name] = failure
            return ""

    code = "\n".join(await asyncio.gather(*map(code_of, named)))
    logs: list[LogLine] = []
    program = PhoneProgram({"automation.js": code}, "automation.js", "id")
    async with asyncio.timeout(DEADLINE):
        outcome = await engine.run(program, Phone(), logs.append, lambda: None)
    lines = [line.message for line in logs]
    # What a bundle says about its end comes in place of what it prints.
    for name, mark in marks.items():
        lines = [
            f"{name} {run_report.parse(line, mark)}" if line.startswith(mark) else line for line in lines
        ]
    if outcome is not Outcome.FINISHED:
        lines += [f"{name} run {outcome.value}: {lines[-1]}" for name in named.keys() - refused]
    return OnPhone(_sorted_by_program(lines), refused)


def _sorted_by_program(lines: Sequence[str]) -> Printed:
    printed: Printed = defaultdict(list)
    for line in lines:
        first, _, rest = line.partition(" ")
        printed[first].append(rest)
    return printed
