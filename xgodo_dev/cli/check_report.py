"""What a type check found, printed: for a person, for an editor's problem matcher, for GitHub."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

from xgodo_dev.cli import diagnostic_view, output
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.toolchain.diagnostics import Diagnostic
from xgodo_dev.toolchain.typescript import CheckResult

# Nothing of the device API is known: hardly ever a slip of the pen, and a riddle to a newcomer.
_UNKNOWN_NAME, _AGENT = "TS2304", "'agent'"


def show(result: CheckResult, root: Path) -> None:
    """Print every error and warning of a check of the project in ``root``; with --json, annotations only."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for number, (severity, diagnostic) in enumerate([] if invocation().json else _each(result)):
        if number and columns is not None:
            output.result("")
        for line in diagnostic_view.lines(diagnostic, columns=columns, severity=severity):
            output.result(line)
    annotate(result, root)
    if any(each.code == _UNKNOWN_NAME and _AGENT in each.message for each in result.errors):
        output.note(
            f"{click.style('hint:', fg='cyan')} `agent` is declared in .xgodo/types; "
            'has "include" in tsconfig.json ".xgodo/types/*.d.ts"? See `xgodo-dev doctor`.'
        )


def annotate(result: CheckResult, root: Path) -> None:
    """Have GitHub show what was found at its lines, where this runs as a step of a workflow there."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or root)
    for severity, diagnostic in _each(result):
        # It reads both streams; the result of --json stays one document.
        click.echo(annotation(diagnostic, root, workspace, severity), err=invocation().json)


def _each(result: CheckResult) -> list[tuple[str, Diagnostic]]:
    return [("error", each) for each in result.errors] + [("warning", each) for each in result.warnings]


def annotation(diagnostic: Diagnostic, root: Path, workspace: Path, severity: str = "error") -> str:
    """A diagnostic as a workflow command of GitHub, whose paths start from the ``workspace``."""
    properties = {"title": diagnostic.code}
    if diagnostic.file is not None:
        file = (root / diagnostic.file).resolve()
        base = workspace.resolve()
        place = file.relative_to(base).as_posix() if file.is_relative_to(base) else str(file)
        properties |= {"file": place, "line": str(diagnostic.line), "col": str(diagnostic.column)}
        if diagnostic.length:
            properties["endColumn"] = str(diagnostic.column + diagnostic.length)
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    related = (f"{each.file}({each.line},{each.column}): {each.message}" for each in diagnostic.related)
    return f"::{severity} {named}::{_data(chr(10).join((diagnostic.message, *related)))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
