"""How a line of a run's log looks: time, device, place in the source, level, message, in columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.view.cells import width, without_beginning, without_middle
from xgodo_dev.cli.view.device_colors import DeviceColors
from xgodo_dev.cli.view.event_clock import EventClock
from xgodo_dev.cli.view.message_layout import NARROWEST, layout
from xgodo_dev.cli.view.screen import Screen
from xgodo_dev.cli.view.source_links import LINK_END, SourceLinks
from xgodo_dev.runs.events import Log

# Seconds; the platform keeps what was printed for ten minutes.
_CLOCKS_APART = 900
# Between the time and what follows it: where other events have a mark.
AFTER_TIME = "   "
_GAP = "  "
_NARROWEST_PLACE, _NARROWEST_DEVICE = 12, 6
_WIDEST = 40
# Whoever named a phone may have put a novel there.
_LONGEST_NAME = 80
_LONGEST_LEVEL = 12
# Levels and places are another program's words: nobody knows how many there will be.
_MOST_REMEMBERED = 4096


class _Level(NamedTuple):
    """How lines of a level look. Its word stands before the message, and takes no room of other lines."""

    word: str
    width: int
    begin: str
    end: str


class LogView:
    """Makes lines of text of log events. Nothing that a log says controls the terminal.

    A line is one line, unless its message is several; but on a terminal, what is longer than it is wide is
    wrapped below the message's column, an object is shown over several lines, and what would fill the screen
    is cut off.

    Args:
        several_devices: whether each line names its device.
        devices: their names, as far as known, so that their column has its width from the start.
        links: makes links to places in the source.
    """

    def __init__(
        self,
        screen: Screen,
        *,
        clock: EventClock,
        colors: DeviceColors,
        links: SourceLinks | None = None,
        several_devices: bool = False,
        devices: Iterable[str] = (),
    ) -> None:
        self._screen = screen
        self._clock = clock
        self._colors = colors
        self._links = links if screen.linked else None
        self._several_devices = several_devices
        self._device_width = _NARROWEST_DEVICE
        # None where no line has told its place: those of a project as the platform has it saved tell none.
        self._place_width = 0
        self._widest_device = self._widest_place = _WIDEST
        self._prefixes: dict[tuple[str, object, object], str] = {}
        self._levels: dict[str, _Level] = {"log": _Level("", 0, "", "")}
        self._second: int | None = None
        self._time = ""
        self._columns: int | None = None
        self._room: int | None = None
        self._indent = 0
        self._measure()
        for device in devices:
            self.expect(device)

    def expect(self, device: str) -> None:
        """Lines of this device will come."""
        needed = min(width(output.shown(device)), self._widest_device)
        if needed > self._device_width:
            self._device_width = needed
            self._prefixes.clear()
            self._fit()

    def name_devices(self, *, several: bool) -> None:
        """Whether each line names its device, from now on."""
        if several != self._several_devices:
            self._several_devices = several
            self._prefixes.clear()
            # The columns share the terminal anew.
            self._columns = None
            self._measure()

    def text(self, event: Log) -> str:
        """The event as text, with its line end."""
        # This is called ten thousand times a second: what lines have in common is made once.
        # When it was printed, which may be well before it was read; unless those are two different clocks.
        second = event.timestamp // 1000
        if not -_CLOCKS_APART < event.time - second < _CLOCKS_APART:
            second = int(event.time)
        if second != self._second:
            self._turn(second)
        source = event.source
        device = event.device if self._several_devices else ""
        place = (device, source["file"], source["line"]) if source else (device, None, None)
        prefix = self._prefixes.get(place)
        if prefix is None:
            prefix = self._prefix(place)
        level = self._levels.get(event.level) or self._level(event.level)
        message = event.message
        room = self._room
        # What is printable controls nothing; it is one line, and a character takes two columns at most.
        if message.isprintable() and (
            room is None or len(message) * (1 if message.isascii() else 2) + level.width <= room
        ):
            return f"{self._time}{prefix}{level.word}{level.begin}{message}{level.end}\n"
        return f"{self._time}{prefix}{level.word}{self._laid_out(message, level)}\n"

    def _turn(self, second: int) -> None:
        """Another second has begun: a good moment to look at how wide the terminal is."""
        self._second = second
        self._time = self._styled(self._clock.text(second), dim=True) + AFTER_TIME
        self._measure()

    def _measure(self) -> None:
        columns = self._screen.columns() if self._screen.columns else None
        if columns is not None and columns != self._columns:
            # What stands before the message leaves it at least a third of the terminal.
            self._widest_place = _within(_NARROWEST_PLACE, columns * 3 // 10)
            if self._several_devices:
                self._widest_place = _within(_NARROWEST_PLACE, columns // 4)
                self._widest_device = _within(_NARROWEST_DEVICE, columns // 5)
            self._device_width = min(self._device_width, self._widest_device)
            self._place_width = min(self._place_width, self._widest_place)
            self._prefixes.clear()
        self._columns = columns
        self._fit()

    def _fit(self) -> None:
        """Find out anew where messages begin, and how much room they have."""
        device = self._device_width + len(_GAP) if self._several_devices else 0
        place = self._place_width + len(_GAP) if self._place_width else 0
        self._indent = self._clock.width + len(AFTER_TIME) + device + place
        self._room = None if self._columns is None else max(NARROWEST, self._columns - self._indent)

    def _prefix(self, place: tuple[str, object, object]) -> str:
        device, file, line = place
        where = "" if file is None else output.shown(f"{file}:{line}")
        # Grows to the longest that was seen, so that messages stand in one column.
        if (needed := min(width(where), self._widest_place)) > self._place_width:
            self._place_width = max(needed, _NARROWEST_PLACE)
            self._prefixes.clear()
            self._fit()
        if self._several_devices:
            self.expect(device)
        if len(self._prefixes) >= _MOST_REMEMBERED:
            self._prefixes.clear()
        prefix = self._device_cell(device) + self._place_cell(where, file, line)
        self._prefixes[place] = prefix
        return prefix

    def _device_cell(self, device: str) -> str:
        if not self._several_devices:
            return ""
        room = self._device_width if self._screen.columns else _LONGEST_NAME
        text = without_middle(output.shown(device), room, self._screen.ellipsis)
        padding = " " * (self._device_width - width(text))
        return self._styled(text, fg=self._colors.color(device)) + padding + _GAP

    def _place_cell(self, where: str, file: object, line: object) -> str:
        if not self._place_width:
            return ""
        text = where
        if self._screen.columns:
            text = without_beginning(where, self._place_width, self._screen.ellipsis)
            if text != where and "/" in text:
                # Whole folders are left out.
                text = self._screen.ellipsis + text[text.index("/") :]
        cell = self._styled(text, dim=True)
        if (
            self._links
            and isinstance(file, str)
            and isinstance(line, int)
            and (link := self._links.start(file, line))
        ):
            cell = link + cell + LINK_END
        return cell + " " * (self._place_width - width(text)) + _GAP

    def _level(self, name: str) -> _Level:
        """A level that has a word: any but the ordinary."""
        word = output.shown(name)[:_LONGEST_LEVEL]
        styled, begin, end = word, "", ""
        if self._screen.styled:
            color = {"error": "red", "warn": "yellow"}.get(name)
            styled = click.style(word, fg=color, bold=True) if color else click.style(word, dim=True)
            if name == "error":
                # A warning is as readable on a light background only in the terminal's own colour.
                begin, end = click.style("\0", fg="red").split("\0")
        level = _Level(styled + _GAP, width(word) + len(_GAP), begin, end)
        if len(self._levels) < _MOST_REMEMBERED:
            self._levels[name] = level
        return level

    def _laid_out(self, message: str, level: _Level) -> str:
        if self._room is None:
            lines, left_out = output.plain(message).split("\n"), ""
        else:
            laid = layout(message, self._room, beside=level.width)
            lines, left_out = laid.lines, laid.left_out
        if self._links:
            lines = [self._links.in_frame(line) for line in lines]
        first, *rest = (level.begin + line + level.end if line else "" for line in lines)
        if left_out:
            more = f"{self._screen.ellipsis} ({left_out}; `logs --json` has all)"
            rest += [self._styled(line, dim=True) for line in layout(more, self._room or 0).lines]
        indent = " " * self._indent
        return first + "".join(f"\n{indent}{line}" if line else "\n" for line in rest)

    def _styled(self, text: str, *, fg: int | str | None = None, dim: bool = False) -> str:
        if not self._screen.styled or not text:
            return text
        return click.style(text, fg=fg, dim=dim or None)


def _within(least: int, wanted: int) -> int:
    return max(least, min(wanted, _WIDEST))
