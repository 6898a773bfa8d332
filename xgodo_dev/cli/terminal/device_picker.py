"""A list of devices to choose from with the arrow keys."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.terminal import foreground
from xgodo_dev.cli.view import cells
from xgodo_dev.cli.view.device_cells import rows
from xgodo_dev.platform.automation import Device
from xgodo_dev.runs.devices import short_ids, told

# A style of prompt_toolkit, and text in it.
_Fragment = tuple[str, str]
_MOST_LINES = 12
# Of a screen, what the question and the line of keys take, and a line of what was there before.
_OTHER_LINES = 3
_LONGEST_NAME, _LONGEST_MODEL = 26, 20
_LEAST_FOR_TYPING = 12
_GAP = 2
# A terminal sends the rest of an arrow key at once; only then an Esc is one.
_ESCAPE_PAUSE_S = 0.05


async def pick(
    devices: Sequence[Device],
    *,
    several: bool,
    chosen: Collection[str] = (),
    own_ids: Collection[str] = (),
    title: str = "Which device?",
) -> list[Device] | None:
    """Let a person choose one device, or ``several``, in the terminal of stdin and stderr.

    ``chosen`` are the ids of those that are chosen from the beginning, and ``own_ids`` those of what may
    run on them and is this project's. None: given up with Esc.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    choice = Choice(devices, several=several, chosen=chosen, own_ids=own_ids)
    if not await _answered(choice, title):
        return None
    answer = choice.answer()
    output.note(f"{title} {click.style(output.shown(told(answer, devices)), bold=True)}")
    return answer


