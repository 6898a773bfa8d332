"""Gathers what `xgodo-dev doctor` looks at, all at once; what does not answer holds up nothing."""

from __future__ import annotations

import asyncio
import platform
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

import click

import xgodo_dev
from xgodo_dev.cli.doctor import editors, machine, servers, upkeep
from xgodo_dev.cli.doctor.diagnosis import Declarations, Facts
from xgodo_dev.cli.doctor.machine import Machine
from xgodo_dev.cli.doctor.servers import Account
from xgodo_dev.errors import ConfigurationError, ToolchainError, XgodoError
from xgodo_dev.project import config, schemas
from xgodo_dev.project.config import DECLARATIONS_DIRECTORY, Project
from xgodo_dev.toolchain import compiler_settings, declarations, inventory
from xgodo_dev.toolchain.compiler_settings import CompilerSettings
from xgodo_dev.toolchain.inventory import Inventory

# For a disk or a keyring.
_DEADLINE_S = 5.0

_Found = TypeVar("_Found")


async def gather(start: Path) -> Facts:
    """What there is on this machine, and in the project at or above ``start``."""
    root, project = _project(start)
    # Should one fail, the others are ended before it is told: a process that has only just been started is
    # waited for without an end where the loop itself has to cancel it.
    async with asyncio.TaskGroup() as looking:
        taking = looking.create_task(inventory.take(root))
        owned = looking.create_task(_machine_and_account(root))
        emulating = looking.create_task(_in_time(servers.emulator_here))
        keeping = looking.create_task(_in_time(lambda: upkeep.look(root) if root else None))
    inventory_here, (machine_here, account) = taking.result(), owned.result()
    return Facts(
        toolkit=Path(xgodo_dev.__file__).resolve().parent,
        python_version=platform.python_version(),
        python=Path(sys.executable),
        inventory=inventory_here,
        machine=machine_here,
        account=account,
        emulator=emulating.result(),
        root=root,
        project=project,
        has_entry=isinstance(project, Project) and (project.root / project.entry).is_file(),
        has_tsconfig=root is not None and (root / compiler_settings.SETTINGS_FILE).is_file(),
        settings=await _settings(inventory_here, root),
        declarations=_declarations(project) if isinstance(project, Project) else None,
        upkeep=keeping.result(),
        editors=editors.look(project) if isinstance(project, Project) else None,
    )


async def _machine_and_account(root: Path | None) -> tuple[Machine | None, Account]:
    # One after the other: whatever reads the file of tokens closes it to others.
    return await _in_time(lambda: machine.look(root)), await _account()


async def _account() -> Account:
    found = await _in_time(servers.selected)
    if found is None:
        slow = XgodoError("The keyring does not answer.", hint="Unlock it, or set XGODO_TOKEN.")
        return Account(error=slow)
    return await servers.asked(found)


async def _in_time(look: Callable[[], _Found]) -> _Found | None:
    """What ``look`` returns, if it does within seconds.

    A disk of another machine, or a keyring that asks for its password, may block for ever: the end of this
    program does not wait for its thread.
    """
    context, answer = click.get_current_context(), Future[_Found]()

    def work() -> None:
        # From now on, whoever gives up waiting only stops to wait.
        answer.set_running_or_notify_cancel()
        try:
            with context.scope(cleanup=False):
                answer.set_result(look())
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            answer.set_exception(error)

    threading.Thread(target=work, daemon=True, name="doctor").start()
    try:
        return await asyncio.wait_for(asyncio.wrap_future(answer), _DEADLINE_S)
    except TimeoutError:
        return None


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
