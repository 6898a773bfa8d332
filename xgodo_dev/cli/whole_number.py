"""A number of an option."""

from __future__ import annotations

import click


class WholeNumber(click.IntRange):
    """A whole number between two others."""

    # What an error calls it.
    name = "whole number"
