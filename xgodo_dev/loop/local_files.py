"""The files of a watched project as the loop last saw them, and which of them really changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import PurePosixPath

from xgodo_dev.errors import ConfigurationError, FileUnreadable, XgodoError
from xgodo_dev.loop.changes import Changes
from xgodo_dev.project.config import SETTINGS_FILE
from xgodo_dev.project.files import IGNORE_FILES, SOURCE_SUFFIXES, FileSelection
from xgodo_dev.project.local_copy import UNREADABLE, LocalCopy

# Files of other kinds than the project's own, on which a check or a bundle here depends all the same.
_INPUTS = ("*.json", "*.tsx", "*.mts", "*.cts", "*.jsx", "*.mjs", "*.cjs")
# What can change what a run does; a save of anything else is only synced.
_RUN_SUFFIXES = frozenset({".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".jsx", ".json"})
# Stands for content that no hash looks like.
_PUSHED_UNSEEN = "pushed before it was seen"


def can_affect_run(path: str) -> bool:
    """Whether a check or a bundle may come out otherwise when this file has changed."""
    # The settings do too, but only when they can be read.
    return PurePosixPath(path).suffix in _RUN_SUFFIXES and path != SETTINGS_FILE


class LocalFiles:
    """Content hashes by path. A change is remembered when it is told, so it is told once.

    Besides the project's files these are the settings and what a check or a bundle may read, such as
    ``tsconfig.json``. A path that comes or goes is told only once it has *settled*: a temporary file
    could not be deleted from the platform again, and many a tool replaces a file by removing it first.
    """

    def __init__(self, copy: LocalCopy, exclude: tuple[str, ...], include: tuple[str, ...]) -> None:
        self._copy = copy
        self._patterns = exclude, include
        self._inputs = FileSelection(copy.root, exclude, (*include, *_INPUTS))
        self._named: frozenset[str] = frozenset()
        self._known: dict[str, str] = {}
        self._settling: set[str] = set()
        self._rescan_due = False

    @property
    def paths(self) -> list[str]:
        """The paths of the project's files that are there, as far as known."""
        counts = self._copy.selection.counts
        return [path for path in self._known if path.endswith(SOURCE_SUFFIXES) or counts(path)]

    def scan(self) -> None:
        """Take everything that is there as seen."""
        self._known = self._copy.hashes()
        for path in (*self._inputs.paths(), *self._named):
            if path not in self._known:
                self._remember(path, self._hash(path))

    def name(self, paths: frozenset[str]) -> None:
        """From now on these files are watched as well, whatever the patterns say; they are taken as seen."""
        for path in paths - self._named:
            self._remember(path, self._hash(path))
        self._named = paths

    def select(self, exclude: tuple[str, ...], include: tuple[str, ...]) -> None:
        """From now on these patterns say what counts, here and for whoever shares the local copy.

        Raises:
            ConfigurationError: a pattern is not usable; nothing has changed then.
        """
        root = self._copy.root
        self._inputs = FileSelection(root, exclude, (*include, *_INPUTS))
        self._copy.selection = FileSelection(root, exclude, include)
        self._patterns = exclude, include

    def without_ignored(self, paths: list[str]) -> list[str]:
        """These paths without files that are ignored by the rules as they are now.

        What somebody ignores before making it was listed all the same, where the event of the rule is still
        to come. Rules that can't be read are told of with that event.
        """
        with suppress(FileUnreadable):
            self.select(*self._patterns)
        counts, exists = self._copy.selection.counts, self._copy.exists
        return [path for path in paths if counts(path) or not exists(path)]

    def changed(self, batch: Changes, problem: Callable[[XgodoError], None]) -> tuple[list[str], list[str]]:
        """The paths of a batch whose content differs from what was last seen, and those that came or went.

        The latter are to be asked for with :meth:`settled` in a moment. Where a folder or a list
        of ignore patterns can't be read, ``problem`` is told: every file is looked at with the next
        batch, and what this one names is looked at now all the same.
        """
        candidates = {self._copy.selection.relative(path) for path in batch.paths}
        rescan = self._rescan_due or batch.rescan
        if not candidates.isdisjoint(IGNORE_FILES) or rescan:
            try:
                self.select(*self._patterns)
                candidates.update(self._inputs.paths(), self._known, self._named)
                self._rescan_due = False
            except (FileUnreadable, ConfigurationError) as error:
                self._rescan_due = True
                problem(error)
        changed: list[str] = []
        settling: list[str] = []
        for path in sorted(path for path in candidates if path):
            if path in self._settling or not self._counts(path):
                continue
            content_hash = self._hash(path)
            if content_hash == self._known.get(path):
                continue
            appeared = path not in self._known and not rescan
            # What can't be read may be so for a moment only, while its editor or a checkout has it.
            if path != SETTINGS_FILE and (appeared or content_hash in (None, UNREADABLE)):
                self._settling.add(path)
                settling.append(path)
            else:
                self._remember(path, content_hash)
                changed.append(path)
        return changed, settling

    def settled(self, path: str) -> bool:
        """Whether a path that came or went a moment ago is a change, as it is now."""
        self._settling.discard(path)
        content_hash = self._hash(path)
        if content_hash == self._known.get(path) or not self._counts(path):
            return False
        self._remember(path, content_hash)
        return True

    def note_pushed(self, path: str, content_hash: str | None) -> None:
        """A push may read other content than the event that asked for it saw, such as a half-written file.

        The server gets that, so the next event is a change whatever it finds: were it compared with
        what the last event saw, the end of that write could look like nothing new.
        """
        if path in self._known and self._known[path] != content_hash:
            self._known[path] = _PUSHED_UNSEEN

    def _counts(self, path: str) -> bool:
        return path == SETTINGS_FILE or path in self._named or self._inputs.counts(path)

    def _remember(self, path: str, content_hash: str | None) -> None:
        if content_hash is None:
            self._known.pop(path, None)
        else:
            self._known[path] = content_hash

    def _hash(self, path: str) -> str | None:
        return self._copy.hash_of(path)
