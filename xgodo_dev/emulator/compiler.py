"""What the platform does with written TypeScript files: check them, and store JavaScript beside them.

The files of one write are compiled in one run. The newest write of a file wins: what an older
compilation finds out about a file that has been written again is dropped, and both writers are
answered with the outcome of the newer text, since the older one is not on disk any more and nothing
true could be said about it. A compilation whose files have all been written again is stopped. A
file that was deleted meanwhile has no outcome, and gets no JavaScript.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from xgodo_dev.emulator.platform_types import (
    ARGUMENTS,
    ROOT,
    shipped_declarations,
    without_references,
)
from xgodo_dev.emulator.refusals import Stopping
from xgodo_dev.errors import ToolchainError
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import CompiledFile, compile_files

_AT_ONCE = 2
# Below the person's own check and bundle, which run at the same moment on the same processors.
_NICENESS = 10

Compile = Callable[[Path, Sequence[str]], Awaitable[Mapping[str, CompiledFile]]]
"""Compiles the files at paths relative to a root, without writing; answers for every one of them."""

Outcomes: TypeAlias = "Mapping[str, CompiledFile | None]"
"""What became of each file; None where it was deleted before it could be compiled."""


def platform_compile(
    toolchain: Toolchain, argument_types: Callable[[Path], str | None] = lambda _: None
) -> Compile:
    """The platform's compilation with the declarations of the device API.

    ``argument_types`` declares the parameters and variables of the project in a folder, in place of
    the general declarations; None where it has none of its own.
    """
    shipped = shipped_declarations()

    async def compile_with_toolchain(root: Path, paths: Sequence[str]) -> Mapping[str, CompiledFile]:
        own = argument_types(root)
        return await compile_files(
            toolchain,
            root,
            paths,
            declarations=shipped if own is None else shipped_declarations(but=(ROOT, ARGUMENTS)),
            # The root refers to the general declarations, with which the project's own would merge.
            declared="" if own is None else without_references(ROOT) + own,
            niceness=_NICENESS,
        )

    return compile_with_toolchain


def error_line(line: int, column: int, message: str) -> str:
    """An error in the form that the platform answers with."""
    return f"Error at {line}:{column}: {message}"


class _Compilation:
    def __init__(self, root: Path, paths: Sequence[str]) -> None:
        self.root = root
        self.paths = tuple(paths)
        self.newer: dict[str, _Compilation] = {}
        self.task: asyncio.Task[Outcomes]

    def present(self) -> list[str]:
        """The files that are still this compilation's to answer for, and still there."""
        return [path for path in self.paths if path not in self.newer and (self.root / path).is_file()]


class Compiler:
    """Runs compilations, a few at once; an asynchronous context manager that leaves none behind."""

    def __init__(self, compile_some: Compile) -> None:
        self._compile_some = compile_some
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._current: dict[tuple[Path, str], _Compilation] = {}
        self._tasks: set[asyncio.Task[Outcomes]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Stops what is running; whoever waits for it gets Stopping."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def compile(self, root: Path, paths: Sequence[str], keep: Callable[[str, str], None]) -> Outcomes:
        """Compiles the newest texts of files, and hands JavaScript without errors to ``keep``.

        ``keep`` gets a path and its JavaScript; it is not called for a text that has been replaced
        or deleted meanwhile. Raises Stopping, and what the toolchain and ``keep`` raise.
        """
        if not paths:
            return {}
        compilation = self._begin(root, paths, keep)
        return {path: await _outcome(compilation, path) for path in compilation.paths}

    def _begin(self, root: Path, paths: Sequence[str], keep: Callable[[str, str], None]) -> _Compilation:
        compilation = _Compilation(root, paths)
        compilation.task = asyncio.create_task(self._compile(compilation, keep))
        for path in compilation.paths:
            stale = self._current.get((root, path))
            if stale is not None:
                stale.newer[path] = compilation
                if len(stale.newer) == len(stale.paths):
                    stale.task.cancel()
            self._current[root, path] = compilation
        self._tasks.add(compilation.task)

        def forget(task: asyncio.Task[Outcomes]) -> None:
            self._tasks.discard(task)
            for path in compilation.paths:
                if self._current.get((root, path)) is compilation:
                    del self._current[root, path]

        compilation.task.add_done_callback(forget)
        return compilation

    async def _compile(self, compilation: _Compilation, keep: Callable[[str, str], None]) -> Outcomes:
        async with self._slots:
            found = await self._compile_present(compilation)
        # No await from here on: a newer write finds this task either before `keep` or done.
        outcomes: dict[str, CompiledFile | None] = dict.fromkeys(compilation.paths)
        for path in compilation.present():
            outcomes[path] = compiled = found.get(path)
            if compiled is not None and not compiled.errors:
                keep(path, compiled.javascript)
        return outcomes

    async def _compile_present(self, compilation: _Compilation) -> Mapping[str, CompiledFile]:
        while paths := compilation.present():
            try:
                return await self._compile_some(compilation.root, paths)
            except ToolchainError:
                # It may have looked for a file that was deleted under it.
                if compilation.present() == paths:
                    raise
        return {}


async def _outcome(compilation: _Compilation, path: str) -> CompiledFile | None:
    await asyncio.wait({compilation.task})
    while path in compilation.newer:
        compilation = compilation.newer[path]
        await asyncio.wait({compilation.task})
    if compilation.task.cancelled():
        raise Stopping
    return compilation.task.result()[path]
