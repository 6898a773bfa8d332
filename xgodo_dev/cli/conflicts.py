"""How conflicts are told, and the ways out of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import click

from xgodo_dev.cli import output
from xgodo_dev.errors import ConflictError


def tell(path: str, *, deleted_here: bool) -> None:
    """Say that a file is in conflict."""
    how = "deleted here, changed on the platform" if deleted_here else "changed on both sides"
    output.note(f"{click.style('conflict', fg='red')} {output.shown(path)}: {how}")


def error(paths: Sequence[str], *, deleted_here: Collection[str], hint: str) -> ConflictError:
    """The error of a command that left these files as they are on both sides.

    Args:
        deleted_here: those of them that are gone here, for which ``hint`` is no way out.
    """
    if all(path in deleted_here for path in paths):
        hint = "`pull --theirs` brings it back; `pull --ours` leaves it deleted here."
        return ConflictError(
            f"Deleted here, but changed on the platform: {output.names(paths)}.", paths=paths, hint=hint
        )
    return ConflictError(
        f"Changed on both sides, and left as they are: {output.names(paths)}.", paths=paths, hint=hint
    )
