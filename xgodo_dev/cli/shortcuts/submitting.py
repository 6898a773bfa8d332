"""Sending planned tasks in batches, none of them twice, whatever fails meanwhile.

The platform takes no key that would tell a request from its repetition. So what an unheard request has made
is looked for in its lists, until the request can't have an effect any more; how long that is, is our guess.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from xgodo_dev.cli.shortcuts.submission_journal import Asked, Journal, fingerprint, row
from xgodo_dev.errors import (
    ApiError,
    AuthenticationError,
    NoConnection,
    ServerUnavailable,
    TooManyRequests,
    UnreachableError,
    UsageError,
    XgodoError,
)
from xgodo_dev.platform.answers import AnswerTooLarge
from xgodo_dev.platform.clients.calling import Calls

# Inputs of one request, and their characters. The platform documents no limit of either.
BATCH = 100
_BATCH_CHARACTERS = 500_000
_PAGE = 100
# With these the platform refuses a request as a whole. A 408 or 409, say, leaves open what came of it.
_REFUSED = (400, 403, 404, 413, 422)


@dataclass(frozen=True)
class Patience:
    """How long what came of a request is looked for, in seconds."""

    pauses: Sequence[float] = (1.0, 2.0, 4.0, 8.0)
    """Between one look and the next, while the command goes on that sent it."""
    lifetime: float = 120.0
    """After that a request that nobody heard of has no effect any more. No document says how long it may."""
    every: float = 5.0
    """Between two looks while that time goes by."""


PATIENCE = Patience()


@dataclass(frozen=True)
class Table:
    """The planned tasks to make of a table's rows."""

    job_id: str
    inputs: Sequence[str]
    device: str | None
    options: Mapping[str, Any]
    """What else ``planned_tasks.submit`` is given."""

    @property
    def rows(self) -> list[str]:
        """What tells each row, in the journal's words."""
        return [row(self.device, each) for each in self.inputs]


async def settle(
    calls: Calls,
    journal: Journal,
    job_id: str,
    waiting: Callable[[float], None],
    patience: Patience = PATIENCE,
) -> int:
    """Find out what came of a request that nobody heard the answer of, and how many tasks it made.

    A request may still be on its way: what it has not made by then is only known when it can't be alive.

    Args:
        waiting: is told how many seconds that takes, where it takes any.

    Raises:
        XgodoError: the platform's lists can't be read.
    """
    asked = journal.asked
    if asked is None:
        return 0
    rest = min(max(asked.at + patience.lifetime - time.time(), 0.0), patience.lifetime)
    end = time.monotonic() + rest
    is_told = False
    while True:
        is_over = time.monotonic() >= end
        found = await _found(calls, journal, asked, job_id)
        if is_over or len(found) == len(asked.rows):
            journal.arrived(found)
            return len(found)
        if not is_told:
            waiting(rest)
            is_told = True
        await asyncio.sleep(max(0.0, min(patience.every, end - time.monotonic())))


async def send(
    calls: Calls,
    journal: Journal,
    table: Table,
    told: Callable[[], None],
    *,
    positions: int | None = None,
    patience: Patience = PATIENCE,
) -> None:
    """Send what the journal does not know to have arrived. Whatever was asked before has to be settled.

    Args:
        told: is called whenever more of them arrived.
        positions: how many more tasks the job takes, but for those that wait; None: nobody knows.

    Raises:
        XgodoError: the platform refused a batch, or it is not known whether one arrived; those before it
            have.
    """
    assert journal.asked is None
    rows = table.rows
    missing = len(_missing(journal, rows))
    if not missing:
        journal.finished(rows)
        return
    before, waiting = await _before(calls, table)
    if positions is not None and missing > positions - waiting:
        raise XgodoError(
            f"The job has {max(positions - waiting, 0)} positions left for {missing} tasks.",
            hint="Nothing was sent. Give the job more positions, or take rows out of the table.",
        )
    while batch := next(batches(_missing(journal, rows), table.inputs), None):
        inputs = [table.inputs[number] for number in batch]
        journal.asking([rows[number] for number in batch], inputs, before)
        try:
            answer = await calls.call(
                "planned_tasks.submit", {**table.options, "job_id": table.job_id, "inputs": inputs}
            )
        except XgodoError as error:
            if _never_arrived(error):
                journal.not_arrived()
                raise
            if not isinstance(error, UnreachableError):
                raise
            await _look_again(calls, journal, table, patience, error)
        else:
            journal.arrived(_by_place(inputs, answer.get("inserted_ids")))
        told()
    journal.finished(rows)


