"""Which files of a project count, and what their content hashes to."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from xgodo_dev.errors import ConfigurationError, FileUnreadable
from xgodo_dev.project.config import PLATFORM_CLI_FILE, SETTINGS_FILE

if TYPE_CHECKING:
    import hashlib

SOURCE_SUFFIXES = (".ts", ".js")
IGNORE_FILES = (".gitignore", ".xgodoignore")
"""Files at the root that hold ignore rules; lines of a later one win."""

# Settings are a binding of this machine to a remote project, not a part of that project.
_NEVER = frozenset({"node_modules", "__pycache__", SETTINGS_FILE})
# What vim, JetBrains and other editors leave beside a file while they save it; Emacs puts # around it.
_EDITOR_LEFTOVERS = ("~", ".swp", ".swx", "___jb_tmp___", "___jb_old___", ".crswap")

# The platform's own client writes declarations of its own among the project's files, and rules that
# keep them and whatever is compiled out of git. Those rules also hit what people write: hand-made
# JavaScript, and every other folder called `types`.
_GENERATED_BY_PLATFORM_CLI = frozenset({"types/node-types.ts", "types/bootstrap.ts", "types/arguments.ts"})
_PLATFORM_CLI_HEADING = "# Xgodo CLI"
_PLATFORM_CLI_RULES = frozenset({".xgodo/", "types/", "*.js"})


def blob_digest(size: int) -> hashlib._Hash:
    """The beginning of Git's blob id of a content of ``size`` bytes, to be updated with that content."""
    # Here, because a command over files that are as they were hashes none.
    import hashlib

    return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)


def blob_hash(content: bytes) -> str:
    """Git's blob id of ``content``: the platform's own measure of equality (project API)."""
    digest = blob_digest(len(content))
    digest.update(content)
    return digest.hexdigest()


class FileSelection:
    """Decides which paths below a project's root belong to the remote project.

    Those are ``.ts`` and ``.js`` files, and what the ``include`` patterns name besides. Left out,
    whatever includes them, are names that start with a dot, ``node_modules``, ``xgodo.toml``, what
    the root's ``.gitignore``, ``.xgodoignore`` or the ``exclude`` patterns exclude (a later line
    wins, in that order), editors' temporary files, symbolic links and what is behind them, sockets
    and the like, declarations that the platform's own client generates, and a ``.js`` beside a
    ``.ts`` file of the same name: that one is the server's, even where the ``.ts`` is excluded.

    Raises:
        ConfigurationError: on making it, when one of the project's own patterns is not valid.
        FileUnreadable: on making it, when ignore rules can't be read.
    """

    def __init__(self, root: Path, exclude: tuple[str, ...] = (), include: tuple[str, ...] = ()) -> None:
        self._root = root
        _require_patterns(root, "exclude", exclude)
        _require_patterns(root, "include", include)
        rules = [rule for name in IGNORE_FILES for rule in _rules(root / name)]
        self._ignored = _matcher([*rules, *exclude])
        self._included = _matcher(include)
        by_client = (root / PLATFORM_CLI_FILE).exists()
        self._generated = _GENERATED_BY_PLATFORM_CLI if by_client else frozenset()

    def counts(self, path: str) -> bool:
        """Whether the POSIX ``path``, relative to the root, belongs to the remote project.

        What is not there counts as it would if it were: that it went is a change of the project.
        """
        *folders, name = path.split("/")
        if not all(map(_is_open_to, (*folders, name))) or not self._is_wanted(path, name):
            return False
        if name.endswith(".js") and (self._root / (path[:-3] + ".ts")).is_file():
            return False
        if self._ignored is not None:
            # As in git, nothing below an ignored folder can be taken back by a later pattern.
            above = ("/".join(folders[:depth]) + "/" for depth in range(1, len(folders) + 1))
            if any(map(self._ignored, (*above, path))):
                return False
        return not self._is_special(path)

    def paths(self) -> list[str]:
        """Every path that counts, sorted.

        Raises:
            FileUnreadable: a folder can't be listed, or the root is gone.
        """
        return sorted(path for path, _ in self.files())

    def files(self) -> Iterator[tuple[str, os.stat_result]]:
        """Every path that counts with what ``lstat`` says about it, in one walk and in no order.

        Raises:
            FileUnreadable: a folder can't be listed, or the root is gone.
        """
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            try:
                yield from self._files_in(folder, waiting)
            except (FileNotFoundError, NotADirectoryError) as error:
                if not folder:
                    raise FileUnreadable(f"The project's folder {self._root} is gone.") from error
            except OSError as error:
                raise FileUnreadable(f"{self._root / folder} can't be read: {error.strerror}.") from error

    def relative(self, absolute: str) -> str | None:
        """``absolute`` as a POSIX path below the root, or None when it lies elsewhere."""
        try:
            return Path(absolute).relative_to(self._root).as_posix()
        except ValueError:
            return None

    def _files_in(self, folder: str, waiting: list[str]) -> list[tuple[str, os.stat_result]]:
        """The files in ``folder`` (its path with a slash at the end); its subfolders go to ``waiting``.

        This is what the time of a command over thousands of files goes into: it deals in texts, and
        asks the file system and the patterns last.
        """
        with _listing(os.path.join(self._root, folder)) as entries:  # noqa: PTH118 - see above
            return self._files_of(folder, entries, waiting)

    def _files_of(
        self, folder: str, entries: list[os.DirEntry[str]], waiting: list[str]
    ) -> list[tuple[str, os.stat_result]]:
        found = []
        ignored, twins = self._ignored, None
        for entry in entries:
            name = entry.name
            if not _is_open_to(name):
                continue
            path = folder + name
            if entry.is_dir(follow_symlinks=False):
                if ignored is None or not ignored(path + "/"):
                    waiting.append(path + "/")
                continue
            if not self._is_wanted(path, name) or not entry.is_file(follow_symlinks=False):
                continue
            if name.endswith(".js"):
                if twins is None:
                    twins = {each.name: each for each in entries}
                twin = twins.get(name[:-3] + ".ts")
                if twin is not None and twin.is_file():
                    continue
            if ignored is not None and ignored(path):
                continue
            try:
                found.append((path, _lstat(entry)))
            except FileNotFoundError:
                continue
        return found

    def _is_wanted(self, path: str, name: str) -> bool:
        if name.endswith(SOURCE_SUFFIXES):
            return path not in self._generated
        if self._included is None or not self._included(path):
            return False
        return not (name.endswith(_EDITOR_LEFTOVERS) or (name[0] == name[-1] == "#"))

    def _is_special(self, path: str) -> bool:
        """Whether the path is, or lies behind, a link, or is neither a file nor a folder."""
        end = 0
        while end != len(path):
            end = path.find("/", end + 1)
            if end == -1:
                end = len(path)
            try:
                mode = (self._root / path[:end]).lstat().st_mode
            except OSError:
                return False
            except ValueError:
                # No disk can hold such a name.
                return True
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                return True
        return False


