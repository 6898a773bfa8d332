"""What a project remembers between commands: ``.xgodo/state.db``.

Everything but the fingerprints of local files and the texts is kept per *remote* (a server and a
project on it), so that working against the emulator never confuses what is known about the real
platform.

The *base* of a path is the content of the remote project that the local file is known to build on:
both sides held it, or it was merged into the local file. It is recorded only after that happened,
so a process that dies in between leaves an older base, never a newer one.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from xgodo_dev.errors import ConfigurationError
from xgodo_dev.project import names
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.fingerprints import Fingerprint
from xgodo_dev.project.state_file import (
    NOT_WRITABLE,
    NotWritable,
    StateUnusable,
    bring_up_to_date,
    create,
    state_file,
)

# Larger texts are not kept for merges; two changed versions of such a file are a conflict.
LARGEST_KEPT_TEXT = 1024 * 1024
_MISSING = ""

_Value = str | int | float | bytes | None


@dataclass(frozen=True)
class Known:
    """What is remembered of one path towards one remote. Hashes are git's blob ids."""

    base: str | None = None
    attempts: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)
    """Contents that we wrote without having it confirmed: the compiler's errors, None where no
    answer came, empty where the server made this of what it was sent. Found on the server, such
    content is ours and nobody's edit: some servers store what they could not compile, and a killed
    process may have been heard."""
    sighting: str | None = None
    """What the server was last seen to hold where that isn't the base; `""`: it had no such file."""
    deletion_told: bool = False
    """The person knows that the file, which is gone here, stays on the server."""

    @property
    def remote(self) -> str | None:
        """The hash that the server is last known to hold, or else may hold; None: none."""
        if self.sighting is not None:
            return self.sighting or None
        # Of a write that was not confirmed nothing better is known than that it may be there.
        return self.base or next(iter(self.attempts), None)


NOTHING_KNOWN = Known()


@dataclass(frozen=True)
class MadeCommit:
    """A commit that was made from here. ``time`` is in Unix seconds."""

    hash: str
    message: str
    time: float


