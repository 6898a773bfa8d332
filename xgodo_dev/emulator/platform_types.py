"""The declarations of the device API as the platform hands them out: as ``.ts`` texts, in three parts.

The platform's own client keeps them as ``types/node-types.ts``, ``types/bootstrap.ts`` and
``types/arguments.ts``. What the platform puts into which is not documented. Here the first
declares the nodes of a screen, the third what a run is started with, and the second the rest; each
is a script, so that everything in it is global without an import, and they need one another.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from pathlib import Path

from xgodo_dev import resources

ROOT = "index.d.ts"
ARGUMENTS = "arguments.d.ts"

_NODES = ("node.d.ts", "node-filter.d.ts")
_REFERENCE = "/// <reference"


def shipped_declarations(but: Collection[str] = ()) -> list[Path]:
    """The files of declarations that ship with the toolkit, but for those of some names."""
    found = resources.directory("typings").rglob("*.d.ts")
    return sorted(file for file in found if file.name not in but)


def without_references(name: str) -> str:
    """The text of a shipped file without its references to the others."""
    text = (resources.directory("typings") / name).read_text(encoding="utf-8")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(_REFERENCE))


def node_types() -> str:
    """Declares the nodes of a screen and their filter."""
    return "\n".join(without_references(name) for name in _NODES)


def bootstrap_types() -> str:
    """Declares the device API but for nodes and arguments."""
    files = shipped_declarations(but=(*_NODES, ARGUMENTS))
    return "\n".join(without_references(file.name) for file in files)


def bootstrap_version() -> int:
    """A number that differs when the text of ``bootstrap_types`` does."""
    return zlib.crc32(bootstrap_types().encode())


def general_argument_types() -> str:
    """Declares what a project without schemas is started with: any names, whose values are unknown."""
    return without_references(ARGUMENTS)
