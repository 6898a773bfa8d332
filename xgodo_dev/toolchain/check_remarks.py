"""What a person should know beside a type check's errors: why they are there, and what was not checked."""

from __future__ import annotations

from pathlib import Path

from xgodo_dev.project.config import DECLARATIONS_DIRECTORY
from xgodo_dev.toolchain.typescript import CheckResult

# What the compiler says of names it does not know, and of those it takes for Node.js's or a browser's.
_UNKNOWN_NAMES = frozenset({"TS2304", "TS2503", "TS2552", "TS2584"})
_TYPED = (".ts", ".tsx", ".mts", ".cts")
_OF_NODE = frozenset({"TS2580", "TS2591"})


def remarks(result: CheckResult, root: Path, entry: str) -> list[str]:
    """What there is to say about a check of the project in ``root``, whose runs start from ``entry``."""
    said: list[str] = []
    codes = {error.code for error in result.errors}
    if result.errors and not result.files:
        # The compiler did not get that far: its errors say why.
        return said
    if entry.endswith(_TYPED) and entry not in result.files and (root / entry).is_file():
        said.append(
            f'{entry}, which runs start from, is not checked: "include" in tsconfig.json leaves it out.'
        )
    declared = any(file.startswith(f"{DECLARATIONS_DIRECTORY}/") for file in result.files)
    if codes & _UNKNOWN_NAMES and not declared:
        said.append(
            "The device API is unknown here, since tsconfig.json leaves out its declarations: "
            f'add "{DECLARATIONS_DIRECTORY}/*.d.ts" to "include".'
        )
    elif codes & _OF_NODE:
        said.append("A phone runs no Node.js: what it has instead is declared below `agent`.")
    return said


def awaiting(result: CheckResult) -> list[str]:
    """What a check's warnings come to, for those who don't see them: one sentence, if any."""
    files = sorted({each.file for each in result.warnings if each.file is not None})
    if not files:
        return []
    listed = ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
    verb = "awaits" if len(files) == 1 else "await"
    return [f"{listed} {verb} outside of functions: `run` takes that, but the platform may not compile it."]
