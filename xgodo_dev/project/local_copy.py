"""The files of a project on this disk, as a sync reads and replaces them."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from xgodo_dev.errors import FileUnreadable, RefusedError, XgodoError
from xgodo_dev.project import names
from xgodo_dev.project.disk import Disk
from xgodo_dev.project.files import FileSelection, blob_digest
from xgodo_dev.project.fingerprints import (
    Fingerprint,
    FingerprintStore,
    fingerprint,
    inode,
    is_same,
    is_settled,
)
from xgodo_dev.project.state_file import NotWritable

UNREADABLE: Final = "unreadable"
"""Stands where the hash of a file would, when it can't be read."""

TEMPORARY_PREFIX: Final = ".xgodo-"
"""Begins the name under which new content waits for its place. Only a killed process leaves one behind."""

_BLOCK = 1024 * 1024
# A file that somebody writes to is read again, until it holds still.
_READINGS = 5


class ChangedMeanwhile(RefusedError):
    """The file is not what it was when it was decided to replace or remove it. It is untouched."""

    code = "changed-meanwhile"
    default_hint = "Run the command again: it then takes the newer content into account."


class Obstructed(XgodoError):
    """A folder, a link or a special file stands where a file, or a folder on its path, has to be."""

    code = "obstructed"
    default_hint = "Move away what is in its place, then run the command again."


class FileUnwritable(XgodoError):
    """A file of the project can't be written or removed."""

    code = "file-unwritable"
    default_hint = "Mend the permissions or the space on the disk, then run the command again."


