"""`xgodo-dev diff`."""

from __future__ import annotations

import asyncio
import difflib
import sys
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing
from itertools import islice
from pathlib import Path

import click

from xgodo_dev.cli import interrupts, output, workspace
from xgodo_dev.cli.app import Command, worst
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.local_project import named_paths
from xgodo_dev.errors import AuthenticationError, UnreachableError, XgodoError
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.sync.plan import Verdict
from xgodo_dev.sync.remote import AT_ONCE, RemoteProject
from xgodo_dev.sync.survey import learn, remote_hashes, survey

_COLORS = {"+": "green", "-": "red", "@": "cyan"}
_SHOWN = [
    Verdict.CHANGED_HERE,
    Verdict.CHANGED_THERE,
    Verdict.CHANGED_ON_BOTH,
    Verdict.DELETED_HERE,
    Verdict.DELETED_THERE,
    Verdict.DELETED_HERE_CHANGED_THERE,
    Verdict.UNREADABLE,
]


@click.command(cls=Command, short_help="Show how the files here differ from those on the platform.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
def diff(paths: tuple[Path, ...]) -> int:
    """Show, as a unified diff, what a file here has that the platform's has not: + is here, - is there.

    \b
    Examples:
      xgodo-dev diff
      xgodo-dev diff main.ts stages
    """
    diffs: list[dict[str, str]] = []
    failed: dict[str, XgodoError] = {}
    as_json = invocation().json
    count = 0

    def take(path: str, found: str | XgodoError) -> None:
        nonlocal count
        if isinstance(found, XgodoError):
            failed[path] = found
            output.note(
                f"{click.style('not compared', fg='red')} {output.shown(path)}: {output.plain(str(found))}"
            )
        elif as_json:
            diffs.append({"path": path, "diff": found})
        elif found:
            count += 1
            _show(found)

    interrupts.run(_diff(paths, take))
    error = worst(list(failed.values()))
    if as_json:
        document: dict[str, object] = {"files": [each for each in diffs if each["diff"]]}
        if failed:
            document["failed"] = [{"path": path, "errors": [str(each)]} for path, each in failed.items()]
        output.json_document(document | output.error_document(error) if error else document)
    elif error:
        output.print_error(error, invocation())
    elif not count:
        output.note("No file differs.")
    return error.exit_code if error else 0


def _show(text: str) -> None:
    """Print a diff: to a program exactly, so that it can be applied; on a terminal without power over it."""
    on_terminal = sys.stdout.isatty()
    for number, line in enumerate(text.removesuffix("\n").split("\n")):
        if not on_terminal:
            output.exact(line)
        elif number < 2:
            # A line that goes or comes may itself begin as the two headings do.
            output.result(click.style(output.plain(line), bold=True))
        else:
            output.result(click.style(output.plain(line), fg=_COLORS.get(line[:1])))


async def _diff(named: tuple[Path, ...], take: Callable[[str, str | XgodoError], None]) -> None:
    async with workspace.open_workspace() as opened:
        remote = await opened.remote()
        hashes = await remote_hashes(remote, opened.copy, opened.state)
        found = survey(opened.copy, opened.state, hashes)
        learn(opened.copy, opened.state, found)
        chosen = named_paths(named, opened.project.root, {*found.local, *found.base, *found.verdicts})
        differing = found.with_verdict(*_SHOWN)
        wanted = differing if chosen is None else [path for path in differing if path in chosen]
        async with aclosing(_compared(opened.copy, remote, wanted, hashes)) as compared:
            async for path, outcome in compared:
                take(path, outcome)


async def _compared(
    copy: LocalCopy, remote: RemoteProject, paths: Iterable[str], there: dict[str, str]
) -> AsyncGenerator[tuple[str, str | XgodoError]]:
    """The diff of each path, or why there is none, in order. A few are read ahead, at once."""
    stopped_by: XgodoError | None = None

    async def compare(path: str) -> tuple[str, str | XgodoError]:
        nonlocal stopped_by
        try:
            here = copy.read(path)
            if stopped_by is not None:
                return path, stopped_by
            content = await remote.read(path) if path in there else None
        except XgodoError as error:
            if isinstance(error, UnreachableError | AuthenticationError):
                stopped_by = stopped_by or error
            return path, error
        return path, unified(path, content, here)

    waiting = iter(paths)
    running = deque(asyncio.ensure_future(compare(path)) for path in islice(waiting, AT_ONCE))
    try:
        while running:
            outcome = await running.popleft()
            running.extend(asyncio.ensure_future(compare(path)) for path in islice(waiting, 1))
            yield outcome
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def unified(path: str, there: bytes | None, here: bytes | None) -> str:
    """The unified diff from the platform's content to the one here; empty when they are equal.

    A file that is empty on its only side has headings alone.
    """
    name = output.shown(path)
    before = f"platform/{name}" if there is not None else "/dev/null"
    after = f"here/{name}" if here is not None else "/dev/null"
    text = "".join(_lines(difflib.unified_diff(_split(there), _split(here), before, after)))
    if not text and (there is None) != (here is None):
        return f"--- {before}\n+++ {after}\n"
    return text


def _split(content: bytes | None) -> list[str]:
    # Not splitlines(): it also breaks at characters that are no line ends to git or an editor.
    text = (content or b"").decode("utf-8", "replace")
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _lines(diff: Iterator[str]) -> Iterator[str]:
    for line in diff:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
