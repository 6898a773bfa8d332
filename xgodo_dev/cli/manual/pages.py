"""The commands as they describe themselves, for whatever is written about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from xgodo_dev.cli import app, help_layout
from xgodo_dev.cli.endpoints.endpoint_command import EndpointCommand
from xgodo_dev.cli.endpoints.sections import Section
from xgodo_dev.cli.invocation import global_options, is_global


@dataclass(frozen=True)
class Page:
    """One command or group."""

    words: tuple[str, ...]
    """What is typed for it, after the program's name."""
    usage: str
    summary: str
    text: str
    """Paragraphs, parted by empty lines."""
    options: Sequence[tuple[str, str]]
    examples: Sequence[str]
    command: click.Command
    pages: Sequence[Page] = ()
    """Those of its commands."""

    @property
    def is_of_platform(self) -> bool:
        """Whether it is a command of an endpoint, or a group of such."""
        return isinstance(self.command, EndpointCommand | Section)


def sections() -> Iterator[tuple[str, list[Page]]]:
    """The commands of the top level, by the headings of the help there."""
    root = app.cli.make_context("xgodo-dev", [], resilient_parsing=True)
    for title, names in app.sections():
        yield title, [_page(root, (), name) for name in names]


def shared_options() -> list[tuple[str, str]]:
    """The options of every command, and what each does."""
    context = click.Context(app.cli)
    options: list[click.Parameter] = [*global_options(), *app.cli.get_params(context)]
    records = [each.get_help_record(context) for each in options if is_global(each)]
    return list(dict.fromkeys(record for record in records if record))


def _page(parent: click.Context, above: tuple[str, ...], name: str) -> Page:
    group = parent.command
    assert isinstance(group, click.Group)
    command = group.get_command(parent, name)
    assert command is not None
    context = command.context_class(command, info_name=name, parent=parent)
    words = (*above, name)
    text, examples = help_layout.text_and_examples(command.help)
    below = command.list_commands(context) if isinstance(command, click.Group) else []
    return Page(
        words=words,
        usage=" ".join(["xgodo-dev", *words, *_pieces(command, context)]),
        summary=command.get_short_help_str(200),
        text=text,
        options=[
            record
            for each in command.get_params(context)
            if isinstance(each, click.Option) and not is_global(each)
            if (record := each.get_help_record(context))
        ],
        examples=examples,
        command=command,
        pages=[_page(context, words, each) for each in below],
    )


def _pieces(command: click.Command, context: click.Context) -> list[str]:
    pieces: list[Any] = command.collect_usage_pieces(context)
    has_own = any(isinstance(each, click.Option) and not is_global(each) for each in command.params)
    return [piece for piece in pieces if has_own or piece != "[OPTIONS]"]
