"""`xgodo-dev log`."""

from __future__ import annotations

import time

import click

from xgodo_dev.cli import interrupts, output, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation


@click.command(cls=Command, short_help="List the platform's commits.")
@click.option(
    "-n", "limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="How many."
)
def log(limit: int) -> int:
    """List the commits of the remote project, newest first.

    A server without a history of its own shows those that were made from here.
    """
    commits, complete = interrupts.run(_log(limit))
    if invocation().json:
        output.json_document(
            {
                "commits": [
                    {"hash": each, "message": message, "time": moment} for each, message, moment in commits
                ]
            }
        )
        return 0
    for content_hash, message, moment in commits:
        first, *others = output.plain(message.rstrip("\r\n")).split("\n")
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))
        output.result(
            f"{click.style(content_hash[:10], fg='yellow')}  {click.style(when, dim=True)}  {first}"
        )
        for line in others:
            output.result(" " * 30 + line)
    if not commits:
        output.note("There is no commit yet." if complete else "No commit was made from here yet.")
    elif not complete:
        output.note("This server tells no history: these are the commits made from this folder.")
    return 0


async def _log(limit: int) -> tuple[list[tuple[str, str, float]], bool]:
    async with workspace.open_workspace() as opened:
        history = await (await opened.remote()).history(limit)
        if history is not None:
            return [(each.hash, each.message, each.time) for each in history[:limit]], True
        made = opened.state.commits(limit)
        return [(each.hash, each.message, each.time) for each in made], False
