"""Which of the programs that the toolkit needs are on this machine, where, and whether they start."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.errors import ToolchainError, ToolchainMissing
from xgodo_dev.toolchain import installation, node, tool_process, tools
from xgodo_dev.toolchain.node import Node
from xgodo_dev.toolchain.tools import ESBUILD, TYPESCRIPT, Kind, PassedOver, Tool

_DEADLINE_S = 10.0
_VERSION = re.compile(r"\d+(?:\.\d+)+[\w.+-]*")


@dataclass(frozen=True)
class Program:
    """A program that was started to ask for its version."""

    path: Path
    version: str | None
    failure: str | None = None
    """Why it gave no version: a sentence."""


@dataclass(frozen=True)
class BuildTool:
    """TypeScript or esbuild, as a check or a build would find it."""

    kind: Kind
    found: Tool | None
    program: Program | None
    """The one found, started."""
    passed_over: PassedOver | None
    """The project's own, where it is not the one found."""


@dataclass(frozen=True)
class Inventory:
    """What there is. Nothing was installed or written to find out."""

    nodes: tuple[Node, ...]
    """Every Node.js that was looked at, the preferred one first."""
    npm: Program | None
    typescript: BuildTool
    esbuild: BuildTool
    git: Program | None
    cache: Path
    """Where the pinned TypeScript and esbuild are, or will be."""
    cache_obstacle: str | None
    """Why they can't be put there."""

    @property
    def node(self) -> Node | None:
        """The Node.js that is used."""
        return next((each for each in self.nodes if each.usable), None)

    @property
    def complete(self) -> bool:
        """Whether nothing needs to be installed for a check and a build."""
        return self.typescript.found is not None and self.esbuild.found is not None


async def take(project_root: Path | None) -> Inventory:
    """Look at everything, as it is for the project in ``project_root``, all at once.

    Each program gets seconds to answer. Works without a network.
    """
    nodes, npm, typescript, esbuild, git = await asyncio.gather(
        asyncio.to_thread(lambda: tuple(node.each())),
        _npm(),
        _build_tool(TYPESCRIPT, project_root),
        _build_tool(ESBUILD, project_root),
        _git(),
    )
    return Inventory(nodes, npm, typescript, esbuild, git, installation.directory(), installation.obstacle())


async def _npm() -> Program | None:
    try:
        command = await asyncio.to_thread(node.npm_command)
    except ToolchainMissing:
        return None
    return await _asked(command, installation.npm_environment())


async def _git() -> Program | None:
    program = shutil.which("git")
    return await _asked([program], tool_process.inherited_environment()) if program else None


async def _build_tool(kind: Kind, project_root: Path | None) -> BuildTool:
    found = tools.find_tool(kind, project_root)
    program = await _asked([found.binary], tool_process.inherited_environment()) if found else None
    return BuildTool(kind, found, program, tools.passed_over(kind, project_root) if project_root else None)


async def _asked(command: Sequence[str | Path], environment: Mapping[str, str]) -> Program:
    path = Path(command[-1])
    try:
        finished = await tool_process.run(
            [*command, "--version"],
            # A folder that is there, and that has no settings of a project's for the program to follow.
            directory=Path(command[0]).parent,
            environment=environment,
            deadline=_DEADLINE_S,
        )
    except ToolchainError as error:
        return Program(path, None, str(error))
    said = finished.stdout.decode("utf-8", "replace")
    found = _VERSION.search(said)
    if finished.exit_code == 0 and found:
        return Program(path, found[0])
    complaint = (finished.stderr.decode("utf-8", "replace").strip() or said.strip()).partition("\n")[0]
    ending = f"{path} ended with code {finished.exit_code}"
    return Program(path, None, f"{ending}: {complaint}" if complaint else f"{ending} and gave no version.")
