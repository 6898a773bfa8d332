"""`xgodo-dev build`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from xgodo_dev.cli import checking, interrupts, local_project, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import RefusedError, UsageError
from xgodo_dev.project.config import Project
from xgodo_dev.project.files import FileSelection
from xgodo_dev.toolchain import run_report
from xgodo_dev.toolchain.bundle import Bundle, bundle

_BEGINNING_OF_MAP = b'{\n  "version": 3,'
_LONGEST_BEGINNING = 200


@click.command(cls=Command, short_help="Make one runnable script of the project.")
@click.option(
    "-o",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write it; the source map goes beside it. [default: .xgodo/build/<entry>.js]",
)
def build(target: Path | None) -> int:
    """Bundle the entry and all it imports into one script, as `run` sends it to a device.

    \b
    Examples:
      xgodo-dev build -o automation.js
    """
    project = local_project.project()
    made = interrupts.run(_bundled(project))
    if target is None:
        target = project.root / ".xgodo" / "build" / Path(project.entry).with_suffix(".js").name
        target.parent.mkdir(parents=True, exist_ok=True)
    else:
        target = invocation().start / target
    source_map = target.with_name(target.name + ".map")
    if not target.parent.is_dir():
        raise UsageError(f"There is no folder {target.parent} to write to.")
    for file in (target, source_map):
        _require_ours(file)
    target.write_text(made.code, encoding="utf-8", newline="\n")
    source_map.write_text(made.source_map.text, encoding="utf-8", newline="\n")
    _point_out_if_sent(project, target)
    size = len(made.code.encode("utf-8"))
    if invocation().json:
        output.json_document(
            {"output": str(target), "map": str(source_map), "bytes": size, "ms": round(made.ms, 1)}
        )
    else:
        output.result(str(target))
        output.note(f"{size} bytes, source map {source_map.name} ({made.ms:.0f} ms)")
    return 0


async def _bundled(project: Project) -> Bundle:
    return await bundle(
        await checking.installed(project),
        project.root,
        project.entry,
        # The same sources make the same script.
        mark=run_report.PLAIN_MARK,
    )


def _point_out_if_sent(project: Project, target: Path) -> None:
    selection = FileSelection(project.root, project.exclude, project.include)
    path = selection.relative(str(target.resolve()))
    if path and selection.counts(path):
        output.note(
            f"{click.style('!', fg='yellow')} {output.shown(path)} counts as a file of the project, "
            "so a push will send it: build to a folder outside of it, or name it in `exclude` of xgodo.toml."
        )


def _require_ours(file: Path) -> None:
    """Refuse to replace what is not from an earlier build.

    Raises:
        RefusedError: it is there, and may be somebody's work.
    """
    if not os.path.lexists(file):
        return
    beginning = b""
    if file.is_file():
        with file.open("rb") as opened:
            beginning = opened.read(_LONGEST_BEGINNING)
    ours = beginning.startswith(run_report.BEGINNING.encode()) or (
        file.suffix == ".map" and beginning.startswith(_BEGINNING_OF_MAP)
    )
    if not ours:
        raise RefusedError(
            f"{file} is there already, and is no earlier build.",
            hint="Name another file with -o, or move that one away.",
        )
