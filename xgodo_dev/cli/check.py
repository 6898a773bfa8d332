"""`xgodo-dev check`."""

from __future__ import annotations

import click

from xgodo_dev.cli import checking, interrupts, local_project, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.loop.events import Check
from xgodo_dev.toolchain.typescript import diagnostic_line


@click.command(cls=Command, short_help="Type-check the project.")
def check() -> int:
    """Type-check the project with TypeScript, under its own tsconfig.json.

    Errors are printed as file(line,column): error TSnnnn: message, and the exit code is then 1.
    """
    result = interrupts.run(checking.checked(local_project.project()))
    if invocation().json:
        event = Check.of(result)
        output.json_document({"ok": event.ok, "errors": event.errors, "ms": event.ms})
        return 0 if result.ok else 1
    for error in result.errors:
        output.result(diagnostic_line(error))
    if result.ok:
        output.note(f"{click.style('ok', fg='green')}  no type errors ({result.ms:.0f} ms)")
    return 0 if result.ok else 1
