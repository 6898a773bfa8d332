"""`xgodo-dev diff`."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

import click

from xgodo_dev.cli import interrupts, output, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.local_project import named_paths
from xgodo_dev.sync.plan import Verdict
from xgodo_dev.sync.survey import learn, remote_hashes, survey

_COLORS = {"+": "green", "-": "red", "@": "cyan"}
_SHOWN = [
    Verdict.CHANGED_HERE,
    Verdict.CHANGED_THERE,
    Verdict.CHANGED_ON_BOTH,
    Verdict.DELETED_HERE,
    Verdict.DELETED_THERE,
    Verdict.DELETED_HERE_CHANGED_THERE,
]


@click.command(cls=Command, short_help="Show how the files here differ from those on the platform.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
def diff(paths: tuple[Path, ...]) -> int:
    """Show, as a unified diff, what a file here has that the platform's has not: + is here, - is there."""
    found = interrupts.run(_diff(paths))
    if invocation().json:
        output.json_document({"files": [{"path": path, "diff": text} for path, text in found.items()]})
        return 0
    for text in found.values():
        for line in text.splitlines():
            heading = line.startswith(("--- ", "+++ "))
            output.result(
                click.style(line, bold=True) if heading else click.style(line, fg=_COLORS.get(line[:1]))
            )
    if not found:
        output.note("No file differs.")
    return 0


async def _diff(named: tuple[Path, ...]) -> dict[str, str]:
    async with workspace.open_workspace() as opened:
        remote = await opened.remote()
        hashes = await remote_hashes(remote, opened.copy, opened.state)
        found = survey(opened.copy, opened.state, hashes)
        learn(opened.copy, opened.state, found)
        chosen = named_paths(named, opened.project.root, {*found.local, *found.base, *found.verdicts})
        differing = found.with_verdict(*_SHOWN)
        diffs: dict[str, str] = {}
        for path in differing if chosen is None else [path for path in differing if path in chosen]:
            there = await remote.read(path) if path in hashes else None
            text = unified(path, there, opened.copy.read(path))
            if text:
                diffs[path] = text
        return diffs


def unified(path: str, there: bytes | None, here: bytes | None) -> str:
    """The unified diff from the server's content to the one here; empty when they are equal."""
    return "".join(
        _lines(
            difflib.unified_diff(
                _split(there),
                _split(here),
                f"platform/{path}" if there is not None else "/dev/null",
                f"here/{path}" if here is not None else "/dev/null",
            )
        )
    )


def _split(content: bytes | None) -> list[str]:
    # Not splitlines(): it also breaks at characters that are no line ends to git or an editor.
    text = (content or b"").decode("utf-8", "replace")
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _lines(diff: Iterator[str]) -> Iterator[str]:
    for line in diff:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
