"""Imported files that the platform will miss, pointed out once each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from xgodo_dev.loop.pushes import Countdown
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.sync.left_behind import left_behind


class LeftBehind:
    """Says once of each JSON file that is imported that no rule sends it."""

    def __init__(self, copy: LocalCopy, emit: Callable[[Event], None]) -> None:
        self._copy = copy
        self._emit = emit
        self._pointed_out: set[str] = set()

    async def point_out(self, paths: Sequence[str], sending: Countdown) -> None:
        """Look at what these files import."""
        # Not before the content has left: reading what it imports may take longer than that.
        await sending.wait()
        for path, importer in (await asyncio.to_thread(left_behind, self._copy, paths)).items():
            if path not in self._pointed_out:
                self._pointed_out.add(path)
                self._emit(
                    Notice(
                        message=f"{importer} imports {path}, which is not sent: "
                        f'add "{path}" to `include` in xgodo.toml.'
                    )
                )
