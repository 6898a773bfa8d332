"""How backups are named to a person."""

from __future__ import annotations

from collections.abc import Sequence

from xgodo_dev.cli import output
from xgodo_dev.sync.backup import Backup, Backups

_ID_TO_THE_SECOND = len("20261121T234358")
_VERSIONS = {"local": "The version here", "remote": "The platform's version"}


def short_id(backup: Backup, among: Sequence[Backup]) -> str:
    """The beginning of an id that tells it from the others: the whole second, where that is enough."""
    length = _ID_TO_THE_SECOND
    while sum(each.id.startswith(backup.id[:length]) for each in among) > 1:
        length += 1
    return backup.id[:length]


def tell_of(backups: Backups) -> None:
    """Say how what a command gave up comes back."""
    everything = backups.all() if backups.made else []
    for each in reversed(everything):
        if each.id in backups.made:
            command = f"`backup restore {short_id(each, everything)}`"
            output.note(f"{_VERSIONS[each.side]} is kept: {command} puts it here.")
