"""`xgodo-dev commit`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

import click

from xgodo_dev.cli import check_report, interrupts, output, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.checking import checked
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.mass_deletion import accept_deletes_option
from xgodo_dev.cli.push import push_changes
from xgodo_dev.cli.push_report import PushReport
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import CheckFailed, FilesNotCompiled, UsageError, XgodoError
from xgodo_dev.platform.commits import Commit
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.state import MadeCommit
from xgodo_dev.sync.remote import AT_ONCE, RemoteProject, Unfetchable

_LONGEST_MESSAGE = 1000
_WITH_ERRORS = " [committed with type errors]"


@click.command(cls=Command, short_help="Push, then commit on the platform.")
@click.option("-m", "--message", required=True, metavar="MSG", help="What changed, in 1 to 1000 characters.")
@click.option("--no-push", is_flag=True, help="Commit what the platform holds, and send nothing first.")
@click.option(
    "--allow-errors", is_flag=True, help="Commit in spite of type errors; the message then says so."
)
@accept_deletes_option
def commit(message: str, no_push: bool, allow_errors: bool, accept_deletes: bool) -> int:
    """Push the changed files, then commit all changes of the remote project.

    Nothing is committed while the type check here or the platform's compiler refuses a file.
    """
    if not message.strip() or len(message) > _LONGEST_MESSAGE:
        raise UsageError(
            f"A commit message has 1 to {_LONGEST_MESSAGE} characters; this one has {len(message.strip())}."
        )
    report, made = interrupts.run(
        _commit(message, push=not no_push, allow_errors=allow_errors, accept_deletes=accept_deletes)
    )
    if made is None:
        assert report.error is not None, "a commit is left out only for an error"
        if invocation().json:
            output.json_document(report.to_json())
        else:
            output.note("Nothing was committed.")
            output.print_error(report.error, invocation())
        return report.error.exit_code
    if invocation().json:
        output.json_document({"hash": made.hash, "message": made.message, "pushed": sorted(report.pushed)})
    else:
        output.result(f"{click.style(made.hash, fg='yellow')} {output.plain(made.message)}")
    return 0


async def _commit(
    message: str, *, push: bool, allow_errors: bool, accept_deletes: bool
) -> tuple[PushReport, Commit | None]:
    async with workspace.open_workspace() as opened:
        checking = await checked(opened.project)
        if not checking.ok and not allow_errors:
            check_report.show(checking, opened.project)
            count = len(checking.errors)
            raise CheckFailed(
                f"Not committed: the type check found {count} error{'' if count == 1 else 's'}.",
                hint="See `xgodo-dev check`. To commit in spite of them, say --allow-errors.",
            )
        remote = await opened.remote()
        report = await push_changes(opened, remote, accept_deletes=accept_deletes) if push else PushReport()
        await _add_still_refused(report, opened, remote)
        if allow_errors:
            report.allow_not_compiled()
        if report.error:
            return report, None
        if not checking.ok or report.not_compiled:
            message = message[: _LONGEST_MESSAGE - len(_WITH_ERRORS)] + _WITH_ERRORS
        made = await remote.commit(message)
        opened.state.record_commit(MadeCommit(made.hash, made.message, time.time()))
        return report, made


async def _add_still_refused(report: PushReport, opened: Workspace, remote: RemoteProject) -> None:
    """What an earlier push could not compile, and the platform holds even so: it would be committed.

    Such a file need not be here any more: removed or renamed here, it stays there.
    """
    if any(not isinstance(error, FilesNotCompiled) for error in report.errors):
        # Nothing is committed anyway, and the platform may not be there to be asked.
        return
    refused = {
        path: {content_hash: errors for content_hash, errors in known.attempts.items() if errors}
        for path, known in opened.state.unsettled().items()
        if path not in report.not_compiled
    }
    free = asyncio.Semaphore(AT_ONCE)

    async def look(path: str) -> str | None:
        async with free:
            try:
                there = await remote.read(path)
            except Unfetchable:
                # No text: nobody's but whoever put it there.
                return None
        return None if there is None else blob_hash(there)

    paths = sorted(path for path, contents in refused.items() if contents)
    try:
        async with asyncio.TaskGroup() as looks:
            asked = {path: looks.create_task(look(path)) for path in paths}
    except* XgodoError as failed:
        # What was pushed is still to be told.
        report.errors += [error for error in failed.exceptions if isinstance(error, XgodoError)]
    else:
        found = {path: refused[path].get(task.result() or "") for path, task in asked.items()}
        _add_refused(report, {path: errors for path, errors in found.items() if errors})


def _add_refused(report: PushReport, still: Mapping[str, Sequence[str]]) -> None:
    for path, errors in still.items():
        report.add_not_compiled(path, errors)
    if still:
        report.errors.append(
            FilesNotCompiled(
                f"Not committed: the platform could not compile {output.names(still)}.",
                hint="Mend and push, or commit in spite of it with --allow-errors.",
            )
        )
