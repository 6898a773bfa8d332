"""`xgodo-dev doctor`."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import textwrap
from pathlib import Path

import click

from xgodo_dev import __version__
from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.doctor_parts import Declarations, Facts, Part, diagnose
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import ConfigurationError, ToolchainError
from xgodo_dev.project import config, schemas
from xgodo_dev.project.config import DECLARATIONS_DIRECTORY, Project
from xgodo_dev.toolchain import compiler_settings, declarations, inventory
from xgodo_dev.toolchain.compiler_settings import CompilerSettings
from xgodo_dev.toolchain.inventory import Inventory

_COLORS = {"ok": "green", "note": "yellow", "problem": "red"}


@click.command(cls=Command, short_help="Look whether everything is there that is needed.")
def doctor() -> int:
    """Look whether everything is there that is needed, and say what to do where it is not.

    Works outside of a project and without a network, and installs nothing.
    """
    parts = diagnose(interrupts.run(_facts(invocation().start)))
    ok = all(part.status != "problem" for part in parts)
    if invocation().json:
        output.json_document({"ok": ok, "parts": [_document(part) for part in parts]})
    else:
        _show(parts)
    return 0 if ok else 1


async def _facts(start: Path) -> Facts:
    root, project = _project(start)
    inventory_here = await inventory.take(root)
    return Facts(
        toolkit_version=__version__,
        toolkit=Path(__file__).resolve().parent.parent,
        python_version=platform.python_version(),
        python=Path(sys.executable),
        inventory=inventory_here,
        root=root,
        project=project,
        has_entry=isinstance(project, Project) and (project.root / project.entry).is_file(),
        has_tsconfig=root is not None and (root / compiler_settings.SETTINGS_FILE).is_file(),
        settings=await _settings(inventory_here, root),
        declarations=_declarations(project) if isinstance(project, Project) else None,
    )


def _project(start: Path) -> tuple[Path | None, Project | ConfigurationError | None]:
    try:
        root = config.find_root(start)
    except config.NoProject:
        return None, None
    try:
        return root, config.load(root)
    except ConfigurationError as error:
        return root, error


async def _settings(here: Inventory, root: Path | None) -> CompilerSettings | str | None:
    program = here.typescript.program
    if root is None or program is None or program.failure is not None:
        return None
    if not (root / compiler_settings.SETTINGS_FILE).is_file():
        return None
    try:
        return await compiler_settings.read(program.path, root)
    except ToolchainError as error:
        return str(error)


def _declarations(project: Project) -> Declarations:
    folder = project.root / DECLARATIONS_DIRECTORY
    present = frozenset(file.relative_to(project.root).as_posix() for file in folder.glob("*.d.ts"))
    try:
        loaded = schemas.load(project)
    except ConfigurationError as error:
        return Declarations(present, (), failure=error)
    return Declarations(present, tuple(declarations.outdated(project.root, loaded)), tuple(loaded.doubts))


def _document(part: Part) -> dict[str, str | None]:
    path = str(part.path) if part.path else None
    return {
        "name": part.name,
        "status": part.status,
        "version": part.version,
        "path": path,
        "message": part.message,
        "hint": part.hint,
    }


def _show(parts: list[Part]) -> None:
    # What is read by a program is not broken into lines.
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000
    status_width = max(len(part.status) for part in parts) + 2
    indent = status_width + max(len(part.name) for part in parts) + 2
    for part in parts:
        first, *others = _lines(part, max(columns - indent, 20))
        status = click.style(part.status, fg=_COLORS[part.status], bold=part.status == "problem" or None)
        name = part.name.ljust(indent - status_width)
        output.result(f"{status}{' ' * (status_width - len(part.status))}{name}{first}")
        for line in others:
            output.result(" " * indent + line)
    troubled = [part.name for part in parts if part.status == "problem"]
    output.note(f"Problems: {', '.join(troubled)}." if troubled else "No problems.")


def _lines(part: Part, width: int) -> list[str]:
    """What is said of the part, in lines of that width."""
    said = output.shown(f"{part.version}  {part.message}" if part.version else part.message)
    path = output.shown(str(part.path)) if part.path else ""
    if len(said) + 2 + len(path) <= width:
        lines = [f"{said}  {path}".rstrip()]
    else:
        lines = [*_wrapped(said, width), *_folded(path, width)]
    if part.hint is not None:
        marked, *rest = _wrapped(output.shown(f"hint: {part.hint}"), width)
        lines += [click.style("hint:", fg="cyan") + marked.removeprefix("hint:"), *rest]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False)


def _folded(path: str, width: int) -> list[str]:
    """A path in lines of that width, broken behind a separator where that is possible."""
    lines = []
    while len(path) > width:
        end = path.rfind(os.sep, 0, width) + 1 or width
        lines.append(path[:end])
        path = path[end:]
    return [*lines, path] if path else lines
