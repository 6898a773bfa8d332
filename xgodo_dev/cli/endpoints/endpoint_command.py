"""One operation as a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from xgodo_dev.cli import help_layout
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.endpoints.arguments import ABSENT, One, Upload, arguments
from xgodo_dev.cli.endpoints.command_lines import examples
from xgodo_dev.cli.endpoints.platforms import Platform
from xgodo_dev.cli.endpoints.wording import as_typed
from xgodo_dev.cli.endpoints.yes_option import yes_parameter
from xgodo_dev.cli.whole_number import WholeNumber
from xgodo_dev.platform.spec.reading import Operation

_SOURCES = {
    "client-api": "the client API's documentation",
    "automation-api": "the automation control API's documentation",
    "mobilerun-api": "Mobilerun's documentation",
    "platform-cli": "the platform's own command-line client; it is documented nowhere else",
}


class EndpointCommand(Command):
    """The command of one operation: its parameters as options, its help from the spec.

    ``context.params`` has what was given; the operation's values by the platform's names are made of it by
    :meth:`values`.
    """

    def __init__(self, operation: Operation, platform: Platform) -> None:
        self.operation = operation
        self.platform = platform
        self.arguments = arguments(operation, platform.spec)
        own = [each for argument in self.arguments for each in argument.click_parameters()]
        for each in own:
            if isinstance(each, click.Option) and each.help:
                each.help = as_typed(each.help, operation, platform)
        super().__init__(
            operation.command[-1],
            callback=self.carry_out,
            params=[*own, *_further_options(operation, own)],
            help=operation.description or operation.summary,
            short_help=operation.summary,
        )

    def carry_out(self, **given: Any) -> int:
        """Do it with what was given on the command line, and show what comes of it."""
        from xgodo_dev.cli.endpoints.carrying_out import carry_out

        carry_out(self, self.values(given), given)
        return 0

    def more_examples(self, program: str) -> Sequence[str]:  # noqa: ARG002
        """Command lines that no document has; ``program`` is what they begin with."""
        return ()

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What was given, by the platform's names; what was not is left out.

        Raises:
            UsageError: something is missing, or can't be used.
        """
        found = {each.parameter.name: each.value(given) for each in self.arguments}
        return {name: value for name, value in found.items() if value is not ABSENT}

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        operation = self.operation
        paragraphs = [operation.summary, *operation.description.strip().split("\n\n")]
        if operation.credential == "admin":
            paragraphs.append(
                "It needs the platform's admin token: set XGODO_ADMIN_TOKEN (not for the emulator)."
            )
        elif operation.credential == "agent":
            paragraphs.append("It needs the token of a running automation, in XGODO_TOKEN.")
        if operation.confirm:
            when = f"{operation.confirmed_when.capitalize()}: " if operation.confirmed_when else ""
            paragraphs.append(f"{when}{operation.confirm} You are asked before, unless you say --yes.")
        if operation.uncertain:
            paragraphs.append(f"Uncertain: {' '.join(operation.uncertain.split())}")
        with formatter.indentation():
            for paragraph in filter(None, paragraphs):
                formatter.write_paragraph()
                formatter.write_text(as_typed(paragraph, operation, self.platform))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        words = [
            (
                each.metavar if isinstance(each, One) else "FILE",
                as_typed(each.parameter.description, self.operation, self.platform)
                + (" - is stdin." if isinstance(each, Upload) else ""),
            )
            for each in self.arguments
            if each.parameter.place == "path" or isinstance(each, Upload)
        ]
        if words:
            with formatter.section("Arguments"):
                formatter.write_dl(words)
        super().format_options(ctx, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        program = " ".join([ctx.find_root().command_path, *self.platform.words])
        help_layout.write_examples(
            formatter,
            [*examples(self.operation, self.arguments, program), *self.more_examples(program)],
        )
        source = _SOURCES.get(self.operation.source)
        formatter.write_paragraph()
        formatter.write_text(
            f"{self.operation.method} {self.operation.path}" + (f", from {source}." if source else "")
        )


def _further_options(operation: Operation, own: list[click.Parameter]) -> list[click.Parameter]:
    options: list[click.Parameter] = []
    if operation.pages:
        options.append(click.Option(["--all"], is_flag=True, help="All pages, one after the other."))
        flags = {flag for each in own for flag in each.opts}
        if "--limit" not in flags:
            options.append(
                click.Option(
                    ["--limit"],
                    type=WholeNumber(1),
                    metavar="N",
                    help="At most so many, of as many pages as that takes.",
                )
            )
    if operation.downloads:
        options.append(
            click.Option(
                ["-o", "--output"],
                metavar="FILE",
                help="Where to write it; - is stdout. Its own name, here, if left out.",
            )
        )
        options.append(click.Option(["--force"], is_flag=True, help="Replace a file that is there."))
    if operation.confirm:
        options.append(yes_parameter())
    return options
