"""The single steps by which a project's files are read and changed, so that a test can stop at each."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path
from uuid import uuid4

# What a file system says that can't bring a folder to the disk by itself: some of networks and of FUSE.
_NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})


class Disk:
    """Every step by which files are read or changed, one method each. All raise OSError."""

    def open_existing(self, path: Path) -> int:
        """A descriptor to read from; neither follows a link nor waits for the other end of a pipe."""
        flags = os.O_RDONLY
        for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT"):
            flags |= getattr(os, flag, 0)
        return os.open(path, flags)

    def write_new(self, path: Path, content: bytes, mode: int | None) -> None:
        """Make a file and bring it to the disk. ``mode`` None: what the umask leaves of 0o666."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, 0o666 if mode is None else 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            # A file system without modes has the right one already, and refuses to be asked.
            if mode is not None and stat.S_IMODE(os.fstat(descriptor).st_mode) != mode:
                path.chmod(mode)
            file.flush()
            os.fsync(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Put ``source`` in the place of ``target``, at once."""
        source.replace(target)

    def link(self, source: Path, target: Path) -> None:
        """Give ``source`` a second name, unless there is something of that name."""
        target.hardlink_to(source)

    def unlink(self, path: Path) -> None:
        """Remove a file."""
        path.unlink()

    def make_folder(self, path: Path) -> None:
        """Make a folder, and those above it that are missing, and bring their names to the disk."""
        if path.is_dir():
            return
        self.make_folder(path.parent)
        path.mkdir(exist_ok=True)
        self.sync_folder(path.parent)

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        path.rmdir()

    def sync_folder(self, path: Path) -> None:
        """Bring the names in a folder to the disk, where the system has a way to."""
        if sys.platform == "win32":
            return
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _NO_FOLDER_SYNC:
                raise
        finally:
            os.close(descriptor)


def read_beginning(path: Path, most_bytes: int) -> bytes:
    """At most so many bytes of a file that may come from anybody.

    Raises:
        OSError: it can't be read, or is something that does not end, or keeps one waiting, such as a pipe.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Not a file", str(path))
        return file.read(most_bytes)


def write_atomically(target: Path, content: bytes, mode: int = 0o666) -> None:
    """Make the toolkit's own file ``target`` hold ``content``: all of it, or what it held before.

    Not for what a person writes: ``LocalCopy.replace`` looks whether that changed meanwhile. Raises OSError.

    Args:
        mode: of the file, less what the umask takes away.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # Named so that neither a running watch nor a sync takes it for a part of the project.
    temporary = target.with_name(f".{target.name}.{uuid4().hex}.tmp")
    try:
        temporary.touch(mode, exist_ok=False)
        temporary.write_bytes(content)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
