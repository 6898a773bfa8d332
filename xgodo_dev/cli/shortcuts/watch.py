"""`xgodo-dev tasks watch`: the tasks of a job as their status changes."""

from __future__ import annotations

import asyncio
import shutil
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import click

from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.choice import Choice
from xgodo_dev.cli.duration import duration
from xgodo_dev.cli.endpoints import progress
from xgodo_dev.cli.endpoints.platforms import XGODO
from xgodo_dev.cli.endpoints.session import opened
from xgodo_dev.cli.endpoints.table_layout import cell_text
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.view import cells
from xgodo_dev.errors import UnreachableError, XgodoError
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
_GOING_ON = frozenset({"processing", "running"})
_FAILED = frozenset({"notcomplete", "declined", "failed"})
_PENDING = "pending"
_PAGE = 100
# Cells of a line.
_OF_NAME = 16
_LEAST_OF_INPUT, _MOST_OF_INPUT = 20, 60


@click.command(cls=Command, short_help="Follow the tasks of a job as their status changes.")
@click.argument("job")
@click.option(
    "--status",
    "statuses",
    multiple=True,
    type=Choice(list(_STATUSES)),
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
@click.option("--until-done", is_flag=True, help="End when nothing is planned or running any more.")
def watch(job: str, statuses: tuple[str, ...], every: float, only_new: bool, until_done: bool) -> int:
    """Show each task of the job JOB, and each change of its status, until Ctrl-C.

    A task that is `pending` was handed in, and waits for your judgement. With --until-done it exits with 0,
    or with 1 if tasks failed or were declined; with --new, only those that did so meanwhile count.

    With --json, one object a line: `time` (Unix seconds), `before` (null at first) and the `task` as the
    platform has it.

    \b
    Examples:
      xgodo-dev tasks watch 68868530c189957861cd698a --new
      xgodo-dev tasks watch 68868530c189957861cd698a --until-done --json
    """
    watched = _Watched(job, frozenset(statuses), only_new)
    interrupts.run(_watch(watched, every, until_done))
    return XgodoError.exit_code if until_done and watched.failed else 0


class _Watched:
    """A job's tasks as they were when the platform was last asked."""

    def __init__(self, job: str, statuses: frozenset[str], only_new: bool) -> None:
        self.job = job
        self.known: dict[str, str] = {}
        self.planned = 0
        self._statuses = statuses
        self._only_new = only_new
        self._old: frozenset[tuple[str, str]] = frozenset()
        self._is_pending_told = False
        self.is_first = True

    @property
    def goes_on(self) -> bool:
        """Whether tasks are planned or running."""
        return self.planned > 0 or not _GOING_ON.isdisjoint(self.known.values())

    @property
    def failed(self) -> int:
        """How many tasks came to nothing, of those that count."""
        return sum(
            status in _FAILED for task, status in self.known.items() if (task, status) not in self._old
        )

    async def ask(self, calls: Calls, *, with_planned: bool) -> list[tuple[str | None, Mapping[str, Any]]]:
        """Ask for all of them; the changes to show."""
        if with_planned:
            # Before the tasks: what is begun meanwhile is among those.
            listing = await calls.call("planned_tasks.list", {"job_id": self.job, "limit": 1})
            self.planned = listing["data"]["total"]
        changes = await _changes(calls, self.job, self.known)
        if self.is_first and self._only_new:
            self._old, changes = frozenset(self.known.items()), []
        self.is_first = False
        return [each for each in changes if not self._statuses or each[1]["status"] in self._statuses]

    def show(self, before: str | None, task: Mapping[str, Any]) -> None:
        """Print one change."""
        if invocation().json:
            output.json_line({"time": time.time(), "before": before, "task": dict(task)})
            return
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        output.result(line_of(task, width))
        if task["status"] == _PENDING and not self._is_pending_told:
            self._is_pending_told = True
            output.note(
                "pending: handed in; waits for your judgement (`xgodo-dev jobs update-applicants --help`)."
            )

    def told(self, _room: int = 0) -> str:
        """How many tasks stand how."""
        counted = Counter(self.known.values())
        parts = [f"{counted[name]} {click.style(name, fg=_STATUSES.get(name))}" for name in counted]
        if self.planned:
            parts.insert(0, f"{self.planned} planned")
        return "  ".join(parts) or "no tasks yet"


async def _watch(watched: _Watched, every: float, until_done: bool) -> None:
    async with opened(XGODO, has_progress=True) as calls:
        with progress.line(watched.told) as line:
            while True:
                try:
                    changes = await watched.ask(calls, with_planned=until_done)
                except UnreachableError as error:
                    if watched.is_first:
                        raise
                    with line.hidden():
                        output.remark(f"{error} It is tried again.")
                else:
                    for before, task in changes:
                        with line.hidden():
                            watched.show(before, task)
                    if until_done and not watched.goes_on:
                        break
                line.redraw()
                await asyncio.sleep(every)
        output.note(f"Nothing is planned or running any more: {click.unstyle(watched.told())}.")


def line_of(task: Mapping[str, Any], width: int | None) -> str:
    """A task in one line of at most ``width`` cells, as far as can be; None: any.

    Its input comes before its id, which gives way to it where there is no room for both.
    """
    status = str(task["status"])
    at = cell_text(task.get("updated") or task.get("added"))
    by = output.shown(cell_text(task.get("device_name") or task.get("worker_name")))
    about = cell_text(task.get("planned_task") or task.get("comment") or task.get("failureReason"))
    colored = click.style(f"{status:<11}", fg=_STATUSES.get(status))
    begin = f"{at}  {colored}  {cells.padded(by, _OF_NAME)}  "
    about, identifier = output.shown(about), output.shown(task["_id"])
    if width is None:
        return f"{begin}{about}  {identifier}"
    room = width - cells.width(begin)
    if room >= _LEAST_OF_INPUT + len(identifier) + 2:
        of_input = min(_MOST_OF_INPUT, room - len(identifier) - 2)
        return f"{begin}{cells.padded(about, of_input)}  {identifier}"
    return cells.cut(f"{begin}{about}".rstrip(), width)


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
