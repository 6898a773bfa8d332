"""The git repository of one project.

The `git` program is run with an environment made from nothing: an emulator started from a git hook
inherits ``GIT_DIR`` and ``GIT_INDEX_FILE``, and a person's own configuration may sign commits, run
hooks or convert line endings. None of it may reach these repositories. (GitPython hands the
whole inherited environment to git and can add to it, but take nothing away.)
"""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.emulator.refusals import NothingToCommit
from xgodo_dev.errors import ToolchainError, ToolchainMissing

_AUTHOR = "xgodo-dev emulator"
_EMAIL = "emulator@localhost"
_COMMAND_SECONDS = 60

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

    async def _prepare(self) -> None:
        if self._prepared:
            return
        # Left by an emulator that was killed; the lock on the data folder says that nobody else is at work.
        (self._directory / "index.lock").unlink(missing_ok=True)
        # Repeating it mends a repository whose making was interrupted, and changes no other.
        await self._git("init", "--quiet", "--template=", "--initial-branch=main")
        self._prepared = True

    async def _git(self, *arguments: str, given: bytes = b"") -> str:
        status, output, errors = await self._run(arguments, given)
        if status != 0:
            raise ToolchainError(f"git {arguments[0]} failed in {self._root}: {errors.strip() or status}")
        return output

    async def _status(self, *arguments: str) -> int:
        status, _, errors = await self._run(arguments, b"")
        if status not in {0, 1}:
            raise ToolchainError(f"git {arguments[0]} failed in {self._root}: {errors.strip() or status}")
        return status

    async def _run(self, arguments: tuple[str, ...], given: bytes) -> tuple[int, str, str]:
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
        return process.returncode or 0, output.decode(errors="replace"), errors.decode(errors="replace")

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
