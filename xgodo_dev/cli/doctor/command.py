"""`xgodo-dev doctor`."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from pathlib import Path

import click

from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.doctor import fixes, gathering
from xgodo_dev.cli.doctor.diagnosis import diagnose
from xgodo_dev.cli.doctor.fixes import Outcome
from xgodo_dev.cli.doctor.part import Part
from xgodo_dev.cli.invocation import invocation

_COLORS = {"ok": "green", "note": "yellow", "problem": "red"}


@click.command(cls=Command, short_help="Look whether everything is there that is needed.")
@click.option("--fix", is_flag=True, help="Mend what can be mended without harm, and say what was done.")
def doctor(fix: bool) -> int:
    """Look whether everything is there that is needed, and say what to do where it is not.

    Works outside of a project and without a network. Nothing is installed or written without --fix, which
    installs TypeScript and esbuild, writes declarations and a missing tsconfig.json, closes the file of
    tokens to others, removes what an emulator left that has ended, and brings up to date what `editor setup`
    and `hooks install` put in place.

    \b
    Examples:
      xgodo-dev doctor
      xgodo-dev doctor --fix
    """
    mended, parts = interrupts.run(_looked(invocation().start, fix=fix))
    ok = all(part.status != "problem" for part in parts) and all(each.error is None for each in mended)
    if invocation().json:
        document: dict[str, object] = {"ok": ok, "parts": [_document(part) for part in parts]}
        if fix:
            document["fixed"] = [
                {"name": each.part, "message": each.done} for each in mended if not each.error
            ]
            document["failed"] = [
                {"name": each.part, "message": each.error.with_hint()} for each in mended if each.error
            ]
        output.json_document(document)
    else:
        for each in mended:
            _show_mended(each)
        _show(parts)
        if fix and not mended and not ok:
            output.note("None of that can be mended by --fix: the hints say how.")
    return 0 if ok else 1


async def _looked(start: Path, *, fix: bool) -> tuple[list[Outcome], list[Part]]:
    facts = await gathering.gather(start)
    mended = await fixes.mend(facts) if fix else []
    # What it is now is told, not what it was.
    return mended, diagnose(await gathering.gather(start) if mended else facts)


def _show_mended(outcome: Outcome) -> None:
    if outcome.error is None:
        output.result(f"{click.style('mended', fg='green')}  {outcome.part}: {output.shown(outcome.done)}")
    else:
        failed = click.style("not mended", fg="red")
        output.result(f"{failed}  {outcome.part}: {output.plain(outcome.error.with_hint())}")


def _document(part: Part) -> dict[str, str | None]:
    path = str(part.path) if part.path else None
    return {
        "name": part.name,
        "status": part.status,
        "version": part.version,
        "path": path,
        "message": part.message,
        "hint": part.hint,
    }


def _show(parts: list[Part]) -> None:
    # What is read by a program is not broken into lines.
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000
    status_width = max(len(part.status) for part in parts) + 2
    indent = status_width + max(len(part.name) for part in parts) + 2
    for part in parts:
        first, *others = _lines(part, max(columns - indent, 20))
        status = click.style(part.status, fg=_COLORS[part.status], bold=part.status == "problem" or None)
        name = part.name.ljust(indent - status_width)
        output.result(f"{status}{' ' * (status_width - len(part.status))}{name}{first}")
        for line in others:
            output.result(" " * indent + line)
    troubled = [part.name for part in parts if part.status == "problem"]
    output.note(f"Problems: {', '.join(troubled)}." if troubled else "No problems.")


def _lines(part: Part, width: int) -> list[str]:
    """What is said of the part, in lines of that width."""
    said = output.shown(f"{part.version}  {part.message}" if part.version else part.message)
    path = output.shown(str(part.path)) if part.path else ""
    if len(said) + 2 + len(path) <= width:
        lines = [f"{said}  {path}".rstrip()]
    else:
        lines = [*_wrapped(said, width), *_folded(path, width)]
    if part.hint is not None:
        marked, *rest = _wrapped(output.shown(f"hint: {part.hint}"), width)
        lines += [click.style("hint:", fg="cyan") + marked.removeprefix("hint:"), *rest]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_on_hyphens=False)


def _folded(path: str, width: int) -> list[str]:
    """A path in lines of that width, broken behind a separator where that is possible."""
    lines = []
    while len(path) > width:
        end = path.rfind(os.sep, 0, width) + 1 or width
        lines.append(path[:end])
        path = path[end:]
    return [*lines, path] if path else lines
