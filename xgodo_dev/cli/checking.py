"""A project's type check and the toolchain that it needs: without a network, so that it starts early."""

from __future__ import annotations

from xgodo_dev.cli import declaring, output
from xgodo_dev.project.config import Project
from xgodo_dev.toolchain import tools, typescript
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import CheckResult


async def toolchain(of: Project) -> Toolchain:
    """As ``installed``; the declarations are put in place as well, as ``declaring.declare`` does."""
    declaring.declare(of)
    return await installed(of)


async def installed(of: Project) -> Toolchain:
    """The compiler and bundler for a project, installed first when this machine lacks them."""
    return tools.find(of.root) or await tools.ensure(of.root, progress=output.note)


async def checked(project: Project) -> CheckResult:
    """The project's type check, with the toolchain and declarations it needs put in place."""
    return await typescript.check(await toolchain(project), project.root)
