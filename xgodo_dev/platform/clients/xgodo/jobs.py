"""Post jobs, and judge what workers hand in. Made from the spec by `make generate`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.clients.xgodo import records


class JobsUpdateApplicantsResult(TypedDict):
    """The tasks as they are now."""

    success: NotRequired[bool]
    message: NotRequired[str]
    job_tasks: list[records.JobTask]


class JobsApplicantsResult(TypedDict):
    """The job's counts and a page of its tasks."""

    _id: NotRequired[str]
    """The job's id."""
    job_id: str
    """The job's id."""
    title: NotRequired[str]
    """The job's title."""
    status: NotRequired[str]
    """The job's status."""
    job_tasks: list[records.JobTask]
    total_task: int
    """How many tasks the job has."""
    job_done: int
    """How many were handed in."""
    pending_tasks: int
    """How many wait for a judgement."""
    satisfied_tasks: int
    """How many were confirmed."""
    declined_tasks: int
    """How many were declined."""
    failed_tasks: int
    """How many failed."""


class Job(TypedDict):
    """A job, with the counts of its tasks."""

    _id: str
    """The job's id."""
    job_id: str
    """The job's id."""
    job_type: str
    """`devices_automation` where phones work on it.

    Uncertain: The other types.
    """
    payment_type: str
    """What is paid for, such as `action`."""
    title: str
    category: list[str]
    description: str
    """What is to be done."""
    proof: str
    """What is to be handed in."""
    Target_Workers: list[str]
    """The countries of its workers."""
    few_times: bool
    """Whether a worker may do it several times."""
    premium: bool
    featured: bool
    duration: str
    """In days, as text."""
    positions: str
    """How often it can be done, as text."""
    job_price: float
    """What one position costs."""
    price: str
    """What the whole job costs, as text.

    Uncertain: How it is reckoned.
    """
    status: str
    """Such as `active`, `inactive` or `completed`."""
    files: list[Any]
    """Uncertain: What it holds."""
    added: str
    """When it was posted. In ISO 8601."""
    user: dict[str, Any]
    """Who posted it.

    Uncertain: Its members.
    """
    totla_tasks_count: int
    """How many tasks it has."""
    tasks_done_count: int
    """How many were handed in."""
    tasks_confirmed_count: int
    """How many were confirmed."""
    tasks_running_count: int
    """How many are being worked on."""
    tasks_pending_count: int
    """How many wait for a judgement."""
    automation_id: str | None
    """The automation that works on it."""
    automation_parameters_schema: records.InputSchema | None
    """Of the automation's parameters."""
    job_variables_schema: records.InputSchema | None
    """Of the inputs of planned tasks."""
    bucket_schema: records.InputSchema | None
    """Of the buckets."""


class JobsCheckUniquenessResult(TypedDict):
    """Whether no proof has it."""

    unique: bool
    """True where no proof has it."""


class JobsListMineResult(TypedDict):
    """A page of your jobs."""

    total_count: int
    """How many jobs there are on all pages."""
    jobs: list[Job]


class JobsSubmitResult(TypedDict):
    """The job is posted."""

    success: NotRequired[bool]
    message: str
    job_id: NotRequired[str]
    """The new job."""