class State:
    """The state of one project towards one remote. Use as a context manager.

    Raises:
        StateUnusable: on opening or later, when the file is damaged or from a newer version.
        NotWritable, ConfigurationError: it can't be opened, read or written now.
    """

    def __init__(self, root: Path, remote: str) -> None:
        self._file = state_file(root)
        self._remote = remote
        try:
            self._file.parent.mkdir(exist_ok=True)
        except OSError as error:
            raise NotWritable(f"{self._file.parent} can't be made: {error.strerror}.") from error
        with self._usable():
            if not self._file.exists():
                create(self._file)
            # Several commands may have it open (a `watch` and a `push`): wait for each other's short writes.
            self._database = sqlite3.connect(self._file, timeout=10, isolation_level=None)
        try:
            with self._usable():
                # Before anything that writes: what a newer version made stays as it is.
                bring_up_to_date(self._file, self._database)
                self._database.execute("PRAGMA journal_mode = WAL")
                # A killed process loses nothing of it. A power failure may lose the newest entries:
                # an older base, which is safe, and a file that is looked at once more.
                self._database.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            self._database.close()
            raise

    def __enter__(self) -> State:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def base(self) -> dict[str, str]:
        """Hash of each path's base."""
        return dict(self._rows("SELECT path, hash FROM base WHERE remote = ?", self._remote))

    def known(self, path: str) -> Known:
        """What is remembered of one path."""
        if not names.is_unicode(path):
            # Such a file is never sent, and nothing is recorded of it.
            return NOTHING_KNOWN
        where = (self._remote, path)
        base = self._rows("SELECT hash FROM base WHERE remote = ? AND path = ?", *where)
        attempts = self._rows("SELECT hash, errors FROM attempt WHERE remote = ? AND path = ?", *where)
        sighting = self._rows("SELECT hash FROM sighting WHERE remote = ? AND path = ?", *where)
        told = self._rows("SELECT 1 FROM deleted WHERE remote = ? AND path = ?", *where)
        return Known(
            base=base[0][0] if base else None,
            attempts={content_hash: _errors(errors) for content_hash, errors in attempts},
            sighting=sighting[0][0] if sighting else None,
            deletion_told=bool(told),
        )

    def unsettled(self) -> dict[str, Known]:
        """The paths of which more is remembered than a base, with everything remembered of them."""
        paths = self._rows(
            "SELECT path FROM attempt WHERE remote = ?1 UNION SELECT path FROM sighting WHERE remote = ?1 "
            "UNION SELECT path FROM deleted WHERE remote = ?1",
            self._remote,
        )
        return {path: self.known(path) for (path,) in paths}

    def text(self, content_hash: str) -> bytes | None:
        """The content of a base with that hash, where it was kept."""
        rows = self._rows("SELECT content FROM text WHERE hash = ?", content_hash)
        if not rows:
            return None
        try:
            content = zlib.decompress(rows[0][0])
        except zlib.error as error:
            raise StateUnusable(f"{self._file} is damaged: {error}.") from error
        # A merge on another text than the one that both sides knew would lose lines without a word.
        if blob_hash(content) != content_hash:
            raise StateUnusable(f"{self._file} is damaged: a text in it is not the one that was recorded.")
        return content

    def record_attempts(self, hashes: Mapping[str, str]) -> dict[str, str]:
        """Remember, before they are sent, that these paths are about to be written with these contents.

        Returns those that were not remembered yet.
        """
        new: dict[str, str] = {}
        with self._transaction():
            for path, content_hash in hashes.items():
                attempt = (self._remote, path, content_hash)
                if not self._rows(
                    "SELECT 1 FROM attempt WHERE remote = ? AND path = ? AND hash = ?", *attempt
                ):
                    self._rows("INSERT INTO attempt (remote, path, hash) VALUES (?, ?, ?)", *attempt)
                    new[path] = content_hash
        return new

    def withdraw_attempts(self, hashes: Mapping[str, str]) -> None:
        """These writes are known not to have been done."""
        if hashes:
            with self._transaction():
                for path, content_hash in hashes.items():
                    self._rows(
                        "DELETE FROM attempt WHERE remote = ? AND path = ? AND hash = ? AND errors IS NULL",
                        self._remote,
                        path,
                        content_hash,
                    )

    def record_refusal(self, path: str, content_hash: str, errors: Iterable[str]) -> None:
        """The server's compiler refused this content; it may have stored it all the same."""
        self._rows(
            "INSERT OR REPLACE INTO attempt VALUES (?, ?, ?, ?)",
            self._remote,
            path,
            content_hash,
            json.dumps(list(errors)),
        )

    def record_base(self, path: str, content_hash: str, content: bytes | None) -> None:
        """The server holds this content, and the local file holds it or builds on it.

        ``content`` is kept for later merges; None when it is not at hand.
        """
        with self._transaction():
            before = self.known(path).base
            self._rows("INSERT OR REPLACE INTO base VALUES (?, ?, ?)", self._remote, path, content_hash)
            for table in ("attempt", "sighting", "deleted"):
                self._forget_in(table, path)
            if content is not None and len(content) <= LARGEST_KEPT_TEXT:
                compressed = zlib.compress(content, 1)
                self._rows("INSERT OR IGNORE INTO text VALUES (?, ?)", content_hash, compressed)
            self._drop_text(before)

    def record_sighting(self, path: str, content_hash: str | None) -> None:
        """The server was seen to hold this content at ``path``, or no such file."""
        known = self.known(path)
        if content_hash == known.base:
            if known.sighting is not None:
                self._forget_in("sighting", path)
        elif known.sighting != (content_hash or _MISSING):
            self._rows(
                "INSERT OR REPLACE INTO sighting VALUES (?, ?, ?)",
                self._remote,
                path,
                content_hash or _MISSING,
            )

    def record_deletion_told(self, path: str) -> None:
        """The person was told that ``path``, which is gone here, stays on the server."""
        self._rows("INSERT OR IGNORE INTO deleted VALUES (?, ?)", self._remote, path)

    def note_present(self, path: str) -> None:
        """The file is here: should it go again, that is news."""
        if self.known(path).deletion_told:
            self._forget_in("deleted", path)

    def forget(self, path: str) -> None:
        """The path is on neither side any more."""
        with self._transaction():
            before = self.known(path).base
            for table in ("base", "attempt", "sighting", "deleted"):
                self._forget_in(table, path)
            self._drop_text(before)

    def fingerprints(self) -> dict[str, Fingerprint]:
        """What local files looked like when they were last hashed."""
        rows = self._rows("SELECT path, size, mtime_ns, ctime_ns, inode, hash FROM fingerprint")
        return {row[0]: Fingerprint(*row[1:]) for row in rows}

    def remember_fingerprints(self, fresh: Mapping[str, Fingerprint], gone: Collection[str]) -> None:
        """Keep what these files look like, and forget the others named."""
        if not fresh and not gone:
            return
        with self._transaction():
            for path, seen in fresh.items():
                self._rows(
                    "INSERT OR REPLACE INTO fingerprint VALUES (?, ?, ?, ?, ?, ?)",
                    path,
                    seen.size,
                    seen.mtime_ns,
                    seen.ctime_ns,
                    seen.inode,
                    seen.hash,
                )
            for path in gone:
                self._rows("DELETE FROM fingerprint WHERE path = ?", path)

    def changes_by_others(self) -> int:
        """A number that is another one when another process has recorded something since."""
        number: int = self._rows("PRAGMA data_version")[0][0]
        return number

    def fact(self, name: str) -> str | None:
        """Something learned about the remote, or None."""
        rows = self._rows("SELECT value FROM fact WHERE remote = ? AND name = ?", self._remote, name)
        return rows[0][0] if rows else None

    def learn(self, name: str, value: str) -> None:
        """Remember something about the remote."""
        self._rows("INSERT OR REPLACE INTO fact VALUES (?, ?, ?)", self._remote, name, value)

    def record_commit(self, commit: MadeCommit) -> None:
        """A commit was made on the platform."""
        self._rows(
            "INSERT OR REPLACE INTO made_commit VALUES (?, ?, ?, ?)",
            self._remote,
            commit.hash,
            commit.message,
            commit.time,
        )

    def commits(self, limit: int) -> list[MadeCommit]:
        """The newest commits made from here, newest first."""
        rows = self._rows(
            "SELECT hash, message, time FROM made_commit WHERE remote = ? ORDER BY time DESC LIMIT ?",
            self._remote,
            limit,
        )
        return [MadeCommit(*row) for row in rows]

    def _rows(self, statement: str, *values: _Value) -> list[Any]:
        with self._usable():
            return self._database.execute(statement, values).fetchall()

    def _forget_in(self, table: str, path: str) -> None:
        # The table's name is one of ours.
        self._rows(f"DELETE FROM {table} WHERE remote = ? AND path = ?", self._remote, path)  # noqa: S608

    def _drop_text(self, content_hash: str | None) -> None:
        """Forget a text that is no path's base any more."""
        self._rows(
            "DELETE FROM text WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM base WHERE hash = ?1)",
            content_hash,
        )

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is recorded inside is kept together: where the process dies before the end, none of it.

        For what became known at once, as of the files of one batch. Nothing may be awaited inside.
        """
        with self._transaction():
            yield

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._database.in_transaction:
            # A part of what is kept together.
            yield
            return
        with self._usable(), self._database:
            self._database.execute("BEGIN IMMEDIATE")
            yield

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:
                # A table or column is missing.
                raise StateUnusable(f"{self._file} is damaged: {error}.") from error
            if error.sqlite_errorcode & 0xFF in NOT_WRITABLE:
                raise NotWritable(f"{self._file} can't be written: {error}.") from error
            # Busy: nothing is wrong with what it holds.
            raise ConfigurationError(f"{self._file} can't be used now: {error}.") from error
        except sqlite3.DatabaseError as error:
            raise StateUnusable(f"{self._file} is damaged: {error}.") from error


def _errors(recorded: str | None) -> tuple[str, ...] | None:
    return None if recorded is None else tuple(json.loads(recorded))
