"""Puts planned tasks of automated jobs on phones, and follows them to their end.

A phone is free for a job when it is online, works on no other task, and does not run the same project
already. Those of the job's owner come first, then the others: all are on the market, and the documentation
calls a phone of the market unavailable while it works on a task, so that working on anybody's jobs is what
they are there for. What a run prints on a phone is for that phone's owner alone to read, as all its logs.

What waits is tried when it is submitted with ``run_immediately`` or reinitiated, when a phone has done a
task, and every ``SWEEP_SECONDS``. A run is ended after ``TIMEOUT_MINUTES`` of the platform's clock.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Self

from xgodo_dev.emulator.accounts import Accounts
from xgodo_dev.emulator.background import Background
from xgodo_dev.emulator.buckets import JobBuckets
from xgodo_dev.emulator.clock import Clock
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.devices import Device, DeviceFleet
from xgodo_dev.emulator.input_schema import VARIABLES, Schema
from xgodo_dev.emulator.input_values import complaint
from xgodo_dev.emulator.jobs import inputs as task_inputs
from xgodo_dev.emulator.jobs import job as jobs
from xgodo_dev.emulator.jobs import job_tasks, planned_tasks
from xgodo_dev.emulator.jobs.agent import TIMEOUT_MINUTES, Agent
from xgodo_dev.emulator.jobs.build import ENTRY, Build, latest
from xgodo_dev.emulator.jobs.job import Job
from xgodo_dev.emulator.jobs.job_tasks import Status, Task, Worker
from xgodo_dev.emulator.jobs.pinning import pinned
from xgodo_dev.emulator.jobs.planned_tasks import PlannedTask
from xgodo_dev.emulator.object_id import new_id
from xgodo_dev.emulator.phone.job_task import JobTask
from xgodo_dev.emulator.phone.program import Program
from xgodo_dev.emulator.project_settings import ProjectSettings
from xgodo_dev.emulator.projects import Projects
from xgodo_dev.schema_keys import BUCKET

ATTEMPTS: Final = 3
RETRY_SECONDS: Final = 5.0
SWEEP_SECONDS: Final = 30.0

_logger = logging.getLogger(__name__)

Attempt = Literal["assigned", "busy", "impossible"]
"""``busy``: a phone that could do it is at work."""


@dataclass(frozen=True, eq=False)
class _Work:
    """A run at work on a task."""

    job: Job
    job_task: JobTask
    device: Device
    run_id: str
    ends: float
    """When its time is over, by the platform's clock."""


