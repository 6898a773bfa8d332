"""The inputs that wait for a device or worker, of one's own jobs. Made from the spec by `make generate`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from xgodo_dev.platform.clients.calling import Calls


class PlannedTasksListResult(TypedDict):
    """A page of planned tasks."""

    success: Literal[True]
    data: PlannedTasksListResultData


class PlannedTasksListResultData(TypedDict):
    """`data` of `PlannedTasksListResult`."""

    job: dict[str, Any]
    """The job.

    Uncertain: Which members it has: the example shows none.
    """
    plannedTasks: list[PlannedTask]
    total: int
    """How many there are on all pages."""


class PlannedTask(TypedDict):
    """An input that waits for a worker or device."""

    planned_task_id: str
    job_id: str
    """The job."""
    input: str
    """The input, usually a JSON object."""
    added: str
    """When it was planned."""


class PlannedTasksDeleteResult(TypedDict):
    """They are deleted."""

    success: Literal[True]


class PlannedTasksSubmitResult(TypedDict):
    """They are there; with `run_immediately`, which of them were assigned."""

    success: Literal[True]
    inserted_ids: list[PlannedTasksSubmitResultInsertedIdsItem]
    assignment_results: NotRequired[list[PlannedTasksSubmitResultAssignmentResultsItem]]
    """Only with `run_immediately`."""


class PlannedTasksSubmitResultInsertedIdsItem(TypedDict):
    """One of `inserted_ids` of `PlannedTasksSubmitResult`."""

    planned_task_id: str
    """The new planned task."""
    input: str
    """Its input."""


class PlannedTasksSubmitResultAssignmentResultsItem(TypedDict):
    """One of `assignment_results` of `PlannedTasksSubmitResult`."""

    planned_task_id: str
    """The planned task."""
    assigned: bool
    """Whether a device works on it now."""


class PlannedTasksReinitiateResult(TypedDict):
    """They wait again."""

    success: Literal[True]
    message: str


class PlannedTasks:
    """The inputs that wait for a device or worker, of one's own jobs."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list(
        self,
        *,
        job_id: str,
        search: str | None = None,
        page: int | None = None,
        limit: int | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
    ) -> PlannedTasksListResult:
        """List a job's planned tasks that nobody works on yet.

        Only those whose `job_task_id` is null. For the job's owner, and for whom it is shared with.

        Args:
            job_id: The job.
            search: Only those with this in their input, in whatever case; at most 10,000 characters. At
                most 10000 characters.
            page: The page, from 1 on. At least 1. Not given, it is 1.
            limit: Planned tasks a page. From 1 to 100. Not given, it is 10.
            sort_order: By time of creation: oldest (`asc`) or newest (`desc`) first. Not given, it is
                'desc'.

        Returns:
            A page of planned tasks.

        Raises:
            ApiError: The query can't be used.
            NotFound: There is no such job of yours.
            ServerUnavailable: (500) The server failed.

        Source: the platform's client API documentation.
        """
        result: PlannedTasksListResult = await self._calls.call(
            "planned_tasks.list",
            {"job_id": job_id, "search": search, "page": page, "limit": limit, "sortOrder": sort_order},
        )
        return result

    def iter_list(
        self,
        *,
        job_id: str,
        search: str | None = None,
        limit: int | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
    ) -> AsyncGenerator[PlannedTask, None]:
        """Each of what `list` lists, asked for page by page as they are needed.

        Args:
            job_id: The job.
            search: Only those with this in their input, in whatever case; at most 10,000 characters. At
                most 10000 characters.
            limit: Planned tasks a page. From 1 to 100. Not given, it is 10.
            sort_order: By time of creation: oldest (`asc`) or newest (`desc`) first. Not given, it is
                'desc'.
        """
        return self._calls.pages(
            "planned_tasks.list",
            {"job_id": job_id, "search": search, "limit": limit, "sortOrder": sort_order},
        )

    async def delete(self, *, planned_task_ids: Sequence[str]) -> PlannedTasksDeleteResult:
        """Delete planned tasks that nobody works on.

        All of them have to be of jobs that you own or may edit. One that belongs to a pending or successful
        job task can't be deleted: reinitiate or delete the job task first.

        Args:
            planned_task_ids: The planned tasks. At least 1 item.

        Returns:
            They are deleted.

        Raises:
            ApiError: An id can't be used, or one is at work or done.
            NotFound: One is not there, or of somebody else's job.
            ServerUnavailable: (500) The server failed.

        Source: the platform's client API documentation.
        """
        result: PlannedTasksDeleteResult = await self._calls.call(
            "planned_tasks.delete", {"planned_task_ids": planned_task_ids}
        )
        return result

    async def submit(
        self,
        *,
        job_id: str,
        inputs: Sequence[str],
        remote_device_id: str | None = None,
        device_name: str | None = None,
        run_immediately: bool | None = None,
    ) -> PlannedTasksSubmitResult:
        """Add inputs for a job, one planned task each.

        Each waits until a worker applies or a device is free; with `run_immediately` the platform tries at
        once, up to 3 times, 5 seconds apart, and says which were assigned. They can be pinned to one
        device, by its id or name: then they wait for it.

        Args:
            job_id: The job.
            inputs: One text a task, usually a JSON object; at most 10,000 characters each. At least 1 item.
                Uncertain: Whether the documented minimum of 1 is one of texts or of the characters of each;
                and whether characters are counted as JavaScript does, which takes some for two.
            remote_device_id: The device to pin them to (UUID v4). A UUID.
            device_name: The name of the device to pin them to. Ignored beside `remote_device_id`; a name
                that several devices have is refused.
            run_immediately: Try to assign them at once. Not given, it is False.

        Returns:
            They are there; with `run_immediately`, which of them were assigned.

        Raises:
            ApiError: The request can't be used, or the job has fewer positions left.
            NotFound: There is no such job of yours.
            ServerUnavailable: (500) The server failed.

        Source: the platform's client API documentation.
        """
        result: PlannedTasksSubmitResult = await self._calls.call(
            "planned_tasks.submit",
            {
                "job_id": job_id,
                "inputs": inputs,
                "remote_device_id": remote_device_id,
                "device_name": device_name,
                "run_immediately": run_immediately,
            },
        )
        return result

    async def reinitiate(
        self, *, task_id: str | None = None, task_ids: Sequence[str] | None = None
    ) -> PlannedTasksReinitiateResult:
        """Put failed or declined tasks back into the queue.

        Takes job tasks, one as `task_id` or several as `task_ids`, one of which has to be given; their
        planned tasks wait again.

        Args:
            task_id: One job task.
            task_ids: Several job tasks.

        Returns:
            They wait again.

        Raises:
            ApiError: An id can't be used, or a task's status forbids it.
            PermissionDenied: A task is not of a job of yours.
            NotFound: There is no such job task, or it has no planned task.
            ServerUnavailable: (500) The server failed.

        Source: the platform's client API documentation.
        """
        result: PlannedTasksReinitiateResult = await self._calls.call(
            "planned_tasks.reinitiate", {"task_id": task_id, "task_ids": task_ids}
        )
        return result
