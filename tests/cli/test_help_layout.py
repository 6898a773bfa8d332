"""Help is broken at spaces only, has its examples after the options, and the global options at the end."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterator

import click
import pytest

from xgodo_dev.cli.app import cli
from xgodo_dev.cli.endpoints.endpoint_command import EndpointCommand
from xgodo_dev.cli.help_layout import HelpFormatter, text_and_examples, write_command

WIDTH = 78


def commands() -> Iterator[tuple[str, click.Context]]:
    """Every command and group, and a context of it that writes help for a terminal of 80 columns."""
    waiting = [("xgodo-dev", click.Context(cli, info_name="xgodo-dev"))]
    while waiting:
        words, context = waiting.pop()
        yield words, context
        if isinstance(context.command, click.Group):
            for name in context.command.list_commands(context):
                command = context.command.get_command(context, name)
                assert command is not None
                below = command.context_class(command, parent=context, info_name=name)
                waiting.append((f"{words} {name}", below))


def shown(context: click.Context) -> str:
    formatter = HelpFormatter(width=WIDTH)
    context.command.format_help(context, formatter)
    return formatter.getvalue()


def test_every_commands_help_fits_eighty_columns_and_breaks_no_word() -> None:
    for words, context in commands():
        text = shown(context)
        for line in text.splitlines():
            # A word that is longer than a line stays whole.
            assert len(line) <= WIDTH or len(line.split()) <= 2 or line.lstrip().startswith("--"), (
                words,
                line,
            )
        told = set(text.split())
        for option in context.command.get_params(context):
            if isinstance(option, click.Option) and option.help and option.get_help_record(context):
                assert set(option.help.split()) <= told, (words, option.opts)


def test_global_options_are_under_a_heading_of_their_own_at_the_end() -> None:
    for words, context in commands():
        before, heading, after = shown(context).partition("\nGlobal options:\n")
        assert heading, words
        assert "\n  --api-url URL" in after and "\n  --api-url URL" not in before, words
        assert all(line.startswith("  ") for line in after.splitlines()), words


@pytest.mark.parametrize(
    "told",
    [
        "Do it.\n\n\b\nExamples:\n  one two\n  three\n\nMore.",
        "Do it.\n\nMore.\n\nExamples:\n  one two\n  three",
    ],
)
def test_examples_are_told_apart_from_the_text(told: str) -> None:
    assert text_and_examples(told) == ("Do it.\n\nMore.", ["one two", "three"])


def test_an_example_is_broken_between_its_words_as_a_shell_wants_it() -> None:
    formatter = HelpFormatter(width=40)
    write_command(formatter, "xgodo-dev run --param 'a long text' -d \"Atomic Mammal\"")
    assert formatter.getvalue() == ("xgodo-dev run --param 'a long text' \\\n    -d \"Atomic Mammal\"\n")


def own_examples() -> Iterator[tuple[click.Context, str]]:
    for _words, context in commands():
        for line in text_and_examples(context.command.help)[1]:
            yield context, line


def test_every_command_of_our_own_has_examples() -> None:
    def is_own(command: click.Command) -> bool:
        return not isinstance(command, click.Group | EndpointCommand)

    without = [
        words
        for words, context in commands()
        if is_own(context.command) and not text_and_examples(context.command.help)[1]
    ]
    assert without == []


def test_every_example_is_a_command_line_that_is_understood() -> None:
    root = click.Context(cli, info_name="xgodo-dev")
    for _context, line in own_examples():
        words = shlex.split(line)
        if words[0] != "xgodo-dev":
            continue
        # What stands behind these is the shell's.
        words = list(itertools.takewhile(lambda word: word not in ("<", ">", "|", "&&"), words[1:]))
        command: click.Command = cli
        context: click.Context = root
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            name = words.pop(0)
            below = command.get_command(context, name)
            assert below is not None, line
            command = below
            if isinstance(command, click.Group):
                context = command.context_class(command, parent=context, info_name=name)
        command.make_context(command.name, words, parent=context)
