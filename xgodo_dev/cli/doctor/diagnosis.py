"""What `xgodo-dev doctor` has to say of each part, decided from facts that were gathered before.

A further part is a function here that is listed in ``PARTS``, and its facts a field of ``Facts``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev import __version__
from xgodo_dev.cli.doctor import editors, machine, servers, upkeep
from xgodo_dev.cli.doctor.editors import Editors
from xgodo_dev.cli.doctor.machine import Machine
from xgodo_dev.cli.doctor.part import FIX, Part, Status
from xgodo_dev.cli.doctor.servers import Account, EmulatorHere
from xgodo_dev.cli.doctor.upkeep import Upkeep
from xgodo_dev.errors import ConfigurationError, UnreachableError
from xgodo_dev.platform.credentials import EMULATOR_PROFILE
from xgodo_dev.project.config import DECLARATIONS_DIRECTORY, Project
from xgodo_dev.toolchain import compiler_settings
from xgodo_dev.toolchain.compiler_settings import CompilerSettings
from xgodo_dev.toolchain.inventory import BuildTool, Inventory
from xgodo_dev.toolchain.node import NPM_WAYS_OUT, OLDEST, WAYS_OUT, Node
from xgodo_dev.toolchain.tools import TYPESCRIPT

_MEND_FILE = "Mend that file."


@dataclass(frozen=True)
class Declarations:
    """What a project's programs are type checked against: the device API, and the project's own arguments."""

    present: frozenset[str]
    """The files that are there, as POSIX paths relative to the project's root."""
    outdated: tuple[str, ...]
    """Those that the next check will write or remove."""
    doubts: tuple[str, ...] = ()
    """What is odd in the schemas that the arguments are declared from."""
    failure: ConfigurationError | None = None
    """Why those schemas can't be used."""


@dataclass(frozen=True)
class Facts:
    """What there is on this machine and in the project."""

    toolkit: Path
    python_version: str
    python: Path
    inventory: Inventory
    machine: Machine | None
    """None where the system did not tell in time."""
    account: Account | None
    emulator: EmulatorHere | None
    root: Path | None
    """The project's; None outside of a project."""
    project: Project | ConfigurationError | None
    """Or why its settings can't be used."""
    has_entry: bool
    """Whether the file that runs start from is there."""
    has_tsconfig: bool
    settings: CompilerSettings | str | None
    """What the compiler makes of it, or why it does not tell; None when there is none to ask."""
    declarations: Declarations | None
    editors: Editors | None
    upkeep: Upkeep | None


def diagnose(facts: Facts) -> list[Part]:
    """What there is to say of every part that matters here."""
    # What did not answer is said once.
    return list(dict.fromkeys(part for each in PARTS if (part := each(facts)) is not None))


def _toolkit(facts: Facts) -> Part:
    if facts.machine is None:
        return Part("xgodo-dev", "ok", "This program.", __version__, facts.toolkit)
    return machine.command(facts.machine, facts.toolkit)


def _python(facts: Facts) -> Part:
    return Part("python", "ok", "Runs this program.", facts.python_version, facts.python)


def _node(facts: Facts) -> Part:
    inventory = facts.inventory
    rejected = " ".join(_rejection(each) for each in inventory.nodes if not each.usable)
    if node := inventory.node:
        where = "Found on PATH." if node.source == "PATH" else "Comes from the `node` extra."
        return Part("node", "ok", f"{where} {rejected}".strip(), node.version, node.path)
    if inventory.complete:
        need = "Only the emulator needs it: all that checks and builds need is installed."
    else:
        need = "It is needed to install what checks and builds, and for the emulator."
    rejected = rejected or "There is no node on PATH."
    return Part("node", _without_npm(inventory), f"{rejected} {need}", hint=WAYS_OUT)


def _rejection(node: Node) -> str:
    if node.version is None:
        return f"{node.path} does not start, or tells no version."
    return f"{node.path} is version {node.version}, older than {OLDEST}."


def _npm(facts: Facts) -> Part:
    inventory, npm = facts.inventory, facts.inventory.npm
    if npm is not None and npm.failure is None:
        return Part("npm", "ok", "Installs TypeScript and esbuild.", npm.version, npm.path)
    if inventory.node is None:
        return Part(
            "npm", _without_npm(inventory), "There is no Node.js, which brings it along.", hint=WAYS_OUT
        )
    if npm is None:
        message, path = "There is no npm on PATH.", None
    else:
        message, path = str(npm.failure), npm.path
    if inventory.complete:
        message += " It is needed no more: all that checks and builds need is installed."
    return Part("npm", _without_npm(inventory), message, path=path, hint=NPM_WAYS_OUT)


