"""What Mobilerun's agent does, event by event, in lines for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.endpoints.table_layout import cell_text
from xgodo_dev.cli.view import cells

# Told of by others, or by nothing that a person could read.
_SILENT = (
    "ScreenshotEvent",
    "RecordUIStateEvent",
    "StartEvent",
    "FinalizeEvent",
    "ExecutorActionEvent",
)
_LAST_WORDS = ("message", "reason", "error", "answer", "summary")
_THOUGHTS = ("subgoal", "thought", "plan", "description", *_LAST_WORDS)
_LONGEST = 400


def told(content: Mapping[str, Any]) -> Iterator[str]:
    """The lines that tell of an event; none for one that a person need not see.

    No document names the events of a stream: what is not known here is told by its name and its texts.
    """
    event, data = str(content.get("event", "")), content.get("data") or {}
    if event in _SILENT or not isinstance(data, Mapping):
        return
    match event:
        case "CreatedEvent":
            identifier = data.get("id") or data.get("task_id") or data.get("taskId")
            yield _line("○", "cyan", "Task", f"{identifier or ''} created".strip())
        case "ToolExecutionEvent" | "ExecutorActionResultEvent":
            yield _line(*_outcome(data, "→"), _called(data), cell_text(data.get("summary")))
        case "ResultEvent":
            failed = data.get("success") is False
            yield _line(*_outcome(data, "✓"), "Failed" if failed else "Done", _first(data, _LAST_WORDS))
            if made := data.get("structured_output") or data.get("output"):
                yield f"  {output.shown(cell_text(made))}"
        case "CancelEvent":
            yield _line("■", "yellow", "Cancelled", _first(data, _LAST_WORDS))
        case "ExceptionEvent":
            yield _line("✗", "red", "Error", _first(data, _LAST_WORDS))
        case _:
            if text := _first(data, _THOUGHTS):
                yield _line("·", "blue", "", text)


def _outcome(data: Mapping[str, Any], sign: str) -> tuple[str, str]:
    return ("✗", "red") if data.get("success") is False else (sign, "green")


def _called(data: Mapping[str, Any]) -> str:
    """The tool that an agent used, and with what."""
    action = data.get("action")
    arguments = dict(action) if isinstance(action, Mapping) else data.get("tool_args")
    name = data.get("tool_name") or (arguments.pop("action", "") if isinstance(arguments, dict) else "")
    return f"{name} {cell_text(arguments)}" if arguments else str(name)


def _first(data: Mapping[str, Any], names: tuple[str, ...]) -> str:
    texts = (data.get(name) for name in names)
    return next((" ".join(text.split()) for text in texts if isinstance(text, str) and text.strip()), "")


def _line(sign: str, color: str, what: str, text: str) -> str:
    parts = [click.style(sign, fg=color)]
    if what:
        parts.append(click.style(output.shown(what), bold=True) + (" " if text else ""))
    if text:
        parts.append(cells.cut(output.shown(text), _LONGEST))
    return " ".join(parts)
