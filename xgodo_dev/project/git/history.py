"""What the commits of a project have held: nobody loses what is there."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cached_property

from xgodo_dev.project.git.repository import GitFailed, Repository

_MOST_COMMITS = 1000
_HASH = re.compile(r"\b[0-9a-f]{40}\b")


class History:
    """The contents that the project's folder had in a commit and in all that it builds on, by their blob ids.

    Git is asked when the first question comes, and raises ``GitFailed`` then if it does not tell. A shallow
    clone knows of few commits only.
    """

    def __init__(self, repository: Repository, revision: str = "HEAD") -> None:
        self._repository = repository
        self._revision = revision

    def __contains__(self, content_hash: str) -> bool:
        return content_hash in self._places

    def has_gone_on(self, before: str, after: str) -> bool:
        """Whether there is a commit with ``after`` that is newer than all with ``before``."""
        places = self._places
        return before in places and after in places and places[after] < places[before]

    @cached_property
    def _places(self) -> dict[str, int]:
        """Where each stands when they are told by the newest commit that has them, the newest first."""
        if self._repository.commit(self._revision) is None:
            return {}
        listed = self._repository.run(
            *("rev-list", "--objects", "--no-object-names"),
            # Of a partial clone each content would be fetched. What is missing is told last, behind a `?`.
            "--missing=print",
            *(self._revision, "--", "."),
        )
        return {each.removeprefix("?"): place for place, each in enumerate(listed.text.split())}


def in_recent_commits(repository: Repository, hashes: Collection[str]) -> set[str]:
    """Those of some contents that one of the newest commits of any branch or stash brings or removes.

    What git has without a commit, as after `git add`, it removes some day, and nobody finds it until then.
    """
    if not hashes:
        return set()
    try:
        listed = repository.run(
            *("log", "--all", "--format=", "--no-show-signature", f"--max-count={_MOST_COMMITS}"),
            # Of a merge too, and no more than trees tell: in a partial clone, contents would be fetched.
            *("--raw", "-c", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-color", "--", "."),
        )
    except GitFailed:
        return set()
    return set(hashes).intersection(_HASH.findall(listed.text))
