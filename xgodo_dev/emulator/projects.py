"""Automation projects on disk: a folder each, which is a git repository that any git can read.

A project comes into being with the first write to an id of either form the platform uses (a UUID,
or 24 hexadecimal digits), by whichever endpoint; the platform makes projects in its web IDE only,
which has no twin here. It belongs to the account that wrote it first, running automations writing for that
of their job; to all others it is not there. Any other id, and reading, committing or launching one that was
never written to, is not found. It stays when its last file is deleted.

What the documentation leaves open, and is so here: a TypeScript file that does not compile is kept
(the bytes are stored before compiling begins) and the JavaScript of its last good text stays beside
it; a commit takes every file, also those that a ``.gitignore`` in the project names; a launch runs
the files as they are, committed or not; ids differing in case only are the same. A sync stores all of
its files or, where one of them can't be stored by its path, none; but JavaScript made from TypeScript is
passed over, with an error of its own, because the platform's own client may send a stale copy of it
among other files. Deleting a file takes the
JavaScript made from it along, and folders that it leaves empty.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.emulator.compiler import Compiler, Outcomes, error_line
from xgodo_dev.emulator.project_owners import ProjectOwners
from xgodo_dev.emulator.project_path import check_path, compiled_path, locate, locate_all
from xgodo_dev.emulator.refusals import (
    CompilationFailed,
    FileNotFound,
    PairedJavaScript,
    PathRefused,
    ProjectNotFound,
)
from xgodo_dev.emulator.repository import Commit, Repository
from xgodo_dev.emulator.storage import replace_file
from xgodo_dev.emulator.stored_files import StoredFile, StoredFiles, blob_hash, changed_at, walk
from xgodo_dev.toolchain.typescript import CompiledFile

_PROJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24}", re.IGNORECASE)

_NULL_ID = "0" * 40


@dataclass(frozen=True)
class WrittenFile:
    """A stored file; ``compiled_path`` is the JavaScript made from it, if it is TypeScript."""

    path: str
    compiled_path: str | None


@dataclass(frozen=True)
class SyncedFile:
    """What became of a file; ``errors`` says why it was not compiled, or not stored.

    ``hash`` is that of the content that was stored; for a file that was not, that of the one in its
    place, and git's null id where there is none. ``compiled`` is None for what is not TypeScript, or
    was deleted before it could be compiled.
    """

    path: str
    hash: str
    compiled: bool | None
    errors: tuple[str, ...]


def is_project_id(text: str) -> bool:
    """Whether a project may have this id."""
    return _PROJECT_ID.fullmatch(text) is not None


class Projects:
    """All projects, below ``folder``; ``staging`` is an existing folder on the same file system."""

    def __init__(self, folder: Path, *, staging: Path, compiler: Compiler, owners: ProjectOwners) -> None:
        self._folder = folder
        self._staging = staging
        self._compiler = compiler
        self._owners = owners
        self._stores: dict[str, ProjectStore] = {}

    def of(self, account_id: str) -> ProjectStore:
        """What is there for one account."""
        if account_id not in self._stores:
            self._stores[account_id] = ProjectStore(
                self._folder, account_id, staging=self._staging, compiler=self._compiler, owners=self._owners
            )
        return self._stores[account_id]

    def require(self, project_id: str) -> None:
        """Raises ProjectNotFound unless somebody has written to the project."""
        if not is_project_id(project_id) or not (self._folder / project_id.lower()).is_dir():
            raise ProjectNotFound


class ProjectStore:
    """The projects of one account. One of somebody else is refused like one that does not exist."""

    def __init__(
        self, folder: Path, account_id: str, *, staging: Path, compiler: Compiler, owners: ProjectOwners
    ) -> None:
        self._folder = folder
        self._account_id = account_id
        self._staging = staging
        self._compiler = compiler
        self._owners = owners
        self._repositories: dict[Path, Repository] = {}
        self._stored_files: dict[Path, StoredFiles] = {}

    async def write(self, project_id: str, path: str, content: bytes) -> WrittenFile:
        """Stores a file, then compiles it if it is TypeScript.

        Writes of one path are stored in the order in which they are called: nothing is awaited
        before the bytes are in place. Raises ProjectNotFound, PathRefused, PairedJavaScript, and
        CompilationFailed with the bytes stored all the same.
        """
        root = self._root(project_id)
        target = locate(root, check_path(path))
        _refuse_paired_javascript(root, path)
        self._own(root)
        self._store(target, content)
        await self._repository(root).prepare()

        javascript_path = compiled_path(path)
        if javascript_path is None:
            return WrittenFile(path, None)
        compiled = (await self._compile(root, [path]))[path]
        if compiled is None:
            return WrittenFile(path, None)
        if compiled.errors:
            raise CompilationFailed(_error_lines(compiled))
        return WrittenFile(path, javascript_path)

    async def sync(self, project_id: str, files: Mapping[str, bytes]) -> list[SyncedFile]:
        """Stores files, then compiles those that are TypeScript in one run; answers in the order given.

        As for ``write``, everything is stored before anything is awaited. Raises ProjectNotFound,
        and PathRefused with nothing stored.
        """
        root = self._root(project_id)
        if not files:
            self.require(project_id)
        targets = locate_all(root, files)
        sources = {path: source for path in files if (source := _source_of(root, path, files)) is not None}
        self._own(root)
        for path, content in files.items():
            if path not in sources:
                self._store(targets[path], content)
        await self._repository(root).prepare()

        compiled = await self._compile(root, [path for path in files if compiled_path(path) is not None])
        return [
            _passed_over(path, targets[path], sources[path])
            if path in sources
            else _synced(path, content, compiled.get(path))
            for path, content in files.items()
        ]

    async def delete(self, project_id: str, path: str) -> None:
        """Deletes a file, and the JavaScript made from it.

        Raises FileNotFound (also for a missing project), PathRefused and PairedJavaScript.
        """
        check_path(path)
        root = self._root(project_id)
        target = locate(root, path)
        if not target.is_file():
            raise FileNotFound
        _refuse_paired_javascript(root, path)
        target.unlink()
        javascript_path = compiled_path(path)
        if javascript_path is not None:
            # A folder of that name is not what the compiler made.
            with contextlib.suppress(PathRefused):
                locate(root, javascript_path).unlink(missing_ok=True)
        for folder in target.relative_to(root).parents[:-1]:
            if any((root / folder).iterdir()):
                break
            (root / folder).rmdir()

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

    def ids(self) -> list[str]:
        """The ids of the projects that exist."""
        return [entry.name for entry in sorted(self._folder.iterdir()) if self.has(entry.name)]

    async def files(self, project_id: str) -> list[StoredFile]:
        """Every stored file, compiled JavaScript included. Raises ProjectNotFound."""
        root = self._written(project_id)
        return await asyncio.to_thread(self._stored_files.setdefault(root, StoredFiles(root)).scan)

    async def changed_at(self, project_id: str) -> float:
        """When a file was last stored or deleted, in Unix seconds. Raises ProjectNotFound."""
        return await asyncio.to_thread(changed_at, self._written(project_id))

    def repository(self, project_id: str) -> Repository:
        """A project's repository. Raises ProjectNotFound."""
        return self._repository(self._written(project_id))

    async def scripts(self, project_id: str) -> dict[str, str]:
        """Every JavaScript file of a project, path to text. Raises ProjectNotFound."""
        return await asyncio.to_thread(_read_scripts, self._written(project_id))

    def require(self, project_id: str) -> None:
        """Raises ProjectNotFound unless the project was written to."""
        self._written(project_id)

    def has(self, project_id: str) -> bool:
        """Whether the project was written to."""
        try:
            self.require(project_id)
        except ProjectNotFound:
            return False
        return True

    def _root(self, project_id: str) -> Path:
        """Where a project is, or would be. Here alone it is looked at whose it is."""
        if not is_project_id(project_id):
            raise ProjectNotFound
        root = self._folder / project_id.lower()
        if root.is_dir() and self._owners.owner_id(root.name) != self._account_id:
            raise ProjectNotFound
        return root

    def _own(self, root: Path) -> None:
        """Note whose a project is, if it is about to be made. Nothing is awaited between this and that."""
        if not root.is_dir():
            self._owners.note(root.name, self._account_id)

    def _written(self, project_id: str) -> Path:
        root = self._root(project_id)
        if not root.is_dir():
            raise ProjectNotFound
        return root

    def _repository(self, root: Path) -> Repository:
        return self._repositories.setdefault(root, Repository(root))

    async def _compile(self, root: Path, paths: Sequence[str]) -> Outcomes:
        javascript_files = {path: locate(root, compiled_path(path) or "") for path in paths}

        def keep(path: str, javascript: str) -> None:
            self._store(javascript_files[path], javascript.encode())

        return await self._compiler.compile(root, paths, keep)

    def _store(self, target: Path, content: bytes) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_file(target, content, staging=self._staging)
        except OSError as error:
            if error.errno in {errno.ENAMETOOLONG, errno.EISDIR, errno.ENOTDIR, errno.EINVAL}:
                raise PathRefused("this machine's file system cannot hold it") from error
            raise


