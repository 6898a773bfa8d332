"""Automation projects, by the project API that the platform's own client uses. Made from the spec by `make
generate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict

from xgodo_dev.platform.clients.calling import UNSET, Calls, Unset
from xgodo_dev.platform.clients.xgodo import records


class ProjectsListResult(TypedDict):
    """The projects."""

    success: Literal[True]
    projects: list[Project]


class Project(TypedDict):
    """An automation project as it is listed."""

    id: str
    name: str
    description: str
    role: Literal["owner", "editor"]
    owner_username: NotRequired[str]
    """Whose it is."""
    updated_at: str
    """When it was last changed. In ISO 8601."""


class ProjectsGetResult(TypedDict):
    """The project."""

    success: Literal[True]
    project: ProjectDetails


class ProjectDetails(TypedDict):
    """An automation project and what it is started with."""

    id: str
    name: str
    description: str
    role: Literal["owner", "editor"]
    owner_username: NotRequired[str]
    """Whose it is."""
    updated_at: str
    """When it was last changed. In ISO 8601."""
    automation_parameters_schema: records.InputSchema | None
    """What `automationParameters` of a launch may hold; null where anything may be."""
    job_variables_schema: records.InputSchema | None
    """What `jobVariables` of a launch may hold; null where anything may be."""
    bucket_schema: NotRequired[records.InputSchema | None]
    """What the bucket may hold; null where anything may be.

    Uncertain: The platform has it, but whether it answers it here is not known.
    """
    min_android_version: float | None
    """The oldest API level it runs on."""
    min_app_version: float | None
    """The oldest version code of the app."""
    is_owner: bool
    is_template: bool


class ProjectsFilesResult(TypedDict):
    """The files."""

    success: Literal[True]
    files: list[ProjectFile]


class ProjectFile(TypedDict):
    """A stored file of a project."""

    path: str
    hash: str
    """Git's blob id: SHA-1 over the content with git's header."""
    size: int
    """Bytes."""


class ProjectsReadFileResult(TypedDict):
    """The file's text."""

    success: Literal[True]
    content: str
    """The file's text."""


class ProjectsSyncResult(TypedDict):
    """What became of each file."""

    success: Literal[True]
    updated: list[SyncedFile]


class SyncedFile(TypedDict):
    """What became of a file that was sent."""

    path: str
    hash: str
    """Git's blob id of what is stored."""
    compiled: NotRequired[bool]
    """Whether JavaScript was made from it; only for TypeScript."""
    errors: NotRequired[list[str]]
    """What the compiler found, such as `Error at 5:10` and its message."""


class ProjectsSyncFilesItem(TypedDict):
    """One of `files` of `Projects.sync`."""

    path: str
    """Path within the project, such as `utils/helpers.ts`."""
    content: str
    """The file's bytes as base64."""


class ProjectsCommitResult(TypedDict):
    """The commit was made."""

    success: Literal[True]
    commit: records.Commit


class ProjectsChangeOptionsResult(TypedDict):
    """Both schemas, as stored."""

    success: Literal[True]
    automation_parameters_schema: records.InputSchema | None
    job_variables_schema: records.InputSchema | None


class ProjectsArgumentTypesResult(TypedDict):
    """The declarations."""

    success: Literal[True]
    content: str
    """TypeScript declarations."""


class ProjectsApplyTemplateResult(TypedDict):
    """The files are copied."""

    success: Literal[True]
    files_copied: int
    """How many files were copied."""
    files: list[str]
    """Their paths."""


class ProjectsGitStatusResult(TypedDict):
    """The changes."""

    success: Literal[True]
    hasChanges: bool
    """Whether a commit would hold anything."""
    changes: list[UncommittedChange]


class UncommittedChange(TypedDict):
    """A file that differs from the last commit."""

    path: str
    status: Literal["new", "modified", "deleted", "unchanged"]


