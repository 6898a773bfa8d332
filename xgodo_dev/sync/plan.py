"""What is true of one path, given both sides and what is known: the one decision of a sync, pure.

========== ========== ======================= =====================================================
here       there      known                   verdict
========== ========== ======================= =====================================================
unreadable anything   anything                UNREADABLE: what can't be seen is not touched
left out   anything   anything                LEFT_OUT: a rule excludes the file that is here
same       same       is the base             NOTHING
same       same       our refused write       CHANGED_HERE: send again, only an accepted write settles
same       same       anything else           ADOPT: they became equal without us
—          —          a base or an attempt    FORGET
content    —          no base                 CHANGED_HERE: new here
content    —          here is the base        DELETED_THERE
content    —          here is not the base    CHANGED_HERE: an edit outlives a deletion
—          content    no base, not ours       CHANGED_THERE: new there
—          content    there is base or ours   DELETED_HERE
—          content    there is neither        DELETED_HERE_CHANGED_THERE: a conflict
content    other      there is base or ours   CHANGED_HERE
content    other      here is the base        CHANGED_THERE
content    other      … and we have attempts  CHANGED_ON_BOTH: ours was undone here, theirs may follow it
content    other      neither is              CHANGED_ON_BOTH: merge, or conflict
========== ========== ======================= =====================================================

A push acts on CHANGED_HERE alone, a pull on the verdicts that name "there". No verdict lets a
content be replaced that is not known to be one's own or to have been seen.
"""

from __future__ import annotations

from collections.abc import Set
from enum import Enum

from xgodo_dev.project.local_copy import UNREADABLE

LEFT_OUT = "left out"
"""Stands in the place of the local hash for something that is there, but is no file of the project."""


class Verdict(Enum):
    """The outcome of :func:`decide`; see the table."""

    NOTHING = "nothing"
    ADOPT = "adopt"
    FORGET = "forget"
    CHANGED_HERE = "changed here"
    CHANGED_THERE = "changed there"
    CHANGED_ON_BOTH = "changed on both sides"
    DELETED_HERE = "deleted here"
    DELETED_THERE = "deleted there"
    DELETED_HERE_CHANGED_THERE = "deleted here, changed there"
    UNREADABLE = "unreadable"
    LEFT_OUT = "left out"

    @property
    def is_conflict(self) -> bool:
        """Whether a person has to choose a side."""
        return self in (Verdict.CHANGED_ON_BOTH, Verdict.DELETED_HERE_CHANGED_THERE)


def decide(base: str | None, local: str | None, remote: str | None, ours: Set[str] = frozenset()) -> Verdict:
    """The verdict on one path.

    Args:
        base: hash of the remote content that the local file is known to build on; None: none.
        local: hash of the content here, or ``UNREADABLE`` where it can't be read, or ``LEFT_OUT``; None
            when nothing is here.
        remote: hash of the content there; None when there is no such file.
        ours: hashes that this side wrote without having it confirmed. Found on the server, they are
            nobody's edit.
    """
    if local == UNREADABLE:
        return Verdict.UNREADABLE
    if local == LEFT_OUT:
        return Verdict.LEFT_OUT
    if local == remote:
        return _equal(base, local, ours)
    remote_is_known = remote is not None and (remote == base or remote in ours)
    if local is None:
        if remote_is_known:
            return Verdict.DELETED_HERE
        return Verdict.CHANGED_THERE if base is None else Verdict.DELETED_HERE_CHANGED_THERE
    if remote is None:
        # With an attempt under way nobody deleted anything that we know of: the write may not have arrived.
        return Verdict.DELETED_THERE if local == base and not ours else Verdict.CHANGED_HERE
    if remote_is_known:
        # Also when local == base: the server holds an attempt of ours that was undone since.
        return Verdict.CHANGED_HERE
    # With a write of ours unsettled, the base may be older than what they changed: then going back to it
    # here is an edit of that, and theirs is another.
    return Verdict.CHANGED_THERE if local == base and not ours - {base} else Verdict.CHANGED_ON_BOTH


def _equal(base: str | None, content: str | None, ours: Set[str]) -> Verdict:
    if content is None:
        return Verdict.NOTHING if base is None and not ours else Verdict.FORGET
    if content in ours:
        return Verdict.CHANGED_HERE
    return Verdict.NOTHING if content == base else Verdict.ADOPT
