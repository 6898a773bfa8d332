"""The declarations and the emulator's phone are written apart: here they meet."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import api_reference

from xgodo_dev import resources
from xgodo_dev.emulator.phone.engine import Engine, LogLine, Program
from xgodo_dev.emulator.phone.screen import Phone
from xgodo_dev.schema.input_schema import Schemas
from xgodo_dev.toolchain import declarations
from xgodo_dev.toolchain.node import find_node
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import check

# Logs the path to every member, as an expression.
MEMBERS = """
const paths = [];
const visit = (value, path) => {
  if (value === null || typeof value !== "object") return paths.push(path);
  for (const name of Object.keys(value)) visit(value[name], path + "?." + name);
};
visit(agent, "agent");
console.log(JSON.stringify(paths));
"""
NODE_MEMBERS = """
agent.actions.screenContent().then((screen) => {
  const names = new Set();
  for (const node of getAllNodes(screen)) {
    for (const name of Object.getOwnPropertyNames(node)) names.add(name);
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(node))) names.add(name);
  }
  names.delete("constructor");
  console.log(JSON.stringify([...names]));
});
"""


async def logged_on_a_phone(script: str, phone: Phone) -> object:
    logs: list[LogLine] = []
    program = Program(modules={"automation.js": script}, entry="automation.js", automation_id="test")
    async with Engine(find_node()) as engine:
        await engine.run(program, phone, logs.append, lambda: None)
    (line,) = logs
    return json.loads(line.message)


async def errors_of(toolchain: Toolchain, root: Path, expressions: list[str]) -> list[str]:
    declarations.write(root, Schemas())
    shutil.copy(resources.directory("templates") / "shared" / "tsconfig.json", root)
    (root / "main.ts").write_text(";\n".join(["declare const node: AndroidNode", *expressions]) + ";\n")
    return [error.message for error in (await check(toolchain, root)).errors]


async def test_every_member_of_the_phones_agent_is_declared(toolchain: Toolchain, tmp_path: Path) -> None:
    members = await logged_on_a_phone(MEMBERS, Phone())

    assert isinstance(members, list)
    assert "agent?.actions?.screenContent" in members
    assert await errors_of(toolchain, tmp_path, members) == []


async def test_every_member_of_the_reference_is_on_the_phone() -> None:
    rows = [row for row in api_reference.load().members if not row.name.startswith("[")]
    paths = [row.path for row in rows if row.owner == "globals" or row.owner.partition(".")[0] == "agent"]
    missing = f"console.log(JSON.stringify({json.dumps(paths)}.filter((path) => eval(path) === undefined)));"

    assert len(paths) > 150
    assert await logged_on_a_phone(missing, Phone()) == []


async def test_every_method_of_the_references_filter_is_on_the_phone() -> None:
    names = [row.name for row in api_reference.load().members if row.owner == "AndroidNodeFilter"]
    missing = (
        "agent.actions.screenContent().then((screen) => screen.findAdvanced((filter) => {"
        f"console.log(JSON.stringify({json.dumps(names)}.filter((name) => !(name in filter))));"
        "stopCurrentAutomation(); }));"
    )

    assert len(names) > 15
    assert await logged_on_a_phone(missing, Phone()) == []


async def test_every_member_of_the_phones_nodes_is_declared(toolchain: Toolchain, tmp_path: Path) -> None:
    phone = Phone()
    phone.launch_app("dev.xgodo.notes")
    names = await logged_on_a_phone(NODE_MEMBERS, phone)

    assert isinstance(names, list)
    assert {"viewId", "clickable", "findAdvanced", "parent"} <= set(names)
    assert await errors_of(toolchain, tmp_path, [f"node.{name}" for name in names]) == []


async def test_constants_are_declared_with_the_values_that_the_phone_has() -> None:
    text = (resources.directory("typings") / "constants.d.ts").read_text(encoding="utf-8")
    declared = {name: json.loads(value) for name, value in re.findall(r"readonly (\w+): (.+);", text)}

    constants = await logged_on_a_phone("console.log(JSON.stringify(agent.constants));", Phone())

    assert declared == constants