class Jobs:
    """Post jobs, and judge what workers hand in."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def update_applicants(
        self, *, job_tasks_ids: Sequence[str], status: str, job_id: str, comment: str | None = None
    ) -> JobsUpdateApplicantsResult:
        """Judge what workers handed in, such as confirm or decline it.

        Sets the status of tasks of one of your jobs, with a comment. Confirming pays the worker, referral
        bonuses included.

        Args:
            job_tasks_ids: The tasks, each by the id of the job task or of its planned task.
            status: The new status. Uncertain: Which statuses an employer may set; `confirmed` is the
                documentation's example.
            job_id: The job.
            comment: A word to the worker.

        Returns:
            The tasks as they are now.

        Raises:
            ApiError: The request or the status can't be used, or a planned task has no job task yet.
            NotFound: There is no such job of yours, or no such task.

        Source: the platform's client API documentation.

        Uncertain: The documentation says `the updated job task details`, and no names.
        """
        result: JobsUpdateApplicantsResult = await self._calls.call(
            "jobs.update_applicants",
            {"JobTasks_Ids": job_tasks_ids, "status": status, "job_id": job_id, "comment": comment},
        )
        return result

    async def applicants(
        self,
        *,
        job_id: str,
        task_id: str | None = None,
        sort_by: str | None = None,
        order: Literal["asc", "desc"] | None = None,
        page: int | None = None,
        limit: int | None = None,
        hours_ago: int | None = None,
        status: Literal["processing", "running", "pending", "confirmed", "notcomplete", "declined", "failed"]
        | None = None,
        search: str | None = None,
    ) -> JobsApplicantsResult:
        """List what workers and devices handed in to a job.

        The tasks of one of your jobs, with the job's counts. `task_id` narrows it to one task, by its own
        id or that of its planned task; the list is empty where the task belongs to another job.

        Args:
            job_id: The job.
            task_id: One task only, by the id of the job task or of its planned task.
            sort_by: The member of a task to sort by. Uncertain: Which members it takes.
            order: The order of sorting.
            page: The page, from 1 on. At least 1.
            limit: Tasks a page. At least 1.
            hours_ago: Only tasks of the time from so many hours ago until now. Uncertain: The name says
                hours, the documentation days.
            status: Only tasks of this status. Uncertain: `running` and `failed` are not in the
                documentation's list; clients use them.
            search: Only tasks with this in the worker's name, proof, job title, comment or worker's IP.

        Returns:
            The job's counts and a page of its tasks.

        Raises:
            ApiError: The request can't be used, or the planned task has no job task yet.
            NotFound: There is no such job of yours, or no such task.

        Source: the platform's client API documentation.

        Uncertain: The documentation describes it in words alone; the names are those that clients read.
        """
        result: JobsApplicantsResult = await self._calls.call(
            "jobs.applicants",
            {
                "job_id": job_id,
                "task_id": task_id,
                "sortby": sort_by,
                "order": order,
                "page": page,
                "limit": limit,
                "hours_ago": hours_ago,
                "status": status,
                "search": search,
            },
        )
        return result

    def iter_applicants(
        self,
        *,
        job_id: str,
        task_id: str | None = None,
        sort_by: str | None = None,
        order: Literal["asc", "desc"] | None = None,
        limit: int | None = None,
        hours_ago: int | None = None,
        status: Literal["processing", "running", "pending", "confirmed", "notcomplete", "declined", "failed"]
        | None = None,
        search: str | None = None,
    ) -> AsyncGenerator[records.JobTask, None]:
        """Each of what `applicants` lists, asked for page by page as they are needed.

        Args:
            job_id: The job.
            task_id: One task only, by the id of the job task or of its planned task.
            sort_by: The member of a task to sort by. Uncertain: Which members it takes.
            order: The order of sorting.
            limit: Tasks a page. At least 1.
            hours_ago: Only tasks of the time from so many hours ago until now. Uncertain: The name says
                hours, the documentation days.
            status: Only tasks of this status. Uncertain: `running` and `failed` are not in the
                documentation's list; clients use them.
            search: Only tasks with this in the worker's name, proof, job title, comment or worker's IP.
        """
        return self._calls.pages(
            "jobs.applicants",
            {
                "job_id": job_id,
                "task_id": task_id,
                "sortby": sort_by,
                "order": order,
                "limit": limit,
                "hours_ago": hours_ago,
                "status": status,
                "search": search,
            },
        )

    async def details(self, *, job_id: str | None = None) -> Job:
        """Show a job, with the schemas of its automation.

        Where the job is linked to an automation (`automation_id`), its schemas of automation parameters,
        job variables and buckets come along, to check what is sent to it. A schema is null where the
        automation has none, or the job no automation.

        Args:
            job_id: The job. Uncertain: The documentation calls it optional, and doesn't say what is
                answered without it.

        Returns:
            The job.

        Source: the platform's client API documentation.
        """
        result: Job = await self._calls.call("jobs.details", {"job_id": job_id})
        return result

    async def check_uniqueness(
        self, *, search: str, option: Literal["word", "charactor"] | None = None
    ) -> JobsCheckUniquenessResult:
        """Ask whether any job proof has a text in it.

        Args:
            search: What to look for in job proofs.
            option: `word` looks for whole words, `charactor` for any part of a text.

        Returns:
            Whether no proof has it.

        Raises:
            ApiError: The text is missing, or the option is unknown.

        Source: the platform's client API documentation.

        Uncertain: The documentation says `a boolean`, and not where it stands.
        """
        result: JobsCheckUniquenessResult = await self._calls.call(
            "jobs.check_uniqueness", {"search": search, "option": option}
        )
        return result

    async def list_mine(
        self,
        *,
        page: int | None = None,
        limit: int | None = None,
        job_id: str | None = None,
        status: str | None = None,
        orientation: Literal["asc", "desc"] | None = None,
        query: str | None = None,
        sort_by: str | None = None,
    ) -> JobsListMineResult:
        """List the jobs you posted.

        Args:
            page: The page, from 1 on. At least 1.
            limit: Jobs a page. At least 1.
            job_id: Only this job.
            status: Only jobs of this status, such as `active` or `completed`.
            orientation: The order of sorting.
            query: Only jobs with this in their title or description.
            sort_by: The member of a job to sort by. Uncertain: Which members it takes.

        Returns:
            A page of your jobs.

        Source: the platform's client API documentation.

        Uncertain: No response is documented; the names follow those of the other lists.
        """
        result: JobsListMineResult = await self._calls.call(
            "jobs.list_mine",
            {
                "page": page,
                "limit": limit,
                "job_id": job_id,
                "status": status,
                "orientation": orientation,
                "Query": query,
                "SortBY": sort_by,
            },
        )
        return result

    def iter_list_mine(
        self,
        *,
        limit: int | None = None,
        job_id: str | None = None,
        status: str | None = None,
        orientation: Literal["asc", "desc"] | None = None,
        query: str | None = None,
        sort_by: str | None = None,
    ) -> AsyncGenerator[Job, None]:
        """Each of what `list_mine` lists, asked for page by page as they are needed.

        Args:
            limit: Jobs a page. At least 1.
            job_id: Only this job.
            status: Only jobs of this status, such as `active` or `completed`.
            orientation: The order of sorting.
            query: Only jobs with this in their title or description.
            sort_by: The member of a job to sort by. Uncertain: Which members it takes.
        """
        return self._calls.pages(
            "jobs.list_mine",
            {
                "limit": limit,
                "job_id": job_id,
                "status": status,
                "orientation": orientation,
                "Query": query,
                "SortBY": sort_by,
            },
        )

    async def submit(
        self,
        *,
        title: str,
        category: str,
        description: str,
        proof: str,
        is_proof_file: bool | None = None,
        auto_rate: bool | None = None,
        vcode: str | None = None,
        target_workers: Sequence[str] | None = None,
        few_times: bool | None = None,
        premium: bool | None = None,
        featured: bool | None = None,
        duration: int,
        positions: int,
        daily_limit: int | None = None,
        job_price: float,
    ) -> JobsSubmitResult:
        """Post a job.

        The positions at the job's price are taken from your balance.

        Args:
            title: The job's title.
            category: The job's category.
            description: What is to be done.
            proof: What a worker has to hand in as proof.
            is_proof_file: Whether the proof is a file.
            auto_rate: Whether the job is rated automatically.
            vcode: A verification code.
            target_workers: Who may work on it, by country; `worldwide` is everybody.
            few_times: Whether a worker may do the job several times. Uncertain: The documentation says `if
                the job can be posted a few times`.
            premium: Whether the job is premium.
            featured: Whether the job is featured.
            duration: For how many days it is posted.
            positions: How often the job can be done.
            daily_limit: How often a day. Uncertain: Whether 0, the example, means no limit.
            job_price: What one position costs, in US dollars.

        Returns:
            The job is posted.

        Raises:
            ApiError: Fields are missing or can't be used.

        Source: the platform's client API documentation.

        Uncertain: Documented are the words `success message`; that the id comes along is a guess.
        """
        result: JobsSubmitResult = await self._calls.call(
            "jobs.submit",
            {
                "title": title,
                "category": category,
                "description": description,
                "proof": proof,
                "is_proof_file": is_proof_file,
                "auto_rate": auto_rate,
                "vcode": vcode,
                "Target_Workers": target_workers,
                "few_times": few_times,
                "premium": premium,
                "featured": featured,
                "duration": duration,
                "positions": positions,
                "daily_limit": daily_limit,
                "job_price": job_price,
            },
        )
        return result

    async def update_status(self, *, job_id: str, status: Literal["active", "inactive"]) -> None:
        """Make a job active or inactive.

        Args:
            job_id: The job.
            status: The new status.

        Raises:
            ApiError: The request or the status can't be used.
            AuthenticationError: The token is missing, wrong or expired, or may not change this job.
            NotFound: There is no such job.

        Source: the platform's client API documentation.
        """
        await self._calls.call("jobs.update_status", {"job_id": job_id, "status": status})
