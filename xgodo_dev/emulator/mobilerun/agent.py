"""What the agent does with a task. Pure, and the same each time: no model is asked.

Any task is completed in three steps, whatever it says. A task that begins with one of three words, alone
or with a colon after it, goes otherwise after its first step:

- ``fail: no network``: fails with that message
- ``wait``: runs until it is cancelled or its time is over
- ``pause``: is paused until it is cancelled or its time is over
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from xgodo_dev.emulator.mobilerun.structured_output import instance

Then = Literal["complete", "fail", "wait", "pause"]

_DIRECTION = re.compile(r"\s*(fail|wait|pause)\s*(?::(.*)|$)", re.IGNORECASE | re.DOTALL)
_STEPS: Final = (
    ("The home screen is shown. I begin.", "open_app", {"text": "Browser"}, "Opened the app Browser"),
    ("The app is open. I look for what the task names.", "click", {"index": 3}, "Clicked on element 3"),
    ("This is what the task asked for.", "complete", {"success": True}, "Completed the task"),
)


@dataclass(frozen=True)
class Event:
    """One entry of a trajectory, under the name and with the members that the official SDK has."""

    name: str
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Script:
    """The steps an agent takes, and what becomes of the task after them."""

    steps: tuple[tuple[Event, ...], ...]
    then: Then
    message: str
    """What the task is told to have come to, where it completes or fails."""
    output: Mapping[str, Any] | None


def script(task: str, *, max_steps: int, reasoning: bool, output_schema: Mapping[str, Any] | None) -> Script:
    """What the agent will do with a task."""
    direction = _DIRECTION.fullmatch(task)
    word = direction[1].lower() if direction else ""
    count = 1 if direction else len(_STEPS)
    steps = tuple(_step(number, task, reasoning) for number in range(min(count, max_steps)))
    if max_steps < count:
        return Script(steps, "fail", f"Reached the maximum of {max_steps} steps", None)
    if word == "wait":
        return Script(steps, "wait", "", None)
    if word == "pause":
        return Script(steps, "pause", "", None)
    if direction:
        return Script(steps, "fail", (direction[2] or "").strip() or "The task said so", None)
    output = None if output_schema is None else instance(output_schema)
    return Script(steps, "complete", f"Done: {task}", output if isinstance(output, dict) else None)


def ended(*, success: bool, message: str, steps: int, output: Mapping[str, Any] | None) -> tuple[Event, ...]:
    """The last events of a task that completed or failed."""
    result = {"success": success, "message": message, "steps": steps, "structured_output": output}
    return (Event("FinalizeEvent", {"reason": message, "success": success}), Event("ResultEvent", result))


def _step(number: int, task: str, reasoning: bool) -> tuple[Event, ...]:
    thought, tool, arguments, summary = _STEPS[number]
    action = {"action": tool, **arguments}
    seen = (Event("ScreenshotEvent", {"index": number}), Event("RecordUIStateEvent", {"index": number}))
    if not reasoning:
        return (
            *seen,
            Event("FastAgentResponseEvent", {"thought": thought, "code": json.dumps(action)}),
            Event(
                "ToolExecutionEvent",
                {"tool_name": tool, "tool_args": arguments, "success": True, "summary": summary},
            ),
        )
    plan = {"plan": f"Reach the goal: {task}", "subgoal": summary, "thought": thought}
    planned = {"action_json": json.dumps(action), "description": summary, "thought": thought}
    done = {"action": action, "error": "", "success": True, "summary": summary}
    return (
        *seen,
        Event("ManagerPlanDetailsEvent", plan),
        Event("ExecutorActionEvent", planned),
        Event("ExecutorActionResultEvent", done),
    )
