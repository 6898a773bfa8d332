"""One of a few options, chosen with the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.terminal.chooser import answered
from xgodo_dev.cli.terminal.choosing import GAP, Choosing, Fragment
from xgodo_dev.cli.view import cells

_LONGEST_LABEL = 32


@dataclass(frozen=True)
class Option:
    """Something to choose."""

    value: str
    label: str
    detail: str = ""
    """What a person who chooses should know of it, on the same line."""


async def pick_option(title: str, options: Sequence[Option], *, chosen: str | None = None) -> str | None:
    """The value of the option that a person chooses in the terminal of stdin and stderr.

    The list begins at the value ``chosen``, or else at its first option. None: given up with Esc.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    choice = OptionChoice(options, chosen)
    if not await answered(choice, title) or choice.current is None:
        return None
    output.note(f"{title} {click.style(output.shown(choice.current.label), bold=True)}")
    return choice.current.value


class OptionChoice(Choosing[Option]):
    """Which option is current, and how the list looks."""

    def __init__(self, options: Sequence[Option], chosen: str | None = None) -> None:
        listed = [Option(each.value, output.shown(each.label), output.shown(each.detail)) for each in options]
        super().__init__(listed, next((each for each in listed if each.value == chosen), None))

    def text_of(self, item: Option) -> str:
        return f"{item.label} {item.detail}"

    def shown(self, items: Sequence[Option], room: int) -> list[list[Fragment]]:
        widest = min(_LONGEST_LABEL, max((cells.width(each.label) for each in self.items), default=0))
        return [self._line(each, min(widest, room - 2), room - 2) for each in items]

    def _line(self, option: Option, width: int, room: int) -> list[Fragment]:
        is_current = option is self.current
        label = cells.padded(option.label, width) if option.detail else cells.cut(option.label, room)
        detail = cells.cut(option.detail, max(0, room - cells.width(label) - GAP))
        style = "bold ansicyan" if is_current else ""
        return [
            (style, f"{'>' if is_current else ' '} {label}"),
            ("dim", " " * GAP + detail if detail else ""),
        ]
