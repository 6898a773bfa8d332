"""What `run` launches: the project, when its types are right, as one script."""

from __future__ import annotations

from collections.abc import Callable

from xgodo_dev.loop.events import Check
from xgodo_dev.project.config import Project
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.runs.programs import Direct
from xgodo_dev.toolchain.bundle import bundle
from xgodo_dev.toolchain.check_remarks import awaiting, remarks
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import CheckResult, check


async def checked_program(
    toolchain: Toolchain,
    project: Project,
    emit: Callable[[Event], None],
    checked: Callable[[CheckResult], None] = lambda _result: None,
) -> Direct | None:
    """The program to launch; None where the check has failed, which is told as everything it finds.

    Args:
        checked: hears what the check has found, when that is told.

    Raises:
        ToolchainError: it can't be checked or bundled.
    """
    result = await check(toolchain, project.root)
    emit(Check.of(result))
    for remark in (*remarks(result, project.root, project.entry), *awaiting(result)):
        emit(Notice(message=remark))
    checked(result)
    if not result.ok:
        return None
    return Direct.of(await bundle(toolchain, project.root, project.entry))
