"""Which files of a project count, and what their content hashes to."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from pathspec import GitIgnoreSpec

from xgodo_dev.errors import ConfigurationError, FileUnreadable
from xgodo_dev.project.config import SETTINGS_FILE

# A binding of this machine to a remote project, not a part of that project.
_LOCAL_ONLY = frozenset({SETTINGS_FILE})
_NEVER_ENTERED = frozenset({"node_modules", "__pycache__"})
# What vim, JetBrains and other editors leave beside a file while they save it; Emacs puts # around it.
_EDITOR_LEFTOVERS = ("~", ".swp", ".swx", "___jb_tmp___", "___jb_old___", ".crswap")


def blob_hash(content: bytes) -> str:
    """Git's blob id of ``content``: the platform's own measure of equality (project API)."""
    digest = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()


class FileSelection:
    """Decides which paths below a project's root belong to the remote project.

    Left out are names that start with a dot (but ``.gitignore``), ``node_modules``, what the root's
    ``.gitignore`` or the project's own patterns exclude, editors' temporary files, symbolic links
    and what is below them, sockets and the like, and a ``.js`` beside a ``.ts`` of the same name:
    that one is the server's.

    Raises:
        ConfigurationError: on making it, when one of the project's own patterns is not valid.
        FileUnreadable: the ``.gitignore`` can't be read.
    """

    def __init__(self, root: Path, exclude: tuple[str, ...] = ()) -> None:
        self._root = root
        invalid = [pattern for pattern in exclude if not _is_pattern(pattern)]
        if invalid:
            raise ConfigurationError(
                f"{root / SETTINGS_FILE}: `exclude` in [sync] has {invalid[0]!r}, which is no ignore pattern."
            )
        # Git passes over the lines of a .gitignore that it can't use.
        lines = filter(_is_pattern, _lines(root / ".gitignore"))
        self._ignored = GitIgnoreSpec.from_lines([*lines, *exclude])

    def counts(self, path: str) -> bool:
        """Whether the POSIX ``path``, relative to the root, belongs to the remote project."""
        pure = PurePosixPath(path)
        if path in _LOCAL_ONLY or any(part in _NEVER_ENTERED for part in pure.parts):
            return False
        if any(part.startswith(".") and part != ".gitignore" for part in pure.parts):
            return False
        if pure.name.endswith(_EDITOR_LEFTOVERS) or (pure.name[0] == pure.name[-1] == "#"):
            return False
        if pure.suffix == ".js" and (self._root / pure.with_suffix(".ts")).exists():
            return False
        if self._is_ignored(pure):
            return False
        return not self._is_special(pure)

    def paths(self) -> list[str]:
        """Every path that counts, sorted.

        Raises:
            FileUnreadable: a folder can't be listed, or the root is gone.
        """
        return sorted(path for path in self._walk(self._root) if self.counts(path))

    def relative(self, absolute: str) -> str | None:
        """``absolute`` as a POSIX path below the root, or None when it lies elsewhere."""
        try:
            return Path(absolute).relative_to(self._root).as_posix()
        except ValueError:
            return None

    def _is_ignored(self, path: PurePosixPath) -> bool:
        # As in git, nothing below an ignored folder can be taken back by a later pattern.
        folders = [parent.as_posix() + "/" for parent in path.parents if parent.parts]
        return any(map(self._ignored.match_file, [*folders, path.as_posix()]))

    def _is_special(self, path: PurePosixPath) -> bool:
        """Whether the path is, or lies behind, a link, or is neither a file nor a folder."""
        for part in (*path.parents, path):
            try:
                mode = (self._root / part).lstat().st_mode
            except OSError:
                # What is gone counts: that it went is a change of the project.
                return False
            if part.parts and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                return True
        return False

    def _walk(self, folder: Path) -> Iterator[str]:
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except (FileNotFoundError, NotADirectoryError) as error:
            if folder == self._root:
                raise FileUnreadable(f"The project's folder {folder} is gone.") from error
            return
        except OSError as error:
            raise FileUnreadable(f"{folder} can't be read: {error.strerror}.") from error
        for entry in entries:
            path = Path(entry.path).relative_to(self._root).as_posix()
            if entry.is_file(follow_symlinks=False):
                yield path
            elif (
                entry.is_dir(follow_symlinks=False)
                and entry.name not in _NEVER_ENTERED
                and not entry.name.startswith(".")
                and not self._ignored.match_file(path + "/")
            ):
                yield from self._walk(Path(entry.path))


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True


def _lines(ignore_file: Path) -> Iterable[str]:
    try:
        return ignore_file.read_text("utf-8-sig", "replace").splitlines()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return []
    except OSError as error:
        raise FileUnreadable(f"{ignore_file} can't be read: {error.strerror}.") from error
