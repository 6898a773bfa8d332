"""Automation projects on disk: a folder each, which is a git repository that any git can read.

A project comes into being with the first write to an id of either form the platform uses (a UUID,
or 24 hexadecimal digits); the platform makes projects in its web IDE only, which has no twin here.
Any other id, and reading, committing or launching one that was never written to, is not found.

What the documentation leaves open, and is so here: a TypeScript file that does not compile is kept
(the bytes are stored before compiling begins) and the JavaScript of its last good text stays beside
it; a commit takes every file, also those that a ``.gitignore`` in the project names; a launch runs
the files as they are, committed or not; ids differing in case only are the same.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.emulator.compiler import Compiler, compiled_path, error_line
from xgodo_dev.emulator.project_path import check_path, locate
from xgodo_dev.emulator.refusals import (
    CompilationFailed,
    FileNotFound,
    PairedJavaScript,
    PathRefused,
    ProjectNotFound,
)
from xgodo_dev.emulator.repository import Commit, Repository
from xgodo_dev.emulator.storage import replace_file

_PROJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24}", re.IGNORECASE)


@dataclass(frozen=True)
class WrittenFile:
    """A stored file; ``compiled_path`` is the JavaScript made from it, if it is TypeScript."""

    path: str
    compiled_path: str | None


class ProjectStore:
    """The projects below ``folder``; ``staging`` is an existing folder on the same file system."""

    def __init__(self, folder: Path, *, staging: Path, compiler: Compiler) -> None:
        self._folder = folder
        self._staging = staging
        self._compiler = compiler
        self._repositories: dict[Path, Repository] = {}

    async def write(self, project_id: str, path: str, content: bytes) -> WrittenFile:
        """Stores a file, then compiles it if it is TypeScript.

        Writes of one path are stored in the order in which they are called: nothing is awaited
        before the bytes are in place. Raises ProjectNotFound, PathRefused, PairedJavaScript, and
        CompilationFailed with the bytes stored all the same.
        """
        root = self._root(project_id)
        target = locate(root, check_path(path))
        if path.endswith(".js"):
            source = path.removesuffix(".js") + ".ts"
            if (root / source).is_file():
                raise PairedJavaScript(path, source)
        self._store(target, content)
        await self._repository(root).prepare()

        javascript_path = compiled_path(path)
        if javascript_path is None:
            return WrittenFile(path, None)
        javascript_file = locate(root, javascript_path)

        def keep(javascript: str) -> None:
            self._store(javascript_file, javascript.encode())

        compiled = await self._compiler.compile(root, path, keep)
        if compiled.errors:
            raise CompilationFailed(
                [error_line(error.line, error.column, error.message) for error in compiled.errors]
            )
        return WrittenFile(path, javascript_path)

    def read(self, project_id: str, path: str) -> str:
        """The text of a stored file. Raises FileNotFound (also for a missing project) and PathRefused."""
        check_path(path)
        try:
            return _text(locate(self._written(project_id), path))
        except (FileNotFoundError, ProjectNotFound) as error:
            raise FileNotFound from error

    async def commit(self, project_id: str, message: str) -> Commit:
        """Commits the files as they are. Raises ProjectNotFound and NothingToCommit."""
        return await self._repository(self._written(project_id)).commit(message)

    async def scripts(self, project_id: str) -> dict[str, str]:
        """Every JavaScript file of a project, path to text. Raises ProjectNotFound."""
        return await asyncio.to_thread(_read_scripts, self._written(project_id))

    def require(self, project_id: str) -> None:
        """Raises ProjectNotFound unless the project was written to."""
        self._written(project_id)

    def _root(self, project_id: str) -> Path:
        if _PROJECT_ID.fullmatch(project_id) is None:
            raise ProjectNotFound
        return self._folder / project_id.lower()

    def _written(self, project_id: str) -> Path:
        root = self._root(project_id)
        if not root.is_dir():
            raise ProjectNotFound
        return root

    def _repository(self, root: Path) -> Repository:
        return self._repositories.setdefault(root, Repository(root))

    def _store(self, target: Path, content: bytes) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_file(target, content, staging=self._staging)
        except OSError as error:
            if error.errno in {errno.ENAMETOOLONG, errno.EISDIR, errno.ENOTDIR, errno.EINVAL}:
                raise PathRefused("this machine's file system cannot hold it") from error
            raise


def _read_scripts(root: Path) -> dict[str, str]:
    scripts = {}
    for folder, names, files in os.walk(root):
        if ".git" in names:
            names.remove(".git")
        for name in files:
            file = Path(folder, name)
            if name.endswith(".js") and not file.is_symlink():
                scripts[file.relative_to(root).as_posix()] = _text(file)
    return scripts


def _text(file: Path) -> str:
    # Not read_text: it would turn every line ending into a line feed.
    return file.read_bytes().decode(errors="replace")