def batches(numbers: Sequence[int], inputs: Sequence[str]) -> Iterator[list[int]]:
    """The numbers of inputs that are sent together."""
    batch: list[int] = []
    characters = 0
    for number in numbers:
        if batch and (len(batch) == BATCH or characters + len(inputs[number]) > _BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(number)
        characters += len(inputs[number])
    if batch:
        yield batch


def _missing(journal: Journal, rows: Sequence[str]) -> list[int]:
    return [number for number, sent in enumerate(journal.known(rows)) if sent is None]


def _never_arrived(error: XgodoError) -> bool:
    """Whether what was sent certainly made no task, and never will."""
    if isinstance(error, NoConnection | TooManyRequests | AuthenticationError | UsageError):
        return True
    return isinstance(error, ApiError) and error.status in _REFUSED and not isinstance(error, AnswerTooLarge)


async def _look_again(
    calls: Calls, journal: Journal, table: Table, patience: Patience, unheard: UnreachableError
) -> None:
    """Wait for what was sent to show in the platform's lists.

    Raises:
        UnreachableError: not all of it does. It may come yet: nothing is sent again before that is ruled out.
    """
    asked = journal.asked
    assert asked
    for pause in (0.0, *patience.pauses):
        await asyncio.sleep(pause)
        found = await _found(calls, journal, asked, table.job_id)
        if len(found) == len(asked.rows):
            journal.arrived(found)
            return
    journal.arrived(found, is_settled=False)
    raise unheard


async def _before(calls: Calls, table: Table) -> tuple[set[str], int]:
    """The planned tasks that are there already with inputs of the table, and how many wait in all."""
    wanted = set(map(fingerprint, table.inputs))
    there: set[str] = set()
    waiting: set[str] = set()
    async with aclosing(_listed(calls, table.job_id)) as listed:
        async for is_waiting, task_id, text in listed:
            if is_waiting:
                waiting.add(task_id)
            if fingerprint(text) in wanted:
                there.add(task_id)
    return there, len(waiting)


async def _found(calls: Calls, journal: Journal, asked: Asked, job_id: str) -> dict[int, str]:
    """Which of the inputs that were sent are planned tasks now, or tasks that somebody works on, by place."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for number in reversed(range(len(asked.inputs))):
        wanted[asked.inputs[number]].append(number)
    known: Collection[str] = journal.ids | set(asked.before)
    found: dict[int, str] = {}
    taken: set[str] = set()
    async with aclosing(_listed(calls, job_id)) as listed:
        async for _is_waiting, task_id, text in listed:
            same = wanted.get(fingerprint(text))
            if same and task_id not in known and task_id not in taken:
                taken.add(task_id)
                found[same.pop()] = task_id
            if len(found) == len(asked.inputs):
                break
    return found


async def _listed(calls: Calls, job_id: str) -> AsyncGenerator[tuple[bool, str, str], None]:
    """All planned tasks of a job, as whether they wait, their ids and inputs; one may come twice.

    First those that wait, then those that a device has begun: in this order none is missed that begins
    meanwhile.

    Raises:
        ServerUnavailable: something else is listed.
    """
    by_time = {"job_id": job_id, "limit": _PAGE, "sortOrder": "desc"}
    async with aclosing(calls.pages("planned_tasks.list", by_time)) as waiting:
        async for task in waiting:
            if not isinstance(task, Mapping) or not isinstance(task.get("planned_task_id"), str):
                raise ServerUnavailable("The platform lists planned tasks in an unknown shape.")
            yield True, task["planned_task_id"], str(task.get("input"))
    async with aclosing(calls.pages("jobs.applicants", {"job_id": job_id, "limit": _PAGE})) as begun:
        async for task in begun:
            # Those of workers have none.
            if isinstance(task, Mapping) and isinstance(task.get("planned_task_id"), str):
                yield False, task["planned_task_id"], str(task.get("planned_task"))


def _by_place(inputs: Sequence[str], inserted: Any) -> dict[int, str]:
    """The ids of the planned tasks that the inputs became, by their places in the request.

    Raises:
        XgodoError: the platform tells of fewer.
    """
    tasks = [each for each in inserted if isinstance(each, Mapping)] if isinstance(inserted, list) else []
    if len(tasks) != len(inputs):
        raise XgodoError(
            f"Of {len(inputs)} planned tasks the platform says that it added {len(tasks)}.",
        )
    by_input: dict[str, list[str]] = defaultdict(list)
    for task in tasks:
        by_input[str(task.get("input"))].append(str(task.get("planned_task_id")))
    ids = {}
    for number, task in enumerate(tasks):
        same = by_input.get(inputs[number])
        ids[number] = same.pop(0) if same else str(task.get("planned_task_id"))
    return ids
