"""The files a project holds, with the ids git has for their contents.

A file is read again only when its size, times or inode changed since it was hashed. A file that
changed right before it was hashed might change once more without a trace in them, within what the
file system's clock can tell apart; it is read again too.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_GIT_FOLDER = ".git"
# File systems stamp with the kernel's tick (4 to 16 ms); some keep whole or even seconds only.
_TICK_NS = 20_000_000
_COARSE_TICK_NS = 2_000_000_000
_SECOND_NS = 1_000_000_000

_Stat = tuple[int, int, int, int]


@dataclass(frozen=True)
class StoredFile:
    """``hash`` is git's id of a blob with the file's bytes, ``size`` their number."""

    path: str
    hash: str
    size: int


@dataclass(frozen=True)
class _Hashed:
    stat: _Stat
    file: StoredFile


def blob_hash(content: bytes) -> str:
    """Git's id of a blob with that content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class StoredFiles:
    """The files below ``root``; may be asked from several threads."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._hashed: dict[str, _Hashed] = {}

    def scan(self) -> list[StoredFile]:
        """Every file there is now, sorted by path."""
        remembered: dict[str, _Hashed] = {}
        files: list[StoredFile] = []
        for path, entry in walk(self._root):
            before = time.time_ns()
            try:
                found = entry.stat(follow_symlinks=False)
                stat = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
                known = self._hashed.get(path)
                if known is None or known.stat != stat:
                    known = _Hashed(stat, _read(path, entry))
            except FileNotFoundError:
                # Removed since the folder was read.
                continue
            files.append(known.file)
            if _settled(stat, known.file, before=before):
                remembered[path] = known
        self._hashed = remembered
        return sorted(files, key=lambda file: file.path)


def walk(root: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every regular file below ``root`` with its POSIX path; never git's folder, nor through a link.

    What somebody else put there under a name that is no Unicode is left out: no answer can name it.
    """
    folders = [("", str(root))]
    while folders:
        prefix, folder = folders.pop()
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            continue
        for entry in entries:
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name != _GIT_FOLDER:
                    folders.append((f"{path}/", entry.path))
            elif entry.is_file(follow_symlinks=False) and _is_unicode(path):
                yield path, entry


def changed_at(root: Path) -> float:
    """When a file below ``root`` was last stored or deleted, in seconds of Unix time.

    Storing is renaming into a folder, and stamps the folder.
    """
    latest = 0.0
    for folder, names, _ in os.walk(root):
        if _GIT_FOLDER in names:
            names.remove(_GIT_FOLDER)
        latest = max(latest, Path(folder).stat().st_mtime)
    return latest


def _read(path: str, entry: os.DirEntry[str]) -> StoredFile:
    content = Path(entry.path).read_bytes()
    return StoredFile(path, blob_hash(content), len(content))


def _settled(stat: _Stat, file: StoredFile, *, before: int) -> bool:
    # ``before`` is a moment before ``stat`` was asked for: a change after it would get a later stamp.
    size, modified, changed, _ = stat
    tick = _COARSE_TICK_NS if modified % _SECOND_NS == 0 else _TICK_NS
    return size == file.size and max(modified, changed) < before - tick


def _is_unicode(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
