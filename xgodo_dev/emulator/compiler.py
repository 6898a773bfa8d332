"""What the platform does with a written TypeScript file: check it, and store JavaScript beside it.

The newest write of a file wins. A compilation that is still running when its file is written again
is stopped, and both writers are answered with the outcome of the newer text: the older text is not
on disk any more, so nothing true could be said about it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from xgodo_dev import resources
from xgodo_dev.emulator.refusals import Stopping
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import CompiledFile, compile_file

_AT_ONCE = 2
# Below the person's own check and bundle, which run at the same moment on the same processors.
_NICENESS = 10

Compile = Callable[[Path, str], Awaitable[CompiledFile]]
"""Compiles the file at a path relative to a root, without writing."""


def platform_compile(toolchain: Toolchain) -> Compile:
    """The platform's compilation with the declarations of the device API."""
    declarations = resources.directory("typings")

    async def compile_with_toolchain(root: Path, path: str) -> CompiledFile:
        return await compile_file(toolchain, root, path, declarations=declarations, niceness=_NICENESS)

    return compile_with_toolchain


def compiled_path(path: str) -> str | None:
    """The ``.js`` that belongs to a ``.ts``; None for every other file, declarations included."""
    if path.endswith(".ts") and not path.endswith(".d.ts"):
        return path.removesuffix(".ts") + ".js"
    return None


def error_line(line: int, column: int, message: str) -> str:
    """An error in the form that the platform answers with."""
    return f"Error at {line}:{column}: {message}"


class _Compilation:
    def __init__(self, task: asyncio.Task[CompiledFile]) -> None:
        self.task = task
        self.successor: _Compilation | None = None


class Compiler:
    """Runs compilations, a few at once; an asynchronous context manager that leaves none behind."""

    def __init__(self, compile_one: Compile) -> None:
        self._compile_one = compile_one
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._current: dict[tuple[Path, str], _Compilation] = {}
        self._tasks: set[asyncio.Task[CompiledFile]] = set()

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

    async def compile(self, root: Path, path: str, keep: Callable[[str], None]) -> CompiledFile:
        """Compiles the newest text of a file and hands JavaScript without errors to ``keep``.

        ``keep`` is not called for a text that has been replaced meanwhile. Raises Stopping, and
        what the toolchain raises.
        """
        compilation = self._begin(root, path, keep)
        await asyncio.wait({compilation.task})
        while compilation.successor is not None:
            compilation = compilation.successor
            await asyncio.wait({compilation.task})
        if compilation.task.cancelled():
            raise Stopping
        return compilation.task.result()

    def _begin(self, root: Path, path: str, keep: Callable[[str], None]) -> _Compilation:
        key = (root, path)
        compilation = _Compilation(asyncio.create_task(self._compile(root, path, keep)))
        stale = self._current.get(key)
        if stale is not None:
            stale.successor = compilation
            stale.task.cancel()
        self._current[key] = compilation
        self._tasks.add(compilation.task)

        def forget(task: asyncio.Task[CompiledFile]) -> None:
            self._tasks.discard(task)
            if self._current.get(key) is compilation:
                del self._current[key]

        compilation.task.add_done_callback(forget)
        return compilation

    async def _compile(self, root: Path, path: str, keep: Callable[[str], None]) -> CompiledFile:
        async with self._slots:
            compiled = await self._compile_one(root, path)
        # No await from here on: a newer write cancels this task, and finds it either before `keep` or done.
        if not compiled.errors:
            keep(compiled.javascript)
        return compiled
