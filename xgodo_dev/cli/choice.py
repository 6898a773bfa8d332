"""A value that is one of a few."""

from __future__ import annotations

from typing import Any, NoReturn

import click

from xgodo_dev.cli import suggesting


class Choice(click.Choice[str]):
    """One of a few texts; of another, the error names the one that may have been meant."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        message = super().get_invalid_choice_message(value, ctx)
        meant = suggesting.near(str(value), self.choices)
        return f"{message} Did you mean {meant!r}?" if meant else message

    def fail(
        self, message: str, param: click.Parameter | None = None, ctx: click.Context | None = None
    ) -> NoReturn:
        if isinstance(param, click.Argument):
            # It would be named by all its values, which the message names already.
            raise click.UsageError(message, ctx)
        super().fail(message, param, ctx)
