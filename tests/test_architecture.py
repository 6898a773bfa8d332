"""Imports run one way: cli → loop → {runs, sync} → {toolchain, project, platform}; not the emulator.

Below all of them is the schema room: what may be in a schema's values is the same for whoever asks.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "xgodo_dev"
# What each room may import, besides itself and the modules at the package's top.
MAY_IMPORT = {
    "cli": {
        "loop",
        "runs",
        "sync",
        "toolchain",
        "project",
        "platform",
        "spec",
        "emulator",
        "schema",
        "editor",
    },
    "loop": {"runs", "sync", "toolchain", "project", "platform", "schema"},
    "runs": {"toolchain", "project", "platform"},
    "sync": {"project", "platform", "schema"},
    "toolchain": {"project", "schema"},
    "editor": {"project", "schema"},
    "project": {"schema"},
    "platform": {"spec"},
    "emulator": {"toolchain", "spec", "schema"},
    "schema": set(),
    # In a folder of `platform`, but all that both ends of the wire share.
    "spec": set(),
}
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported_rooms(module: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.update([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    ours = (name.split(".")[1:] for name in names if name.startswith("xgodo_dev."))
    return {room_of(parts) for parts in ours if (PACKAGE / parts[0]).is_dir() and parts != ["platform"]}


def room_of(parts: Sequence[str]) -> str:
    return "spec" if tuple(parts[:2]) == ("platform", "spec") else parts[0]


def name_of(module: Path) -> str:
    parts = module.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_when_run(node: ast.AST) -> Iterator[str]:
    """What is imported below a node, also within a function; but not what only types are made of."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.ImportFrom) and node.module:
        names = {f"{node.module}.{alias.name}" for alias in node.names}
        yield from (name if name in NAMES else node.module for name in names)
    elif isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    for child in ast.iter_child_nodes(node):
        yield from imported_when_run(child)


NAMES = {name_of(module) for module in MODULES}


def test_no_modules_import_each_other_not_even_when_a_function_is_called() -> None:
    imports = {
        name_of(module): {*imported_when_run(ast.parse(module.read_text("utf-8")))}
        & NAMES - {name_of(module)}
        for module in MODULES
    }
    TopologicalSorter(imports).prepare()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: str(module.relative_to(PACKAGE)))
def test_a_module_imports_only_from_rooms_below_its_own(module: Path) -> None:
    room = room_of(module.relative_to(PACKAGE).parts)
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
