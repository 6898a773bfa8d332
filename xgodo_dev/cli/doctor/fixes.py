"""What `xgodo-dev doctor --fix` does: nothing that takes anything from anybody."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xgodo_dev.cli import output
from xgodo_dev.cli.doctor import upkeep
from xgodo_dev.cli.doctor.diagnosis import Facts
from xgodo_dev.cli.doctor.machine import is_readable_by_others
from xgodo_dev.errors import XgodoError
from xgodo_dev.project.config import Project

if TYPE_CHECKING:
    from pathlib import Path

    from xgodo_dev.toolchain.inventory import BuildTool, Inventory


@dataclass(frozen=True)
class Fix:
    """Something that is not as it should be, and can be mended."""

    part: str
    """The name of the part that it mends."""
    done: str
    """What was done, as a sentence."""
    carry_out: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Outcome:
    """What became of a fix."""

    part: str
    done: str
    error: XgodoError | None = None


async def mend(facts: Facts) -> list[Outcome]:
    """Mend what can be mended, and tell what became of each."""
    outcomes = []
    for fix in due(facts):
        error: XgodoError | None = None
        try:
            await fix.carry_out()
        except XgodoError as raised:
            error = raised
        except OSError as raised:
            error = XgodoError(f"{raised.filename or fix.part}: {raised.strerror}.")
        outcomes.append(Outcome(fix.part, fix.done, error))
    return outcomes


def due(facts: Facts) -> Iterator[Fix]:
    """What can be mended, in the order in which it has to be."""
    inventory, machine, emulator, root = facts.inventory, facts.machine, facts.emulator, facts.root
    if _installable(inventory):
        yield _install(inventory, root)
    if machine is not None and is_readable_by_others(machine):
        yield _close(machine.token_file)
    if emulator is not None and emulator.state == "stale":
        yield _forget(emulator.file)
    if root is not None and not facts.has_tsconfig:
        yield _add_compiler_settings(root)
    found, project = facts.declarations, facts.project
    if found is not None and found.outdated and found.failure is None and isinstance(project, Project):
        yield _declare(project)
    if facts.editors is not None and facts.editors.outdated and isinstance(project, Project):
        yield _set_up_editors(project, facts.editors.outdated)
    if facts.upkeep is not None and (outdated := upkeep.outdated_hooks(facts.upkeep)):
        yield _install_hooks(outdated)


def _installable(inventory: Inventory) -> bool:
    """Whether TypeScript or esbuild is missing or broken where npm can put it."""
    if inventory.npm is None or inventory.npm.failure is not None or inventory.cache_obstacle is not None:
        return False
    return any(tool.found is None or _is_broken(tool) for tool in (inventory.typescript, inventory.esbuild))


def _is_broken(tool: BuildTool) -> bool:
    # What is in a project's node_modules is that project's.
    from_cache = tool.found is not None and tool.found.source != "project"
    return from_cache and tool.program is not None and tool.program.failure is not None


def _install(inventory: Inventory, root: Path | None) -> Fix:
    async def install() -> None:
        from xgodo_dev.toolchain import tools

        if _is_broken(inventory.typescript) or _is_broken(inventory.esbuild):
            shutil.rmtree(inventory.cache)
        await tools.ensure(root, progress=output.note)

    return Fix("typescript", f"Installed TypeScript and esbuild in {inventory.cache}.", install)


def _close(token_file: Path) -> Fix:
    async def close() -> None:
        token_file.chmod(0o600)

    return Fix("tokens", f"Made {token_file} readable by you alone.", close)


def _forget(record: Path) -> Fix:
    async def forget() -> None:
        from xgodo_dev.cli.doctor.servers import emulator_here

        # One may have started since.
        if emulator_here().state == "stale":
            record.unlink(missing_ok=True)

    return Fix("emulator", f"Removed {record}, which an emulator had left.", forget)


def _add_compiler_settings(root: Path) -> Fix:
    async def add() -> None:
        from xgodo_dev.project import scaffold

        scaffold.add_compiler_settings(root)

    return Fix("tsconfig.json", "Added the usual one.", add)


def _declare(project: Project) -> Fix:
    async def declare() -> None:
        from xgodo_dev.project import schemas
        from xgodo_dev.toolchain import declarations

        declarations.write(project.root, schemas.load(project))

    return Fix("declarations", "Wrote them anew.", declare)


def _set_up_editors(project: Project, names: Sequence[str]) -> Fix:
    async def set_up() -> None:
        from xgodo_dev.cli.doctor import editors

        editors.bring_up_to_date(project, names)

    return Fix("editor", f"Set up anew: {', '.join(names)}.", set_up)


def _install_hooks(names: Sequence[str]) -> Fix:
    async def install() -> None:
        upkeep.bring_hooks_up_to_date()

    return Fix("hooks", f"Brought up to date: {' and '.join(names)}.", install)
