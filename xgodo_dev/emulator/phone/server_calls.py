"""What a program asks of the platform through the phone: its buckets, and the task of a job it works on.

A run outside a job has no task. Only for the job's bucket is it documented that calls then resolve to a
failure; here that goes for all that need a task, but for ``useAnotherTask``, whose result has no such form.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from xgodo_dev.emulator.phone.job_task import JobTask
from xgodo_dev.emulator.phone.kept_object import CallRefused
from xgodo_dev.emulator.phone.screen import Phone, PhoneActionError

Answer = dict[str, object]


def answer(phone: Phone, task: JobTask | None, name: str, arguments: Sequence[object]) -> Answer | None:
    """Do the call `name`, its path below ``agent.utils``, for a run that works on `task`, or on none.

    Returns what the program's promise resolves to, as JSON values.

    :raises PhoneActionError: the call is not simulated.
    """
    given = _Arguments(arguments)
    if name == "job.useAnotherTask":
        return None if task is None else _use_another_task(task)
    try:
        if name in _FOR_EVERY_RUN:
            return {"success": True, **_FOR_EVERY_RUN[name](phone, given)}
        if task is None and (name in _WITH_A_TASK or name in _NEEDS_OTHER_JOBS):
            raise CallRefused("This run belongs to no task of a job.")
        if task is not None and name in _WITH_A_TASK:
            return {"success": True, **_WITH_A_TASK[name](task, given)}
    except CallRefused as refusal:
        return {"success": False, "error": str(refusal)}
    raise PhoneActionError(f"agent.utils.{name} is not simulated yet")


class _Arguments:
    """What a program gave; None stands for what it left out, too."""

    def __init__(self, values: Sequence[object]) -> None:
        self._values = values

    def __getitem__(self, place: int) -> object:
        return self._values[place] if place < len(self._values) else None


def _use_another_task(task: JobTask) -> Answer | None:
    other = task.take_waiting()
    return None if other is None else {"job_task_id": other.id, "job_proof": json.dumps(other.proof)}


def _read_device_bucket(phone: Phone, _given: _Arguments) -> Answer:
    return {"deviceBucket": phone.bucket.read()}


def _merge_into_device_bucket(phone: Phone, given: _Arguments) -> Answer:
    return {"deviceBucket": phone.bucket.merge(given[0])}


def _read_bucket(task: JobTask, _given: _Arguments) -> Answer:
    return {"bucket": task.bucket.read()}


def _merge_into_bucket(task: JobTask, given: _Arguments) -> Answer:
    return {"bucket": task.bucket.merge(given[0])}


def _submit_task(task: JobTask, given: _Arguments) -> Answer:
    task.submit(given[0], given[1], given[2], given[3])
    return {}


def _current_task(task: JobTask, _given: _Arguments) -> Answer:
    # The only id among the answer's documented members, so it is taken to be the task's own: the parent
    # of what it queues. The unit of `timeout` is not documented; minutes, as in the run's information.
    return {"parent_task_id": task.id, "job_proof": task.proof, "timeout": task.timeout}


def _store_variables(task: JobTask, given: _Arguments) -> Answer:
    return {"automation_variables": task.store_variables(given[0])}


def _read_variables(task: JobTask, _given: _Arguments) -> Answer:
    return {"automation_variables": task.automation_variables}


_FOR_EVERY_RUN: dict[str, Callable[[Phone, _Arguments], Answer]] = {
    "deviceBucket.get": _read_device_bucket,
    "deviceBucket.set": _merge_into_device_bucket,
}

_WITH_A_TASK: dict[str, Callable[[JobTask, _Arguments], Answer]] = {
    "bucket.get": _read_bucket,
    "bucket.set": _merge_into_bucket,
    "job.submitTask": _submit_task,
    "job.getCurrentTask": _current_task,
    "setAutomationVariables": _store_variables,
    "getAutomationVariables": _read_variables,
}

_NEEDS_OTHER_JOBS = ("job.submitTaskToAnotherJob", "job.addSubTasks", "job.getSubTasks")
