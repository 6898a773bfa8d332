"""What a program asks of the platform through the phone: its buckets, and the task of a job it works on.

A run outside a job has no task. Only for the job's bucket is it documented that calls then resolve to a
failure; here that goes for all that need a task, but for ``useAnotherTask``, whose result has no such form.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence

from xgodo_dev.emulator.phone import kept_object
from xgodo_dev.emulator.phone.job_task import JobTask, Platform, task_files
from xgodo_dev.emulator.phone.kept_object import CallRefused
from xgodo_dev.emulator.phone.screen import Phone, PhoneActionError

Answer = dict[str, object]

_RECORD_STATUSES = ("pending", "failed", "declined")


async def answer(phone: Phone, task: JobTask | None, name: str, arguments: Sequence[object]) -> Answer | None:
    """Do the call `name`, its path below ``agent.utils``, for a run that works on `task`, or on none.

    Returns what the program's promise resolves to, as JSON values.

    :raises PhoneActionError: the call is not simulated.
    """
    given = _Arguments(arguments)
    if name == "job.useAnotherTask":
        return None if task is None else _use_another_task(task)
    try:
        if name in _FOR_EVERY_RUN:
            return {"success": True, **await _FOR_EVERY_RUN[name](phone, given)}
        if task is None and (name in _WITH_A_TASK or name in _NEEDS_OTHER_JOBS):
            raise CallRefused("This run belongs to no task of a job.")
        if task is not None and name in _WITH_A_TASK:
            return {"success": True, **await _WITH_A_TASK[name](task, given)}
        if task is not None and task.platform is not None and name in _NEEDS_OTHER_JOBS:
            return {"success": True, **await _NEEDS_OTHER_JOBS[name](task.platform, given)}
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


async def _read_device_bucket(phone: Phone, _given: _Arguments) -> Answer:
    return {"deviceBucket": phone.bucket.read()}


async def _merge_into_device_bucket(phone: Phone, given: _Arguments) -> Answer:
    return {"deviceBucket": await phone.bucket.merge(given[0])}


async def _read_bucket(task: JobTask, _given: _Arguments) -> Answer:
    return {"bucket": task.bucket.read()}


async def _merge_into_bucket(task: JobTask, given: _Arguments) -> Answer:
    return {"bucket": await task.bucket.merge(given[0])}


async def _submit_task(task: JobTask, given: _Arguments) -> Answer:
    task.submit(given[0], given[1], given[2], given[3])
    return {}


async def _current_task(task: JobTask, _given: _Arguments) -> Answer:
    # The only id among the answer's documented members, so it is taken to be the task's own: the parent
    # of what it queues. The unit of `timeout` is not documented; minutes, as in the run's information.
    return {"parent_task_id": task.id, "job_proof": task.proof, "timeout": task.timeout}


async def _store_variables(task: JobTask, given: _Arguments) -> Answer:
    return {"automation_variables": task.store_variables(given[0])}


async def _read_variables(task: JobTask, _given: _Arguments) -> Answer:
    return {"automation_variables": task.automation_variables}


async def _submit_to_another_job(platform: Platform, given: _Arguments) -> Answer:
    status = "pending" if given[2] is None else given[2]
    if not isinstance(given[0], str):
        raise CallRefused("job_id has to be a string.")
    if status not in _RECORD_STATUSES:
        raise CallRefused(f"The status has to be one of {', '.join(_RECORD_STATUSES)}.")
    data_text = kept_object.encode(given[1], "A record's data")
    return platform.submit_to_another_job(given[0], data_text, str(status), task_files(given[3]))


async def _add_sub_tasks(platform: Platform, given: _Arguments) -> Answer:
    names = ("job_variables", "run_immediately", "job_id")
    options = given[0]
    if isinstance(options, list):
        options = {name: given[place] for place, name in enumerate(names)}
    if not isinstance(options, dict) or not isinstance(variables := options.get("job_variables"), list):
        raise CallRefused("job_variables has to be an array of objects.")
    inputs = [kept_object.encode(each, f"job_variables[{place}]") for place, each in enumerate(variables)]
    run_immediately = options.get("run_immediately")
    job_id, device_id = options.get("job_id"), options.get("remote_device_id")
    if not isinstance(run_immediately, bool | None):
        raise CallRefused("run_immediately has to be true or false.")
    if not isinstance(job_id, str | None) or not isinstance(device_id, str | None):
        raise CallRefused("job_id and remote_device_id have to be strings.")
    return await platform.add_sub_tasks(
        inputs, run_immediately=run_immediately is True, job_id=job_id, device_id=device_id
    )


async def _sub_tasks(platform: Platform, given: _Arguments) -> Answer:
    ids = given[0]
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        raise CallRefused("planned_task_ids has to be an array of strings.")
    return platform.sub_tasks(ids)


_FOR_EVERY_RUN: dict[str, Callable[[Phone, _Arguments], Awaitable[Answer]]] = {
    "deviceBucket.get": _read_device_bucket,
    "deviceBucket.set": _merge_into_device_bucket,
}

_WITH_A_TASK: dict[str, Callable[[JobTask, _Arguments], Awaitable[Answer]]] = {
    "bucket.get": _read_bucket,
    "bucket.set": _merge_into_bucket,
    "job.submitTask": _submit_task,
    "job.getCurrentTask": _current_task,
    "setAutomationVariables": _store_variables,
    "getAutomationVariables": _read_variables,
}

_NEEDS_OTHER_JOBS: dict[str, Callable[[Platform, _Arguments], Awaitable[Answer]]] = {
    "job.submitTaskToAnotherJob": _submit_to_another_job,
    "job.addSubTasks": _add_sub_tasks,
    "job.getSubTasks": _sub_tasks,
}
