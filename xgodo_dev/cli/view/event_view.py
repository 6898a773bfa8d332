"""How the loop's events look: JSON Lines for programs, one readable line each for people."""

from __future__ import annotations

import shutil
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click

from xgodo_dev.cli import diagnostic_view, output
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.loop.events import Change, Check, Conflict, Ready, RemoteChange, Stopped, Synced, SyncFailed
from xgodo_dev.runs.events import Event, Exit, Launch, Log, Notice
from xgodo_dev.toolchain import diagnostics

_NARROWEST_SOURCE, _WIDEST_SOURCE = 12, 32
# Of an event's further lines: below the text of the first, which begins with the time of day and a mark.
_INDENT = 11
_DEVICE_COLORS = (
    "cyan",
    "magenta",
    "blue",
    "green",
    "yellow",
    "bright_cyan",
    "bright_magenta",
    "bright_blue",
)
# Members that are one line by their nature.
_PATHS = frozenset({"path", "paths", "buries", "root", "entry", "device", "source"})
_STATUS_TEXT = {
    "success": ("ended well", "green"),
    "failed": ("failed", "red"),
    "stopped": ("was stopped", "yellow"),
    "timeout": ("took too long", "red"),
    "lost": ("was lost sight of", "red"),
}


def emitter(*, several_devices: bool = False) -> Callable[[Event], None]:
    """What to call with each event of the command that runs now."""
    if invocation().json:
        return lambda event: output.json_line(event.to_json())
    view = EventView(several_devices=several_devices)
    return view.show


