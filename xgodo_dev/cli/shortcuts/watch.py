"""`xgodo-dev tasks watch`: the tasks of a job as their status changes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import click

from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.duration import duration
from xgodo_dev.cli.endpoints import progress
from xgodo_dev.cli.endpoints.platforms import XGODO
from xgodo_dev.cli.endpoints.session import opened
from xgodo_dev.cli.endpoints.table_layout import cell_text
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.view import cells
from xgodo_dev.errors import UnreachableError
from xgodo_dev.platform.clients.calling import Calls

_STATUSES = {
    "processing": "cyan",
    "running": "cyan",
    "pending": "yellow",
    "confirmed": "green",
    "notcomplete": "red",
    "declined": "red",
    "failed": "red",
}
_PAGE = 100
_LONGEST = 60
_NARROW = 24


@click.command(cls=Command, short_help="Follow the tasks of a job as their status changes.")
@click.argument("job")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=click.Choice(list(_STATUSES)),
    help="Only tasks that come to be so; may be repeated.",
)
@click.option(
    "--every",
    default="5s",
    show_default=True,
    metavar="TIME",
    callback=duration(least=1, most=3600),
    help="How often the platform is asked.",
)
@click.option("--new", "only_new", is_flag=True, help="Leave out how the tasks stand at first.")
def watch(job: str, statuses: tuple[str, ...], every: float, only_new: bool) -> int:
    """Show each task of the job JOB, and each change of its status, until Ctrl-C.

    With --json, one object a line: `time` (Unix seconds), `before` (null at first) and the `task` as the
    platform has it.
    """
    interrupts.run(_watch(job, frozenset(statuses), every, only_new))
    return 0


async def _watch(job: str, statuses: frozenset[str], every: float, only_new: bool) -> None:
    known: dict[str, str] = {}
    is_first = True

    def told(_room: int) -> str:
        counted = Counter(known.values())
        parts = [f"{counted[name]} {click.style(name, fg=_STATUSES.get(name))}" for name in counted]
        return "  ".join(parts) or "no tasks yet"

    async with opened(XGODO, has_progress=True) as calls:
        with progress.line(told) as line:
            while True:
                try:
                    changes = await _changes(calls, job, known)
                except UnreachableError as error:
                    if is_first:
                        raise
                    with line.hidden():
                        output.remark(f"{error} It is tried again.")
                    changes = []
                for before, task in changes:
                    wanted = not statuses or task["status"] in statuses
                    if wanted and not (is_first and only_new):
                        with line.hidden():
                            _show(before, task)
                is_first = False
                line.redraw()
                await asyncio.sleep(every)


async def _changes(
    calls: Calls, job: str, known: dict[str, str]
) -> list[tuple[str | None, Mapping[str, Any]]]:
    """The tasks whose status is another one than ``known``, with that; the oldest first. Then it is known."""
    changed = []
    async with aclosing(calls.pages("jobs.applicants", {"job_id": job, "limit": _PAGE})) as tasks:
        async for task in tasks:
            before = known.get(task["_id"])
            if before != task["status"]:
                changed.append((before, task))
    for _, task in changed:
        known[task["_id"]] = task["status"]
    return sorted(changed, key=lambda each: str(each[1].get("updated") or each[1].get("added")))


def _show(before: str | None, task: Mapping[str, Any]) -> None:
    if invocation().json:
        output.json_line({"time": time.time(), "before": before, "task": dict(task)})
        return
    status = str(task["status"])
    at = cell_text(task.get("updated") or task.get("added"))
    by = cell_text(task.get("device_name") or task.get("worker_name"))
    about = cell_text(task.get("planned_task") or task.get("comment") or task.get("failureReason"))
    colored = click.style(f"{status:<11}", fg=_STATUSES.get(status))
    line = f"{at}  {colored}  {task['_id']}  {cells.padded(output.shown(by), _NARROW)}"
    output.result(f"{line}  {cells.cut(output.shown(about), _LONGEST)}".rstrip())
