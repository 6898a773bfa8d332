"""What every command shares: the global options, and the project and server they select."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from xgodo_dev.errors import UsageError

if TYPE_CHECKING:
    # `--help` needs no paths, and this import is a tenth of what it costs.
    from pathlib import Path

# Keeps the options' values apart from a command's own parameters, such as `init`'s directory.
_OWN = "global_"


@dataclass
class Invocation:
    """The global options of one command line, given before or after the command."""

    directory: str = "."
    profile: str | None = None
    api_url: str | None = None
    json: bool = False
    no_color: bool = False
    quiet: bool = False
    verbosity: int = 0

    @property
    def start(self) -> Path:
        """Where to act: ``-C DIR``, or the current folder.

        Raises:
            UsageError: there is no such folder (any more).
        """
        from pathlib import Path

        directory = Path(self.directory)
        if not directory.is_dir():
            raise UsageError(f"There is no folder {directory}.", hint="`-C DIR` names an existing folder.")
        try:
            return directory.resolve()
        except FileNotFoundError as error:
            # Whoever stands in a folder keeps it, deleted or not, but it has no path.
            raise UsageError("The current folder was deleted.", hint="Change to another one.") from error

    @property
    def color(self) -> bool:
        """Whether to colour what goes to a terminal."""
        return not self.no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def invocation() -> Invocation:
    """The global options of the command that runs now."""
    found: Invocation | None = click.get_current_context().find_root().ensure_object(Invocation)
    assert found is not None
    return found


def interactive() -> bool:
    """Whether a person is there to answer a question."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not invocation().json


def _store(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    # Given before and after the command, the later one wins; where it isn't given, it changes nothing.
    options = context.find_root().ensure_object(Invocation)
    if parameter.name == _OWN + "verbosity":
        options.verbosity += value
    elif value is not None and value is not False and value != 0 and parameter.name:
        setattr(options, parameter.name.removeprefix(_OWN), value)


def is_global(parameter: click.Parameter) -> bool:
    """Whether it is one of the options of every command, as `--help` and `--version` are."""
    return (parameter.name or "").startswith(_OWN) or bool({"--help", "--version"} & {*parameter.opts})


def global_options() -> list[click.Option]:
    """Fresh copies of the options that work before and after every command."""

    def option(name: str, *flags: str, **settings: Any) -> click.Option:
        return click.Option([*flags, _OWN + name], expose_value=False, callback=_store, **settings)

    return [
        option(
            "directory",
            "-C",
            metavar="DIR",
            help="Act as if started in DIR.",
        ),
        option(
            "profile",
            "--profile",
            metavar="NAME",
            help="Use this profile's server (emulator: the one that runs here).",
        ),
        option(
            "api_url",
            "--api-url",
            metavar="URL",
            help="The server's address, before /api/v2; Mobilerun's, with /v1.",
        ),
        option("json", "--json", is_flag=True, help="Print JSON for programs."),
        option("no_color", "--no-color", is_flag=True, help="Print without colour."),
        option("quiet", "-q", "--quiet", is_flag=True, help="Print results only."),
        option(
            "verbosity",
            "-v",
            "--verbose",
            count=True,
            help="Given twice (-vv): write what went wrong inside to a log file.",
        ),
    ]
