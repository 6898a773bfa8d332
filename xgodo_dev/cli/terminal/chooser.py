"""A list in the terminal that keys move through, mark in, and narrow by typing."""

from __future__ import annotations

import sys
from typing import Any

from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.terminal import foreground
from xgodo_dev.cli.terminal.choosing import Choosing
from xgodo_dev.cli.view import cells

_LEAST_FOR_TYPING = 12
# A terminal sends the rest of an arrow key at once; only then an Esc is one.
_ESCAPE_PAUSE_S = 0.05


async def answered(choice: Choosing[Any], title: str) -> bool:
    """Show the list below ``title`` in the terminal of stdin and stderr, and let keys change it.

    False: given up with Esc.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
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
        if choice.is_answer():
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
