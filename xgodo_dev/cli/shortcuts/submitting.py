"""Sending planned tasks in batches, none of them twice, whatever fails meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from xgodo_dev.cli.shortcuts.submission_journal import Journal
from xgodo_dev.errors import NoConnection, TooManyRequests, UnreachableError, XgodoError
from xgodo_dev.platform.clients.calling import Calls

# Inputs of one request, and their characters. The platform documents no limit of either.
BATCH = 100
_BATCH_CHARACTERS = 500_000
_PAGE = 100
# Requests in a row without an answer that is heard.
_MOST_UNHEARD = 3


async def submit(
    calls: Calls,
    journal: Journal,
    inputs: Sequence[str],
    options: Mapping[str, Any],
    told: Callable[[], None],
) -> None:
    """Send what the journal does not know to have arrived.

    Where an answer is not heard, the platform's own lists tell what arrived, before anything is sent again.

    Args:
        calls: the platform's operations.
        journal: what is known so far; it is kept up to date.
        inputs: all of them, in their order.
        options: what else ``planned_tasks.submit`` is given.
        told: is called whenever more of them arrived.

    Raises:
        XgodoError: the platform refused a batch, or can't be reached. Those before it have arrived.
    """
    submission = journal.submission
    unheard = 0
    if not submission.asked and not any(submission.ids):
        await _look_before(calls, journal)
    if submission.asked:
        await _find_out(calls, journal, inputs)
        told()
    while batch := next(batches(submission.missing, inputs), None):
        journal.asking(batch)
        try:
            answer = await calls.call(
                "planned_tasks.submit",
                {**options, "job_id": submission.job_id, "inputs": [inputs[number] for number in batch]},
            )
        except (NoConnection, TooManyRequests):
            journal.not_arrived()
            raise
        except UnreachableError:
            unheard += 1
            if unheard >= _MOST_UNHEARD:
                raise
            await _find_out(calls, journal, inputs)
        except XgodoError:
            # It was heard, and refused as a whole.
            journal.not_arrived()
            raise
        else:
            unheard = 0
            journal.arrived(_by_number(batch, inputs, answer.get("inserted_ids")))
        told()


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


async def _look_before(calls: Calls, journal: Journal) -> None:
    """Note which planned tasks the job has already, as far as that tells them from what is sent."""
    asked = {"job_id": journal.submission.job_id, "limit": _PAGE, "sortOrder": "desc"}
    answer = await calls.call("planned_tasks.list", asked)
    listed = answer["data"]["plannedTasks"]
    newest = max((each["added"] for each in listed), default="")
    journal.submission.newest_before = newest
    journal.submission.ids_before = [each["planned_task_id"] for each in listed if each["added"] == newest]
    journal.write()


async def _find_out(calls: Calls, journal: Journal, inputs: Sequence[str]) -> None:
    """Look which of the inputs that were sent last are planned tasks now, or tasks that somebody works on."""
    submission = journal.submission
    wanted: dict[str, list[int]] = defaultdict(list)
    for number in submission.asked:
        wanted[inputs[number]].append(number)
    known = {each for each in submission.ids if each} | set(submission.ids_before)
    found: dict[int, str] = {}

    def take(task_id: Any, text: Any) -> None:
        if isinstance(task_id, str) and task_id not in known and wanted.get(str(text)):
            known.add(task_id)
            found[wanted[text].pop(0)] = task_id

    asked = {"job_id": submission.job_id, "limit": _PAGE, "sortOrder": "desc"}
    async with aclosing(calls.pages("planned_tasks.list", asked)) as waiting:
        async for task in waiting:
            if task["added"] < submission.newest_before:
                break
            take(task["planned_task_id"], task["input"])
    if len(found) < len(submission.asked):
        # A device may have begun at once.
        by_job = {"job_id": submission.job_id, "limit": _PAGE}
        async with aclosing(calls.pages("jobs.applicants", by_job)) as begun:
            async for task in begun:
                if task["added"] >= submission.newest_before:
                    take(task.get("planned_task_id"), task.get("planned_task"))
    journal.arrived(found)


def _by_number(batch: Sequence[int], inputs: Sequence[str], inserted: Any) -> dict[int, str]:
    """The ids of the planned tasks that the inputs became.

    Raises:
        XgodoError: the platform tells of fewer.
    """
    tasks = [each for each in inserted if isinstance(each, Mapping)] if isinstance(inserted, list) else []
    if len(tasks) != len(batch):
        raise XgodoError(
            f"Of {len(batch)} planned tasks the platform says that it added {len(tasks)}.",
            hint="Run the same command again: what arrived is not sent twice.",
        )
    by_input: dict[str, list[str]] = defaultdict(list)
    for task in tasks:
        by_input[str(task.get("input"))].append(str(task.get("planned_task_id")))
    ids = {}
    for number, task in zip(batch, tasks, strict=True):
        same = by_input.get(inputs[number])
        ids[number] = same.pop(0) if same else str(task.get("planned_task_id"))
    return ids
