"""Files and commits of automation projects, by the documented API. Made from the spec by `make generate`."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.clients.xgodo import records


class AutomationReadFileResult(TypedDict):
    """The file's text."""

    success: Literal[True]
    content: str
    """The file's text."""
    path: str
    """The path that was asked for."""


class AutomationWriteFileResult(TypedDict):
    """The file is stored."""

    success: Literal[True]
    path: str
    """The path that was written."""
    compiledPath: NotRequired[str]
    """Path of the JavaScript; only for what was compiled."""
    compiled: NotRequired[bool]
    """Whether JavaScript was made from it."""


class AutomationCommitResult(TypedDict):
    """The commit was made."""

    success: Literal[True]
    commit: records.Commit


class Automation:
    """Files and commits of automation projects, by the documented API."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def read_file(self, *, project_id: str, path: str) -> AutomationReadFileResult:
        """Read the text of a file of an automation project.

        Args:
            project_id: The automation project's id.
            path: Path within the project, such as `main.ts`. At least 1 character.

        Returns:
            The file's text.

        Raises:
            NotFound: File or automation project not found.

        Source: the platform's automation control API documentation.
        """
        result: AutomationReadFileResult = await self._calls.call(
            "automation.read_file", {"id": project_id, "path": path}
        )
        return result

    async def write_file(self, *, project_id: str, path: str, content: str) -> AutomationWriteFileResult:
        """Create or update a file of an automation project.

        A file that ends with `.ts` is compiled, and both the source and its JavaScript are stored.
        JavaScript that has a `.ts` beside it can't be written. Compilation errors tell line and column of
        the written file, and refuse the whole write.

        Args:
            project_id: The automation project's id.
            path: Path within the project, such as `main.ts` or `utils/helpers.ts`. At least 1 character.
            content: The file's text, at most about 50 MB. At most 52,428,800 bytes.

        Returns:
            The file is stored.

        Raises:
            ApiError: TypeScript that does not compile, JavaScript that has a `.ts` beside it, or a member
                that is missing or can't be used.
            NotFound: Automation project not found or access denied.

        Source: the platform's automation control API documentation.

        Uncertain: No source states the method. PUT is what the web IDE's twin takes; POST is the other
        possibility. Nor is it stated whether a source that does not compile is stored.
        """
        result: AutomationWriteFileResult = await self._calls.call(
            "automation.write_file", {"id": project_id, "path": path, "content": content}
        )
        return result

    async def commit(self, *, project_id: str, message: str) -> AutomationCommitResult:
        """Commit all changes of an automation project.

        There must be a change since the last commit.

        Args:
            project_id: The automation project's id.
            message: What was changed, in 1 to 1000 characters. From 1 to 1000 characters.

        Returns:
            The commit was made.

        Raises:
            ApiError: There is nothing to commit, or the message can't be used.
            NotFound: Automation project not found or access denied.

        Source: the platform's automation control API documentation.

        Uncertain: No source states the method; the project API's twin is POST.
        """
        result: AutomationCommitResult = await self._calls.call(
            "automation.commit", {"id": project_id, "message": message}
        )
        return result
