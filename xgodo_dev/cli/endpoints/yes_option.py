"""The option by which nobody is asked; apart from the asking, which loads what help has no need of."""

from __future__ import annotations

import click

_YES = "Don't ask before it is done."
yes_option = click.option("--yes", is_flag=True, help=_YES)


def yes_parameter() -> click.Option:
    """The option of `yes_option`, for commands that are made without decorators."""
    return click.Option(["--yes"], is_flag=True, help=_YES)
