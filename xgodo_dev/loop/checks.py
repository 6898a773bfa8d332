"""The type checks of a loop, reported as events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from xgodo_dev.errors import XgodoError
from xgodo_dev.loop.events import Check
from xgodo_dev.project.config import Project
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.toolchain.check_remarks import awaiting, remarks
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import check

NOT_CHECKED: Final = "Not checked: "
"""How the message begins of a check that could not be made."""


class Checks:
    """Checks a project, and says what there is to remark besides when that is news."""

    def __init__(self, toolchain: Toolchain, emit: Callable[[Event], None]) -> None:
        self._toolchain = toolchain
        self._emit = emit
        self._remarks: list[str] = []

    async def passes(self, project: Project) -> bool:
        """Check once."""
        try:
            result = await check(self._toolchain, project.root)
        except XgodoError as error:
            # Also a tsconfig.json that is gone for a moment, as in a checkout: the next save mends it.
            self._emit(Notice(message=f"{NOT_CHECKED}{error.with_hint()}"))
            return False
        self._emit(Check.of(result))
        said = self._remarks
        self._remarks = [*remarks(result, project.root, project.entry), *awaiting(result)]
        for remark in self._remarks:
            if remark not in said:
                self._emit(Notice(message=remark))
        return result.ok
