"""Imports run one way: cli → loop → {runs, sync} → {toolchain, project, platform}; not the emulator.

Below all of them is the schema room: what may be in a schema's values is the same for whoever asks.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "xgodo_dev"
# What each room may import, besides itself and the modules at the package's top.
MAY_IMPORT = {
    "cli": {"loop", "runs", "sync", "toolchain", "project", "platform", "emulator", "schema"},
    "loop": {"runs", "sync", "toolchain", "project", "platform", "schema"},
    "runs": {"toolchain", "project", "platform"},
    "sync": {"project", "platform", "schema"},
    "toolchain": {"project", "schema"},
    "project": {"schema"},
    "platform": set(),
    "emulator": {"toolchain", "schema"},
    "schema": set(),
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported_rooms(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.update([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    ours = (name.split(".") for name in names if name.startswith("xgodo_dev."))
    return {parts[1] for parts in ours if (PACKAGE / parts[1]).is_dir()}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(PACKAGE)))
def test_a_module_imports_only_from_rooms_below_its_own(module: Path) -> None:
    room = module.relative_to(PACKAGE).parts[0]
    if room.endswith(".py"):
        allowed = {"cli"} if room == "__main__.py" else set()
    else:
        allowed = MAY_IMPORT[room] | {room}
    assert imported_rooms(module) <= allowed


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(PACKAGE)))
def test_only_the_command_line_prints_or_exits(module: Path) -> None:
    if module.relative_to(PACKAGE).parts[0] in ("cli", "__main__.py"):
        return
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Call)
    }
    assert not calls & {"print", "sys.exit", "exit", "click.echo", "sys.stdout.write", "sys.stderr.write"}