def _without_npm(inventory: Inventory) -> Status:
    return "note" if inventory.complete else "problem"


def _typescript(facts: Facts) -> Part:
    return _build_tool(facts.inventory.typescript, facts.inventory)


def _esbuild(facts: Facts) -> Part:
    return _build_tool(facts.inventory.esbuild, facts.inventory)


def _build_tool(tool: BuildTool, inventory: Inventory) -> Part:
    name = tool.kind.package
    rejected = ""
    if own := tool.passed_over:
        rejected = f" The project's own {own.version} is passed over: {own.reason}."
    found, program = tool.found, tool.program
    if found is None or program is None:
        status, message, hint = _not_installed(tool, inventory)
        return Part(name, status, message + rejected, hint=hint)
    if program.failure is not None:
        if found.source == "project":
            hint = f"Install it again: delete {found.package}, then `npm install`."
        else:
            hint = f"To install it again: {FIX}"
        return Part(name, "problem", program.failure + rejected, found.version, found.binary, hint)
    if found.source == "project":
        return Part(name, "ok", "The project's own.", found.version, found.binary)
    message = f"The pinned one, in the user's cache.{rejected}"
    return Part(
        name,
        "note" if rejected else "ok",
        message,
        found.version,
        found.binary,
        _to_use_own(tool) if rejected else None,
    )


def _not_installed(tool: BuildTool, inventory: Inventory) -> tuple[Status, str, str | None]:
    if inventory.cache_obstacle is not None:
        hint = f"Mend that, name another folder with XDG_CACHE_HOME, or: {_own_copy(tool)}"
        return "problem", f"Not installed, and can't be: {inventory.cache_obstacle}.", hint
    if inventory.npm is None or inventory.npm.failure is not None:
        return "problem", "Not installed, and there is no npm to install it with.", WAYS_OUT
    hint = f"To install it now, while you are online: {FIX}"
    return "note", "Not installed yet: the first check or build does that, with npm.", hint


def _to_use_own(tool: BuildTool) -> str:
    assert tool.passed_over is not None
    if tool.kind.accepts(tool.passed_over.version):
        return "To use the project's own: npm install --include=optional"
    return f"To use the project's own: {_own_copy(tool)}"


def _own_copy(tool: BuildTool) -> str:
    return f"npm install --save-dev {'typescript@7' if tool.kind is TYPESCRIPT else 'esbuild'}"


def _git(facts: Facts) -> Part:
    git = facts.inventory.git
    if git is not None and git.failure is None:
        return Part("git", "ok", "Found on PATH.", git.version, git.path)
    lost = git.failure if git is not None else "There is no git on PATH."
    message = f"{lost} Without it a pull merges nothing inside of a file, and there is no emulator."
    return Part("git", "note", message, path=git.path if git else None, hint="Install git.")


def _of_machine(tell: Callable[[Machine], Part | None]) -> Callable[[Facts], Part | None]:
    return lambda facts: tell(facts.machine) if facts.machine else _SLOW


_SLOW = Part(
    "machine",
    "note",
    "A disk or the keyring did not answer in time.",
    hint="See whether a disk of another machine is gone, or the keyring waits for its password.",
)


def _account(facts: Facts) -> Part | None:
    if facts.account is None or isinstance(facts.project, ConfigurationError):
        # Settings that can't be used don't tell the server either.
        return None
    if facts.account.server is None and isinstance(facts.account.error, UnreachableError) and facts.emulator:
        # The emulator is meant, and none runs: its own part tells.
        return None
    return servers.account(facts.account)


def _clock(facts: Facts) -> Part | None:
    return servers.clock(facts.account) if facts.account else None


def _emulator(facts: Facts) -> Part | None:
    return servers.emulator(facts.emulator) if facts.emulator else None