class EventView:
    """Writes events for a person: logs to stdout, as they are the result; the rest to stderr."""

    def __init__(self, *, several_devices: bool = False, note: Callable[[str], None] = output.note) -> None:
        self._several_devices = several_devices
        self._note = note
        self._colors: dict[str, str] = {}
        self._source_width = _NARROWEST_SOURCE
        self._shown_errors: set[str] = set()
        self._last_error: str | None = None
        self._root = Path()
        unicode = (sys.stderr.encoding or "").lower().replace("-", "") == "utf8"
        self._marks = (
            {"ok": "✓", "bad": "✗", "up": "↑", "run": "▶", "note": "!", "both": "⇄", "save": "●"}
            if unicode
            else {"ok": "+", "bad": "x", "up": "^", "run": ">", "note": "!", "both": "=", "save": "*"}
        )

    def show(self, event: Event) -> None:
        """Write one event. Control characters of logs and names are shown, not obeyed by the terminal."""
        event = _harmless(event)
        clock = click.style(time.strftime("%H:%M:%S", time.localtime(event.time)), dim=True)
        if isinstance(event, Log):
            self._last_error = event.message if event.level == "error" else None
            output.result(f"{clock}   {self._log(event)}")
            return
        lines = self._lines(event)
        if not isinstance(event, Check | Exit):
            # Errors of a compiler stay as they are: editors read them.
            lines = [part for line in lines for part in _wrapped(line)]
        if lines:
            self._note(f"{clock} {lines[0]}")
            for line in lines[1:]:
                self._note(f"{' ' * _INDENT}{line}")

    def _log(self, event: Log) -> str:
        where = f"{event.source['file']}:{event.source['line']}" if event.source else ""
        # Grows to the longest place seen, so that messages stand in one column.
        self._source_width = max(self._source_width, min(len(where), _WIDEST_SOURCE))
        color = {"error": "red", "warn": "yellow"}.get(event.level)
        first, *rest = event.message.split("\n")
        device = self._device(event.device) + "  " if self._several_devices else ""
        indent = " " * (13 + (len(event.device) + 2 if self._several_devices else 0) + self._source_width)
        body = [click.style(first, fg=color), *(indent + click.style(line, fg=color) for line in rest)]
        return device + click.style(where.ljust(self._source_width), dim=True) + "  " + "\n".join(body)

    def _lines(self, event: Event) -> list[str]:
        match event:
            case Ready(root=root, files=files):
                self._root = Path(root)
                return [f"{self._mark('save', 'cyan')} watching {root} ({_count(files, 'file')})"]
            case Change(paths=paths):
                # The event names what changed; a person wants to know which way.
                saved = [path for path in paths if (self._root / path).exists()]
                removed = [path for path in paths if path not in saved]
                changes = [
                    f"{verb} {_listed(some)}"
                    for verb, some in (("saved", saved), ("removed", removed))
                    if some
                ]
                return [f"{self._mark('save', 'cyan')} {', '.join(changes)}"]
            case Check(ok=True, ms=ms):
                return [f"{self._mark('ok', 'green')} types are right  {_dim(_duration(ms))}"]
            case Check(errors=errors, ms=ms):
                self._shown_errors = {f"Error at {e['line']}:{e['column']}: {e['message']}" for e in errors}
                heading = (
                    f"{self._mark('bad', 'red')} {_count(len(errors), 'type error')}  {_dim(_duration(ms))}"
                )
                columns = shutil.get_terminal_size().columns - _INDENT if sys.stderr.isatty() else None
                found = map(diagnostics.from_json, errors)
                return [
                    heading,
                    *(line for each in found for line in diagnostic_view.lines(each, columns=columns)),
                ]
            case Synced(path=path, ms=ms):
                return [f"{self._mark('up', 'green')} synced {path}  {_dim(_duration(ms))}"]
            case SyncFailed(path=path, reason="compile", errors=errors):
                heading = f"{self._mark('bad', 'red')} {path} does not compile on the platform"
                # What the check here has just shown needs no second telling.
                return [heading, *(error for error in errors or () if error not in self._shown_errors)]
            case SyncFailed(path=path, reason=reason):
                return [f"{self._mark('bad', 'red')} not synced: {path}: {reason}"]
            case Conflict(path=path, deleted_here=True):
                return [
                    f"{self._mark('both', 'red')} conflict: {path} is deleted here, changed on the platform",
                    f"`pull --theirs {path}` brings it back; `pull --ours {path}` leaves it deleted",
                ]
            case Conflict(path=path, buries=str(javascript)):
                return [
                    f"{self._mark('both', 'red')} conflict: {path} is not sent: "
                    f"compiling it would replace {javascript} on the platform",
                    f"rename yours; or `push --force {path}` replaces theirs, and keeps it",
                ]
            case Conflict(path=path):
                return [
                    f"{self._mark('both', 'red')} conflict: {path} was changed on the platform too; not sent",
                    "`diff` shows both; `pull` merges, or decides with --ours or --theirs",
                ]
            case RemoteChange(path=path):
                return [f"{self._mark('both', 'yellow')} changed on the platform: {path} (`pull` brings it)"]
            case Launch(device=device, entry=entry):
                return [f"{self._mark('run', 'cyan')} running {entry} on {self._device(device)}"]
            case Exit(device=device, status=status, ms=ms, error=error):
                text, color = _STATUS_TEXT[status]
                mark = self._mark({"success": "ok", "stopped": "note"}.get(status, "bad"), color)
                if error == self._last_error:
                    # The automation has just logged it itself, as the templates do.
                    error = None
                heading = f"{mark} the run on {self._device(device)} {text}  {_dim(_duration(ms))}"
                return [heading, *(error.split("\n") if error else ())]
            case Notice(message=message):
                first, *rest = message.split("\n")
                return [f"{self._mark('note', 'yellow')} {first}", *rest]
            case Stopped(reason=reason):
                return [f"{self._mark('save', 'cyan')} stopped ({reason})"]
            case _:
                return []

    def _mark(self, name: str, color: str) -> str:
        return click.style(self._marks[name], fg=color)

    def _device(self, name: str) -> str:
        color = self._colors.setdefault(name, _DEVICE_COLORS[len(self._colors) % len(_DEVICE_COLORS)])
        return click.style(name, fg=color)


def _harmless(event: Event) -> Event:
    if isinstance(event, Check):
        # Escaping would move what is marked in an excerpt: the view of an error sees to that itself.
        return event
    members = {
        each.name: _shown(getattr(event, each.name), output.shown if each.name in _PATHS else output.plain)
        for each in fields(event)
    }
    return replace(event, **members)


def _shown(value: Any, escaped: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, dict):
        return {key: _shown(member, escaped) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shown(member, escaped) for member in value]
    return value


def _wrapped(line: str) -> list[str]:
    """The line in parts that fit a terminal's width, broken between words; as it is off a terminal."""
    if not sys.stderr.isatty():
        return [line]
    text = click.unstyle(line)
    room = max(20, shutil.get_terminal_size().columns - _INDENT)
    if len(text) <= room:
        return [line]
    first, *rest = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
    # Of the colours only the mark's is kept: it takes no room on the screen, and textwrap would count it.
    mark, _, _ = line.partition(" ")
    return [mark + first.removeprefix(click.unstyle(mark)), *rest]


def _dim(text: str) -> str:
    return click.style(text, dim=True)


def _duration(ms: float) -> str:
    return f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _listed(paths: list[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
