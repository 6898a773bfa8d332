"""Tasks at work: each is carried on until it ends, also after a restart, one at a time on a device."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

from xgodo_dev.emulator.background import Background
from xgodo_dev.emulator.clock import Clock
from xgodo_dev.emulator.mobilerun.agent import Event, Script, ended, script
from xgodo_dev.emulator.mobilerun.device_store import DeviceStore
from xgodo_dev.emulator.mobilerun.refusals import Conflict
from xgodo_dev.emulator.mobilerun.task_store import Happened, Status, Task, TaskStore

STEP_SECONDS: Final = 0.1
# Keeps a stream's connection from looking dead.
_SILENCE_SECONDS = 15.0

_logger = logging.getLogger(__name__)


class _DeviceLost(Exception):
    """The device was terminated under the task."""


class _TimeOver(Exception):
    """The task may take no longer."""


class TaskRunner:
    """Carries tasks on; ``told`` hears of each change of a task's status."""

    def __init__(
        self,
        tasks: TaskStore,
        devices: DeviceStore,
        clock: Clock,
        background: Background,
        told: Callable[[Task], None],
    ) -> None:
        self._tasks = tasks
        self._devices = devices
        self._clock = clock
        self._background = background
        self._told = told
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def carry_on(self) -> None:
        """Goes on with what a stop of the emulator left unfinished."""
        for task in self._tasks.unfinished():
            self._begin(task)

    def run(self, task: str, device_id: str | None, settings: Mapping[str, Any]) -> Task:
        """Begins a task on a device, or on one that is provisioned for it alone.

        Raises Missing, Conflict (no task can run on that device) and SlotLimitReached.
        """
        if device_id is None:
            device = self._devices.provision(name="Task device", apps=settings.get("apps", ()))
        else:
            device = self._devices.require(device_id)
            state = device.state(self._clock.now())
            if state in ("terminated", "disconnected"):
                raise Conflict(f"Device is {state}")
        created = self._tasks.create(
            task,
            settings,
            device_id=device.id,
            temporary_device=device_id is None,
            stream_url=device.stream_url,
            stream_token=device.stream_token,
        )
        self._told(created)
        self._begin(created)
        return created

    def cancel(self, task_id: str) -> None:
        """Ends a task that has not ended. Raises Missing and Conflict."""
        task = self._tasks.require(task_id)
        if task.is_final:
            raise Conflict(f"Task is already {task.status}")
        work = self._at_work.get(task_id)
        if work is not None:
            work.cancel()
        reason = "Cancelled by the user"
        self._finish(task, "cancelled", (Event("CancelEvent", {"reason": reason}),), reason)

    async def follow(self, task_id: str, after: int = -1) -> AsyncIterator[Happened | None]:
        """What happened after the event of that number, and what happens until the task ends.

        None where nothing happened for long. Raises Missing.
        """
        while True:
            # Asked before the events: a task that ends meanwhile has its last ones in the next round.
            is_final = self._tasks.require(task_id).is_final
            news = self._tasks.events(task_id, after)
            for happened in news:
                after = happened.number
                yield happened
            if is_final:
                return
            if not news and not await self._tasks.changed.wait(_SILENCE_SECONDS):
                yield None

    def _begin(self, task: Task) -> None:
        work = self._background.begin(self._work(task.id))
        self._at_work[task.id] = work
        work.add_done_callback(lambda _: self._at_work.pop(task.id, None))

    async def _work(self, task_id: str) -> None:
        task = self._tasks.require(task_id)
        try:
            # The turn first: of those that wait for a device, the oldest has it.
            async with self._turns[task.device_id]:
                await self._devices.ready(task.device_id, seconds=None)
                if task.status == "created":
                    task = self._change(task, "running", (Event("StartEvent", {}),))
                await self._act(task)
        except _TimeOver:
            self._fail(task_id, f"Execution timed out after {task.settings['executionTimeout']} seconds")
        except (_DeviceLost, Conflict):
            self._fail(task_id, "The device was terminated")
        except Exception:
            # A task that fails in a way nobody thought of must not stay unfinished for ever.
            _logger.exception("task %s failed", task_id)
            self._fail(task_id, "The emulator failed to run this task; its own log says why.")

    async def _act(self, task: Task) -> None:
        play = _script(task)
        for number, events in enumerate(play.steps[task.steps :], task.steps + 1):
            await self._pass(task, STEP_SECONDS)
            task = self._tasks.change(task.id, task.status, events, steps=number)
        if play.then == "complete":
            events = ended(success=True, message=play.message, steps=task.steps, output=play.output)
            self._finish(task, "completed", events, play.message, play.output)
        elif play.then == "fail":
            self._fail(task.id, play.message)
        else:
            if play.then == "pause" and task.status != "paused":
                task = self._change(task, "paused", ())
            await self._pass(task, math.inf)

    async def _pass(self, task: Task, seconds: float) -> None:
        """Lets that time pass; raises _DeviceLost and _TimeOver as soon as they are so."""
        assert task.started_at is not None
        end = self._clock.now() + seconds
        limit = task.started_at + task.settings["executionTimeout"]
        while True:
            device, now = self._devices.require(task.device_id), self._clock.now()
            if device.state(now) != "ready":
                raise _DeviceLost
            if limit <= now:
                raise _TimeOver
            if end <= now:
                return
            change = device.seconds_to_change(now)
            await self._devices.changed.wait(
                min(end - now, limit - now, math.inf if change is None else change)
            )

    def _fail(self, task_id: str, message: str) -> None:
        task = self._tasks.require(task_id)
        events = ended(success=False, message=message, steps=task.steps, output=None)
        self._finish(task, "failed", events, message)

    def _finish(
        self,
        task: Task,
        status: Status,
        events: tuple[Event, ...],
        message: str,
        output: Mapping[str, Any] | None = None,
    ) -> None:
        self._change(task, status, events, message=message, output=output)
        if task.temporary_device:
            self._devices.terminate(task.device_id)

    def _change(
        self,
        task: Task,
        status: Status,
        events: tuple[Event, ...],
        *,
        message: str | None = None,
        output: Mapping[str, Any] | None = None,
    ) -> Task:
        changed = self._tasks.change(task.id, status, events, message=message, output=output)
        self._told(changed)
        return changed


def _script(task: Task) -> Script:
    settings = task.settings
    return script(
        task.task,
        max_steps=settings["maxSteps"],
        reasoning=settings["reasoning"],
        output_schema=settings["outputSchema"],
    )
