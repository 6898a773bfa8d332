"""`xgodo-dev build`."""

from __future__ import annotations

from pathlib import Path

import click

from xgodo_dev.cli import checking, interrupts, local_project, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import UsageError
from xgodo_dev.project.config import Project
from xgodo_dev.toolchain import run_report
from xgodo_dev.toolchain.bundle import Bundle, bundle


@click.command(cls=Command, short_help="Make one runnable script of the project.")
@click.option(
    "-o",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to write it; the source map goes beside it. [default: .xgodo/build/<entry>.js]",
)
def build(target: Path | None) -> int:
    """Bundle the entry and all it imports into one script, as `run` sends it to a device."""
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
    target.write_text(made.code, encoding="utf-8", newline="\n")
    source_map.write_text(made.source_map.text, encoding="utf-8", newline="\n")
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
