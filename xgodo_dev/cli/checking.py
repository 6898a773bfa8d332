"""A project's type check and the toolchain that it needs: without a network, so that it starts early."""

from __future__ import annotations

import click

from xgodo_dev.cli import output
from xgodo_dev.project import schemas
from xgodo_dev.project.config import Project
from xgodo_dev.project.input_schema import Schemas
from xgodo_dev.toolchain import declarations, tools, typescript
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import CheckResult


def declare(project: Project) -> Schemas:
    """Put the declarations of the device API and of the project's own arguments in place.

    Without them nothing type-checks. Returns the schemas that the arguments were made from.

    Raises:
        ConfigurationError: a schema of the project can't be used; nothing was written.
    """
    loaded = schemas.load(project)
    declarations.write(project.root, loaded)
    note_doubts(loaded)
    return loaded


def note_doubts(loaded: Schemas) -> None:
    """Tell the person what is odd in the schemas."""
    for doubt in loaded.doubts:
        output.note(f"{click.style('warning:', fg='yellow')} {output.shown(doubt)}")


async def toolchain(of: Project) -> Toolchain:
    """As ``installed``; the declarations are put in place as well, as ``declare`` does."""
    declare(of)
    return await installed(of)


async def installed(of: Project) -> Toolchain:
    """The compiler and bundler for a project, installed first when this machine lacks them."""
    return tools.find(of.root) or await tools.ensure(of.root, progress=output.note)


async def checked(project: Project) -> CheckResult:
    """The project's type check, with the toolchain and declarations it needs put in place."""
    return await typescript.check(await toolchain(project), project.root)