class Dispatcher:
    """Everything that phones do for jobs. ``server`` is the address at which the emulator is reached.

    An asynchronous context manager, left before the phones are: nothing is put on a phone any more then.
    """

    def __init__(
        self,
        database: Database,
        *,
        fleet: DeviceFleet,
        projects: Projects,
        settings: ProjectSettings,
        accounts: Accounts,
        clock: Clock,
        background: Background,
        server: str,
    ) -> None:
        self.database = database
        self._fleet = fleet
        self._projects = projects
        self._settings = settings
        self._accounts = accounts
        self.clock = clock
        self._background = background
        self.server = server
        # By the task's id, until its run has ended or is about to.
        self._at_work: dict[str, _Work] = {}
        # The tasks at work, by their job: what one of them finds beside it.
        self._beside: dict[str, list[JobTask]] = {}
        self._freed = asyncio.Event()
        self._due = asyncio.Event()
        self._sweeping: asyncio.Task[None] | None = None
        self._open = False

    async def __aenter__(self) -> Self:
        for task in job_tasks.at_work_on_phones(self.database):
            # Of an emulator that was killed.
            job = jobs.find(self.database, task.job_id)
            assert job is not None, "jobs are never deleted"
            self._close(task.id, job, "failed", "The emulator was stopped.")
        self._accounts.revoke_all_agents()
        self._open = True
        self.clock.when_moved(self.wake)
        self._sweeping = self._background.begin(self._sweep())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.wait([self._sweeping])

    def pinned(self, device_id: str | None, name: str | None) -> str | None:
        """The device that tasks are to be pinned to, if any. Raises JobRefused."""
        return pinned({device.id: device.name for device in self._fleet.devices()}, device_id, name)

    def schemas(self, job: Job) -> Mapping[str, Schema | None]:
        """Those of the job's automation; none where that is somebody else's, or there is none."""
        if job.automation_id is None or not self._projects.of(job.account_id).has(job.automation_id):
            return {}
        return self._settings.read(job.automation_id).schemas

    async def plan(self, job: Job, inputs: Sequence[str], *, device_id: str | None) -> list[PlannedTask]:
        """Plan a task for each input. Raises JobRefused and TooManyInputs; nothing is planned then."""
        await task_inputs.check(inputs, self.schemas(job).get(VARIABLES))
        return planned_tasks.add(self.database, job, inputs, device_id=device_id, now=self.clock.now())

    async def assign_now(self, planned: Sequence[PlannedTask], attempts: int = ATTEMPTS) -> dict[str, bool]:
        """Try to put tasks, of one job and pinned alike, on phones; says of each by its id whether it is."""
        for attempt in range(attempts):
            if attempt:
                await self._wait_for_a_phone()
            if not await self._assign_in_turn(planned):
                break
        found = {each.id: planned_tasks.find(self.database, each.id) for each in planned}
        return {each: now is not None and now.job_task_id is not None for each, now in found.items()}

    def wake(self) -> None:
        """Try what waits once more: something has changed."""
        self._due.set()

    async def _wait_for_a_phone(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RETRY_SECONDS):
                await self._freed.wait()

    async def _sweep(self) -> None:
        while True:
            next_end = min(
                (work.ends - self.clock.now() for work in self._at_work.values()), default=SWEEP_SECONDS
            )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(next_end, SWEEP_SECONDS)):
                    await self._due.wait()
            self._due.clear()
            try:
                await self._end_overdue()
                while await self._assign_heads():
                    pass
            except Exception:
                # What failed this time must not keep everything from being tried the next time.
                _logger.exception("planned tasks can't be put on phones")

    async def _end_overdue(self) -> None:
        """End the runs whose time is over. Raises XgodoError where one does not end."""
        now = self.clock.now()
        for work in [each for each in self._at_work.values() if each.ends <= now]:
            del self._at_work[work.job_task.id]
            if not work.job_task.finished:
                reason = f"The automation was ended after {TIMEOUT_MINUTES:g} minutes."
                self._close(work.job_task.id, work.job, "failed", reason)
            await self._fleet.stop(work.device, work.run_id)

    async def _assign_heads(self) -> bool:
        """Try the first of each queue; says whether any was put on a phone."""
        outcomes = []
        for planned in planned_tasks.heads(self.database):
            try:
                outcomes.append(await self._assign(planned))
            except Exception:
                # A project whose settings are broken must not keep others from their phones.
                _logger.exception("planned task %s can't be put on a phone", planned.id)
        return "assigned" in outcomes

    async def _assign_in_turn(self, planned: Sequence[PlannedTask]) -> bool:
        """Says whether one found all phones at work; none of those behind it is tried then."""
        for each in planned:
            if await self._assign(each) == "busy":
                return True
        return False

    async def _assign(self, planned: PlannedTask) -> Attempt:
        job = jobs.find(self.database, planned.job_id)
        if job is None or job.status != jobs.ACTIVE or job.automation_id is None:
            return "impossible"
        phone = self._phone_for(planned, job)
        if not isinstance(phone, Device):
            return phone
        build = await latest(self._projects.of(job.account_id), job.automation_id)
        if build is None:
            return "impossible"
        # Once more: while that was read, the phone or the task may have been taken.
        phone = self._phone_for(planned, job)
        if not isinstance(phone, Device):
            return phone
        await self._begin(planned, job, build, phone)
        return "assigned"

    def _phone_for(self, planned: PlannedTask, job: Job) -> Device | Attempt:
        """Where to put a task, or why nowhere."""
        current = planned_tasks.find(self.database, planned.id)
        if current is None or not self._open:
            return "impossible"
        if current.job_task_id is not None:
            return "assigned"
        online = [
            device
            for device in sorted(self._fleet.devices(), key=lambda each: each.owner_id != job.account_id)
            if device.online and planned.device_id in (None, device.id)
        ]
        free = (device for device in online if self._is_free(device, job))
        return next(free, "busy" if online else "impossible")

    def _is_free(self, device: Device, job: Job) -> bool:
        return job.automation_id not in device.runs and not job_tasks.running_on(self.database, device.id)

    async def _begin(self, planned: PlannedTask, job: Job, build: Build, device: Device) -> None:
        assert job.automation_id is not None, "only an automation runs on phones"
        settings = self._settings.read(job.automation_id)
        now = self.clock.now()
        owner = self._accounts.account(device.owner_id)
        task = Task(
            id=new_id(now),
            job_id=job.id,
            worker=Worker(owner.id, owner.name, device.id, device.name, device.phone.country),
            proof="",
            added=now,
            updated=now,
            planned_task_id=planned.id,
            input=planned.input,
        )
        token = self._accounts.mint_agent(job.account_id, device.id, task.id)
        job_tasks.insert(self.database, task)
        beside = self._beside.setdefault(job.id, [])
        job_task = JobTask(
            task.id,
            job.id,
            bucket=JobBuckets(self.database, job.id).bucket(
                device.id, functools.partial(complaint, settings.schemas.get(BUCKET)), now=self.clock.now
            ),
            timeout=TIMEOUT_MINUTES,
            others=beside,
            commit_id=build.commit_id,
            token=token,
            platform=Agent(self, task, job),
        )
        beside.append(job_task)
        program = Program(
            modules=build.modules,
            entry=ENTRY,
            automation_id=job.automation_id,
            job_variables=task_inputs.variables(planned.input) or {},
            name=settings.name,
            job_task=job_task,
        )
        work = _Work(job, job_task, device, program.automation_id, now + TIMEOUT_MINUTES * 60)
        self._at_work[task.id] = work
        ended = functools.partial(self._ended, work)
        try:
            await self._fleet.launch(device, program, on_end=ended)
        except BaseException:
            ended()
            raise

    def _ended(self, work: _Work) -> None:
        job, job_task = work.job, work.job_task
        self._at_work.pop(job_task.id, None)
        self._accounts.revoke(job_task.token)
        beside = self._beside[job.id]
        beside.remove(job_task)
        if not beside:
            del self._beside[job.id]
        if job_task.finished:
            self._close(job_task.id, job, "notcomplete", None)
        else:
            self._close(job_task.id, job, "failed", "The automation ended without a result.")
        self._freed.set()
        self._freed = asyncio.Event()
        self.wake()

    def _close(self, task_id: str, job: Job, status: Status, reason: str | None) -> None:
        """Ends a task that is still at work; what it reported stays."""
        task = job_tasks.find(self.database, task_id)
        if task is not None:
            job_tasks.hand_in(
                self.database,
                task_id,
                job,
                status=status,
                proof=task.proof,
                files=task.files,
                failure_reason=reason,
                now=self.clock.now(),
            )
