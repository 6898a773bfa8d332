"""What a type check found, printed: for a person, for an editor's problem matcher, for GitHub."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.view import diagnostic_view
from xgodo_dev.project.config import Project
from xgodo_dev.toolchain.check_remarks import remarks
from xgodo_dev.toolchain.diagnostics import Diagnostic
from xgodo_dev.toolchain.typescript import CheckResult

_COMMAND = re.compile(r"\s*(?:::|##\[)")


def show(result: CheckResult, project: Project) -> None:
    """Print all that a check of the project found; with --json, annotations only."""
    root = project.root
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for number, (severity, diagnostic) in enumerate([] if invocation().json else _each(result)):
        if number and columns is not None:
            output.result("")
        for line in diagnostic_view.lines(diagnostic, columns=columns, severity=severity):
            # A source must not give commands to GitHub.
            output.result(f"| {line}" if _on_github() and _COMMAND.match(line) else line)
    annotate(result, root)
    for remark in remarks(result, root, project.entry):
        output.note(f"{click.style('!', fg='yellow')} {remark}")


def annotate(result: CheckResult, root: Path) -> None:
    """Have GitHub show what was found at its lines, where this runs as a step of a workflow there."""
    if not _on_github():
        return
    workspace = Path(os.environ.get("GITHUB_WORKSPACE") or root)
    for severity, diagnostic in _each(result):
        # It reads both streams; the result of --json stays one document.
        click.echo(annotation(diagnostic, root, workspace, severity), err=invocation().json)


def _on_github() -> bool:
    return os.environ.get("GITHUB_ACTIONS") == "true"


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