def _project(facts: Facts) -> Part:
    found = facts.project
    if found is None:
        return Part(
            "project",
            "note",
            "No project here.",
            hint="Go to its folder, name it with `-C DIR`, or make one with `xgodo-dev init`.",
        )
    if isinstance(found, ConfigurationError):
        return Part("project", "problem", str(found), path=facts.root, hint=found.hint or _MEND_FILE)
    if not facts.has_entry:
        return Part(
            "project",
            "problem",
            f"{found.name}: runs start from {found.entry}, which is not there.",
            path=found.root,
            hint="Name the file that a run starts from as `entry` in xgodo.toml.",
        )
    if found.project_id and found.profile == EMULATOR_PROFILE and found.mapping is None:
        message = f"{found.name}: it has an id, but `profile` has its commands go to the emulator."
        hint = 'For the project on Xgodo, take `profile = "emulator"` out of xgodo.toml.'
        return Part("project", "note", message, path=found.root, hint=hint)
    server = facts.account.server if facts.account else None
    if server is None:
        return Part("project", "ok", f"{found.name}.", path=found.root)
    try:
        remote_id = found.id_for(server.profile)
    except ConfigurationError as error:
        return Part("project", "note", f"{found.name}: {error}", path=found.root, hint=error.hint)
    return Part("project", "ok", f"{found.name}: {remote_id} at {server.api_url}.", path=found.root)


def _tsconfig(facts: Facts) -> Part | None:
    if facts.root is None:
        return None
    name, path = compiler_settings.SETTINGS_FILE, facts.root / compiler_settings.SETTINGS_FILE
    settings = facts.settings
    if not facts.has_tsconfig:
        hint = f"To add the usual one: {FIX}"
        return Part(name, "problem", "It is missing, so nothing can be checked.", path=path, hint=hint)
    if settings is None:
        return Part(name, "ok", "It is there; only TypeScript can tell more of it.", path=path)
    if isinstance(settings, str):
        return Part(name, "problem", settings, path=path, hint="See what `xgodo-dev check` says.")
    if settings.errors:
        more = len(settings.errors) - 1
        message = settings.errors[0] + (f" (and {more} more)" if more else "")
        hint = "Mend it; or move it away, and `xgodo-dev init --force` adds the usual one."
        return Part(name, "problem", message, path=path, hint=hint)
    declared = facts.declarations.present if facts.declarations else frozenset()
    if declared and not declared & settings.files:
        return Part(
            name,
            "problem",
            "It leaves out .xgodo/types, where the device API is declared.",
            path=path,
            hint='Add ".xgodo/types/*.d.ts" to its "include".',
        )
    entry = facts.project.entry if isinstance(facts.project, Project) and facts.has_entry else None
    shortcomings = list(compiler_settings.shortcomings(settings, entry))
    if shortcomings:
        hint = "Change it, unless it is meant so."
        return Part(name, "note", " ".join(shortcomings), path=path, hint=hint)
    return Part(name, "ok", "Fits what the platform compiles with.", path=path)


def _declarations(facts: Facts) -> Part | None:
    found = facts.declarations
    if found is None or facts.root is None:
        return None
    name, folder = "declarations", facts.root / DECLARATIONS_DIRECTORY
    if found.failure is not None:
        hint = found.failure.hint or _MEND_FILE
        return Part(name, "problem", str(found.failure), path=folder, hint=hint)
    if found.outdated:
        message = "Not up to date: the next check writes them."
        hint = f"To write them now: {FIX}"
        return Part(name, "note", " ".join([message, *found.doubts]), path=folder, hint=hint)
    if found.doubts:
        return Part(name, "note", " ".join(found.doubts), path=folder, hint="Look into the schemas.")
    return Part(name, "ok", "Those of this xgodo-dev, and of the schemas.", path=folder)


def _editor(facts: Facts) -> Part | None:
    return editors.part(facts.editors) if facts.editors else None


def _loop(facts: Facts) -> Part | None:
    return upkeep.loop(facts.upkeep) if facts.upkeep else None


def _hooks(facts: Facts) -> Part | None:
    return upkeep.hooks(facts.upkeep) if facts.upkeep else None


PARTS: tuple[Callable[[Facts], Part | None], ...] = (
    _toolkit,
    _python,
    _node,
    _npm,
    _typescript,
    _esbuild,
    _git,
    _of_machine(machine.folders),
    _of_machine(machine.disk),
    _of_machine(machine.watching),
    _of_machine(machine.tokens),
    _account,
    _clock,
    _emulator,
    _project,
    _tsconfig,
    _declarations,
    _editor,
    _loop,
    _hooks,
)
