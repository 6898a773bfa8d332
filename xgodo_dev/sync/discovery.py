"""Finding the files of a project whose server has no list: from the entry, along its imports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field

from xgodo_dev.errors import ApiError
from xgodo_dev.platform.answers import RouteMissing
from xgodo_dev.project import imports, names
from xgodo_dev.sync.remote import AT_ONCE, RemoteProject, Unfetchable


@dataclass
class Discovery:
    """Follows imports. Afterwards ``missing`` says which imports led to no file on the server."""

    remote: RemoteProject
    missing: dict[str, str] = field(default_factory=dict)
    """Specifier and importer, such as ``./config in main.ts``, to the reason."""
    unfetchable: dict[str, str] = field(default_factory=dict)
    """Paths that exist but can't be had, to the reason."""

    async def follow(
        self, sources: dict[str, bytes], known: Collection[str] = ()
    ) -> AsyncIterator[tuple[str, bytes]]:
        """Every file that ``sources`` import, directly or through others, once; several are read at once.

        Files in ``known`` are taken as found, and neither read nor followed.
        """
        asked: dict[str, asyncio.Task[bytes | None]] = {}
        free = asyncio.Semaphore(AT_ONCE)
        present = {*known, *sources}
        waiting = dict(sources)

        async def read(path: str) -> bytes | None:
            async with free:
                return await self._read(path)

        async def resolve(importer: str, specifier: str) -> tuple[str, bytes] | None:
            tried = imports.candidates(importer, specifier)
            for path in tried:
                if path in present:
                    return None
                if path not in asked:
                    asked[path] = asyncio.ensure_future(read(path))
                content = await asked[path]
                if content is not None:
                    return path, content
                if path in self.unfetchable:
                    return None
            if tried:
                self.missing[f"{specifier} in {importer}"] = "no such file on the server"
            return None

        try:
            while waiting:
                edges = [
                    (path, specifier)
                    for path, content in waiting.items()
                    if imports.is_source(path)
                    for specifier in imports.imported(content)
                ]
                waiting = {}
                for found in await asyncio.gather(*(resolve(*edge) for edge in edges)):
                    if found is not None and found[0] not in present:
                        present.add(found[0])
                        waiting[found[0]] = found[1]
                        yield found
        finally:
            for task in asked.values():
                task.cancel()
            await asyncio.gather(*asked.values(), return_exceptions=True)

    async def _read(self, path: str) -> bytes | None:
        if names.problem(path):
            return None
        try:
            return await self.remote.read(path)
        except RouteMissing:
            raise
        except (ApiError, Unfetchable) as error:
            self.unfetchable[path] = str(error)
            return None
