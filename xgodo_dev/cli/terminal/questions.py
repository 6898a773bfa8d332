"""Questions to a person, whose words are not broken at the terminal's edge."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TypeVar

import click

from xgodo_dev.cli.view import cells
from xgodo_dev.errors import UsageError

_Answer = TypeVar("_Answer")
_ANSWERS = {True: " [Y/n]", False: " [y/N]"}
_WORDS = {"y": True, "yes": True, "n": False, "no": False}
# What is typed behind a question that takes up its last line.
_ROOM_FOR_ANSWER = 4


def confirm(question: str, *, default: bool = False) -> bool:
    """Whether the answer to ``question`` is yes; Enter alone is the default.

    Raises:
        click.Abort: Ctrl-C, or the end of the input.
    """

    def understood(text: str) -> bool:
        answer = text.strip().casefold()
        if not answer:
            return default
        if answer in _WORDS:
            return _WORDS[answer]
        raise UsageError("Type y for yes, or n for no.")

    return _asked(question + _ANSWERS[default], understood)


def ask(question: str, read: Callable[[str], str]) -> str:
    """What ``read`` makes of the line that is typed; asked again after its UsageError.

    Raises:
        click.Abort: Ctrl-C, or the end of the input.
    """
    return _asked(question, read)


def _asked(question: str, read: Callable[[str], _Answer]) -> _Answer:
    def understood(text: str) -> _Answer:
        try:
            if not text.strip().isprintable():
                raise UsageError("The answer holds a key that is no letter, such as an arrow key.")
            return read(text)
        except UsageError as error:
            # Click says it behind a word of its own, and asks again.
            raise click.UsageError(_fitted(f"Error: {error.with_hint()}", 0)[len("Error: ") :]) from error

    try:
        answer: _Answer = click.prompt(
            _fitted(question, _ROOM_FOR_ANSWER),
            default="",
            show_default=False,
            value_proc=understood,
            prompt_suffix=" ",
            err=True,
        )
    except click.Abort:
        # What comes next, such as a shell's prompt, would stand behind the question.
        click.echo(err=True)
        raise
    return answer


def _fitted(text: str, room_for_answer: int) -> str:
    room = shutil.get_terminal_size().columns - room_for_answer
    return "\n".join(part for line in text.split("\n") for part in cells.wrapped(line, room))
