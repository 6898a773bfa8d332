"""What a push is about to replace on the platform although nobody else may have it any more.

Files here build on what was last in step, unless git has put older ones in their place: a checkout drops
what a pull brought and nobody committed, and a commit may never have had it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from xgodo_dev.errors import XgodoError
from xgodo_dev.project.git import committed, history, repository
from xgodo_dev.project.git.repository import Repository
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State
from xgodo_dev.sync.backup import Backups


def keep_what_a_checkout_dropped(
    root: Path, copy: LocalCopy, state: State, paths: Collection[str], backups: Backups
) -> None:
    """Back up what was last in step of those ``paths`` whose files are just as git's last commit has them.

    Raises:
        FileUnwritable: it can't be kept.
    """
    base = state.base()
    here = {path: copy.hash_of(path) for path in paths if path in base}
    if all(content_hash in (None, base[path]) for path, content_hash in here.items()):
        return
    try:
        found = repository.find(root)
        head = found.head()
        listed = committed.entries(found, head) if head else []
        # As git sees it: line ends, filters and hashes may be others there.
        edited = found.uncommitted()
    except XgodoError:
        # Without git, it is none of git's doing.
        return
    as_committed = {each.path for each in listed}.difference(edited)
    dropped = {
        path: base[path]
        for path, content_hash in here.items()
        if content_hash != base[path] and path in as_committed
    }
    keep_what_git_lacks(found, dropped, state, backups)


def keep_what_git_lacks(found: Repository, held: Mapping[str, str], state: State, backups: Backups) -> None:
    """Back up the contents of these hashes, each as that of its path, that no commit has.

    Of files that are too large to be merged, the contents are not at hand.

    Raises:
        FileUnwritable: it can't be kept.
    """
    known = history.in_recent_commits(found, set(held.values()))
    for path, content_hash in sorted(held.items()):
        content = None if content_hash in known else state.text(content_hash)
        if content is not None:
            backups.keep(path, content, "remote")
