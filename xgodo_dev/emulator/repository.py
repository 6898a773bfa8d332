"""The git repository of one project.

The `git` program is run with an environment made from nothing: an emulator started from a git hook
inherits ``GIT_DIR`` and ``GIT_INDEX_FILE``, and a person's own configuration may sign commits, run
hooks or convert line endings. None of it may reach these repositories. (GitPython hands the
whole inherited environment to git and can add to it, but take nothing away.)
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.emulator.refusals import CommitNotFound, NothingToCommit
from xgodo_dev.errors import ToolchainError, ToolchainMissing

_AUTHOR = "xgodo-dev emulator"
_EMAIL = "emulator@localhost"
_COMMAND_SECONDS = 60

_HASH = re.compile(r"[0-9a-f]{4,40}", re.IGNORECASE)
_HISTORY_FORMAT = "%H%x00%an%x00%ae%x00%aI%x00%B%x00"

# Before everything a project says in a .gitattributes of its own: files are kept byte for byte, so that
# their hashes are those of the files.
_ATTRIBUTES = "* -text -ident -filter -working-tree-encoding\n"

_SETTINGS = (
    ("core.autocrlf", "false"),
    ("core.hooksPath", os.devnull),
    ("commit.gpgSign", "false"),
    # Housekeeping would go on in the background as a process of its own.
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
)


def find_git() -> str:
    """The git program. Raises ToolchainMissing."""
    program = shutil.which("git")
    if program is None:
        raise ToolchainMissing(
            "git is not on PATH; the emulator keeps its projects with it.", hint="Install git."
        )
    return program


@dataclass(frozen=True)
class Commit:
    """A commit: its full hash and the message exactly as it was given."""

    hash: str
    message: str


@dataclass(frozen=True)
class HistoryEntry:
    """A commit as a log shows it; ``timestamp`` is the author's, in ISO 8601."""

    hash: str
    message: str
    author: str
    author_email: str
    timestamp: str


