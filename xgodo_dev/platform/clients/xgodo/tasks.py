"""Apply for tasks of jobs, hand them in, and look at them. Made from the spec by `make generate`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.clients.xgodo import records


class JobTaskPage(TypedDict):
    """A page of one's own tasks.

    Uncertain: The documentation shows one task only; the names follow those of the other lists.
    """

    total_count: int
    """How many there are on all pages."""
    tasks: list[records.JobTask]


class TasksSubmitResult(TypedDict):
    """The task is handed in."""

    success: NotRequired[bool]
    message: NotRequired[str]
    job_task_id: str
    """The new task."""
    job_id: str
    """The job."""


class TasksSubmitProofFilesBase64Item(TypedDict):
    """One of `proof_files_base64` of `Tasks.submit`."""

    fieldName: str
    """The job's field."""
    fileName: str
    """The file's name."""
    base64: str
    """The file in base64."""


class TasksSubmitFilesItem(TypedDict):
    """One of `files` of `Tasks.submit`."""

    name: str
    """The member of the proof that gets the address."""
    extension: str
    """The file's extension, such as `.png`."""
    base64Data: str
    """The file in base64; 5 MB at most.

    Uncertain: Whether the limit counts the file or its base64.
    """


class TasksDeleteResult(TypedDict):
    """The job task is deleted."""

    success: Literal[True]
    message: str


class Tasks:
    """Apply for tasks of jobs, hand them in, and look at them."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def apply(self, *, job_id: str) -> dict[str, Any]:
        """Apply to an active job and get its variables.

        For jobs that have job variables, it comes before handing a task in: what is answered here has to be
        given there as `custom_vars`.

        Args:
            job_id: The job.

        Returns:
            The variables, each a member beside `_id`.

        Source: the platform's client API documentation.
        """
        result: dict[str, Any] = await self._calls.call("tasks.apply", {"job_id": job_id})
        return result

    async def details(
        self, *, task_id: str | None = None, page: int | None = None, limit: int | None = None
    ) -> records.JobTask | JobTaskPage:
        """List your recent tasks, or show one of them.

        With `task_id` the answer is that task alone, else a page of the tasks you worked on.

        Args:
            task_id: The one task to show.
            page: The page, from 1 on. At least 1.
            limit: Tasks a page. At least 1.

        Returns:
            One task where `task_id` was given, else a page of tasks.

        Source: the platform's client API documentation.
        """
        result: records.JobTask | JobTaskPage = await self._calls.call(
            "tasks.details", {"task_id": task_id, "page": page, "limit": limit}
        )
        return result

    def iter_details(
        self, *, task_id: str | None = None, limit: int | None = None
    ) -> AsyncGenerator[records.JobTask, None]:
        """Each of what `details` lists, asked for page by page as they are needed.

        Args:
            task_id: The one task to show.
            limit: Tasks a page. At least 1.
        """
        return self._calls.pages("tasks.details", {"task_id": task_id, "limit": limit})

    async def submit(
        self,
        *,
        job_id: str,
        job_proof: str,
        custom_vars: Mapping[str, Any] | None = None,
        proof_files_base64: Sequence[TasksSubmitProofFilesBase64Item] | None = None,
        status: Literal["pending", "failed", "declined"] | None = None,
        files: Sequence[TasksSubmitFilesItem] | None = None,
    ) -> TasksSubmitResult:
        """Hand in a task of an active job.

        The job decides between two modes.

        Manual, for regular jobs: the job's conditions hold (worker's rating, country, allowed workers,
        premium, `few_times`, custom variables, declared files, positions, daily limit, invitations), and
        e-mails are sent.

        Data dump, for a job of type `devices_automation` with an `automation_id` and without planned tasks:
        an automation that works on another job writes records into this one. It needs the token of a
        running agent (one with `job_task_id` and `remote_device_id`); `job_proof` has to be JSON; files are
        embedded into it; the device and its owner's share follow from the token. Both jobs must have the
        same `automation_id`, and the owner of the running job has to own this one or stand in its
        `shared_view` or `shared_edit`. None of the conditions above holds, no e-mail is sent, and the
        automation's own statistics don't change.

        Args:
            job_id: The job.
            job_proof: The proof that the task is done; JSON in data-dump mode.
            custom_vars: Manual mode: what `tasks apply` answered; required for jobs with variables.
            proof_files_base64: Manual mode: files for the fields that the job declares.
            status: Data-dump mode: the status of the new task. Not given, it is 'pending'.
            files: Data-dump mode: files, whose public addresses are put into the proof under their names.

        Returns:
            The task is handed in.

        Raises:
            ApiError: The request can't be used: such as a proof that is no text, or no JSON where it must
                be.
            PermissionDenied: Data-dump mode: the token is none of a running agent, the agent has no running
                task, the two jobs have not the same `automation_id`, or the owner of the running job may
                not write into this one.
            NotFound: There is no such job, or the running task's job or device is gone.

        Source: the platform's client API documentation.

        Uncertain: Documented in words alone: a message, the id of the job task and of the job.
        """
        result: TasksSubmitResult = await self._calls.call(
            "tasks.submit",
            {
                "job_id": job_id,
                "job_proof": job_proof,
                "custom_vars": custom_vars,
                "proof_files_base64": proof_files_base64,
                "status": status,
                "files": files,
            },
        )
        return result

    async def delete(self, *, task_id: str) -> TasksDeleteResult:
        """Delete a task of one of your jobs.

        By the id of the job task, or of its planned task: then the planned task is kept, with a
        `job_task_id` of null, and can be used again.

        Args:
            task_id: The id of the job task or of its planned task.

        Returns:
            The job task is deleted.

        Raises:
            ApiError: The id can't be used, the task's status forbids it, or the planned task has no job
                task.
            PermissionDenied: The task is not of a job of yours.
            NotFound: There is no such task.
            ServerUnavailable: (500) The server failed.

        Source: the platform's client API documentation.

        Uncertain: The documentation says that failed, declined and confirmed tasks can be deleted; the
        message that it prints says that confirmed ones can't.
        """
        result: TasksDeleteResult = await self._calls.call("tasks.delete", {"task_id": task_id})
        return result
