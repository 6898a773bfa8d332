"""Questions to a person, whose words are not broken at the terminal's edge."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import click

from xgodo_dev.cli.view import cells
from xgodo_dev.errors import UsageError

_ANSWERS = {True: " [Y/n]", False: " [y/N]"}
# What is typed behind a question that takes up its last line.
_ROOM_FOR_ANSWER = 4


def confirm(question: str, *, default: bool = False) -> bool:
    """Whether the answer to ``question`` is yes; Enter alone is the default.

    Raises:
        click.Abort: Ctrl-C, or the end of the input.
    """
    asked = _fitted(question + _ANSWERS[default], _ROOM_FOR_ANSWER)
    return click.confirm(asked, default=default, show_default=False, prompt_suffix=" ", err=True)


def ask(question: str, read: Callable[[str], str]) -> str:
    """What ``read`` makes of the line that is typed; asked again after its UsageError.

    Raises:
        click.Abort: Ctrl-C, or the end of the input.
    """

    def understood(text: str) -> str:
        try:
            return read(text)
        except UsageError as error:
            # Click says it behind a word of its own, and asks again.
            raise click.UsageError(_fitted(f"Error: {error.with_hint()}", 0)[len("Error: ") :]) from error

    asked = _fitted(question, _ROOM_FOR_ANSWER)
    answer: str = click.prompt(
        asked, default="", show_default=False, value_proc=understood, prompt_suffix=" ", err=True
    )
    return answer


def _fitted(text: str, room_for_answer: int) -> str:
    room = shutil.get_terminal_size().columns - room_for_answer
    return "\n".join(part for line in text.split("\n") for part in cells.wrapped(line, room))
