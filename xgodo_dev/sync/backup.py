"""Copies of what a sync replaced, kept in ``.xgodo/backup/``.

One folder for what one command replaced on one side: its name is the backup's id, which says when and
on which side, and below it lie the files under their own paths. Nothing else is written, so no crash
can leave a backup that can't be read.
"""

from __future__ import annotations

import calendar
import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xgodo_dev.errors import UsageError
from xgodo_dev.project.config import STATE_DIRECTORY
from xgodo_dev.project.disk import Disk
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.local_copy import FileUnwritable, LocalCopy

Side = Literal["local", "remote"]
# No file of a project begins with a dot.
_TEMPORARY = ".part-"
_ID = re.compile(r"(?P<stamp>\d{8}T\d{6})-(?P<fraction>\d{9})-(?P<side>local|remote)")


@dataclass(frozen=True)
class Backup:
    """One backup."""

    id: str
    time: float
    """Unix seconds."""
    side: Side
    """Where its files were replaced: on this disk, or on the server."""
    paths: tuple[str, ...]


class Backups:
    """The backups of a project; those made through one instance share an id for each side."""

    def __init__(
        self, root: Path, *, disk: Disk | None = None, clock_ns: Callable[[], int] = time.time_ns
    ) -> None:
        self._folder = root / STATE_DIRECTORY / "backup"
        self._disk = disk or Disk()
        self._clock_ns = clock_ns
        self._ids: dict[Side, str] = {}
        self.made: set[str] = set()
        """Ids of the backups that were begun through this instance."""

    def keep(self, path: str, content: bytes, side: Side) -> Path:
        """Store ``content``, which is about to be replaced at ``path``; returns the copy's own path.

        It is on the disk for good when this returns.

        Raises:
            FileUnwritable: the disk refuses.
        """
        copy = self._place(path, side)
        temporary = copy.with_name(f"{_TEMPORARY}{os.urandom(8).hex()}")
        try:
            self._disk.make_folder(copy.parent)
            self._disk.write_new(temporary, content, 0o600)
            self._disk.rename(temporary, copy)
            self._disk.sync_folder(copy.parent)
        except OSError as error:
            with suppress(OSError):
                self._disk.unlink(temporary)
            raise FileUnwritable(
                f"{path} is not replaced, since no copy of it can be kept in {copy.parent}: {error.strerror}."
            ) from error
        return copy

    def keep_replaced(self, path: str, file: Path, content: bytes) -> Path:
        """Keep the local ``file``, which holds ``content`` and is about to be replaced or removed.

        It gets a second name rather than a copy, where the disk can: what a program that has the file
        open still writes to it then arrives in the backup. If it is not replaced after all,
        ``take_back`` has to be called: the two would go on being one file.

        Raises:
            FileUnwritable: the disk refuses.
        """
        copy = self._place(path, "local")
        try:
            self._disk.make_folder(copy.parent)
            self._disk.link(file, copy)
            self._disk.sync_folder(copy.parent)
        except OSError:
            return self.keep(path, content, "local")
        return copy

    def take_back(self, file: Path, copy: Path) -> None:
        """Forget a copy that was kept for nothing: the file itself is still in its place."""
        with suppress(OSError):
            if file.samefile(copy):
                self._disk.unlink(copy)

    def all(self) -> list[Backup]:
        """Every backup, newest first."""
        found = []
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            named = _ID.fullmatch(folder.name)
            seconds = _seconds(named) if named else None
            if named and seconds is not None:
                paths = tuple(sorted(self._paths(folder)))
                if paths:
                    found.append(Backup(folder.name, seconds, _side(named), paths))
        return sorted(found, key=lambda each: each.id, reverse=True)

    def find(self, backup_id: str) -> Backup:
        """The backup with that id, or whose id begins so.

        Raises:
            UsageError: there is none, or several.
        """
        known = self.all()
        near = [each for each in known if each.id.startswith(backup_id)] if backup_id else []
        exact = [each for each in near if each.id == backup_id]
        if len(exact or near) == 1:
            return (exact or near)[0]
        raise UsageError(
            f"{'Several backups begin with' if near else 'There is no backup'} {backup_id!r}.",
            hint="See `xgodo-dev backup list`.",
        )

    def restore(self, backup: Backup, path: str, copy: LocalCopy) -> bool:
        """Write a file of a backup back into the project; what it replaces is kept first.

        Returns whether the file here was another one.

        Raises:
            RefusedError: the file changed in the very moment.
            Obstructed: a folder or link is in the place of the file.
            FileUnreadable, FileUnwritable: the disk refuses.
        """
        content = (self._folder / backup.id / path).read_bytes()
        here = copy.read(path)
        if here == content:
            return False
        if here is not None:
            self.keep(path, here, "local")
        copy.replace(path, content, expected=None if here is None else blob_hash(here))
        return True

    def _paths(self, folder: Path) -> list[str]:
        return [
            file.relative_to(folder).as_posix()
            for file in folder.rglob("*")
            if file.is_file() and not file.name.startswith(_TEMPORARY)
        ]

    def _place(self, path: str, side: Side) -> Path:
        copy = self._folder / self._id(side) / path
        if copy.exists() or any(parent.is_file() for parent in copy.parents):
            # The same path twice in one long command, such as a watch, or a folder by the name of an
            # earlier file: each has a backup of its own.
            del self._ids[side]
            copy = self._folder / self._id(side) / path
        return copy

    def _id(self, side: Side) -> str:
        if side not in self._ids:
            while True:
                seconds, nanoseconds = divmod(self._clock_ns(), 10**9)
                stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds))
                name = f"{stamp}-{nanoseconds:09d}-{side}"
                if not (self._folder / name).exists():
                    break
            self._ids[side] = name
            self.made.add(name)
        return self._ids[side]


def encoded(content: str) -> bytes:
    """``content`` as bytes, also where JSON brought half of a character, which UTF-8 proper refuses."""
    return content.encode("utf-8", "surrogatepass")


def _seconds(named: re.Match[str]) -> float | None:
    try:
        parts = time.strptime(named["stamp"] + "UTC", "%Y%m%dT%H%M%S%Z")
    except ValueError:
        # No moment of time: somebody else's folder.
        return None
    return calendar.timegm(parts) + int(named["fraction"]) / 10**9


def _side(named: re.Match[str]) -> Side:
    return "local" if named["side"] == "local" else "remote"
