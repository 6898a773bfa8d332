"""`watch` at a terminal, where a daemon does the work."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from xgodo_dev.cli.terminal.standing import KEYS_OF_ATTACHED
from xgodo_dev.cli.terminal.watch_terminal import LoopTerminal
from xgodo_dev.project.config import Project


class AttachedTerminal(LoopTerminal):
    """Hands the keys that concern runs over to the daemon."""

    def __init__(self, project: Project, names: Sequence[str]) -> None:
        super().__init__(project, names, KEYS_OF_ATTACHED)

    @asynccontextmanager
    async def attached(
        self, ask: Callable[[Mapping[str, Any]], None], leave: Callable[[], object]
    ) -> AsyncIterator[None]:
        """Draw the line, and do what the keys say meanwhile."""

        def rerun() -> None:
            ask({"key": "again"})
            self._tell_what_runs()

        async with self.drawn({"r": rerun, "s": lambda: ask({"key": "stop"}), "q": leave}):
            yield
