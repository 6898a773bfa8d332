"""Asking before so many deletions at once are taken for an intention."""

from __future__ import annotations

import click

from xgodo_dev.cli.invocation import interactive
from xgodo_dev.cli.terminal.questions import confirm
from xgodo_dev.sync.survey import MassDeletion, Survey

accept_deletes_option = click.option(
    "--accept-deletes", is_flag=True, help="Go on although more than half of the files are gone."
)


def require_intended(found: Survey, *, accepted: bool, restoring: bool = False) -> None:
    """Go on only if few of the known files are gone, or the person means it, or is bringing them back.

    Raises:
        MassDeletion: nobody is there to ask, or the answer was no.
    """
    if accepted:
        return
    try:
        found.require_no_mass_deletion(here=not restoring)
    except MassDeletion as suspicion:
        if not interactive():
            raise
        click.echo(str(suspicion), err=True)
        if not confirm("Did you mean to delete them?"):
            raise
