"""`xgodo-dev check`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from xgodo_dev.cli import check_report, checking, code_quality, interrupts, local_project, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.loop.events import Check


@click.command(cls=Command, short_help="Type-check the project.")
@click.option(
    "--code-quality",
    "report",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write what is found to FILE, for GitLab's Code Quality.",
)
def check(report: Path | None) -> int:
    """Type-check the project with TypeScript, under its own tsconfig.json.

    Errors are printed as file(line,column): error TSnnnn: message, and the exit code is then 1. On a
    terminal the source stands below each; as a step of a GitHub workflow they also become annotations.

    \b
    Examples:
      xgodo-dev check
      xgodo-dev check --json
    """
    project = local_project.project()
    result = interrupts.run(checking.checked(project))
    check_report.show(result, project)
    if report is not None:
        code_quality.write(invocation().start / report, result, project.root)
    if invocation().json:
        event = Check.of(result)
        document = {"ok": event.ok, "errors": event.errors, "ms": event.ms}
        output.json_document(document | {"warnings": event.warnings or []})
        return 0 if result.ok else 1
    if sys.stdout.isatty() and (result.errors or result.warnings):
        output.note("")
    if result.ok:
        output.note(f"{click.style('ok', fg='green')}  no type errors ({result.ms:.0f} ms)")
    else:
        files = len({error.file for error in result.errors})
        output.note(f"{_count(len(result.errors), 'error')} in {_count(files, 'file')} ({result.ms:.0f} ms)")
    return 0 if result.ok else 1


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
