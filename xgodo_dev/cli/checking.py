"""A project's type check and the toolchain that it needs: without a network, so that it starts early."""

from __future__ import annotations

from xgodo_dev.cli import output
from xgodo_dev.project.config import Project
from xgodo_dev.project.scaffold import write_declarations
from xgodo_dev.toolchain import tools, typescript
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import CheckResult


async def toolchain(of: Project) -> Toolchain:
    """The compiler and bundler for a project, installed first when this machine lacks them.

    The device API's declarations are put in place as well: without them nothing type-checks.
    """
    write_declarations(of.root)
    return tools.find(of.root) or await tools.ensure(of.root, progress=output.note)


async def checked(project: Project) -> CheckResult:
    """The project's type check, with the toolchain and declarations it needs put in place."""
    return await typescript.check(await toolchain(project), project.root)
