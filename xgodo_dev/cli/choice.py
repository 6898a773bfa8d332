"""A value that is one of a few."""

from __future__ import annotations

from typing import Any

import click


class Choice(click.Choice[str]):
    """One of a few texts; of another, the error names the one that may have been meant."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        import difflib

        message = super().get_invalid_choice_message(value, ctx)
        near = difflib.get_close_matches(str(value), self.choices, n=1)
        return f"{message} Did you mean {near[0]!r}?" if near else message
