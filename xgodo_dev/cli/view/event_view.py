"""How the loop's events look: JSON Lines for programs, readable lines for people."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.view import diagnostic_view
from xgodo_dev.cli.view.device_colors import DeviceColors
from xgodo_dev.cli.view.durations import duration_text
from xgodo_dev.cli.view.event_clock import EventClock
from xgodo_dev.cli.view.held_launches import HeldLaunches
from xgodo_dev.cli.view.log_view import LogView
from xgodo_dev.cli.view.run_ends import run_end
from xgodo_dev.cli.view.screen import Screen, is_unicode, screen_of_results
from xgodo_dev.cli.view.source_links import SourceLinks, link_host
from xgodo_dev.loop.events import Change, Check, Conflict, Ready, RemoteChange, Stopped, Synced, SyncFailed
from xgodo_dev.runs.events import Event, Exit, Launch, Log, Notice
from xgodo_dev.toolchain import diagnostics

# Of an event's further lines, behind the time of day: below the text of the first, which begins with a mark.
_INDENT = 3
# So many launches have a line each; of more, so many devices are named.
_FEW, _NAMED = 3, 8
# Members that are one line by their nature.
_PATHS = frozenset({"path", "paths", "buries", "root", "entry", "device", "source"})


def emitter(
    *,
    several_devices: bool = False,
    devices: Sequence[str] | None = None,
    root: Path | None = None,
    around: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Callable[[Event], None]:
    """What to call with each event of the command that runs now.

    Args:
        several_devices: whether lines of logs name their device.
        devices: the names of those that are run on, where they are known beforehand; two are several.
        root: the project's folder, where no event tells it: places in logs become links to its files.
        around: is entered for what is written later than the event it tells of, where a line at the bottom of
            the terminal has to make room.
    """
    if invocation().json:
        return lambda event: output.json_line(event.to_json())
    view = EventView(several_devices=several_devices, devices=devices, root=root, around=around)
    click.get_current_context().call_on_close(view.close)
    return view.show


class EventView:
    """Writes events for a person: logs to stdout, as they are the result; the rest to stderr.

    Launches on many devices are held for a moment, to be told in one line. Arguments are those of
    :func:`emitter`, besides:

    Args:
        note: writes what is not a log.
        screen: what stdout can show; what it is found to show by default.
    """

    def __init__(
        self,
        *,
        several_devices: bool = False,
        devices: Sequence[str] | None = None,
        root: Path | None = None,
        around: Callable[[], AbstractContextManager[object]] = nullcontext,
        note: Callable[[str], None] = output.note,
        screen: Screen | None = None,
    ) -> None:
        self._several_devices = several_devices or len(devices or ()) > 1
        self._devices = devices
        self._around = around
        self._note = note
        options = invocation() if click.get_current_context(silent=True) else None
        self._screen = screen or screen_of_results(color=options is None or options.color)
        self._clock = EventClock()
        self._colors = DeviceColors(devices or (), rich=self._screen.rich)
        self._shown_errors: set[str] = set()
        # By run, the error that it has logged last and nothing after it.
        self._last_errors: dict[str, str] = {}
        self._root = root or Path()
        self._logs = self._log_view(root)
        self._launches = HeldLaunches(self._tell_launches, len(devices) if devices else None)
        self._marks = (
            {"ok": "✓", "bad": "✗", "up": "↑", "run": "▶", "note": "!", "both": "⇄", "save": "●"}
            if is_unicode(sys.stderr)
            else {"ok": "+", "bad": "x", "up": "^", "run": ">", "note": "!", "both": "=", "save": "*"}
        )

    def show(self, event: Event) -> None:
        """Write one event. Control characters of logs and names are shown, not obeyed by the terminal."""
        if isinstance(event, Launch) and self._several_devices:
            self._logs.expect(event.device)
            if self._devices is None or len(self._devices) > _FEW:
                self._launches.take(event)
                return
        if self._launches:
            self._launches.tell_now()
        if isinstance(event, Log):
            if event.level == "error":
                self._last_errors[event.run] = event.message
            elif self._last_errors:
                self._last_errors.pop(event.run, None)
            output.log_lines(self._logs.text(event))
            return
        if isinstance(event, Ready):
            self._root = Path(event.root)
            self._logs = self._log_view(self._root)
        if isinstance(event, Exit) and event.error == self._last_errors.pop(event.run, None):
            # The automation has just logged it itself, as the templates do.
            event = replace(event, error=None)
        lines = self._lines(_harmless(event))
        # Errors of a compiler stay as they are: editors read them.
        self._tell(event.time, lines, wrap=not isinstance(event, Check | Exit))

    def close(self) -> None:
        """Write what is held: no event comes any more."""
        self._launches.tell_now()

    def _log_view(self, root: Path | None) -> LogView:
        return LogView(
            self._screen,
            clock=self._clock,
            colors=self._colors,
            links=SourceLinks(root, link_host()) if root and self._screen.linked else None,
            several_devices=self._several_devices,
            devices=self._devices or (),
        )

    def _tell(self, moment: float, lines: list[str], *, wrap: bool) -> None:
        clock = _dim(self._clock.text(moment))
        indent = " " * (self._clock.width + _INDENT)
        if wrap:
            lines = [part for line in lines for part in _wrapped(line, len(indent))]
        if lines:
            self._note(f"{clock} {lines[0]}")
            for line in lines[1:]:
                self._note(f"{indent}{line}")

    def _tell_launches(self, launches: list[Launch]) -> None:
        with self._around():
            self._tell_together(launches)

    def _tell_together(self, launches: list[Launch]) -> None:
        if len(launches) <= _FEW:
            for launch in launches:
                self._tell(launch.time, self._lines(_harmless(launch)), wrap=True)
            return
        first = launches[0]
        names = sorted(output.shown(launch.device) for launch in launches)
        more = len(names) - _NAMED
        listed = ", ".join(names) if more <= 1 else f"{', '.join(names[:_NAMED])} and {more} more"
        text = f"running {output.shown(first.entry)} on {len(names)} devices: {listed}"
        self._tell(first.time, [f"{self._mark('run', 'cyan')} {text}"], wrap=True)

    def _lines(self, event: Event) -> list[str]:
        match event:
            case Ready(root=root, files=files):
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
                return [f"{self._mark('ok', 'green')} types are right  {_dim(duration_text(ms))}"]
            case Check(errors=errors, ms=ms):
                self._shown_errors = {f"Error at {e['line']}:{e['column']}: {e['message']}" for e in errors}
                count = _count(len(errors), "type error")
                heading = f"{self._mark('bad', 'red')} {count}  {_dim(duration_text(ms))}"
                indent = self._clock.width + _INDENT
                columns = shutil.get_terminal_size().columns - indent if sys.stderr.isatty() else None
                found = map(diagnostics.from_json, errors)
                return [
                    heading,
                    *(line for each in found for line in diagnostic_view.lines(each, columns=columns)),
                ]
            case Synced(path=path, ms=ms):
                return [f"{self._mark('up', 'green')} synced {path}  {_dim(duration_text(ms))}"]
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
                end = run_end(status, error)
                mark = self._mark({"success": "ok", "stopped": "note"}.get(status, "bad"), end.color)
                took = _dim(duration_text(ms))
                heading = f"{mark} the run on {self._device(device)} {end.words}  {took}"
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
        return click.style(name, fg=self._colors.color(name))


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


def _wrapped(line: str, indent: int) -> list[str]:
    """The line in parts that fit a terminal's width, broken between words; as it is off a terminal."""
    if not sys.stderr.isatty():
        return [line]
    text = click.unstyle(line)
    room = max(20, shutil.get_terminal_size().columns - indent)
    if len(text) <= room:
        return [line]
    first, *rest = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False)
    # Of the colours only the mark's is kept: it takes no room on the screen, and textwrap would count it.
    mark, _, _ = line.partition(" ")
    return [mark + first.removeprefix(click.unstyle(mark)), *rest]


def _dim(text: str) -> str:
    return click.style(text, dim=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _listed(paths: list[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
