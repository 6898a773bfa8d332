"""The task of a job that a run works on, as the run sees it.

The platform behind it makes it, and decides what becomes of its reports. Where the documentation is
silent: reports may come in any order and any status may finish a task, "running" too, as it does
where the third argument is forgotten; setting automation variables replaces those there were, so that a
program that counts on the opposite is found out here; a run that takes another task goes on reporting
to its own.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, cast

from xgodo_dev.emulator.phone import kept_object
from xgodo_dev.emulator.phone.bucket import Bucket
from xgodo_dev.emulator.phone.kept_object import CallRefused

TaskStatus = Literal["running", "success", "failed", "declined"]

STATUSES = ("running", "success", "failed", "declined")

_MOST_REPORTS = 50


@dataclass(frozen=True)
class TaskFile:
    """A file that came with a task's result. The extension is as the program gave it, dot or not."""

    name: str
    extension: str
    content: bytes


@dataclass(frozen=True)
class Submission:
    """One report about a task: progress, or with ``finish`` its result."""

    status: TaskStatus
    data_text: str
    finish: bool
    files: tuple[TaskFile, ...] = ()

    @property
    def data(self) -> dict[str, object]:
        """What the program reported, each time a new object."""
        return kept_object.decode(self.data_text)


class Platform(Protocol):
    """What is behind a task: it hears of its reports, and knows the other jobs.

    What it answers is JSON, without ``success``. Any of these raises CallRefused.
    """

    def reported(self, submission: Submission) -> None:
        """Take note of a report about the task."""

    def submit_to_another_job(
        self, job_id: str, data_text: str, status: str, files: Sequence[TaskFile]
    ) -> dict[str, object]:
        """Hand a record in to another job."""

    async def add_sub_tasks(
        self, inputs: Sequence[str], *, run_immediately: bool, job_id: str | None, device_id: str | None
    ) -> dict[str, object]:
        """Plan tasks, of this job where no other is named."""

    def sub_tasks(self, planned_task_ids: Sequence[str]) -> dict[str, object]:
        """How planned tasks stand."""


@dataclass(eq=False)
class JobTask:
    """One task. Its variables are not here: a run gets them with its launch.

    ``bucket`` is the one of this job on this device, so tasks share it; ``others`` are the other tasks of
    the job, best a list that changes with them.
    """

    id: str
    job_id: str
    bucket: Bucket = field(default_factory=Bucket)
    timeout: float = 30
    """In minutes. It is the platform that ends the run when they are over."""
    others: Sequence[JobTask] = ()
    submissions: list[Submission] = field(default_factory=list)
    """Oldest first. Of endless progress reports only the last are kept."""
    variables_text: str | None = None
    taken: bool = False
    """Whether another run has taken it since it last said that it waits."""
    commit_id: str = ""
    """The commit of the project that works on it; empty: files that were never committed."""
    token: str = field(default="", repr=False)
    """What the platform knows the run by while it lasts."""
    platform: Platform | None = None
    """None: nobody hears of reports, and there are no other jobs."""

    @property
    def finished(self) -> bool:
        """Whether the result is in, after which nothing more can be submitted."""
        return bool(self.submissions) and self.submissions[-1].finish

    @property
    def proof(self) -> dict[str, object]:
        """What the latest report said."""
        return self.submissions[-1].data if self.submissions else {}

    @property
    def automation_variables(self) -> dict[str, object] | None:
        """What the program stored on the task, None before it did."""
        return None if self.variables_text is None else kept_object.decode(self.variables_text)

    @property
    def waiting(self) -> bool:
        """Whether another run may take it."""
        variables = self.automation_variables or {}
        return variables.get("waiting") is True and not (self.taken or self.finished)

    def submit(self, status: object, data: object, finish: object = None, files: object = None) -> None:
        """Take a report, from JSON values that a program gave; None stands for what it left out.

        :raises CallRefused: the task is finished, or an argument makes no sense. Nothing has changed then.
        """
        if self.finished:
            raise CallRefused(f"The task {self.id} is finished already: it takes no more reports.")
        if status not in STATUSES:
            raise CallRefused(f"The status has to be one of {', '.join(STATUSES)}.")
        if not isinstance(finish, bool | None):
            raise CallRefused("finish has to be true or false.")
        finishes = finish is not False
        submission = Submission(
            cast(TaskStatus, status),
            kept_object.encode(data, "A report's data"),
            finishes,
            task_files(files) if finishes else (),
        )
        if self.platform is not None:
            self.platform.reported(submission)
        self.submissions.append(submission)
        del self.submissions[:-_MOST_REPORTS]

    def store_variables(self, variables: object) -> dict[str, object]:
        """Store the program's own variables on the task in place of those there were, and return them.

        :raises CallRefused: they are no object, or too large.
        """
        self.variables_text = kept_object.encode(variables, "The automation variables")
        self.taken = False
        return kept_object.decode(self.variables_text)

    def take_waiting(self) -> JobTask | None:
        """Find another task of the job that says it waits for somebody, and take it."""
        for task in self.others:
            if task is not self and task.waiting:
                task.taken = True
                return task
        return None


def task_files(files: object) -> tuple[TaskFile, ...]:
    """The files that a program gave, from JSON values; None: none. Raises CallRefused."""
    if files is None:
        return ()
    if not isinstance(files, list):
        raise CallRefused("files has to be an array.")
    return tuple(_task_file(file, place) for place, file in enumerate(files))


def _task_file(file: object, place: int) -> TaskFile:
    match file:
        case {"name": str(name), "extension": str(extension), "base64Data": str(content)}:
            try:
                return TaskFile(name, extension, base64.b64decode(content, validate=True))
            except (binascii.Error, ValueError) as error:
                raise CallRefused(f"files[{place}].base64Data is not base64.") from error
    raise CallRefused(f"files[{place}] needs name, extension and base64Data, each a string.")