class Choice:
    """What is chosen of a list, key by key, and how it looks. Offline devices can't be chosen."""

    def __init__(
        self,
        devices: Sequence[Device],
        *,
        several: bool,
        chosen: Collection[str] = (),
        own_ids: Collection[str] = (),
    ) -> None:
        by_id = {output.shown(device.id): device for device in devices}
        short = short_ids(devices)
        table = rows(list(by_id.values()), own_ids=own_ids, short=short, width=None)
        self._devices = [by_id[row[-1]] for row in table]
        self._texts: dict[str, tuple[str, ...]] = {}
        for device, (name, _, model, version, country, running, _) in zip(self._devices, table, strict=True):
            if sum(other.name == device.name for other in self._devices) > 1:
                name = f"{name} ({output.shown(short[device.id])})"
            android = f"Android {version}" if version else ""
            self._texts[device.id] = (name, model, android, country, running if device.online else "offline")
        self._several = several
        self._typed = ""
        before = {device.id for device in self._choosable() if device.id in chosen}
        # A single one is where the list begins: an arrow and Enter are enough to take another in its place.
        self._marked = before if several and len(before) > 1 else set()
        first = next((device for device in self._choosable() if device.id in chosen), None)
        self._current = first or next(iter(self._choosable()), None)

    @property
    def typed(self) -> str:
        """What narrows the list."""
        return self._typed

    def narrow(self, typed: str) -> None:
        """Keep only those whose name has that text in it; capitals and spaces don't matter."""
        self._typed = typed
        choosable = self._choosable()
        if self._current not in choosable:
            self._current = choosable[0] if choosable else None

    def move(self, steps: int) -> None:
        """Go down so many lines, or up; from the last line to the first with a single step."""
        choosable = self._choosable()
        if self._current not in choosable:
            return
        to = choosable.index(self._current) + steps
        last = len(choosable) - 1
        self._current = choosable[to % len(choosable) if abs(steps) == 1 else min(max(to, 0), last)]

    def mark(self) -> None:
        """Mark the current device as one of several, or no longer."""
        if self._several and self._current:
            self._marked ^= {self._current.id}

    def mark_all(self) -> None:
        """Mark all that can be chosen of what typing has left, or none of these where all were."""
        if self._several:
            ids = {device.id for device in self._choosable()}
            self._marked = self._marked - ids if ids <= self._marked else self._marked | ids

    def answer(self) -> list[Device]:
        """The marked devices, else the current one; empty where there is none."""
        marked = [device for device in self._devices if device.id in self._marked]
        return marked or ([self._current] if self._current else [])

    def lines(self, columns: int, height: int) -> list[list[_Fragment]]:
        """The list in so many columns and lines, and a line of what the keys do."""
        fitting = self._fitting()
        most = max(1, min(height - _OTHER_LINES, _MOST_LINES))
        at = fitting.index(self._current) if self._current in fitting else 0
        first = max(0, min(at - most // 2, len(fitting) - most))
        room = columns - 1
        widths = self._widths(room)
        lines = [self._line(device, widths, room) for device in fitting[first : first + most]]
        if not fitting:
            lines.append([("", cells.cut("  No device is called that.", room))])
        return [*lines, [("dim", cells.cut(self._hint(len(fitting), most, room), room))]]

    def _line(self, device: Device, widths: Sequence[int], room: int) -> list[_Fragment]:
        current = device is self._current
        mark = ("[x] " if device.id in self._marked else "[ ] ") if self._several else ""
        if not device.online:
            mark = " " * len(mark)
        texts = [
            cells.padded(text, width)
            for text, width in zip(self._texts[device.id], widths, strict=True)
            if width
        ]
        # So many of the details as there is room for.
        name, *rest = texts
        details = cells.cut((" " * _GAP).join(rest).rstrip(), room - 2 - len(mark) - widths[0] - _GAP)
        if not device.online:
            return [("dim", f"  {mark}{name}{' ' * _GAP}{details}")]
        style = "bold ansicyan" if current else ""
        return [(style, f"{'>' if current else ' '} {mark}{name}"), ("dim", " " * _GAP + details)]

    def _widths(self, room: int) -> list[int]:
        """Of each column, as wide as its widest text; names leave something to the others."""
        most = (min(_LONGEST_NAME, max(8, room // 2)), _LONGEST_MODEL, room, room, room)
        columns = zip(*self._texts.values(), strict=True)
        return [min(limit, max(map(cells.width, texts))) for limit, texts in zip(most, columns, strict=False)]

    def _hint(self, fitting: int, most: int, room: int) -> str:
        marks = "Space marks, Ctrl-A all, " if self._several else ""
        counts = f"{fitting} devices. " if fitting > most else ""
        if self._marked:
            counts = f"{len(self._marked)} of {len(self._devices)} marked. "
        whole = f"  {counts}{marks}Enter takes, Esc gives up; type to narrow"
        # That Esc gives up is known from elsewhere.
        return whole if cells.width(whole) <= room else f"  {counts}{marks}Enter takes; type to narrow"

    def _fitting(self) -> list[Device]:
        asked = _folded(self._typed)
        return [device for device in self._devices if asked in _folded(device.name)]

    def _choosable(self) -> list[Device]:
        return [device for device in self._fitting() if device.online]


def _folded(text: str) -> str:
    # A space is the key that marks.
    return "".join(text.split()).casefold()


async def _answered(choice: Choice, title: str) -> bool:
    """Show the list, and let keys change it; False: given up."""
    # It takes longer to load than most commands take, and only a question needs it.
    from prompt_toolkit.application import Application, run_in_terminal
    from prompt_toolkit.data_structures import Point
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
    from prompt_toolkit.keys import Keys
    from prompt_toolkit.layout import FormattedTextControl, Layout, Window
    from prompt_toolkit.output import ColorDepth, create_output
    from prompt_toolkit.output.vt100 import Vt100_Output

    screen = create_output(sys.stderr)
    if isinstance(screen, Vt100_Output):
        # It would ask where the cursor is, and warn of terminals that don't answer; nothing here needs it.
        screen.enable_cpr = False

    def question() -> str:
        columns = screen.get_size().columns
        asked = cells.cut(title, max(1, columns - _LEAST_FOR_TYPING))
        return cells.cut(f"{asked} {choice.typed}", columns - 1)

    def text() -> StyleAndTextTuples:
        size = screen.get_size()
        lines = choice.lines(size.columns, size.rows)
        # The cursor needs something to stand on.
        return [("bold", question()), ("", " "), *(part for line in lines for part in (("", "\n"), *line))]

    bindings = KeyBindings()

    for key, steps in (("up", -1), ("down", 1), ("c-p", -1), ("c-n", 1), ("pageup", -10), ("pagedown", 10)):

        @bindings.add(key)
        def move(_: KeyPressEvent, steps: int = steps) -> None:
            choice.move(steps)

    @bindings.add(Keys.Any)
    def write(event: KeyPressEvent) -> None:
        if event.data == " ":
            choice.mark()
        elif event.data.isprintable():
            choice.narrow(choice.typed + event.data)

    @bindings.add("c-a")
    def mark_all(_: KeyPressEvent) -> None:
        choice.mark_all()

    @bindings.add("backspace")
    def delete(_: KeyPressEvent) -> None:
        choice.narrow(choice.typed[:-1])

    @bindings.add("c-u")
    def delete_all(_: KeyPressEvent) -> None:
        choice.narrow("")

    @bindings.add("enter")
    def take(event: KeyPressEvent) -> None:
        if choice.answer():
            event.app.exit(result=True)

    @bindings.add("escape", eager=True)
    def give_up(event: KeyPressEvent) -> None:
        event.app.exit(result=False)

    @bindings.add("c-c")
    def interrupt(event: KeyPressEvent) -> None:
        event.app.exit(exception=KeyboardInterrupt)

    @bindings.add("c-z")
    def suspend(_: KeyPressEvent) -> None:
        run_in_terminal(foreground.suspend)

    # The cursor stands in the first line: when the window gets narrower, all that breaks is below it,
    # where it is erased.
    control = FormattedTextControl(
        text, focusable=True, get_cursor_position=lambda: Point(cells.width(question()), 0)
    )
    application: Application[bool] = Application(
        Layout(Window(control, dont_extend_height=True)),
        key_bindings=bindings,
        output=screen,
        color_depth=None if invocation().color else ColorDepth.DEPTH_1_BIT,
        erase_when_done=True,
    )
    application.ttimeoutlen = _ESCAPE_PAUSE_S
    # A Ctrl-C from elsewhere ends whoever waits for the answer, as any other does.
    return await application.run_async(handle_sigint=False, set_exception_handler=False)
