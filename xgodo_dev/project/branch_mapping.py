"""Which remote project a git branch goes to: ``[branches]`` of the settings."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class BranchMapping:
    """What the settings say of one branch, or of those that a pattern names."""

    branch: str
    """A name, or a pattern with ``*``, ``?`` and ``[…]``, of which ``*`` also means slashes."""
    project: str | None = None
    """The remote project's id; None: that of the settings' [project]."""
    profile: str | None = None
    """The profile to work under on that branch when the command line names none."""
    protected: bool = False
    """Whether that project takes only what is committed."""


def mapping_of(branch: str | None, mappings: Iterable[BranchMapping]) -> BranchMapping | None:
    """The mapping that holds for a branch: one of exactly its name, else the first whose pattern fits."""
    if branch is None:
        return None
    fitting = [each for each in mappings if each.branch == branch or fnmatch.fnmatchcase(branch, each.branch)]
    return next((each for each in fitting if each.branch == branch), next(iter(fitting), None))
