"""What the sections of jobs and tasks say where they refuse, in the documentation's words where it has any.

The documentation writes some of them as ``error`` and others as ``message``, also within one endpoint.
"""

from __future__ import annotations

from collections.abc import Sequence

from xgodo_dev.emulator.refusals import ErrorShape, Refusal


class JobRefused(Refusal):
    """What was asked for makes no sense as things stand."""


class JobFieldsRefused(Refusal):
    """A job can't be posted so. ``errors`` has every reason."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__(errors[0])
        self.errors = tuple(errors)

    def body(self, usual: ErrorShape = ErrorShape.SUCCESS_MESSAGE) -> dict[str, object]:
        """The reasons, and the first of them where other refusals have theirs."""
        return {**super().body(usual), "errors": list(self.errors)}


class JobMissing(Refusal):
    """There is no such job, or the caller may not see it."""

    status = 404

    def __init__(self, words: str = "Job with this Id not found") -> None:
        super().__init__(words)


class NotTheJobsOwner(Refusal):
    """The job is there and somebody else's. The documentation has 401 for it."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Unauthorized action")


class MalformedId(Refusal):
    """It has not the form of an id."""

    def __init__(self, words: str, shape: ErrorShape | None = None) -> None:
        super().__init__(words)
        self.shape = shape


class NotAssigned(Refusal):
    """A planned task stands where a job task is needed, and nobody works on it."""

    def __init__(self, planned_task_id: str, shape: ErrorShape | None = None) -> None:
        super().__init__(
            f"Planned task {planned_task_id} exists but has no associated job task (job_task_id is null)"
        )
        self.shape = shape


class NoSuchTask(Refusal):
    """Neither a job task nor a planned task has that id. ``name`` is what the id goes by."""

    status = 404

    def __init__(self, name: str, task_id: str, shape: ErrorShape | None = None) -> None:
        super().__init__(f"{name} {task_id} is neither a valid job task ID nor a planned task ID")
        self.shape = shape


class TaskMissing(Refusal):
    """There is no such task, or it is none of the job's."""

    status = 404
    shape = ErrorShape.SUCCESS_MESSAGE

    def __init__(self, words: str = "Job task not found") -> None:
        super().__init__(words)


class TaskOfAnotherJob(Refusal):
    """A task that was to be judged is not of the job that was named."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Job Task with this Id not found")


class NotPermitted(Refusal):
    """The caller may not do that to the task."""

    status = 403
    shape = ErrorShape.SUCCESS_MESSAGE

    def __init__(self, action: str) -> None:
        super().__init__(f"You don't have permission to {action}")


class StatusForbids(Refusal):
    """The task's status does not allow it."""

    shape = ErrorShape.SUCCESS_MESSAGE


class TooManyInputs(Refusal):
    """The job has fewer positions left."""

    shape = ErrorShape.SUCCESS_MESSAGE

    def __init__(self, excess: int) -> None:
        super().__init__(f"No enough positions left. Received {excess} tasks in excess.")


class PlannedTaskMissing(Refusal):
    """There is no such planned task, or it is of a job that the caller may not change."""

    status = 404
    shape = ErrorShape.SUCCESS_MESSAGE

    def __init__(self) -> None:
        super().__init__("Planned task not found")


class PlannedTaskAtWork(Refusal):
    """Somebody works on the planned task, or is done with it."""

    shape = ErrorShape.SUCCESS_MESSAGE

    def __init__(self) -> None:
        super().__init__("Cannot delete a planned task that is assigned to a pending / successful job task")


class DumpForbidden(Refusal):
    """A record may not be written into a job so."""

    status = 403
