"""Files that are kept for fifteen minutes, each under a name of its own in one folder."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from xgodo_dev.emulator.database import Database

TABLES = """
CREATE TABLE IF NOT EXISTS uploads (
    name TEXT PRIMARY KEY,
    original_name TEXT NOT NULL,
    size INTEGER NOT NULL,
    expires REAL NOT NULL
);
"""

LARGEST_BYTES = 50 * 1024 * 1024
KEPT_SECONDS = 15 * 60.0

_LONGEST_NAME = 100
_HARMFUL = re.compile(r"[^A-Za-z0-9._-]")


@dataclass(frozen=True)
class Upload:
    """One file, and the time in Unix seconds from which on it is gone."""

    name: str
    original_name: str
    size: int
    expires: float


class Uploads:
    """The files in ``folder``, which exists. ``now`` tells Unix seconds."""

    def __init__(self, database: Database, folder: Path, now: Callable[[], float]) -> None:
        self._database = database
        self._folder = folder
        self._now = now

    def reserve(self, original_name: str, size: int) -> Upload:
        """Give a file its name; ``store`` has to follow, or ``remove``."""
        now = self._now()
        milliseconds = int(now * 1000)
        harmless = harmless_name(original_name)
        while self._row(f"{milliseconds}_{harmless}"):
            milliseconds += 1
        upload = Upload(f"{milliseconds}_{harmless}", original_name, size, now + KEPT_SECONDS)
        self._database.change(
            "INSERT INTO uploads (name, original_name, size, expires) VALUES (?, ?, ?, ?)",
            upload.name,
            upload.original_name,
            upload.size,
            upload.expires,
        )
        return upload

    def store(self, upload: Upload, content: BinaryIO) -> None:
        """Copy what an upload holds. Blocks, and asks nothing of the database: for a thread."""
        with self.file(upload).open("xb") as file:
            shutil.copyfileobj(content, file)

    def find(self, name: str) -> Upload | None:
        """The file of that name; None where there is none, or no longer."""
        row = self._row(name)
        if row is None or row["expires"] <= self._now():
            return None
        upload = Upload(**dict(row))
        # One that a crash cut short has no file.
        return upload if self.file(upload).is_file() else None

    def file(self, upload: Upload) -> Path:
        """Where it lies."""
        return self._folder / upload.name

    def remove(self, upload: Upload) -> None:
        """Remove a file before its time."""
        self._database.change("DELETE FROM uploads WHERE name = ?", upload.name)
        self.file(upload).unlink(missing_ok=True)

    def remove_expired(self) -> None:
        """Remove the files whose time is over."""
        for row in self._database.rows("SELECT * FROM uploads WHERE expires <= ?", self._now()):
            self.remove(Upload(**dict(row)))

    def _row(self, name: str) -> sqlite3.Row | None:
        return self._database.row("SELECT * FROM uploads WHERE name = ?", name)


def harmless_name(name: str) -> str:
    """The last part of a name that somebody gave, without what a file system or a page might act on."""
    last = re.split(r"[/\\]", name)[-1]
    # The end of a long one, which has the extension.
    return _HARMFUL.sub("_", last).strip("._")[-_LONGEST_NAME:] or "file"
