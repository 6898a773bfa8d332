"""Goals in plain words that an agent reaches on a phone. Made from the spec by `make generate`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

from xgodo_dev.platform.clients.calling import UNSET, Calls, Unset
from xgodo_dev.platform.clients.events import Events
from xgodo_dev.platform.clients.mobilerun import records


class TasksListResult(TypedDict):
    """One page of tasks."""

    items: list[Task]
    pagination: records.Pagination


class Task(TypedDict):
    """A goal, the phone it is pursued on, and how far it got.

    Uncertain: As the official Python SDK has it.
    """

    id: str
    """A UUID."""
    task: str
    """The goal, in plain words."""
    status: TaskStatus
    llmModel: str
    deviceId: str
    displayId: int
    tmpDevice: bool
    """Whether the device was provisioned for this task alone."""
    userId: str
    ownerId: NotRequired[str]
    apps: NotRequired[list[str]]
    credentials: NotRequired[list[Credentials]]
    files: NotRequired[list[str]]
    maxSteps: NotRequired[int]
    reasoning: NotRequired[bool]
    vision: NotRequired[bool]
    stealth: NotRequired[bool]
    temperature: NotRequired[float]
    executionTimeout: NotRequired[int]
    """In seconds."""
    outputSchema: NotRequired[dict[str, Any] | None]
    vpnCountry: NotRequired[str | None]
    steps: NotRequired[int | None]
    """How many steps the agent has taken."""
    succeeded: NotRequired[bool | None]
    """Whether it reached its goal; null until it has ended."""
    message: NotRequired[str | None]
    """The agent's answer, or why it failed."""
    output: NotRequired[dict[str, Any] | None]
    """The result by `outputSchema`."""
    streamUrl: NotRequired[str | None]
    createdAt: NotRequired[str]
    """In ISO 8601."""
    updatedAt: NotRequired[str]
    """In ISO 8601."""
    finishedAt: NotRequired[str | None]
    """In ISO 8601."""


TaskStatus: TypeAlias = Literal["created", "running", "paused", "completed", "failed", "cancelled"]
"""How a task stands. The last three are final."""


class Credentials(TypedDict):
    """The stored credentials of one app, by their names."""

    packageName: str
    credentialNames: list[str]


class TasksRunResult(TypedDict):
    """The task, which is under way."""

    id: str
    """A UUID."""
    streamUrl: str
    """Where the phone's screen is streamed."""
    token: str
    """The token of that stream."""
    status: NotRequired[TaskStatus]
    """Uncertain: As the official Python SDK has it."""


class TrajectoryEvent(TypedDict):
    """One thing that happened in a task. `event` says what (`CreatedEvent`, `StartEvent`, `ManagerPlanEvent`,
    `FastAgentResponseEvent`, `ToolExecutionEvent`, `ScreenshotEvent`, `RecordUIStateEvent`, `ResultEvent`,
    `CancelEvent`, `ExceptionEvent` … ), and `data` has its particulars.

    Uncertain: As the official Python SDK has it.
    """

    event: str
    data: dict[str, Any]


class TasksGetResult(TypedDict):
    """The task."""

    task: Task


class TasksStatusResult(TypedDict):
    """How the task stands."""

    status: TaskStatus
    succeeded: NotRequired[bool | None]
    """Whether it reached its goal; null until it has ended.

    Uncertain: As the official Python SDK has it.
    """
    steps: NotRequired[int | None]
    """How many steps the agent has taken.

    Uncertain: As the official Python SDK has it.
    """
    message: NotRequired[str | None]
    """The agent's answer, or why it failed.

    Uncertain: As the official Python SDK has it.
    """
    output: NotRequired[dict[str, Any] | None]
    """The result by `outputSchema`.

    Uncertain: As the official Python SDK has it.
    """


class TasksCancelResult(TypedDict):
    """The task is cancelled."""

    cancelled: bool


class TasksTrajectoryResult(TypedDict):
    """All events of the task up to now, the oldest first."""

    trajectory: list[TrajectoryEvent]


class TasksScreenshotsResult(TypedDict):
    """The URLs, the oldest first."""

    urls: list[str]


class TasksScreenshotResult(TypedDict):
    """The URL of the picture (PNG) or of the UI state (JSON)."""

    url: str