class ProjectsHistoryResult(TypedDict):
    """The commits."""

    success: Literal[True]
    commits: list[HistoryEntry]


class HistoryEntry(TypedDict):
    """A commit of a project."""

    hash: str
    message: str
    author: str
    authorEmail: NotRequired[str]
    timestamp: str | float
    """When it was made.

    Uncertain: The form is not stated; ISO 8601 and Unix time are possible.
    """


class ProjectsDiffWorkingResult(TypedDict):
    """The files that differ."""

    success: Literal[True]
    commitHash: str
    """The commit's full hash."""
    files: list[ChangedFile]


class ChangedFile(TypedDict):
    """Both texts of a file that differs from a commit."""

    path: str
    status: Literal["added", "modified", "deleted"]
    original: str
    """The text in the commit."""
    modified: str
    """The text as stored now."""


class Projects:
    """Automation projects, by the project API that the platform's own client uses."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list(self) -> ProjectsListResult:
        """List the automation projects of one's own and those one may edit.

        Returns:
            The projects.

        Source: the platform's own command-line client; no document describes it.
        """
        result: ProjectsListResult = await self._calls.call("projects.list", {})
        return result

    async def get(self, *, project_id: str) -> ProjectsGetResult:
        """Show a project and what it is started with.

        Args:
            project_id: The automation project's id.

        Returns:
            The project.

        Raises:
            NotFound: Automation project not found or access denied.

        Source: the platform's own command-line client; no document describes it.
        """
        result: ProjectsGetResult = await self._calls.call("projects.get", {"id": project_id})
        return result

    async def files(self, *, project_id: str) -> ProjectsFilesResult:
        """List a project's files with their hashes.

        Compiled JavaScript is listed like any other file.

        Args:
            project_id: The automation project's id.

        Returns:
            The files.

        Raises:
            NotFound: Automation project not found or access denied.

        Source: the platform's own command-line client; no document describes it.
        """
        result: ProjectsFilesResult = await self._calls.call("projects.files", {"id": project_id})
        return result

    async def read_file(self, *, project_id: str, path: str) -> ProjectsReadFileResult:
        """Read the text of a project's file.

        A file that is no text fails or arrives damaged.

        Args:
            project_id: The automation project's id.
            path: Path within the project, such as `main.ts`. At least 1 character.

        Returns:
            The file's text.

        Raises:
            NotFound: File or automation project not found.

        Source: the platform's own command-line client; no document describes it.
        """
        result: ProjectsReadFileResult = await self._calls.call(
            "projects.read_file", {"id": project_id, "path": path}
        )
        return result

    async def sync(self, *, project_id: str, files: Sequence[ProjectsSyncFilesItem]) -> ProjectsSyncResult:
        """Create or replace files of a project.

        Files that are not named stay as they are: nothing is deleted. A source that does not compile is
        stored all the same, with `errors` in the answer.

        Args:
            project_id: The automation project's id.
            files: The files to store, each path once.

        Returns:
            What became of each file.

        Raises:
            NotFound: Automation project not found or access denied.

        Source: the platform's own command-line client; no document describes it.

        Uncertain: Whether the JavaScript of a source that no longer compiles stays and keeps running is not
        stated. There is no precondition: what somebody else wrote meanwhile is replaced.
        """
        result: ProjectsSyncResult = await self._calls.call(
            "projects.sync", {"id": project_id, "files": files}
        )
        return result

    async def commit(self, *, project_id: str, message: str) -> ProjectsCommitResult:
        """Commit all changes of a project.

        There must be a change since the last commit.

        Args:
            project_id: The automation project's id.
            message: What was changed, in 1 to 1000 characters. From 1 to 1000 characters.

        Returns:
            The commit was made.

        Raises:
            ApiError: There is nothing to commit, or the message can't be used.
            NotFound: Automation project not found or access denied.

        Source: the platform's own command-line client; no document describes it.
        """
        result: ProjectsCommitResult = await self._calls.call(
            "projects.commit", {"id": project_id, "message": message}
        )
        return result

    async def change_options(
        self,
        *,
        project_id: str,
        automation_parameters_schema: records.InputSchema | Unset | None = UNSET,
        job_variables_schema: records.InputSchema | Unset | None = UNSET,
    ) -> ProjectsChangeOptionsResult:
        """Replace the schemas of what a project is started with.

        A schema that is left out stays as it is; `null` takes it away.

        Args:
            project_id: The automation project's id.
            automation_parameters_schema: What `automationParameters` of a launch may hold.
            job_variables_schema: What `jobVariables` of a launch may hold.

        Returns:
            Both schemas, as stored.

        Raises:
            NotFound: Automation project not found or access denied.

        Source: the platform's own command-line client; no document describes it.

        Uncertain: Whether `bucket_schema` can be changed here is not known.
        """
        result: ProjectsChangeOptionsResult = await self._calls.call(
            "projects.change_options",
            {
                "id": project_id,
                "automation_parameters_schema": automation_parameters_schema,
                "job_variables_schema": job_variables_schema,
            },
        )
        return result

    async def argument_types(self, *, project_id: str) -> ProjectsArgumentTypesResult:
        """Show the type declarations of what a project is started with.

        Args:
            project_id: The automation project's id.

        Returns:
            The declarations.

        Raises:
            NotFound: Automation project not found or access denied.

        Source: the platform's own command-line client; no document describes it.

        Uncertain: May be missing; the platform's own client goes on without.
        """
        result: ProjectsArgumentTypesResult = await self._calls.call(
            "projects.argument_types", {"id": project_id}
        )
        return result

    async def apply_template(self, *, project_id: str, template_id: str) -> ProjectsApplyTemplateResult:
        """Copy a template's files into a project.

        Files of the same names are replaced.

        Args:
            project_id: The automation project's id.
            template_id: The template's id. At least 1 character.

        Returns:
            The files are copied.

        Source: the platform's own command-line client; no document describes it.
        """
        result: ProjectsApplyTemplateResult = await self._calls.call(
            "projects.apply_template", {"id": project_id, "template_id": template_id}
        )
        return result

    async def git_status(self, *, project_id: str) -> ProjectsGitStatusResult:
        """Show what differs between a project's files and its last commit.

        Of the files on the server; it knows of none elsewhere.

        Args:
            project_id: The automation project's id.

        Returns:
            The changes.

        Raises:
            NotFound: Automation project not found or access denied.

        Source: the platform's own command-line client; no document describes it.
        """
        result: ProjectsGitStatusResult = await self._calls.call("projects.git_status", {"id": project_id})
        return result

    async def history(self, *, project_id: str, limit: int | None = None) -> ProjectsHistoryResult:
        """Show a project's last commits, newest first.

        Args:
            project_id: The automation project's id.
            limit: How many commits at most. At least 1. Not given, it is 50. Uncertain: The default is that
                of the platform's own client; the server's is not known.

        Returns:
            The commits.

        Raises:
            NotFound: Automation project not found or access denied.

        Source: the platform's own command-line client; no document describes it.
        """
        result: ProjectsHistoryResult = await self._calls.call(
            "projects.history", {"id": project_id, "limit": limit}
        )
        return result

    async def diff_working(self, *, project_id: str, commit_hash: str) -> ProjectsDiffWorkingResult:
        """Show both texts of what changed since a commit.

        Compares the server's files with the commit; answers full texts, not a patch.

        Args:
            project_id: The automation project's id.
            commit_hash: The commit's hash.

        Returns:
            The files that differ.

        Source: the platform's own command-line client; no document describes it.
        """
        result: ProjectsDiffWorkingResult = await self._calls.call(
            "projects.diff_working", {"id": project_id, "hash": commit_hash}
        )
        return result
