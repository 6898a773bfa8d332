"""How the loop's events look: JSON Lines for programs, readable lines for people."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.view import cells, diagnostic_view
from xgodo_dev.cli.view.device_colors import DeviceColors
from xgodo_dev.cli.view.durations import duration_text
from xgodo_dev.cli.view.event_clock import EventClock
from xgodo_dev.cli.view.folders import from_home
from xgodo_dev.cli.view.held_events import HeldEvents
from xgodo_dev.cli.view.log_view import LogView
from xgodo_dev.cli.view.run_ends import of_several, run_end
from xgodo_dev.cli.view.screen import Screen, is_unicode, screen_of_results
from xgodo_dev.cli.view.source_links import SourceLinks, link_host
from xgodo_dev.loop.events import Change, Check, Conflict, Ready, RemoteChange, Stopped, Synced, SyncFailed
from xgodo_dev.runs.events import Event, Exit, Launch, Log, Notice
from xgodo_dev.toolchain import diagnostics

# Of an event's further lines, behind the time of day: below the text of the first, which begins with a mark.
_INDENT = 3
# So many launches or ends have a line each; of more, so many devices are named.
_FEW, _NAMED = 3, 5
_LONGEST_NAME = 40
_NO_PLACE = "What was thrown is no Error with a stack: nothing tells where."

_Event = TypeVar("_Event", bound=Event)


class View(Protocol):
    """Shows the events of a command."""

    def show(self, event: Event) -> None:
        """Show an event."""

    def use_devices(self, names: Sequence[str]) -> None:
        """These are the devices that are run on from now on."""

    def tell_held(self) -> None:
        """Show what is held back for a moment: something else is to be said, or no event comes any more."""


def view(
    *,
    several_devices: bool = False,
    devices: Sequence[str] | None = None,
    root: Path | None = None,
    around: Callable[[], AbstractContextManager[object]] = nullcontext,
    note: Callable[[str], None] = output.note,
) -> View:
    """The view of the command that runs now, which tells at its end what it still holds.

    Args:
        several_devices: whether lines of logs name their device.
        devices: the names of those that are run on, where they are known beforehand; two are several.
        root: the project's folder, where no event tells it: places in logs become links to its files.
        around: is entered for what is written later than the event it tells of, where a line at the bottom of
            the terminal has to make room.
        note: writes what is not a log.
    """
    if invocation().json:
        return _JsonLines()
    made = EventView(several_devices=several_devices, devices=devices, root=root, around=around, note=note)
    click.get_current_context().call_on_close(made.tell_held)
    return made


class _JsonLines:
    """Each event as a line of JSON, whatever the devices are."""

    def show(self, event: Event) -> None:
        output.json_line(event.to_json())

    def use_devices(self, names: Sequence[str]) -> None:
        pass

    def tell_held(self) -> None:
        pass


class EventView:
    """Writes events for a person: logs to stdout, as they are the result; the rest to stderr.

    On many devices, launches and ends are held for a moment, to be told in one line. Arguments are those of
    :func:`view`, besides:

    Args:
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
        self._always_several = several_devices
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
        self._last_errors: dict[str, Log] = {}
        self._going_on: set[str] = set()
        self._root = root or Path()
        self._logs = self._log_view(root)
        self._launches = HeldEvents(self._tell_launches)
        self._ends = HeldEvents(self._tell_ends)
        self._marks = (
            {"ok": "✓", "bad": "✗", "up": "↑", "run": "▶", "note": "!", "both": "⇄", "save": "●"}
            if is_unicode(sys.stderr)
            else {"ok": "+", "bad": "x", "up": "^", "run": ">", "note": "!", "both": "=", "save": "*"}
        )

    def show(self, event: Event) -> None:
        """Write one event. Control characters of logs and names are shown, not obeyed by the terminal."""
        if isinstance(event, Launch):
            self._begin(event)
            return
        if self._launches:
            self._launches.tell_now()
        if isinstance(event, Log):
            if self._ends:
                self._ends.until(event.time)
            if event.level == "error":
                self._last_errors[event.run] = event
            elif self._last_errors:
                self._last_errors.pop(event.run, None)
            output.log_lines(self._logs.text(event))
            return
        if isinstance(event, Exit):
            self._end(event)
            return
        self._ends.tell_now()
        if isinstance(event, Ready):
            self._root = Path(event.root)
            self._logs = self._log_view(self._root)
        self._tell_one(event)

    def use_devices(self, names: Sequence[str]) -> None:
        """These are the devices that are run on from now on; what is held and known of others stays."""
        self._devices = tuple(names)
        self._several_devices = self._always_several or len(names) > 1
        self._logs.name_devices(several=self._several_devices)
        for name in sorted(names):
            self._colors.color(name)
            self._logs.expect(name)

    def tell_held(self) -> None:
        """Write what is held: something else is to be said, or no event comes any more."""
        self._launches.tell_now()
        self._ends.tell_now()

    @property
    def _many_devices(self) -> bool:
        return self._several_devices and (self._devices is None or len(self._devices) > _FEW)

    def _begin(self, launch: Launch) -> None:
        self._ends.tell_now()
        self._going_on.add(launch.run)
        if self._several_devices:
            self._logs.expect(launch.device)
        if not self._many_devices:
            self._tell_one(launch)
            return
        self._launches.take(launch)
        if self._devices and len(self._launches) == len(self._devices):
            self._launches.tell_now()

    def _end(self, end: Exit) -> None:
        """Tell an end; the uncaught error first, as a line where it was thrown.

        But not where the automation has just logged it itself, as the templates do.
        """
        last = self._last_errors.get(end.run)
        if end.failure and (last is None or last.message != end.failure.message):
            self.show(end.failure)
        last = self._last_errors.pop(end.run, None)
        if last and last.message == end.error:
            is_placed = last.source is not None or "\n    at " in last.message
            end = replace(end, error=None if is_placed else _NO_PLACE)
        was_last = self._going_on == {end.run}
        self._going_on.discard(end.run)
        if not self._many_devices:
            self._tell_one(end)
            return
        self._ends.take(end)
        # After one that nobody saw begin, there may be more of the kind.
        if was_last:
            self._ends.tell_now()

    def _log_view(self, root: Path | None) -> LogView:
        return LogView(
            self._screen,
            clock=self._clock,
            colors=self._colors,
            links=SourceLinks(root, link_host()) if root and self._screen.linked else None,
            several_devices=self._several_devices,
            devices=self._devices or (),
        )

    def _tell_one(self, event: Event) -> None:
        self._tell(event.time, self._lines(_harmless(event)))

    def _tell(self, moment: float, lines: list[str]) -> None:
        clock = _dim(self._clock.text(moment))
        indent = " " * (self._clock.width + _INDENT)
        lines = [part for line in lines for part in self._wrapped(line, len(indent))]
        if lines:
            self._note(f"{clock} {lines[0]}")
            for line in lines[1:]:
                self._note(f"{indent}{line}")

    def _wrapped(self, line: str, indent: int) -> list[str]:
        """The line in parts that fit a terminal's width, broken between words; as it is off a terminal."""
        room = shutil.get_terminal_size().columns - indent
        return cells.wrapped(line, room) if sys.stderr.isatty() else [line]

    def _tell_launches(self, launches: list[Launch]) -> None:
        with self._around():
            for some in _alike(launches, lambda launch: launch.entry):
                if len(some) <= _FEW:
                    for launch in sorted(some, key=lambda launch: launch.device):
                        self._tell_one(launch)
                    continue
                text = f"running {output.shown(some[0].entry)} on {len(some)} devices: {_named(some)}"
                self._tell(some[0].time, [f"{self._mark('run', 'cyan')} {text}"])

    def _tell_ends(self, ends: list[Exit]) -> None:
        with self._around():
            for some in _alike(ends, lambda end: (end.status, end.error)):
                if len(some) <= _FEW:
                    for end in some:
                        self._tell_one(end)
                    continue
                longest = max(some, key=lambda end: end.ms)
                self._tell(some[0].time, self._end_lines(_harmless(longest), some))

    def _lines(self, event: Event) -> list[str]:
        match event:
            case Ready(root=root, files=files):
                return [f"{self._mark('save', 'cyan')} watching {from_home(root)} ({_count(files, 'file')})"]
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
                self._remember_shown(errors)
                count = _count(len(errors), "type error")
                heading = f"{self._mark('bad', 'red')} {count}  {_dim(duration_text(ms))}"
                indent = self._clock.width + _INDENT
                columns = shutil.get_terminal_size().columns - indent if sys.stderr.isatty() else None
                found = map(diagnostics.from_json, errors)
                shown = (diagnostic_view.lines(each, columns=columns) for each in found)
                return [heading, *(line for each in shown for line in each)]
            case Synced(path=path, ms=ms):
                return [f"{self._mark('up', 'green')} synced {path}  {_dim(duration_text(ms))}"]
            case SyncFailed(path=path, reason="compile", errors=errors):
                why = _count(len(errors), "error") if errors else "an error"
                heading = f"{self._mark('bad', 'red')} {why} in {path}: synced, but not compiled there"
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
            case Exit():
                return self._end_lines(event, [event])
            case Notice(message=message):
                first, *rest = message.split("\n")
                return [f"{self._mark('note', 'yellow')} {first}", *rest]
            case Stopped(reason=reason):
                return [f"{self._mark('save', 'cyan')} stopped ({reason})"]
            case _:
                return []

    def _remember_shown(self, errors: Sequence[Mapping[str, Any]]) -> None:
        # What a check has just shown needs no second telling when the server finds it too.
        self._shown_errors = {f"Error at {e['line']}:{e['column']}: {e['message']}" for e in errors}

    def _end_lines(self, end: Exit, alike: Sequence[Exit]) -> list[str]:
        """How to tell an end, and all those that are like it."""
        words = run_end(end.status, end.error)
        mark = self._mark({"success": "ok", "stopped": "note"}.get(end.status, "bad"), words.color)
        took = duration_text(end.ms)
        told = f"the run on {self._device(end.device)} {words.words}"
        if len(alike) > 1:
            told = f"the runs on {len(alike)} devices {of_several(words.words)}: {_named(alike)}"
            took = f"at most {took}"
        return [f"{mark} {told}  {_dim(took)}", *(end.error.split("\n") if end.error else ())]

    def _mark(self, name: str, color: str) -> str:
        return click.style(self._marks[name], fg=color)

    def _device(self, name: str) -> str:
        return click.style(name, fg=self._colors.color(name))


def _name(device: str) -> str:
    return cells.without_middle(output.shown(device), _LONGEST_NAME)


# Members that are one line by their nature.
_ESCAPED = {
    **dict.fromkeys(("path", "paths", "buries", "root", "entry", "source"), output.shown),
    "device": _name,
}


def _harmless(event: _Event) -> _Event:
    if isinstance(event, Check):
        # Escaping would move what is marked in an excerpt: the view of an error sees to that itself.
        return event
    members = {
        each.name: _shown(getattr(event, each.name), _ESCAPED.get(each.name, output.plain))
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


def _alike(events: Sequence[_Event], what: Callable[[_Event], Hashable]) -> list[list[_Event]]:
    """The events by what is told of them, in the order they came."""
    alike: dict[Hashable, list[_Event]] = {}
    for event in events:
        alike.setdefault(what(event), []).append(event)
    return list(alike.values())


def _named(some: Sequence[Launch] | Sequence[Exit]) -> str:
    names = sorted(_name(each.device) for each in some)
    more = len(names) - _NAMED
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:_NAMED])} and {more} more"


def _dim(text: str) -> str:
    return click.style(text, dim=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _listed(paths: list[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