class LocalCopy:
    """The files of one project here. Paths are POSIX paths relative to its root.

    Every method raises ``Obstructed`` for a path that leads out of the root, and ``FileUnreadable``
    where the disk refuses to be read.
    """

    def __init__(
        self,
        root: Path,
        selection: FileSelection,
        store: FingerprintStore,
        *,
        clock_ns: Callable[[], int] = time.time_ns,
        disk: Disk | None = None,
    ) -> None:
        self.root = root
        self.selection = selection
        self._store = store
        self._clock_ns = clock_ns
        self._disk = disk or Disk()

    def hashes(self) -> dict[str, str]:
        """The blob hash, or ``UNREADABLE``, of every path that counts.

        Files that look to the disk as they did when they were last read are not read again.
        """
        known = self._store.fingerprints()
        found: dict[str, str] = {}
        fresh: dict[str, Fingerprint] = {}
        outdated = set(known)
        for path, seen in self.selection.files():
            remembered = known.get(path)
            if (
                remembered is not None
                and remembered.mtime_ns == seen.st_mtime_ns
                and remembered.size == seen.st_size
                and remembered.ctime_ns == seen.st_ctime_ns
                and remembered.inode == inode(seen)
            ):
                found[path] = remembered.hash
                outdated.remove(path)
                continue
            started = self._clock_ns()
            try:
                read = self._hash(path)
            except FileUnreadable:
                found[path] = UNREADABLE
                continue
            if read is None:
                continue
            found[path], status = read
            if is_settled(status, started) and names.is_unicode(path):
                fresh[path] = fingerprint(status, found[path])
                outdated.discard(path)
        if fresh or outdated:
            # On a full disk, the files are read again the next time.
            with suppress(NotWritable):
                self._store.remember_fingerprints(fresh, outdated)
        return found

    def hash_of(self, path: str) -> str | None:
        """The blob hash of what the file holds now; None when there is none, or ``UNREADABLE``."""
        try:
            read = self._hash(path) if self._is_file(path) else None
        except FileUnreadable:
            return UNREADABLE
        return None if read is None else read[0]

    def read(self, path: str) -> bytes | None:
        """What the file holds; None when there is none. A folder, a link or a pipe is none."""
        blocks: list[bytes] = []

        def begin(_size: int) -> Callable[[bytes], object]:
            blocks.clear()
            return blocks.append

        if not self._is_file(path) or self._read_steadily(path, begin) is None:
            return None
        return b"".join(blocks)

    def exists(self, path: str) -> bool:
        """Whether there is anything of that name in the project, be it a file or not."""
        return _is_inside(path) and os.path.lexists(self.root / path)

    def replace(self, path: str, content: bytes, *, expected: str | None) -> None:
        """Make the file hold ``content``, at once and for good, if it still has the hash ``expected``.

        ``expected`` None means that there is no such file; folders are made as needed. The mode stays
        that of the file that was there. A failure leaves everything as it was, unless it is that the
        new name can't be brought to the disk. What is saved between the last look at the file and
        the renaming, a few system calls later, is overwritten: no system can compare and swap.

        Raises:
            ChangedMeanwhile: the file holds something else by now, has gone, or has appeared.
            Obstructed: something is in the way that isn't a file, or isn't a folder.
            FileUnwritable: the disk refuses.
        """
        target = self._absolute(path)
        temporary: Path | None = None
        missing: list[Path] = []
        with _as_file_errors(path):
            try:
                missing, mode = self._way_to(path)
                if missing:
                    self._disk.make_folder(missing[-1])
                temporary = target.with_name(TEMPORARY_PREFIX + os.urandom(8).hex())
                self._disk.write_new(temporary, content, mode)
                self._require_unchanged(path, expected)
                if expected is None:
                    self._place_new(path, temporary, target)
                else:
                    self._disk.rename(temporary, target)
            except BaseException:
                self._take_back(temporary, missing)
                raise
            self._disk.sync_folder(target.parent)

    def remove(self, path: str, *, expected: str) -> None:
        """Remove the file if it still has the hash ``expected``, and the folders that are empty then.

        Raises:
            ChangedMeanwhile: the file holds something else by now, or has gone.
            Obstructed: something is in the way that isn't a file, or isn't a folder.
            FileUnwritable: the disk refuses.
        """
        target = self._absolute(path)
        with _as_file_errors(path):
            self._require_unchanged(path, expected)
            self._disk.unlink(target)
            folder = target.parent
            # A folder that isn't empty, or is kept by its own permissions, ends this: the file is gone.
            with suppress(OSError):
                while folder != self.root:
                    self._disk.remove_folder(folder)
                    folder = folder.parent
            self._disk.sync_folder(folder)

    def _absolute(self, path: str) -> Path:
        # The last line before the disk, whoever vouched for the path.
        if not _is_inside(path):
            raise Obstructed(f"{path!r} is not a path inside the project.", hint="Rename it on the platform.")
        return self.root / path

    def _is_file(self, path: str) -> bool:
        self._absolute(path)
        try:
            return self._way_to(path)[1] is not None
        except Obstructed:
            return False
        except OSError as error:
            raise FileUnreadable(f"{path} can't be read: {error.strerror}.") from error

    def _way_to(self, path: str) -> tuple[list[Path], int | None]:
        """The folders that ``path`` still lacks, outermost first, and its mode, None when it isn't there."""
        if not self.root.is_dir():
            raise FileUnreadable(f"The project's folder {self.root} is gone.")
        *folders, name = path.split("/")
        here = self.root
        for depth, folder in enumerate(folders):
            here /= folder
            mode = _mode(here)
            if mode is None:
                missing = [here]
                for further in folders[depth + 1 :]:
                    missing.append(missing[-1] / further)
                return missing, None
            if not stat.S_ISDIR(mode):
                raise Obstructed(f"{path} can't be there: {here} is {_kind(mode)}, not a folder.")
        mode = _mode(here / name)
        if mode is None:
            return [], None
        if not stat.S_ISREG(mode):
            raise Obstructed(f"{path} can't be a file: {_kind(mode)} is in its place.")
        return [], stat.S_IMODE(mode)

    def _require_unchanged(self, path: str, expected: str | None) -> None:
        _, mode = self._way_to(path)
        if expected is None:
            if mode is not None:
                raise ChangedMeanwhile(f"{path} has appeared here meanwhile.")
            return
        read = self._hash(path) if mode is not None else None
        if read is None:
            raise ChangedMeanwhile(f"{path} has gone meanwhile.")
        found, status = read
        # The time that reading took is time in which it can have changed.
        if found != expected or not _is_still(self.root / path, status):
            raise ChangedMeanwhile(f"{path} was changed here meanwhile.")

    def _place_new(self, path: str, temporary: Path, target: Path) -> None:
        """Give the temporary file its name, which is nobody's yet, without taking it from anybody."""
        try:
            self._disk.link(temporary, target)
        except FileExistsError as error:
            raise ChangedMeanwhile(f"{path} has appeared here meanwhile.") from error
        except OSError:
            # No links on this file system, as on FAT. What else may be wrong stops the renaming too.
            if os.path.lexists(target):
                raise ChangedMeanwhile(f"{path} has appeared here meanwhile.") from None
            self._disk.rename(temporary, target)
        else:
            self._disk.unlink(temporary)

    def _take_back(self, temporary: Path | None, made: list[Path]) -> None:
        # The failure that led here is the one to tell of.
        if temporary is not None:
            with suppress(OSError):
                self._disk.unlink(temporary)
        for folder in reversed(made):
            with suppress(OSError):
                self._disk.remove_folder(folder)

    def _hash(self, path: str) -> tuple[str, os.stat_result] | None:
        digest = blob_digest(0)

        def begin(size: int) -> Callable[[bytes], object]:
            nonlocal digest
            digest = blob_digest(size)
            return digest.update

        status = self._read_steadily(path, begin)
        return None if status is None else (digest.hexdigest(), status)

    def _read_steadily(
        self, path: str, begin: Callable[[int], Callable[[bytes], object]]
    ) -> os.stat_result | None:
        """Hand on a file's content, block by block, to what ``begin`` returns for its size.

        It begins anew when the file changes under it. Returns what the disk says about the file, or
        None when there is no file of that name.
        """
        try:
            for _ in range(_READINGS):
                descriptor = self._disk.open_existing(self._absolute(path))
                try:
                    before = os.fstat(descriptor)
                    if not stat.S_ISREG(before.st_mode):
                        return None
                    read = _read_blocks(descriptor, before.st_size, begin(before.st_size))
                    after = os.fstat(descriptor)
                finally:
                    os.close(descriptor)
                if read == before.st_size and is_same(before, after):
                    return after
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            # A link, or a socket, took the file's place.
            if error.errno in {errno.ELOOP, errno.ENXIO}:
                return None
            raise FileUnreadable(f"{path} can't be read: {error.strerror}.") from error
        raise FileUnreadable(
            f"{path} can't be read: it changes all the time.", hint="Try again when nothing writes to it."
        )


def _read_blocks(descriptor: int, size: int, take: Callable[[bytes], object]) -> int:
    """Read ``size`` bytes, and a little more if there are, in blocks; returns how many there were."""
    read = 0
    while read <= size and (block := os.read(descriptor, min(size + 1 - read, _BLOCK))):
        take(block)
        read += len(block)
    return read


def _is_inside(path: str) -> bool:
    """Whether ``path`` is a plain relative one that this system can hold."""
    if "\0" in path or not {"", ".", ".."}.isdisjoint(path.split("/")):
        return False
    if os.name == "nt" and ("\\" in path or ":" in path):
        return False
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return True


def _mode(path: Path) -> int | None:
    """The mode of what has this name, without following a link; None when nothing has."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return None


def _is_still(path: Path, before: os.stat_result) -> bool:
    try:
        return is_same(before, path.lstat())
    except FileNotFoundError:
        return False


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    return "a file" if stat.S_ISREG(mode) else "a special file"


@contextmanager
def _as_file_errors(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileUnwritable(f"{path} can't be written here: {error.strerror}.") from error
