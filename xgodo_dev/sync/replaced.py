"""What a push is about to replace on the platform although nobody else may have it any more.

Files here build on what was last in step, unless git has put older ones in their place: a checkout drops
what a pull brought and nobody committed, and a commit may never have had it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from pathlib import Path

from xgodo_dev.errors import XgodoError
from xgodo_dev.project.git import committed, history, repository
from xgodo_dev.project.git.branch import checked_out
from xgodo_dev.project.git.repository import Repository
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State
from xgodo_dev.sync.backup import Backups


def keep_what_a_checkout_dropped(
    root: Path, copy: LocalCopy, state: State, paths: Collection[str], backups: Backups
) -> None:
    """Back up what was last in step of those ``paths`` whose files are just as git's last commit has them.

    Git is asked only where it has been at work since a file was written.

    Raises:
        FileUnwritable: it can't be kept.
    """
    index_time = _index_time(root)
    written_before = [path for path in paths if _time(copy.root / path) <= index_time]
    if not written_before:
        return
    base = state.base()
    changed = {
        path: base[path]
        for path in written_before
        if path in base and copy.hash_of(path) not in (None, base[path])
    }
    if not changed:
        return
    try:
        found = repository.find(root)
        head = found.head()
        listed = committed.entries(found, head) if head else []
        # As git sees it: line ends, filters and hashes may be others there.
        edited = found.uncommitted()
    except XgodoError:
        # Git was at work since, and can't be asked, as in a container that has none: rather a copy too many.
        _keep(changed, state, backups)
        return
    as_committed = {each.path for each in listed}.difference(edited)
    dropped = {path: held for path, held in changed.items() if path in as_committed}
    keep_what_git_lacks(found, dropped, state, backups)


def _index_time(root: Path) -> float:
    """When git last wrote down which files it had written, or looked whether they are still so."""
    head = checked_out(root).head
    return _time(head.with_name("index"), otherwise=-math.inf) if head else -math.inf


def _time(file: Path, otherwise: float = math.inf) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return otherwise


def keep_what_git_lacks(found: Repository, held: Mapping[str, str], state: State, backups: Backups) -> None:
    """Back up the contents of these hashes, each as that of its path, that no commit has.

    Of files that are too large to be merged, the contents are not at hand.

    Raises:
        FileUnwritable: it can't be kept.
    """
    known = history.in_recent_commits(found, set(held.values()))
    _keep({path: each for path, each in held.items() if each not in known}, state, backups)


def _keep(held: Mapping[str, str], state: State, backups: Backups) -> None:
    for path, content_hash in sorted(held.items()):
        content = state.text(content_hash)
        if content is not None:
            backups.keep(path, content, "remote")