def _is_open_to(part: str) -> bool:
    """Whether what has this name, or lies in a folder of this name, can count at all."""
    return part[:1] not in {"", "."} and part not in _NEVER


@contextmanager
def _listing(folder: str) -> Iterator[list[os.DirEntry[str]]]:
    """What is in a folder. What is asked about an entry meanwhile need not be looked for from the root."""
    if sys.platform == "win32" or os.scandir not in os.supports_fd:
        with os.scandir(folder) as listing:
            yield list(listing)
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with os.scandir(descriptor) as listing:
            yield list(listing)
    finally:
        os.close(descriptor)


def _lstat(entry: os.DirEntry[str]) -> os.stat_result:
    # What Windows tells with a listing lacks the file's number.
    return os.lstat(entry.path) if os.name == "nt" else entry.stat(follow_symlinks=False)


def _matcher(rules: Iterable[str]) -> Callable[[str], bool] | None:
    """What tells whether a path matches ``rules``, or None when nothing that can count ever does."""
    rules = [rule for rule in rules if not _is_moot(rule)]
    if not rules:
        return None
    # Here, because most projects ignore nothing but what never counts, and it takes 12 ms.
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(rules).match_file


def _is_moot(rule: str) -> bool:
    """Whether a rule, such as ``.env`` or ``/node_modules/``, speaks only of what never counts anyway."""
    first = rule.removeprefix("!").removeprefix("**/").removeprefix("/").rstrip(" ").split("/")[0]
    return not rule.strip() or rule.startswith("#") or first.startswith(".") or first in _NEVER


def _require_patterns(root: Path, setting: str, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        if not _is_pattern(pattern):
            raise ConfigurationError(
                f"{root / SETTINGS_FILE}: `{setting}` in [sync] has {pattern!r}, which is no ignore pattern."
            )


def _is_pattern(rule: str) -> bool:
    if _is_moot(rule):
        return True
    from pathspec import GitIgnoreSpec

    try:
        GitIgnoreSpec.from_lines([rule])
    except (ValueError, re.error):
        return False
    return True


def _rules(ignore_file: Path) -> Iterator[str]:
    """The lines of an ignore file that can be used; git passes over the others too."""
    try:
        # Names that are no UTF-8 look the same in a listing of their folder.
        text = ignore_file.read_text("utf-8-sig", "surrogateescape")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return
    except OSError as error:
        raise FileUnreadable(f"{ignore_file} can't be read: {error.strerror}.") from error
    by_client = False
    for line in text.split("\n"):
        rule = line.removesuffix("\r")
        if rule.strip() == _PLATFORM_CLI_HEADING:
            by_client = True
            continue
        by_client = by_client and rule.strip() in _PLATFORM_CLI_RULES
        if not by_client and _is_pattern(rule):
            yield rule
