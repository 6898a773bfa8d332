"""What Mobilerun should hear. Made from the spec by `make generate`."""

from __future__ import annotations

from typing import Literal, TypedDict

from xgodo_dev.platform.clients.calling import Calls


class FeedbackSubmitResult(TypedDict):
    """Feedback submitted."""

    success: Literal[True]


class Feedback:
    """What Mobilerun should hear."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def submit(
        self, *, title: str, feedback: str, rating: int, task_id: str | None = None
    ) -> FeedbackSubmitResult:
        """Submit feedback on a task, or on Mobilerun.

        At most 15 a day.

        Args:
            title: What it is about. From 3 to 100 characters.
            feedback: What to say. From 10 to 4000 characters.
            rating: From 1 to 5. From 1 to 5.
            task_id: The task that it is about. A UUID.

        Returns:
            Feedback submitted.

        Raises:
            ApiError: Validation error (missing or invalid fields).
            AuthenticationError: Invalid or missing API key.
            TooManyRequests: Rate limited; the cap of 15 a day is reached.

        Source: Mobilerun's documentation.

        Uncertain: The documented path begins with /api beside a base that ends in /v1: it may be
        /v1/api/feedback or /api/feedback.
        """
        result: FeedbackSubmitResult = await self._calls.call(
            "feedback.submit", {"title": title, "feedback": feedback, "rating": rating, "taskId": task_id}
        )
        return result