class Repository:
    """Commits the working folder ``root``; its git directory is ``root/.git``."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._directory = root / ".git"
        self._lock = asyncio.Lock()
        self._prepared = False

    async def prepare(self) -> None:
        """Makes the repository if there is none; does nothing on later calls.

        Raises ToolchainError when git fails.
        """
        if not self._prepared:
            async with self._lock:
                await self._prepare()

    async def commit(self, message: str) -> Commit:
        """Commits everything below the root, ignored files included; raises NothingToCommit."""
        async with self._lock:
            await self._prepare()
            await self._git("add", "--all", "--force", "--", ".")
            if await self._status("diff", "--cached", "--quiet") == 0:
                raise NothingToCommit
            await self._git(
                "commit", "--quiet", "--no-verify", "--cleanup=verbatim", "--file=-", given=message.encode()
            )
            return Commit((await self._git("rev-parse", "HEAD")).strip(), message)

    async def history(self, limit: int) -> list[HistoryEntry]:
        """The last ``limit`` commits, newest first."""
        await self.prepare()
        if await self._head() is None:
            return []
        output = await self._git("log", f"--max-count={limit}", f"--format=tformat:{_HISTORY_FORMAT}")
        # A commit holds no NUL, so the fields can't be mistaken; git ends each commit with a line feed.
        *fields, _ = output.split("\0")
        commits = (fields[start : start + 5] for start in range(0, len(fields), 5))
        return [
            HistoryEntry(digest.lstrip("\n"), message, author, email, timestamp)
            for digest, author, email, timestamp, message in commits
        ]

    async def find(self, commit_hash: str) -> str:
        """The full hash of a commit given by the beginning of it. Raises CommitNotFound."""
        await self.prepare()
        if _HASH.fullmatch(commit_hash) is not None:
            status, output, _ = await self._run(
                ("rev-parse", "--verify", "--quiet", f"{commit_hash}^{{commit}}"), b""
            )
            if status == 0:
                return output.decode().strip()
        raise CommitNotFound

    async def committed(self, commit_hash: str | None = None) -> dict[str, str]:
        """The files of a commit, path to blob hash; without one those of the last, if there is any."""
        await self.prepare()
        tree = commit_hash if commit_hash is not None else await self._head()
        if tree is None:
            return {}
        listing = await self._git("ls-tree", "-r", "-z", tree)
        files = {}
        for line in listing.split("\0"):
            if line:
                described, _, path = line.partition("\t")
                files[path] = described.split(" ")[2]
        return files

    async def blobs(self, hashes: Sequence[str]) -> list[bytes]:
        """The contents that the repository has under some hashes, in their order."""
        given = "".join(f"{digest}\n" for digest in hashes).encode()
        status, output, errors = await self._run(("cat-file", "--batch"), given)
        if status != 0:
            raise self._failure("cat-file", status, errors)
        contents = []
        start = 0
        for digest in hashes:
            head, _, _ = output[start:].partition(b"\n")
            name, kind, size = head.decode().rsplit(" ", 2)
            if (name, kind) != (digest, "blob"):
                raise ToolchainError(f"git cat-file in {self._root} answered with {head!r}")
            first = start + len(head) + 1
            contents.append(output[first : first + int(size)])
            start = first + int(size) + 1
        return contents

    async def _head(self) -> str | None:
        status, output, _ = await self._run(("rev-parse", "--verify", "--quiet", "HEAD"), b"")
        return output.decode().strip() if status == 0 else None

    async def _prepare(self) -> None:
        if self._prepared:
            return
        # Left by an emulator that was killed; the lock on the data folder says that nobody else is at work.
        (self._directory / "index.lock").unlink(missing_ok=True)
        # Repeating it mends a repository whose making was interrupted, and changes no other.
        await self._git("init", "--quiet", "--template=", "--initial-branch=main")
        attributes = self._directory / "info" / "attributes"
        attributes.parent.mkdir(exist_ok=True)
        attributes.write_text(_ATTRIBUTES)
        self._prepared = True

    async def _git(self, *arguments: str, given: bytes = b"") -> str:
        status, output, errors = await self._run(arguments, given)
        if status != 0:
            raise self._failure(arguments[0], status, errors)
        return output.decode(errors="replace")

    async def _status(self, *arguments: str) -> int:
        status, _, errors = await self._run(arguments, b"")
        if status not in {0, 1}:
            raise self._failure(arguments[0], status, errors)
        return status

    def _failure(self, command: str, status: int, errors: str) -> ToolchainError:
        return ToolchainError(f"git {command} failed in {self._root}: {errors.strip() or status}")

    async def _run(self, arguments: tuple[str, ...], given: bytes) -> tuple[int, bytes, str]:
        settings = [part for key, value in _SETTINGS for part in ("-c", f"{key}={value}")]
        process = await asyncio.create_subprocess_exec(
            find_git(),
            *settings,
            f"--git-dir={self._directory}",
            f"--work-tree={self._root}",
            *arguments,
            cwd=self._root,
            env=self._environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(_COMMAND_SECONDS):
                output, errors = await process.communicate(given)
        except TimeoutError as error:
            raise ToolchainError(f"git {arguments[0]} took more than {_COMMAND_SECONDS} s.") from error
        finally:
            if process.returncode is None:
                # Asked to end, git takes its lock files with it; killed, it would leave them.
                process.terminate()
                await process.wait()
        return process.returncode or 0, output, errors.decode(errors="replace")

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ
        }
        return inherited | {
            "HOME": str(self._directory),
            "LC_ALL": "C",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": _AUTHOR,
            "GIT_AUTHOR_EMAIL": _EMAIL,
            "GIT_COMMITTER_NAME": _AUTHOR,
            "GIT_COMMITTER_EMAIL": _EMAIL,
        }