class TasksUiStatesResult(TypedDict):
    """The URLs, the oldest first."""

    urls: list[str]


class TasksUiStateResult(TypedDict):
    """The URL of the picture (PNG) or of the UI state (JSON)."""

    url: str


class Tasks:
    """Goals in plain words that an agent reaches on a phone."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list(
        self,
        *,
        status: Literal[
            "created",
            "running",
            "paused",
            "completed",
            "failed",
            "cancelled",
            "prepared",
            "queued",
            "cancelling",
        ]
        | None = None,
        order_by: Literal["id", "createdAt", "finishedAt", "status"] | None = None,
        order_by_direction: Literal["asc", "desc"] | None = None,
        query: str | None = None,
        page: int | None = None,
        page_size: int | None = None,
    ) -> TasksListResult:
        """List tasks.

        Args:
            status: Only tasks in this state. Uncertain: The states from prepared on are those of the
                official Python SDK.
            order_by: What to sort by. Not given, it is 'createdAt'.
            order_by_direction: Which way to sort. Not given, it is 'desc'.
            query: Only tasks whose text has this in it. At most 128 characters. Uncertain: Whether case
                matters.
            page: Which page, counted from 1. At least 1. Not given, it is 1.
            page_size: How many to a page. From 1 to 100. Not given, it is 20.

        Returns:
            One page of tasks.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; as the official Python SDK has it.
        """
        result: TasksListResult = await self._calls.call(
            "tasks.list",
            {
                "status": status,
                "orderBy": order_by,
                "orderByDirection": order_by_direction,
                "query": query,
                "page": page,
                "pageSize": page_size,
            },
        )
        return result

    def iter_list(
        self,
        *,
        status: Literal[
            "created",
            "running",
            "paused",
            "completed",
            "failed",
            "cancelled",
            "prepared",
            "queued",
            "cancelling",
        ]
        | None = None,
        order_by: Literal["id", "createdAt", "finishedAt", "status"] | None = None,
        order_by_direction: Literal["asc", "desc"] | None = None,
        query: str | None = None,
        page_size: int | None = None,
    ) -> AsyncGenerator[Task, None]:
        """Each of what `list` lists, asked for page by page as they are needed.

        Args:
            status: Only tasks in this state. Uncertain: The states from prepared on are those of the
                official Python SDK.
            order_by: What to sort by. Not given, it is 'createdAt'.
            order_by_direction: Which way to sort. Not given, it is 'desc'.
            query: Only tasks whose text has this in it. At most 128 characters. Uncertain: Whether case
                matters.
            page_size: How many to a page. From 1 to 100. Not given, it is 20.
        """
        return self._calls.pages(
            "tasks.list",
            {
                "status": status,
                "orderBy": order_by,
                "orderByDirection": order_by_direction,
                "query": query,
                "pageSize": page_size,
            },
        )

    async def run(
        self,
        *,
        task: str,
        llm_model: str,
        device_id: str | Unset | None = UNSET,
        apps: Sequence[str] | None = None,
        credentials: Sequence[Credentials] | None = None,
        files: Sequence[str] | None = None,
        max_steps: int | None = None,
        reasoning: bool | None = None,
        vision: bool | None = None,
        stealth: bool | None = None,
        temperature: float | None = None,
        execution_timeout: int | None = None,
        output_schema: Mapping[str, Any] | Unset | None = UNSET,
        vpn_country: Literal["US", "BR", "FR", "DE", "IN", "JP", "KR", "ZA"] | Unset | None = UNSET,
    ) -> TasksRunResult:
        """Run a task.

        An agent carries out a goal told in plain words. Needs a paid subscription with credits. `tasks
        stream` does the same and shows what the agent does.

        Args:
            task: What to do, in plain words. At least 1 character.
            llm_model: Which model to use, out of `models list`; `google/gemini-3-flash` is the one to
                prefer. At least 1 character. Uncertain: The official Python SDK lets it be left out, and
                demands deviceId.
            device_id: The device to run on. Without it a cloud device is provisioned, which needs a
                subscription. A UUID.
            apps: Package names of apps to install first.
            credentials: Which stored credentials the agent may use to log in to which app.
            files: Identifiers of files to make available.
            max_steps: How many steps the agent may take. At least 1. Not given, it is 100.
            reasoning: Lets the model reason first. False is advised unless it is asked for. Not given, it
                is True.
            vision: Lets the agent look at screenshots. Not given, it is False.
            stealth: Acts as a person would. Needs the Starter plan or a higher one; false is advised unless
                it is asked for. Not given, it is False.
            temperature: The model's temperature. Not given, it is 0.5.
            execution_timeout: How long the task may take in seconds. At least 1. Not given, it is 1000.
            output_schema: The JSON schema of a result to be given besides.
            vpn_country: Routes the phone through this country. Slower, and may cause trouble; only where a
                task needs it.

        Returns:
            The task, which is under way.

        Raises:
            PermissionDenied: The plan does not allow it, or has no slot for another device; see
                https://cloud.mobilerun.ai/billing.

        Source: Mobilerun's documentation.

        Uncertain: Whether 200 or 201.
        """
        result: TasksRunResult = await self._calls.call(
            "tasks.run",
            {
                "task": task,
                "llmModel": llm_model,
                "deviceId": device_id,
                "apps": apps,
                "credentials": credentials,
                "files": files,
                "maxSteps": max_steps,
                "reasoning": reasoning,
                "vision": vision,
                "stealth": stealth,
                "temperature": temperature,
                "executionTimeout": execution_timeout,
                "outputSchema": output_schema,
                "vpnCountry": vpn_country,
            },
        )
        return result

    def stream(
        self,
        *,
        task: str,
        llm_model: str,
        device_id: str | Unset | None = UNSET,
        apps: Sequence[str] | None = None,
        credentials: Sequence[Credentials] | None = None,
        files: Sequence[str] | None = None,
        max_steps: int | None = None,
        reasoning: bool | None = None,
        vision: bool | None = None,
        stealth: bool | None = None,
        temperature: float | None = None,
        execution_timeout: int | None = None,
        output_schema: Mapping[str, Any] | Unset | None = UNSET,
        vpn_country: Literal["US", "BR", "FR", "DE", "IN", "JP", "KR", "ZA"] | Unset | None = UNSET,
    ) -> Events[TrajectoryEvent]:
        """Run a task, and stream what its agent does.

        The way to prefer. The events are those of the trajectory. Where the stream breaks off, `tasks
        status` says how the task stands.

        Close what is returned where you stop before its end.

        Args:
            task: What to do, in plain words. At least 1 character.
            llm_model: Which model to use, out of `models list`; `google/gemini-3-flash` is the one to
                prefer. At least 1 character. Uncertain: The official Python SDK lets it be left out, and
                demands deviceId.
            device_id: The device to run on. Without it a cloud device is provisioned, which needs a
                subscription. A UUID.
            apps: Package names of apps to install first.
            credentials: Which stored credentials the agent may use to log in to which app.
            files: Identifiers of files to make available.
            max_steps: How many steps the agent may take. At least 1. Not given, it is 100.
            reasoning: Lets the model reason first. False is advised unless it is asked for. Not given, it
                is True.
            vision: Lets the agent look at screenshots. Not given, it is False.
            stealth: Acts as a person would. Needs the Starter plan or a higher one; false is advised unless
                it is asked for. Not given, it is False.
            temperature: The model's temperature. Not given, it is 0.5.
            execution_timeout: How long the task may take in seconds. At least 1. Not given, it is 1000.
            output_schema: The JSON schema of a result to be given besides.
            vpn_country: Routes the phone through this country. Slower, and may cause trouble; only where a
                task needs it.

        Returns:
            Server-sent events until the task ends; the data of each is a `TrajectoryEvent` as JSON.

        Raises:
            PermissionDenied: The plan does not allow it, or has no slot for another device; see
                https://cloud.mobilerun.ai/billing.

        Source: Mobilerun's documentation.

        Uncertain: The documentation says that trajectory events are streamed, not in which form; their
        shape as the official Python SDK has it.
        """
        return self._calls.events(
            "tasks.stream",
            {
                "task": task,
                "llmModel": llm_model,
                "deviceId": device_id,
                "apps": apps,
                "credentials": credentials,
                "files": files,
                "maxSteps": max_steps,
                "reasoning": reasoning,
                "vision": vision,
                "stealth": stealth,
                "temperature": temperature,
                "executionTimeout": execution_timeout,
                "outputSchema": output_schema,
                "vpnCountry": vpn_country,
            },
        )

    async def get(self, *, task_id: str) -> TasksGetResult:
        """Get a task.

        Args:
            task_id: The task's id (a UUID).

        Returns:
            The task.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; as the official Python SDK has it.
        """
        result: TasksGetResult = await self._calls.call("tasks.get", {"task_id": task_id})
        return result

    async def status(self, *, task_id: str) -> TasksStatusResult:
        """Get the state of a task.

        Args:
            task_id: The task's id (a UUID).

        Returns:
            How the task stands.

        Source: Mobilerun's documentation.
        """
        result: TasksStatusResult = await self._calls.call("tasks.status", {"task_id": task_id})
        return result

    async def cancel(self, *, task_id: str) -> TasksCancelResult:
        """Cancel a task.

        Args:
            task_id: The task's id (a UUID).

        Returns:
            The task is cancelled.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; as the official Python SDK has it.
        """
        result: TasksCancelResult = await self._calls.call("tasks.cancel", {"task_id": task_id})
        return result

    def attach(self, *, task_id: str) -> Events[TrajectoryEvent]:
        """Stream what the agent of a running task does.

        Close what is returned where you stop before its end.

        Args:
            task_id: The task's id (a UUID).

        Returns:
            Server-sent events until the task ends; the data of each is a `TrajectoryEvent` as JSON.

        Source: Mobilerun's documentation.

        Uncertain: Whether the stream begins with what has happened already, and what a task that has ended
        answers.

        Uncertain: The documentation says that trajectory events are streamed, not in which form; their
        shape as the official Python SDK has it.
        """
        return self._calls.events("tasks.attach", {"task_id": task_id})

    async def trajectory(self, *, task_id: str) -> TasksTrajectoryResult:
        """Get everything that happened in a task.

        Args:
            task_id: The task's id (a UUID).

        Returns:
            All events of the task up to now, the oldest first.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; as the official Python SDK has it.
        """
        result: TasksTrajectoryResult = await self._calls.call("tasks.trajectory", {"task_id": task_id})
        return result

    async def screenshots(self, *, task_id: str) -> TasksScreenshotsResult:
        """List the URLs of a task's screenshots.

        Args:
            task_id: The task's id (a UUID).

        Returns:
            The URLs, the oldest first.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; as the official Python SDK has it. Whether the URLs
        need the API key.
        """
        result: TasksScreenshotsResult = await self._calls.call("tasks.screenshots", {"task_id": task_id})
        return result

    async def screenshot(self, *, task_id: str, index: int) -> TasksScreenshotResult:
        """Get one screenshot of a task.

        Args:
            task_id: The task's id (a UUID).
            index: Which one, counted from 0. Uncertain: Whether it is counted from 0.

        Returns:
            The URL of the picture (PNG) or of the UI state (JSON).

        Source: Mobilerun's documentation.

        Uncertain: The documentation may mean the picture itself; a URL as the official Python SDK has it.
        """
        result: TasksScreenshotResult = await self._calls.call(
            "tasks.screenshot", {"task_id": task_id, "index": index}
        )
        return result

    async def ui_states(self, *, task_id: str) -> TasksUiStatesResult:
        """List the URLs of a task's UI states.

        Args:
            task_id: The task's id (a UUID).

        Returns:
            The URLs, the oldest first.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; as the official Python SDK has it. Whether the URLs
        need the API key.
        """
        result: TasksUiStatesResult = await self._calls.call("tasks.ui_states", {"task_id": task_id})
        return result

    async def ui_state(self, *, task_id: str, index: int) -> TasksUiStateResult:
        """Get one UI state of a task.

        Args:
            task_id: The task's id (a UUID).
            index: Which one, counted from 0. Uncertain: Whether it is counted from 0.

        Returns:
            The URL of the picture (PNG) or of the UI state (JSON).

        Source: Mobilerun's documentation.

        Uncertain: The documentation may mean the picture itself; a URL as the official Python SDK has it.
        """
        result: TasksUiStateResult = await self._calls.call(
            "tasks.ui_state", {"task_id": task_id, "index": index}
        )
        return result