def _refuse_paired_javascript(root: Path, path: str) -> None:
    source = _source_of(root, path)
    if source is not None:
        raise PairedJavaScript(path, source)


def _source_of(root: Path, path: str, beside: Container[str] = ()) -> str | None:
    """The TypeScript file that a JavaScript file belongs to, stored or about to be."""
    if path.endswith(".js"):
        source = path.removesuffix(".js") + ".ts"
        if source in beside or (root / source).is_file():
            return source
    return None


def _passed_over(path: str, stored: Path, source: str) -> SyncedFile:
    digest = blob_hash(stored.read_bytes()) if stored.is_file() else _NULL_ID
    return SyncedFile(path, digest, None, (str(PairedJavaScript(path, source)),))


def _synced(path: str, content: bytes, compiled: CompiledFile | None) -> SyncedFile:
    if compiled is None:
        return SyncedFile(path, blob_hash(content), None, ())
    return SyncedFile(path, blob_hash(content), not compiled.errors, tuple(_error_lines(compiled)))


def _error_lines(compiled: CompiledFile) -> list[str]:
    return [error_line(error.line, error.column, error.message) for error in compiled.errors]


def _read_scripts(root: Path) -> dict[str, str]:
    return {path: _text(Path(entry.path)) for path, entry in walk(root) if path.endswith(".js")}


def _text(file: Path) -> str:
    # Not read_text: it would turn every line ending into a line feed.
    return file.read_bytes().decode(errors="replace")
